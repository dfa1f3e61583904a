// Command bot is the Jira automation bot: rules in YAML, webhooks and cron ticks in, Jira actions out.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// Exit codes, for scripts.
const (
	exitOK      = 0
	exitProblem = 1 // what was asked for is not so: a mistake in a rule, a failed test, a bot that is not ready
	exitUsage   = 2 // the command could not be carried out: a wrong flag, a file that is not there
)

// run is main without the process.
func run(ctx context.Context, args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var problem *problem
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &problem):
		if problem.text != "" {
			fmt.Fprintln(os.Stderr, problem.text)
		}
		return exitProblem
	}
	fmt.Fprintln(os.Stderr, "bot:", err)
	return exitUsage
}

// A problem is a "no" that the command has found, and not its own failure.
type problem struct{ text string }

func (p *problem) Error() string { return p.text }
