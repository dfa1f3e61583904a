// Command speed measures the bot beside a bare Gin handler and prints one table. See package speed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"jirabot/internal/speed"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1)
	}
}

const usage = `speed measures the bot: the real program, a stand-in for Jira and the load beside it on this machine. It prints one table,
whose ratios are to a bare Gin handler that is measured just before and after. About twelve minutes; nothing else should run.

  go run ./internal/speed/cmd/speed
  go run ./internal/speed/cmd/speed --quick                     shows within a minute that every row works; its figures mean nothing
  go run ./internal/speed/cmd/speed --only effect --profile /tmp/profiles

How long one event takes at 500/s depends on the machine more than anything else: on its disk, and on what else it does for
milliseconds at a time. So beside the bot stands a bare Gin handler that writes the event to the disk before it answers, which is
the least that must be done.

Processor time per event is the bot's for events that no rule wants, as many as it can take, until its history has them. Beside
it stands that of an event at 500/s with its effect, when the bot sleeps and wakes between two events.

It exits with 1 if an event was lost or done twice or a row is missing. Whether goals are reached is for people to judge.

`

func run(ctx context.Context, args []string) error {
	if len(args) == 1 {
		switch args[0] {
		case speed.RoleJira:
			return speed.ServeJira(whileRead(ctx, os.Stdin), os.Stdout)
		case speed.RoleBare:
			return speed.ServeBare(whileRead(ctx, os.Stdin), os.Stdout)
		case speed.RoleSynced:
			return speed.ServeSynced(whileRead(ctx, os.Stdin), os.Stdout)
		}
	}
	flags := flag.NewFlagSet("speed", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	o := speed.Options{Log: os.Stderr}
	flags.StringVar(&o.Bot, "bot", "", "the bot's program; built from this source by default")
	flags.BoolVar(&o.Quick, "quick", false, "a twentieth of everything: checks that the table is complete, measures nothing")
	flags.IntVar(&o.Rounds, "rounds", 0, "rounds of each row; 5 by default, 1 when quick")
	flags.StringVar(&o.Profile, "profile", "", "directory for the bot's profiles, made if need be")
	only := flags.String("only", "", "rows whose names hold one of these words, separated by commas")
	output := flags.String("output", "text", "text or json")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *output != "text" && *output != "json" || flags.NArg() > 0 {
		return fmt.Errorf("--output is text or json, and there are no other arguments; see --help")
	}
	if *only != "" {
		o.Only = strings.Split(*only, ",")
	}
	if o.Profile != "" {
		if err := os.MkdirAll(o.Profile, 0o700); err != nil {
			return err
		}
	}
	if o.Bot == "" {
		dir, err := os.MkdirTemp("", "speed-bot-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.Bot = filepath.Join(dir, "bot")
		build := exec.CommandContext(ctx, "go", "build", "-o", o.Bot, "jirabot/cmd/bot")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build the bot: %w", err)
		}
	}
	table, err := speed.Run(ctx, o)
	if table == nil {
		return err
	}
	printed := table.Print
	if *output == "json" {
		printed = table.PrintJSON
	}
	if failed := printed(os.Stdout); failed != nil {
		return failed
	}
	return err
}

// whileRead is a context that ends with the reader.
func whileRead(ctx context.Context, r io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, r)
	}()
	return ctx
}
