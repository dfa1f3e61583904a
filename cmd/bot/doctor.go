package main

import (
	"time"

	"github.com/spf13/cobra"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/doctor"
	"jirabot/rules"
)

func doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check everything between the bot and its Jira",
		Long: `Checks, one line each: the data directory, the rules and their tests, whether Jira can be reached, encryption, clocks,
who the bot is in Jira, which Jira it is, when its token ends, its rate limit, whether the bot user may more than it should, whether
it may what the rules need, and the webhook. Each line says what was found and what to do. Nothing is written, neither here nor in
Jira, unless --round-trip names an issue: then a comment is written into it and taken away at once, to see whether Jira tells
the running bot of it.

Exit code 0: nothing failed. 1: something did. 2: it could not look.`,
		Example: "  bot doctor --config bot.yaml\n  bot doctor --output json\n  bot doctor --round-trip PAY-1",
		Args:    cobra.NoArgs,
	}
	file := configFlag(cmd)
	issue := cmd.Flags().String("round-trip", "", "issue in which to write a comment, to see whether Jira tells the running bot")
	wait := cmd.Flags().Duration("wait", 20*time.Second, "how long Jira may take to tell the bot")
	show := output(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(*file)
		if err != nil {
			return err
		}
		set, err := rules.Load(c.Rules)
		if err != nil {
			return err
		}
		if err := app.CheckRules(c, set); err != nil {
			return err
		}
		client, err := app.CommandClient(c)
		if err != nil {
			return err
		}
		defer app.LogOut(client)
		report := doctor.Examine(cmd.Context(), doctor.Patient{Config: c, Rules: set, Jira: client, Now: time.Now, Issue: *issue, Wait: *wait})
		if err := show(report, report.Print); err != nil {
			return err
		}
		if !report.OK() {
			return &problem{}
		}
		return nil
	}
	return cmd
}
