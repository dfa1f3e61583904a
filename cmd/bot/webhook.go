package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/registration"
	"jirabot/jiraclient"
	"jirabot/rules"
)

func webhookCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webhook",
		Short: "Register the bot's webhook in Jira, look at it, remove it",
		Long: `Registers the bot's webhook in Jira under one name, looks at it, or removes it. All of it takes a Jira administrator. The bot
user should be none: name an administrator for the one call with --admin, whose password is read from the environment and
kept nowhere, have a personal access token of an administrator there instead, as Jira 11 takes no passwords, or give an
administrator what "bot webhook register --print" prints.`,
		Example: "  bot webhook register --url https://bot.example.com --print\n  ADMIN_PASSWORD=… bot webhook register --url https://bot.example.com --admin ann\n  bot webhook list --admin ann",
	}
	cmd.AddCommand(webhookRegister(), webhookList(), webhookCheck(), webhookRemove())
	return cmd
}

// registrar is what the subcommands share.
type registrar struct {
	file, admin, password *string
}

func newRegistrar(cmd *cobra.Command) registrar {
	return registrar{
		file:     configFlag(cmd),
		admin:    cmd.Flags().String("admin", "", "name of a Jira administrator; without one and without a token the bot user is tried"),
		password: cmd.Flags().String("password-env", "ADMIN_PASSWORD", "environment variable with the administrator's password, or without --admin a personal access token"),
	}
}

// connect logs in, as the administrator if one is named.
func (r registrar) connect(ctx context.Context) (config.Config, *jiraclient.Client, error) {
	c, err := config.Load(*r.file)
	if err != nil {
		return c, nil, err
	}
	switch secret := config.NewSecret(os.Getenv(*r.password)); {
	case *r.admin != "" && !secret.Given():
		return c, nil, fmt.Errorf("the environment variable %s with the password of %s is not set", *r.password, *r.admin)
	case *r.admin != "":
		c.Jira.Auth = config.Auth{Basic: &config.Basic{User: *r.admin, Password: secret}}
	case secret.Given(): // where passwords are switched off, as in Jira 11
		c.Jira.Auth = config.Auth{Token: secret}
	}
	client, err := app.CommandClient(c)
	if err != nil {
		return c, nil, err
	}
	if _, _, err = client.Connect(ctx); err != nil {
		app.LogOut(client)
	}
	return c, client, err
}

// wish is what the registration should be.
func (r registrar) wish(c config.Config, client *jiraclient.Client, address string) (registration.Wish, error) {
	if address == "" {
		return registration.Wish{}, errors.New("--url is needed: the bot's address as Jira reaches it, such as https://bot.example.com")
	}
	set, err := rules.Load(c.Rules)
	if err != nil {
		return registration.Wish{}, err
	}
	return registration.For(c, set, address, client == nil || client.SignsWebhooks())
}

func webhookRegister() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "register --url ADDRESS",
		Short:   "Register the webhook, or change the registration to what is needed",
		Long:    "Registers the webhook with the events that the rules wait for. Called again, it changes what differs; events that somebody has added are left.",
		Example: "  ADMIN_PASSWORD=… bot webhook register --url https://bot.example.com --admin ann\n  bot webhook register --url https://bot.example.com --print",
		Args:    cobra.NoArgs,
	}
	r := newRegistrar(cmd)
	address := cmd.Flags().String("url", "", "the bot's address as Jira reaches it")
	byHand := cmd.Flags().Bool("print", false, "print what an administrator has to enter, and ask Jira nothing")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		out := cmd.OutOrStdout()
		if *byHand {
			c, err := config.Load(*r.file)
			if err != nil {
				return err
			}
			wish, err := r.wish(c, nil, *address)
			if err != nil {
				return err
			}
			fmt.Fprint(out, registration.Instructions(wish))
			return nil
		}
		c, client, err := r.connect(cmd.Context())
		if err != nil {
			return err
		}
		defer app.LogOut(client)
		wish, err := r.wish(c, client, *address)
		if err != nil {
			return err
		}
		changed, created, err := registration.Register(cmd.Context(), client, wish)
		switch {
		case err != nil:
			return err
		case created:
			fmt.Fprintf(out, "registered %s: %s, %d events\n", wish.Name, wish.Shown, len(wish.Events))
		case len(changed) == 0:
			fmt.Fprintf(out, "%s is already so\n", wish.Name)
		default:
			fmt.Fprintf(out, "changed %s, for:\n  %s\n", wish.Name, strings.Join(changed, "\n  "))
		}
		return nil
	}
	return cmd
}

func webhookList() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List all registrations", Example: "  bot webhook list --admin ann", Args: cobra.NoArgs}
	r := newRegistrar(cmd)
	show := output(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, client, err := r.connect(cmd.Context())
		if err != nil {
			return err
		}
		defer app.LogOut(client)
		list, err := client.Webhooks(cmd.Context())
		if err != nil {
			return err
		}
		for i := range list { // our own address may hold a token
			for _, secret := range c.Secrets() {
				for _, written := range []string{secret, url.PathEscape(secret), url.QueryEscape(secret)} {
					list[i].URL = strings.ReplaceAll(list[i].URL, written, "•••")
				}
			}
		}
		return show(list, func(w io.Writer) {
			for _, h := range list {
				fmt.Fprintf(w, "%s  %s  %s  %d events", h.ID, h.Name, h.URL, len(h.Events))
				if p := h.Posted; p != nil {
					fmt.Fprintf(w, ", %d delivered, %d refused, %d not arrived", p.Successes, p.Failures, p.Errors)
				}
				fmt.Fprintln(w)
			}
		})
	}
	return cmd
}

func webhookCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use: "check --url ADDRESS", Short: "Compare the registration with what the rules need",
		Long:    "Compares the registration with what the rules need, and says what Jira tells of deliveries that did not arrive (10 and newer).\nExit code 0: as needed. 1: not.",
		Example: "  bot webhook check --url https://bot.example.com --admin ann", Args: cobra.NoArgs,
	}
	r := newRegistrar(cmd)
	address := cmd.Flags().String("url", "", "the bot's address as Jira reaches it")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, client, err := r.connect(cmd.Context())
		if err != nil {
			return err
		}
		defer app.LogOut(client)
		wish, err := r.wish(c, client, *address)
		if err != nil {
			return err
		}
		list, err := client.Webhooks(cmd.Context())
		if err != nil {
			return err
		}
		is, found := registration.Find(list, wish.Name)
		if !found {
			return &problem{"there is no webhook named " + wish.Name}
		}
		wrong := registration.Differences(is, wish)
		if trouble := registration.Trouble(is); trouble != "" {
			wrong = append(wrong, trouble)
		}
		if wrong != nil {
			return &problem{strings.Join(wrong, "\n")}
		}
		fmt.Fprintln(cmd.OutOrStdout(), wish.Name, "is as needed; whether the secret is right shows when Jira posts")
		return nil
	}
	return cmd
}

func webhookRemove() *cobra.Command {
	cmd := &cobra.Command{Use: "remove", Short: "Remove the registration", Example: "  bot webhook remove --admin ann", Args: cobra.NoArgs}
	r := newRegistrar(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		_, client, err := r.connect(cmd.Context())
		if err != nil {
			return err
		}
		defer app.LogOut(client)
		found, err := registration.Remove(cmd.Context(), client, registration.Name)
		if err != nil {
			return err
		}
		if !found {
			return &problem{"there is no webhook named " + registration.Name}
		}
		fmt.Fprintln(cmd.OutOrStdout(), "removed", registration.Name)
		return nil
	}
	return cmd
}
