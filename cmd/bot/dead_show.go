package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"jirabot/internal/letters"
)

func deadShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show all that is known of a dead letter",
		Long: `Shows a dead letter: its reason, what fired, each step with its outcome and the attempts before it, and the delivery. With --body it
writes the delivery's body, byte for byte, and nothing else.`,
		Example: "  bot dead show 12-abcdef\n  bot dead show 12-abcdef --body > delivery.json",
		Args:    cobra.ExactArgs(1),
	}
	file := configFlag(cmd)
	show := output(cmd)
	body := cmd.Flags().Bool("body", false, "write the delivery's body, and nothing else")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		l, err := atDesk(cmd.Context(), *file, letters.ShowCommand, args[0], (*letters.Desk).Show)
		if err != nil {
			return err
		}
		if *body {
			_, err := cmd.OutOrStdout().Write(l.Body)
			return err
		}
		return show(shown(l), func(w io.Writer) { printWhole(w, l) })
	}
	return cmd
}

// shown has a body that is JSON as JSON: --output json is for reading, --body has the bytes.
func shown(l letters.Whole) any {
	type plain letters.Whole
	if !json.Valid(l.Body) {
		return l
	}
	return struct {
		plain
		Body json.RawMessage `json:"body"`
	}{plain(l), l.Body}
}

func printWhole(w io.Writer, l letters.Whole) {
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-10s %s\n", name, value)
		}
	}
	line("letter", l.ID)
	line("rule", l.Rule)
	line("issue", l.Issue)
	line("event", l.Event)
	line("reason", l.Reason)
	line("class", l.Class)
	line("buried", fmt.Sprintf("%s, after %d attempts", l.Buried.Local().Format(time.DateTime), l.Attempts))
	line("why", l.Why)
	for _, st := range l.Steps {
		line("step "+st.Path, string(st.Outcome)+": "+st.Sentence)
		for i, failure := range st.Failures {
			line("", fmt.Sprintf("  attempt %d: %s", i+1, failure))
		}
		if st.Error != "" {
			line("", "  "+st.Error)
		}
	}
	if l.Redriven != "" {
		line("redriven", "it was given up once more; before it was letter "+l.Redriven)
	}
	line("queue", l.Queue)
	line("delivery", fmt.Sprintf("%s (%s), received %s, %d bytes:", l.Delivery, l.Source, l.Received.Local().Format(time.DateTime), len(l.Body)))
	const most = 2000
	if len(l.Body) > most {
		fmt.Fprintf(w, "%s … (all of it: bot dead show %s --body)\n", l.Body[:most], l.ID)
		return
	}
	fmt.Fprintf(w, "%s\n", l.Body)
}

func deadDiscard() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "discard ID…",
		Short:   "Drop dead letters; who did it and why is kept",
		Long:    "Drops dead letters for good. Who did it, and why, is kept for as long as run records are: bot dead --closed.",
		Example: "  bot dead discard 12-abcdef 13-ghijkl --reason 'the project is gone'",
		Args:    cobra.MinimumNArgs(1),
	}
	file := configFlag(cmd)
	show := output(cmd)
	r := letters.Discard{}
	cmd.Flags().StringVar(&r.Reason, "reason", "", "why; it is kept")
	cmd.Flags().StringVar(&r.By, "by", whoami(), "who; it is kept")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if r.Reason == "" {
			return errors.New("say why, with --reason; it is kept")
		}
		r.IDs = args
		gone, err := atDesk(cmd.Context(), *file, letters.DiscardCommand, r, (*letters.Desk).Discard)
		if err != nil {
			return err
		}
		return show(gone, func(w io.Writer) { fmt.Fprintf(w, "%d discarded\n", len(gone)) })
	}
	return cmd
}
