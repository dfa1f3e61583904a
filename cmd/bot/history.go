package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/history"
)

func historyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history",
		Short: "Look after the history that bot runs searches",
		Long: `The history is an index of what the journal holds, one file (history.db) in the data directory. The bot keeps it; nothing is lost
with it. Back up the journal, not this file.`,
		Example: "  bot history rebuild",
		Args:    cobra.NoArgs,
	}
	cmd.AddCommand(historyRebuildCommand())
	return cmd
}

func historyRebuildCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rebuild",
		Short: "Make the history anew from the journal",
		Long: `Makes the history anew from the journal, and replaces the old one when it is complete. The bot must be stopped, since the journal
is open to one process at a time. While it runs, remove history.db instead: the bot notices, and makes it anew beside its work.`,
		Example: "  bot history rebuild --config bot.yaml",
		Args:    cobra.NoArgs,
	}
	file := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(*file)
		if err != nil {
			return err
		}
		log, err := logger(c.Log)
		if err != nil {
			return err
		}
		began, told := time.Now(), time.Now()
		p, err := app.RebuildHistory(cmd.Context(), app.Options{Config: c, Log: log}, func(p history.Progress) {
			if time.Since(told) >= 2*time.Second {
				told = time.Now()
				fmt.Fprintf(cmd.ErrOrStderr(), "%d runs, %d deliveries; %d records to go\n", p.Runs, p.Deliveries, p.Behind)
			}
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%d runs, %d deliveries, %d dead letters in %s\n", p.Runs, p.Deliveries, p.Letters, time.Since(began).Round(time.Millisecond))
		return nil
	}
	return cmd
}
