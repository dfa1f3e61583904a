package main

import (
	"errors"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/cobra"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/hardship"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the bot",
		Long: `Runs the bot until it is interrupted: receives webhooks, keeps schedules, carries out rules.

It starts also while Jira is away; deliveries are stored then and worked on later. Changed rule files are taken as a whole,
or refused as a whole with their mistakes in the log and under /readyz.

The heap has a limit that follows what is in use, on a single machine; GOMEMLIMIT and GOGC in the environment take its place.

After Jira has refused the login, nothing is sent to it until a person has seen to the cause: SIGHUP says so. A new bot login
is noticed without it.`,
		Example: "  bot serve --config bot.yaml",
		Args:    cobra.NoArgs,
	}
	file := configFlag(cmd)
	profiles := cmd.Flags().String("profiles", "", "a loopback address for Go's profiles, such as 127.0.0.1:6060; for developers")
	_ = cmd.Flags().MarkHidden("profiles") // fails only for a flag that is not there
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		spareThread()
		c, err := config.Load(*file)
		if err != nil {
			return err
		}
		log, err := logger(c.Log)
		if err != nil {
			return err
		}
		a, err := app.New(cmd.Context(), app.Options{Config: c, Log: log, Now: hardship.Now, Profiles: *profiles})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		if c.Cluster == nil && c.NATS == nil { // several hold more in memory than fits
			defer staySmall(a.Rules)()
		}
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

// spareThread lets a thread more run Go code than there are processors, unless the operator has said how many. The runtime notices
// only after a while that a thread waits for the disk to sync, and with two processors half of everything would wait with it.
func spareThread() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
}
