package main

import (
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"jirabot/config"
	"jirabot/internal/demo"
)

func demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See the bot at work, without a Jira",
		Long: `Starts a simulated Jira and the bot with the example rules on this machine, lets some people work, and tells what happened
and why. Then it keeps running, for you to try; with --once it ends, and exits with 1 if any expected effect is missing.

Nothing is needed and nothing is left behind.`,
		Example: "  bot demo\n  bot demo --once\n  bot demo --listen 127.0.0.1:8080 --log info",
		Args:    cobra.NoArgs,
	}
	once := cmd.Flags().Bool("once", false, "end after the story")
	listen := cmd.Flags().String("listen", "127.0.0.1:0", "the bot's address")
	level := cmd.Flags().String("log", "off", "show the bot's log on standard error: debug, info, warn, error or off")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := zerolog.Nop()
		if *level != "off" {
			var err error
			if log, err = logger(config.Log{Level: *level, Format: "text"}); err != nil {
				return err
			}
		}
		err := demo.Run(cmd.Context(), demo.Options{Out: cmd.OutOrStdout(), Once: *once, Listen: *listen, Log: log})
		if err != nil {
			return &problem{"demo: " + err.Error()}
		}
		return nil
	}
	return cmd
}
