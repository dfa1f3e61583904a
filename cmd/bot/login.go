package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/jiraclient"
)

func loginCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Let the bot user give the bot its access, for OAuth",
		Long: `Walks you through giving the bot its access to Jira.

OAuth 1.0a (jira.auth.oauth1): makes the key pair if there is none, prints what an administrator has to enter in Jira's
application link, and then has the bot user allow access in a browser. With --callback the browser comes back by itself;
without it you type the code that Jira shows.

OAuth 2.0 (jira.auth.oauth2): has the bot user allow access in a browser. If redirect_uri is an address of this machine the
browser comes back by itself; otherwise you paste the address to which it was sent.

What Jira gives is tried at once and kept in the data directory, readable for its owner only. A running bot takes it up
without a restart. In a cluster one machine is enough: the others have the token from it. With any other way to log in there is
nothing to fetch: the credential is tried, once.`,
		Example: "  bot login --config bot.yaml\n  bot login --callback 127.0.0.1:7999",
		Args:    cobra.NoArgs,
	}
	file := configFlag(cmd)
	callback := cmd.Flags().String("callback", "", "loopback address to which Jira sends the browser back, for OAuth 1.0a")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := config.Load(*file)
		if err != nil {
			return err
		}
		user, err := app.Login(cmd.Context(), c, jiraclient.Person{Out: cmd.OutOrStdout(), Ask: asking(cmd), Callback: *callback})
		if err != nil {
			return err
		}
		name := user.Name
		if name == "" {
			name = user.AccountID
		}
		fmt.Fprintf(cmd.OutOrStdout(), "logged in to %s as %s (%s)\n", c.Jira.URL, name, user.DisplayName)
		return nil
	}
	return cmd
}

// renewCommand is for the bot itself.
func renewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: app.RenewCommand + " FINGERPRINT", Short: "Renew the token of OAuth 2.0, in a process of its own (started by the bot)",
		Example: "  bot " + app.RenewCommand + " --config bot.yaml FINGERPRINT", Hidden: true, Args: cobra.ExactArgs(1),
	}
	file := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(*file)
		if err != nil {
			return err
		}
		return app.Renew(cmd.Context(), c, args[0])
	}
	return cmd
}

// asking reads what is typed. A line is read on a goroutine of its own, since a terminal cannot be told to give up; it
// ends with the command.
func asking(cmd *cobra.Command) func(context.Context, string) (string, error) {
	type typed struct {
		line string
		err  error
	}
	in := bufio.NewReader(cmd.InOrStdin())
	return func(ctx context.Context, question string) (string, error) {
		fmt.Fprint(cmd.OutOrStdout(), question)
		answer := make(chan typed, 1)
		go func() {
			line, err := in.ReadString('\n')
			if errors.Is(err, io.EOF) && line != "" {
				err = nil
			}
			answer <- typed{line, err}
		}()
		select {
		case a := <-answer:
			if errors.Is(a.err, io.EOF) {
				return "", errors.New("nothing was typed: run bot login in a terminal")
			}
			return a.line, a.err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
