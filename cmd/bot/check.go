package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"jirabot/actions"
	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/contract"
	"jirabot/internal/strictyaml"
	"jirabot/rules"
)

// checked is what bot check found.
type checked struct {
	OK        bool                `json:"ok"`
	Rules     int                 `json:"rules"`
	Problems  strictyaml.Problems `json:"problems"`
	Schedules []checkedSchedule   `json:"schedules,omitempty"`
	Contract  *contract.Report    `json:"contract,omitempty"`
	Names     []contract.BadName  `json:"names,omitempty"` // that this Jira does not have, or has twice
	Notes     []string            `json:"notes,omitempty"`
}

type checkedSchedule struct {
	Rule string      `json:"rule"`
	Cron string      `json:"cron"`
	Zone string      `json:"zone,omitempty"`
	Next []time.Time `json:"next"`
}

func checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [FILES]",
		Short: "Find every mistake in rule files",
		Long: `Finds every mistake in rule files, each with file, line, column and a caret, and says what would be right. Without FILES
it checks those that the configuration names, and whether the configuration lets them work (hooks, bounds). With --schedules it also shows when the schedules fire next.

It asks no Jira, unless --jira is given: then it logs in as the bot user, compares what each rule needs in each project of
its scope with what the bot user may there, and looks up the names of fields, statuses and link types. Nothing is written.

Exit code 0: no mistake. 1: mistakes. 2: it could not check.`,
		Example: "  bot check rules/*.yaml\n  bot check --schedules rules.yaml\n  bot check --jira --config bot.yaml",
	}
	file := configFlag(cmd)
	show := output(cmd)
	schedules := cmd.Flags().Bool("schedules", false, "show the next five ticks of every schedule")
	const unchecked = "whether %s lets the rules work is not checked: %v"
	jira := cmd.Flags().Bool("jira", false, "compare the rules with Jira: permissions and names")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		patterns, err := ruleFiles(args, *file)
		if err != nil {
			return err
		}
		set, err := rules.Load(patterns)
		found := checked{Problems: rules.Problems(err)}
		if err != nil && len(found.Problems) == 0 {
			return err
		}
		if set != nil {
			found.OK, found.Rules = true, len(set.Rules)
			if *schedules {
				found.Schedules = nextTicks(set)
			}
			if len(args) == 0 && !*jira {
				if operator, err := config.Load(*file); err != nil {
					found.Notes = append(found.Notes, fmt.Sprintf(unchecked, *file, err))
				} else if err := app.CheckRules(operator, set); err != nil {
					found.Problems, found.OK = rules.Problems(err), false
				}
			}
			if *jira {
				if err := found.ask(cmd.Context(), *file, set); err != nil {
					return err
				}
			}
		}
		if err := show(found, found.print); err != nil {
			return err
		}
		if !found.OK {
			return &problem{}
		}
		return nil
	}
	return cmd
}

// ask compares the rules' needs with what Jira grants, and the rules with the configuration.
func (c *checked) ask(ctx context.Context, file string, set *rules.Set) error {
	operator, err := config.Load(file)
	if err != nil {
		return err
	}
	if err := app.CheckRules(operator, set); err != nil {
		c.Problems, c.OK = append(c.Problems, rules.Problems(err)...), false
	}
	client, err := app.CommandClient(operator)
	if err != nil {
		return err
	}
	defer app.LogOut(client)
	if _, _, err := client.Connect(ctx); err != nil {
		return err
	}
	report, err := contract.Check(ctx, client, contract.Needs(set))
	if err != nil {
		return err
	}
	c.Contract = &report
	if c.Names, c.Notes, err = contract.CheckNames(ctx, actions.NewJira(client, time.Now), set); err != nil {
		return err
	}
	if report.Note != "" {
		c.Notes = append(c.Notes, report.Note)
	}
	c.OK = c.OK && len(report.Missing())+len(c.Names) == 0
	return nil
}

func nextTicks(set *rules.Set) []checkedSchedule {
	var out []checkedSchedule
	for _, l := range set.Schedules() {
		out = append(out, checkedSchedule{Rule: l.Rule, Cron: l.Cron, Zone: l.Zone, Next: l.Plan.NextN(time.Now(), 5)})
	}
	return out
}

func (c checked) print(w io.Writer) {
	for _, p := range c.Problems {
		fmt.Fprintln(w, p)
	}
	if c.Contract != nil {
		for _, f := range c.Contract.Missing() {
			fmt.Fprintln(w, f.Text)
		}
		for _, n := range c.Names {
			fmt.Fprintln(w, n.Text)
		}
	}
	for _, note := range c.Notes {
		fmt.Fprintln(w, note)
	}
	switch {
	case !c.OK && len(c.Problems) == 0:
		fmt.Fprintf(w, "%d rules, no mistakes in the files; in Jira %d permissions and %d names are missing\n", c.Rules, len(c.Contract.Missing()), len(c.Names))
	case !c.OK && len(c.Problems) == 1:
		fmt.Fprintln(w, "1 mistake")
	case !c.OK:
		fmt.Fprintf(w, "%d mistakes\n", len(c.Problems))
	default:
		fmt.Fprintf(w, "%d rules, no mistakes\n", c.Rules)
	}
	for _, s := range c.Schedules {
		fmt.Fprintf(w, "%s: %s %s\n", s.Rule, s.Cron, s.Zone)
		for _, t := range s.Next {
			fmt.Fprintln(w, "  ", t.Format("Mon 2006-01-02 15:04 MST"))
		}
	}
}
