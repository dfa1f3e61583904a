package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jirabot/internal/history"
	"jirabot/internal/record"
)

func runsShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show one run with its steps, or a delivery with its runs",
		Long: `Shows one run: what fired and what the condition saw, each step and how it ended, errors. The first characters of its ID will do.

The ID of a delivery (with a hyphen: 12-abcdef) shows that delivery, what became of it, and its runs.`,
		Example: "  bot runs show 3f9a0c\n  bot runs show 12-abcdef --output json",
		Args:    cobra.ExactArgs(1),
	}
	file := configFlag(cmd)
	show := output(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return inHistory(cmd.Context(), *file, func(r *history.Reader) error {
			if strings.Contains(args[0], "-") {
				d, err := r.Delivery(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return show(d, func(w io.Writer) { printDelivery(w, d) })
			}
			run, err := r.Run(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return show(run, func(w io.Writer) { printRun(w, run) })
		})
	}
	return cmd
}

func printDelivery(w io.Writer, d history.Handled) {
	fmt.Fprintf(w, "delivery %s: %s\n", d.ID, d.Decision)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %-10s %s\n", name, value)
		}
	}
	line("event", eventOf(d.Kind, d.Issue, d.Actor))
	line("came as", strings.TrimSpace(string(d.Source)+" "+d.Name))
	line("stored", d.Stored.Local().Format(time.DateTime))
	line("identity", d.Identity)
	line("cause", d.Cause)
	line("unreadable", d.Problem)
	if d.Recovered {
		line("recovered", "a sweep found it: no webhook brought it")
	}
	for _, l := range d.Letters {
		line("dead", l.ID+": "+l.Reason)
	}
	for _, r := range d.Runs {
		fmt.Fprintln(w)
		printRun(w, r)
	}
}

func printRun(w io.Writer, r record.Run) {
	fmt.Fprintf(w, "run %s of %s: %s\n", r.ID, r.Rule, r.Outcome)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %-10s %s\n", name, value)
		}
	}
	line("event", eventOf(r.Kind, r.Issue, r.Actor))
	line("because", r.Why)
	line("reason", r.Reason)
	line("delivery", r.Delivery)
	line("started", r.Started.Local().Format(time.DateTime))
	line("finished", fmt.Sprintf("%s, after %s, attempt %d", r.Finished.Local().Format(time.DateTime), r.Finished.Sub(r.Started).Round(time.Millisecond), r.Attempts))
	line("rule", strings.TrimSpace(r.Mode+" revision "+r.Revision))
	for _, st := range r.Steps {
		fmt.Fprintf(w, "  step %s (line %d) %s: %s\n", st.Path, st.Line, st.Outcome, or(st.Sentence, st.Action))
		for _, f := range st.Failures {
			fmt.Fprintf(w, "    tried: %s\n", f)
		}
		if st.Error != "" {
			fmt.Fprintf(w, "    error: %s\n", st.Error)
		}
	}
}

func eventOf(kind, issue, actor string) string {
	text := kind
	if issue != "" {
		text += " on " + issue
	}
	if actor != "" {
		text += " by " + actor
	}
	return text
}
