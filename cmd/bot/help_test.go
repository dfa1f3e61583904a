package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestEveryCommandSaysWhatItIsForWithAnExample(t *testing.T) {
	walked := 0
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			if c.Name() == "help" || c.Name() == "completion" { // cobra's own
				continue
			}
			walked++
			t.Run(c.CommandPath(), func(t *testing.T) {
				if c.Short == "" || !strings.Contains(c.Example, "  "+c.CommandPath()) {
					t.Errorf("short %q, example %q", c.Short, c.Example)
				}
				var out strings.Builder
				root := rootCommand()
				root.SetOut(&out)
				root.SetArgs(append(strings.Fields(c.CommandPath())[1:], "--help"))
				if err := root.Execute(); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(out.String(), "Examples:\n"+c.Example) {
					t.Errorf("--help shows no example:\n%s", out.String())
				}
			})
			walk(c)
		}
	}
	walk(rootCommand())
	if walked < 8 {
		t.Errorf("only %d commands", walked)
	}
}

func TestASecretThatIsShownIsFound(t *testing.T) {
	secrets := map[string]string{"JIRA_TOKEN": "s3cr3t", "HOOK_TOKEN": "0th3r"}
	for name, test := range map[string]struct {
		text string
		want string
	}{
		"a text without secrets":         {"all is well\n", ""},
		"a secret in the middle of text": {"all is\nBearer s3cr3t is wrong\nwell", `JIRA_TOKEN in the log: "Bearer s3cr3t is wrong"`},
		"a secret at the end":            {"0th3r", `HOOK_TOKEN in the log: "0th3r"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(leaks(map[string][]byte{"the log": []byte(test.text)}, secrets), "; ")
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
