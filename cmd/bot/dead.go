package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"jirabot/internal/journal"
	"jirabot/internal/letters"
)

func deadCommand() *cobra.Command {
	cmd := deadList("dead")
	cmd.Short = "Show what was given up: dead letters"
	cmd.Long = `Shows dead letters, oldest first: deliveries, and runs of rules, that were given up, each with its reason. They stay until somebody
redrives them (bot redrive) or discards them (bot dead discard). The commands about dead letters ask the bot that runs on this
machine; where none runs they look into its data directory themselves.

A reason has a class, by which letters are counted (bot_dead_letters) and chosen: unreadable, denied, uncertain, exhausted (too
many attempts), loop, changed (the rule was), failed.`
	cmd.Example = "  bot dead\n  bot dead --rule welcome --reason denied --since 7d\n  bot dead --closed\n  bot dead show 12-abcdef"
	list := deadList("list")
	list.Short, list.Example = "The same as bot dead", "  bot dead list --issue PAY-7"
	cmd.AddCommand(list, deadShow(), deadDiscard())
	return cmd
}

func deadList(use string) *cobra.Command {
	cmd := &cobra.Command{Use: use, Args: cobra.NoArgs}
	file := configFlag(cmd)
	show := output(cmd)
	choice, since := choiceFlags(cmd)
	closed := cmd.Flags().Bool("closed", false, "what became of letters that are gone: who redrove or discarded them, and why (with --since)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		if choice.Since, err = moment(*since, time.Now()); err != nil {
			return fmt.Errorf("--since: %w", err)
		}
		if *closed {
			list, err := atDesk(cmd.Context(), *file, letters.ClosedCommand, choice.Since, (*letters.Desk).Closed)
			if err != nil {
				return err
			}
			return show(list, func(w io.Writer) { printClosed(w, list) })
		}
		list, err := atDesk(cmd.Context(), *file, letters.ListCommand, *choice, (*letters.Desk).List)
		if err != nil {
			return err
		}
		return show(list, func(w io.Writer) { printLetters(w, list) })
	}
	return cmd
}

// choiceFlags are those by which letters are chosen.
func choiceFlags(cmd *cobra.Command) (c *letters.Choice, since *string) {
	c = &letters.Choice{}
	flags := cmd.Flags()
	flags.StringVar(&c.Rule, "rule", "", "only of this rule")
	flags.StringVar(&c.Reason, "reason", "", "only those whose reason contains this text, or is of this class")
	flags.StringVar(&c.Issue, "issue", "", "only on this issue")
	since = flags.String("since", "", "only those given up since: 2h, 7d, 2026-11-24, 2026-11-24T15:04:05Z")
	return c, since
}

func printLetters(w io.Writer, list []letters.Letter) {
	if len(list) == 0 {
		fmt.Fprintln(w, "no dead letters")
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.Buried.Local().Format(time.DateTime), or(l.Rule, "-"), or(l.Issue, "-"), or(l.Class, "-"), oneLine(l.Reason))
	}
	_ = table.Flush()
}

func printClosed(w io.Writer, list []journal.Settlement) {
	if len(list) == 0 {
		fmt.Fprintln(w, "no dead letters were redriven or discarded")
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range list {
		why := ""
		if s.Why != "" {
			why = ": " + s.Why
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s by %s%s\t%s\n", s.Letter, s.At.Local().Format(time.DateTime), or(s.Rule, "-"), s.Verdict, s.By, why, oneLine(s.Reason))
	}
	_ = table.Flush()
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
