package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"jirabot/config"
	"jirabot/internal/app"
)

// serveInThePast is "bot serve" with a clock that is behind: it remembers ticks as they were then.
func serveInThePast(ctx context.Context, ago string) int {
	err := func() (err error) {
		behind, err := time.ParseDuration(ago)
		if err != nil {
			return err
		}
		c, err := config.Load("bot.yaml")
		if err != nil {
			return err
		}
		log, err := logger(c.Log)
		if err != nil {
			return err
		}
		a, err := app.New(ctx, app.Options{Config: c, Log: log, Now: func() time.Time { return time.Now().Add(-behind) }})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		return a.Run(ctx)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitUsage
	}
	return exitOK
}
