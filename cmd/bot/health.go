package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"jirabot/config"
)

func healthCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running bot whether it lives",
		Long: `Asks the bot that runs on this machine whether it lives (or with --ready, whether it can take deliveries). For health
checks in containers, where there is no curl.

Exit code 0: yes. 1: no.`,
		Example: "  bot health --config bot.yaml",
		Args:    cobra.NoArgs,
	}
	file := configFlag(cmd)
	ready := cmd.Flags().Bool("ready", false, "ask /readyz instead of /healthz")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		address, err := config.ListenAddress(*file, os.Environ())
		if err != nil {
			return err
		}
		path := "/healthz"
		if *ready {
			path = "/readyz"
		}
		client := &http.Client{Timeout: 5 * time.Second}
		request, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, "http://"+local(address)+path, nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(request)
		if err != nil {
			return &problem{"the bot does not answer: " + err.Error()}
		}
		defer answer.Body.Close()
		body, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
		fmt.Fprintf(cmd.OutOrStdout(), "%s", body)
		if answer.StatusCode != http.StatusOK {
			return &problem{answer.Status}
		}
		return nil
	}
	return cmd
}

// local is where a bot that listens everywhere can be reached from its own machine.
func local(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
