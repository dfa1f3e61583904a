package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/journal"
)

// status is what a bot says under /readyz.
type status struct {
	Ready   bool             `json:"ready"`
	Checks  []app.Check      `json:"checks"`
	Members []journal.Member `json:"members,omitempty"`
}

func statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Ask a running bot how it is, and who else is there",
		Long: `Asks the bot that runs on this machine what is well and what is not, and, where several machines are one bot, which of
them are there, what each works on, and whether they have the same rules.

Exit code 0: it can take deliveries. 1: it cannot.`,
		Example: "  bot status --config bot.yaml",
		Args:    cobra.NoArgs,
	}
	file := configFlag(cmd)
	show := output(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		address, err := config.ListenAddress(*file, os.Environ())
		if err != nil {
			return err
		}
		client := &http.Client{Timeout: 5 * time.Second}
		request, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, "http://"+local(address)+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(request)
		if err != nil {
			return &problem{"the bot does not answer: " + err.Error()}
		}
		defer answer.Body.Close()
		var s status
		if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&s); err != nil {
			return &problem{"what answers at " + local(address) + " is no bot: " + err.Error()}
		}
		if err := show(s, func(w io.Writer) { s.print(w) }); err != nil {
			return err
		}
		if !s.Ready {
			return &problem{}
		}
		return nil
	}
	return cmd
}

func (s status) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range s.Checks {
		is := "ok"
		if !c.OK {
			is = c.Why
		}
		fmt.Fprintf(w, "%s\t%s\n", c.What, is)
	}
	if len(s.Members) > 0 {
		fmt.Fprint(w, "\nmachine\t\tlanes\twaiting\trules\tversion\n")
	}
	for _, m := range s.Members {
		is := []string{"away"}
		if m.Alive {
			is = []string{"there"}
			if !m.Works {
				is = append(is, "takes no lanes")
			}
		}
		if m.Here {
			is = append(is, "this one")
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\n", m.Name, strings.Join(is, ", "), m.Lanes, m.Waiting, m.News["rules"], m.News["version"])
	}
	w.Flush()
}
