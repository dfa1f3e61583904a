package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"jirabot/actions"
	"jirabot/internal/expression"
	"jirabot/rules"
)

// reference is the whole language, made from the code.
type reference struct {
	Actions  []actionEntry      `json:"actions"`
	Triggers []triggerEntry     `json:"triggers"`
	Names    []expression.Entry `json:"names"`
}

type actionEntry struct {
	Name        string        `json:"name"`
	Doc         string        `json:"doc"`
	Example     string        `json:"example"`
	Permissions []string      `json:"permissions"`
	OnUncertain string        `json:"on_uncertain"`   // by default
	Asks        string        `json:"asks,omitempty"` // by what "ask" sees that it was done
	Options     []optionEntry `json:"options"`
}

type optionEntry struct {
	Name     string `json:"name"`
	Doc      string `json:"doc"`
	Required bool   `json:"required,omitempty"`
}

type triggerEntry struct {
	Name    string `json:"name"`
	Doc     string `json:"doc"`
	Example string `json:"example"`
}

func actionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "actions [NAME]",
		Short:   "Show all actions, triggers and names for expressions",
		Long:    "Shows what rules can do, what makes them look, and what expressions can name. It is made from the code, so it is true.",
		Example: "  bot actions\n  bot actions transition\n  bot actions --output json",
		Args:    cobra.MaximumNArgs(1),
	}
	show := output(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		all := wholeReference()
		if len(args) == 1 {
			return showOne(all, args[0], show)
		}
		return show(all, all.print)
	}
	return cmd
}

func wholeReference() reference {
	ref := reference{Names: expression.Reference()}
	for _, k := range actions.All {
		e := actionEntry{Name: k.Name, Doc: k.Doc, Example: k.Example, Permissions: []string{}, OnUncertain: string(k.WhenUncertain()), Asks: k.Asks}
		for _, p := range k.Needs {
			e.Permissions = append(e.Permissions, p.String())
		}
		for _, f := range k.Options() {
			e.Options = append(e.Options, optionEntry{Name: f.Name, Doc: f.Doc, Required: f.Required})
		}
		ref.Actions = append(ref.Actions, e)
	}
	for _, t := range rules.TriggerKinds() {
		ref.Triggers = append(ref.Triggers, triggerEntry{Name: t.Name, Doc: t.Doc, Example: t.Example})
	}
	return ref
}

// stepKeys are what may stand beside an action.
const stepKeys = `
BESIDE AN ACTION, in the same step:

  on_uncertain   what is done when the answer to an earlier try was lost, or the bot was killed in between:
                 ask    look in Jira whether it was done, and do it if not
                 retry  do it again, without looking
                 bury   do nothing more: a dead letter, until a person redrives or discards it
  timeout        after how long the step counts as stuck, and is tried again; the rule's timeout (5m) by default
`

func showOne(all reference, name string, show func(any, func(io.Writer)) error) error {
	for _, a := range all.Actions {
		if a.Name == name {
			return show(a, a.print)
		}
	}
	for _, t := range all.Triggers {
		if t.Name == name {
			return show(t, t.print)
		}
	}
	return fmt.Errorf("there is no action or trigger %q; bot actions lists them", name)
}

func (r reference) print(w io.Writer) {
	fmt.Fprintln(w, "ACTIONS, under do:")
	for _, a := range r.Actions {
		fmt.Fprintln(w)
		a.print(w)
	}
	fmt.Fprint(w, stepKeys)
	fmt.Fprintln(w, "\nCHOICE, under do:\n\n  - if: issue.priority == \"High\"\n    then: [steps]\n    else: [steps]")
	fmt.Fprintln(w, "\nTRIGGERS, under on:")
	fmt.Fprintln(w)
	for _, t := range r.Triggers {
		t.print(w)
	}
	fmt.Fprintln(w, "\nNAMES in expressions:")
	fmt.Fprintln(w)
	for _, n := range r.Names {
		fmt.Fprintf(w, "  %-12s %s\n", n.Name, n.Doc)
		if len(n.Fields) > 0 {
			fmt.Fprintf(w, "  %-12s .%s\n", "", strings.Join(n.Fields, " ."))
		}
	}
}

func (a actionEntry) print(w io.Writer) {
	fmt.Fprintf(w, "  %s: %s\n", a.Name, a.Doc)
	if len(a.Permissions) > 0 {
		fmt.Fprintf(w, "    needs %s\n", strings.Join(a.Permissions, ", "))
	}
	for _, o := range a.Options {
		required := ""
		if o.Required {
			required = " (required)"
		}
		fmt.Fprintf(w, "    %-12s %s%s\n", o.Name, o.Doc, required)
	}
	if a.Asks != "" {
		fmt.Fprintf(w, "    on_uncertain: %s by default; Jira shows %s\n", a.OnUncertain, a.Asks)
	} else {
		fmt.Fprintf(w, "    on_uncertain: %s by default; Jira shows nothing of it\n", a.OnUncertain)
	}
	fmt.Fprintf(w, "    - %s\n", a.Example)
}

func (t triggerEntry) print(w io.Writer) {
	fmt.Fprintf(w, "  %-36s %s\n", t.Name, t.Doc)
	if t.Example != t.Name {
		fmt.Fprintf(w, "  %-36s - %s\n", "", t.Example)
	}
}
