package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jirabot/config"
	"jirabot/internal/control"
	"jirabot/internal/strictyaml"
	"jirabot/internal/sweep"
)

func sweepCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "Have the running bot find events whose webhook never came",
		Long: `Has the bot that runs on this machine search Jira for events whose webhook never came, and work on those. The bot does so by
itself at its start and every few minutes (sweep: in bot.yaml); without flags this is the next of these searches, now. With
--since it looks back so far, whatever was swept before; events that did arrive are known and left out.

Deleted issues, comments, worklogs and links leave no trace and cannot be found, nor can entity properties, watchers,
versions, sprints and boards. Of what is seen to be missing the answer tells as gaps. What an issue looked like at the time is
worked out from its changelog; where a rule says recheck, which is the default, its condition must hold now as well.

Exit code 0: it was swept. 2: it could not be.`,
		Example: "  bot sweep\n  bot sweep --since 2h --dry-run\n  bot sweep --since 3d --project PAY --project CHK --output json",
		Args:    cobra.NoArgs,
	}
	file := configFlag(cmd)
	since := cmd.Flags().String("since", "", "how far to look back, such as 90m, 2h or 3d")
	var r sweep.Request
	cmd.Flags().StringArrayVar(&r.Projects, "project", nil, "only this project (with --since; may be repeated)")
	cmd.Flags().BoolVar(&r.DryRun, "dry-run", false, "tell what would be found, and do nothing about it (with --since)")
	show := output(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *since != "" {
			ago, err := strictyaml.ParseDuration(*since)
			if err != nil {
				return fmt.Errorf("--since: %w", err)
			}
			r.Since = ago
		}
		data, err := config.DataDirectory(*file, os.Environ())
		if err != nil {
			return err
		}
		report, err := control.Call[sweep.Report](cmd.Context(), data, "sweep", r)
		if err != nil {
			return err
		}
		return show(report, func(w io.Writer) { printSweep(w, report) })
	}
	return cmd
}

func printSweep(w io.Writer, r sweep.Report) {
	for _, f := range r.Found {
		fmt.Fprintf(w, "%s  %s  %s  %s\n", f.Time.Format(time.RFC3339), f.Issue, f.Kind, f.Delivery)
	}
	for _, g := range r.Gaps {
		fmt.Fprintf(w, "gap: %s  %s  %s\n", g.Time.Format(time.RFC3339), g.Issue, g.What)
	}
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(r.ByKind)) {
		kinds = append(kinds, fmt.Sprintf("%d %s", r.ByKind[kind], kind))
	}
	did, detail := "recovered", ""
	if r.DryRun {
		did = "would recover"
	}
	if kinds != nil {
		detail = " (" + strings.Join(kinds, ", ") + ")"
	}
	fmt.Fprintf(w, "read %d issues with %d events: %s %d%s; %d gaps\n", r.Issues, r.Events, did, r.Recovered, detail, r.Missed)
}
