//go:build linux

// Command chaos puts the bot's promises to the test: it kills, stops and starves the real program under load, and counts what
// was lost, done twice, or done out of order.
//
//	go run ./internal/chaos/cmd/chaos --kills 500 --seed 1
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"jirabot/internal/chaos"
)

func main() {
	// Whoever dies without a word leaves bots and mounts behind.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run is main without the process. The exit code is 1 for a broken promise, and 2 if nothing can be said.
func run(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	seed := flags.Uint64("seed", 1, "decides what is done to the bot, when, and what people do")
	kills := flags.Int("kills", 0, "end after so many kills")
	rounds := flags.Int("rounds", 0, "end after so many faults of any kind")
	seconds := flags.Int("seconds", 0, "end after so many seconds, even if there were fewer kills")
	nodes := flags.Int("nodes", 1, "how many bots: 1 or 3")
	rate := flags.Float64("rate", 40, "events each second")
	faults := flags.String("faults", "kill,stop,disk,cut,sync,jump,power", "what is done to the bots; power is lost with what was not synced; cut takes several bots; disk (a full one), sync (a slow one) and jump (of the clock) are for one; disk and power need mkfs.ext4 and the right to mount, and are left out without")
	program := flags.String("program", "", "the bot, built with -tags chaos; built from this source by default")
	dir := flags.String("dir", "", "where everything lives, and stays if a promise is broken; a new directory by default")
	keep := flags.Bool("keep", false, "let the directory stay, with the evidence, though all promises were kept")
	output := flags.String("output", "text", "text or json")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	o := chaos.Options{Seed: *seed, Kills: *kills, Rounds: *rounds, Length: time.Duration(*seconds) * time.Second, Nodes: *nodes, Rate: *rate, Program: *program, Dir: *dir, Keep: *keep, Out: os.Stderr}
	if *kills == 0 && *rounds == 0 && *seconds == 0 {
		o.Length = time.Minute
	}
	for name := range strings.SplitSeq(*faults, ",") {
		o.Faults = append(o.Faults, chaos.Fault(name))
	}
	good, err := play(ctx, o, *output)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 2
	case !good:
		return 1
	}
	return 0
}

// play runs chaos in a directory that stays only if a promise was broken, and shows what came of it.
func play(ctx context.Context, o chaos.Options, output string) (good bool, err error) {
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "chaos-"); err != nil {
			return false, err
		}
	}
	report, err := chaos.Run(ctx, o)
	if err != nil {
		return false, fmt.Errorf("%w (what there is of it is in %s)", err, o.Dir)
	}
	switch output {
	case "json":
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	default:
		report.Table(os.Stdout)
	}
	if report.Good() && !o.Keep {
		err = errors.Join(err, os.RemoveAll(o.Dir))
	}
	return report.Good(), err
}
