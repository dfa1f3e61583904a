package main

import (
	"errors"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"jirabot/config"
	"jirabot/internal/app"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the bot",
		Long: `Runs the bot until it is interrupted: receives webhooks, keeps schedules, carries out rules.

It starts also while Jira is away; deliveries are stored then and worked on later. Changed rule files are taken as a whole,
or refused as a whole with their mistakes in the log and under /readyz.

After Jira has refused the login, nothing is sent to it until a person has seen to the cause: SIGHUP says so. A new bot login
is noticed without it.`,
		Example: "  bot serve --config bot.yaml",
		Args:    cobra.NoArgs,
	}
	file := configFlag(cmd)
	profiles := cmd.Flags().String("profiles", "", "a loopback address for Go's profiles, such as 127.0.0.1:6060; for developers")
	_ = cmd.Flags().MarkHidden("profiles") // fails only for a flag that is not there
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		c, err := config.Load(*file)
		if err != nil {
			return err
		}
		if c.Cluster == nil && c.NATS == nil {
			limitMemory()
		}
		log, err := logger(c.Log)
		if err != nil {
			return err
		}
		a, err := app.New(cmd.Context(), app.Options{Config: c, Log: log, Profiles: *profiles})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		stop := onHangUp(a.LoginSettled)
		defer stop()
		return a.Run(cmd.Context())
	}
	return cmd
}

// onHangUp calls f for each SIGHUP, until it is stopped.
func onHangUp(f func()) (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGHUP)
	go func() {
		defer close(done)
		for range signals {
			f()
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-done
	}
}

// softMemoryLimit makes the collector work harder beyond it. Draining a long backlog, the journal's store would otherwise
// keep what it has read for seconds after its last use. It is for a single machine: several hold more than that in memory, and a
// collector that can never reach its limit leaves nobody else a processor.
const softMemoryLimit = 200 << 20

// limitMemory sets the limit, unless the operator has.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemoryLimit)
	}
}
