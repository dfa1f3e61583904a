package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"github.com/rs/zerolog"

	"jirabot/config"
	"jirabot/internal/control"
	"jirabot/internal/journal"
	"jirabot/internal/letters"
)

// atDesk asks the bot that runs, or where none runs here goes to the desk itself: the journal is one process's alone.
func atDesk[Q, A any](ctx context.Context, configFile, command string, question Q, itself func(*letters.Desk, context.Context, Q) (A, error)) (answer A, err error) {
	data, err := config.DataDirectory(configFile, os.Environ())
	if err != nil {
		return answer, err
	}
	answer, err = control.Call[A](ctx, data, command, question)
	if !errors.Is(err, control.ErrNoBot) {
		return answer, err
	}
	dir := filepath.Join(data, "journal")
	if _, err := os.Stat(dir); err != nil {
		return answer, fmt.Errorf("there is no journal, and no bot runs here: %w", err)
	}
	j, err := journal.Open(ctx, journal.Options{Dir: dir, Log: zerolog.Nop()})
	if err != nil {
		return answer, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	return itself(letters.New(j), ctx, question)
}

// whoami is who gives the command, for the record.
func whoami() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	if name := os.Getenv("USER"); name != "" {
		return name
	}
	return "user " + strconv.Itoa(os.Getuid())
}
