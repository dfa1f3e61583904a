package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"jirabot/internal/letters"
)

func redriveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "redrive [ID…]",
		Short: "Have dead letters worked on again",
		Long: `Has dead letters worked on again: those named, or all that fit what the flags say. Each goes through the lane of its issue once
more, behind what waits there; letters of one issue keep their old order. A run goes on where it was given up: steps that were
done are not done again, also if the rule was changed meanwhile, as long as they do the same. Where nothing had been done the
condition is decided anew. A run that fails once more becomes a dead letter once more.

Exit code 0: it was done, or shown with --dry-run. 2: it could not be.`,
		Example: "  bot redrive 12-abcdef\n  bot redrive --rule welcome --since 2h --dry-run\n  bot redrive --reason denied\n  bot redrive --all",
	}
	file := configFlag(cmd)
	show := output(cmd)
	choice, since := choiceFlags(cmd)
	r := letters.Redrive{}
	cmd.Flags().BoolVar(&choice.All, "all", false, "every dead letter")
	cmd.Flags().BoolVar(&r.DryRun, "dry-run", false, "show which, in their order, and do nothing")
	cmd.Flags().StringVar(&r.By, "by", whoami(), "who; it is kept")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if choice.Since, err = moment(*since, time.Now()); err != nil {
			return fmt.Errorf("--since: %w", err)
		}
		r.Choice = *choice
		r.IDs = args
		if !r.Given() {
			return errors.New("redrive which letters? Name them, or say --rule, --reason, --issue, --since or --all")
		}
		done, err := atDesk(cmd.Context(), *file, letters.RedriveCommand, r, (*letters.Desk).Redrive)
		if err != nil {
			return err
		}
		return show(done, func(w io.Writer) { printRedriven(w, done) })
	}
	return cmd
}

func printRedriven(w io.Writer, r letters.Redriven) {
	if len(r.Letters) > 0 {
		printLetters(w, r.Letters)
	}
	did := "redriven"
	if r.DryRun {
		did = "would be redriven"
	}
	fmt.Fprintf(w, "%d %s\n", len(r.Letters), did)
	if r.Gone > 0 {
		fmt.Fprintf(w, "%d were dealt with by somebody else in the same moment\n", r.Gone)
	}
}
