package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"jirabot/rules"
)

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of rule files, for editors",
		Long: `Prints the JSON Schema of rule files. Editors complete and check with it; bot check finds more, since a schema knows no
expressions.`,
		Example: "  bot schema > rules.schema.json\n  # and as the first line of a rule file:\n  # yaml-language-server: $schema=rules.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			encoder := json.NewEncoder(cmd.OutOrStdout())
			encoder.SetIndent("", "  ")
			encoder.SetEscapeHTML(false)
			return encoder.Encode(rules.Schema())
		},
	}
}
