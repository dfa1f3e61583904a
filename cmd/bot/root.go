package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"jirabot/config"
)

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "bot",
		Short: "A Jira automation bot: rules in YAML, once-only effects, order per issue",
		Long: `A Jira automation bot. Teams write rules in YAML; Jira posts webhooks; the bot decides and acts over Jira's REST API as
one dedicated user, whose permissions bound what any rule can do.

To see it at work without a Jira:  bot demo`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(serveCommand(), checkCommand(), testCommand(), actionsCommand(), schemaCommand(), demoCommand(), loginCommand(), renewCommand(), doctorCommand(), webhookCommand(), healthCommand(), statusCommand(), versionCommand())
	return root
}

// configFlag adds --config.
func configFlag(cmd *cobra.Command) *string {
	return cmd.Flags().StringP("config", "c", "bot.yaml", "the configuration file")
}

// output adds --output and returns a function that writes a value in the chosen form.
func output(cmd *cobra.Command) func(value any, text func(io.Writer)) error {
	form := cmd.Flags().StringP("output", "o", "text", "text or json")
	return func(value any, text func(io.Writer)) error {
		switch *form {
		case "text":
			text(cmd.OutOrStdout())
			return nil
		case "json":
			encoder := json.NewEncoder(cmd.OutOrStdout())
			encoder.SetIndent("", "  ")
			encoder.SetEscapeHTML(false)
			return encoder.Encode(value)
		}
		return fmt.Errorf("--output is text or json, not %q", *form)
	}
}

// logger writes to standard error, so that standard output is left to answers.
func logger(c config.Log) (zerolog.Logger, error) {
	level, err := zerolog.ParseLevel(c.Level)
	if err != nil {
		return zerolog.Logger{}, fmt.Errorf("log.level: %w", err)
	}
	zerolog.TimeFieldFormat = time.RFC3339Nano
	var out io.Writer = os.Stderr
	if c.Format == "text" {
		out = zerolog.ConsoleWriter{Out: os.Stderr, TimeFormat: time.TimeOnly}
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger(), nil
}

// ruleFiles are the files named on the command line; without any, those of the configuration, or what is commonly there.
func ruleFiles(args []string, configFile string) ([]string, error) {
	if len(args) > 0 {
		return args, nil
	}
	if _, err := os.Stat(configFile); err == nil {
		return config.RulePatterns(configFile)
	}
	return nil, fmt.Errorf("which rules? Name files (bot check rules/*.yaml), or have a %s that does", configFile)
}
