package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/history"
	"jirabot/internal/record"
	"jirabot/internal/strictyaml"
)

func runsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "Show what rules did",
		Long: `Shows the newest runs: when, how it ended, which rule, on which issue, the run's ID. It looks into the history, which a running
bot keeps up to date within seconds; it needs no running bot, and nothing but the data directory.

--search wants all of its words, whole ones, in any order, from the issue, the sentences of the steps, errors, reasons and the why.
PAY finds PAY-7 as well.`,
		Example: "  bot runs --issue PAY-7\n  bot runs --rule reopened-bug-goes-back --outcome failed --since 7d\n  bot runs --search 'timeout PAY' --output json",
		Args:    cobra.NoArgs,
	}
	file := configFlag(cmd)
	show := output(cmd)
	var q history.Query
	flags := cmd.Flags()
	flags.StringVar(&q.Rule, "rule", "", "only runs of this rule")
	flags.StringVar(&q.Issue, "issue", "", "only runs on this issue")
	outcome := flags.String("outcome", "", "only runs that ended so: "+outcomes())
	since := flags.String("since", "", "only runs finished since: 2h, 7d, 2026-11-24, '2026-11-24 15:04', or with zone 2026-11-24T15:04:05Z")
	until := flags.String("until", "", "only runs finished before: as for --since")
	flags.StringVar(&q.Text, "search", "", "only runs in which all these words occur")
	flags.IntVarP(&q.Limit, "limit", "n", 50, "how many at the most, up to 1000")
	flags.Int64Var(&q.Before, "before", 0, "go on behind a list: what it says in its last line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		q.Outcome = record.Outcome(*outcome)
		if *outcome != "" && !slices.Contains(record.Outcomes, q.Outcome) {
			return fmt.Errorf("--outcome is one of %s, not %q", outcomes(), *outcome)
		}
		if q.Since, err = moment(*since, time.Now()); err != nil {
			return fmt.Errorf("--since: %w", err)
		}
		if q.Until, err = moment(*until, time.Now()); err != nil {
			return fmt.Errorf("--until: %w", err)
		}
		return inHistory(cmd.Context(), *file, func(r *history.Reader) error {
			page, err := allOf(cmd.Context(), r, q)
			if err != nil {
				return err
			}
			return show(page, func(w io.Writer) { printPage(w, page) })
		})
	}
	cmd.AddCommand(runsShowCommand())
	return cmd
}

// allOf is as many runs as were asked for, however many pages that takes.
func allOf(ctx context.Context, r *history.Reader, q history.Query) (page history.Page, err error) {
	for wanted := q.Limit; ; {
		more, err := r.Runs(ctx, q)
		if err != nil {
			return page, err
		}
		page.Runs, page.Next = append(page.Runs, more.Runs...), more.Next
		if page.Next == 0 || len(page.Runs) >= wanted {
			return page, nil
		}
		q.Before, q.Limit = more.Next, wanted-len(page.Runs)
	}
}

func outcomes() string {
	var names []string
	for _, o := range record.Outcomes {
		names = append(names, fmt.Sprintf("%q", string(o)))
	}
	return strings.Join(names, ", ")
}

// moment reads a time, or how long ago it was. The zero time is no time.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := strictyaml.ParseDuration(text); err == nil {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a duration such as 2h or 7d nor a time such as 2026-11-24 or '2026-11-24 15:04'", text)
}

// inHistory opens the history that belongs to a configuration.
func inHistory(ctx context.Context, configFile string, look func(*history.Reader) error) (err error) {
	data, err := config.DataDirectory(configFile, os.Environ())
	if err != nil {
		return err
	}
	r, err := history.Open(ctx, app.HistoryFile(data))
	if err != nil {
		return fmt.Errorf("%s: %w", data, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return look(r)
}

func printPage(w io.Writer, page history.Page) {
	if len(page.Runs) == 0 {
		fmt.Fprintln(w, "no such runs")
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range page.Runs {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.Finished.Local().Format(time.DateTime), r.Outcome, r.Rule, or(r.Issue, "-"), r.ID)
	}
	_ = table.Flush()
	if page.Next > 0 {
		fmt.Fprintf(w, "more: --before %d\n", page.Next)
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
