package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"jirabot/rules"
)

// tested is what bot test found.
type tested struct {
	Passed   int            `json:"passed"`
	Failed   int            `json:"failed"`
	Untested []string       `json:"untested"` // rules without tests
	Results  []rules.Result `json:"results"`
}

func testCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test [FILES]",
		Short: "Run the tests that stand in rule files",
		Long: `Runs the tests that stand under the rules. A test gives an event and says which operations are wanted, as sentences. No
Jira is asked and nothing is written. Without FILES it takes those that the configuration names.

Exit code 0: all pass. 1: some fail. 2: the rules could not be read.`,
		Example: "  bot test rules/*.yaml\n  bot test --verbose rules.yaml",
	}
	file := configFlag(cmd)
	show := output(cmd)
	verbose := cmd.Flags().BoolP("verbose", "v", false, "show tests that pass as well")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		patterns, err := ruleFiles(args, *file)
		if err != nil {
			return err
		}
		set, err := rules.Load(patterns)
		if err != nil {
			return err
		}
		found := runTests(set)
		if err := show(found, func(w io.Writer) { found.print(w, *verbose) }); err != nil {
			return err
		}
		if found.Failed > 0 {
			return &problem{}
		}
		return nil
	}
	return cmd
}

func runTests(set *rules.Set) tested {
	found := tested{Untested: []string{}, Results: []rules.Result{}}
	for _, r := range set.Rules {
		if len(r.Tests) == 0 {
			found.Untested = append(found.Untested, r.Name)
		}
		for _, res := range r.RunTests() {
			found.Results = append(found.Results, res)
			if res.Passed {
				found.Passed++
			} else {
				found.Failed++
			}
		}
	}
	return found
}

func (t tested) print(w io.Writer, verbose bool) {
	for _, r := range t.Results {
		if r.Passed {
			if verbose {
				fmt.Fprintf(w, "pass  %s: %s\n", r.Rule, r.Test)
			}
			continue
		}
		fmt.Fprintf(w, "FAIL  %s: %s (%s:%d)\n", r.Rule, r.Test, r.File, r.Line)
		list(w, "wanted", r.Want)
		list(w, "got", r.Got)
		if r.Why != "" {
			fmt.Fprintf(w, "      because %s\n", r.Why)
		}
	}
	fmt.Fprintf(w, "%d passed, %d failed\n", t.Passed, t.Failed)
	if len(t.Untested) > 0 {
		fmt.Fprintf(w, "without tests: %d rules", len(t.Untested))
		if verbose {
			fmt.Fprintf(w, ": %v", t.Untested)
		}
		fmt.Fprintln(w)
	}
}

func list(w io.Writer, title string, items []string) {
	if len(items) == 0 {
		fmt.Fprintf(w, "      %s nothing\n", title)
		return
	}
	for i, item := range items {
		if i > 0 {
			title = ""
		}
		fmt.Fprintf(w, "      %-6s %s\n", title, item)
	}
}
