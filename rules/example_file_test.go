package rules_test

import (
	"os"
	"strings"
	"testing"

	"jirabot/actions"
	"jirabot/rules"
)

func example(t testing.TB) *rules.Set {
	t.Helper()
	set, err := rules.Load([]string{"../rules.example.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestTheExampleFilePassesItsOwnTests(t *testing.T) {
	for _, r := range example(t).Rules {
		if len(r.Tests) == 0 && r.Mode == rules.Live {
			t.Errorf("%s has no test", r.Name)
		}
		for _, res := range r.RunTests() {
			if !res.Passed {
				t.Errorf("%s: %s\n got  %q\n want %q\n %s", res.Rule, res.Test, res.Got, res.Want, res.Why)
			}
		}
	}
}

func TestTheExampleFileShowsEveryActionAndTrigger(t *testing.T) {
	triggers, used := map[string]bool{}, map[string]bool{}
	for _, r := range example(t).Rules {
		for _, on := range r.On {
			triggers[on.Kind] = true
		}
		r.Do.All(func(st *rules.Step) {
			if st.Action != nil {
				used[st.Action.Name] = true
			}
		})
	}
	for _, k := range rules.TriggerKinds() {
		if !triggers[k.Name] {
			t.Errorf("the trigger %s is missing", k.Name)
		}
	}
	for _, k := range actions.All {
		if !used[k.Name] {
			t.Errorf("the action %s is missing", k.Name)
		}
	}
	data, err := os.ReadFile("../rules.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"purpose:", "owner:", "projects:", "mode:", "on_self:", "recheck:", "on_error:", "if:", "tests:", "else:", "zone:", "catch_up:", "concurrency:", "when_busy:", "on_uncertain:", "timeout:", "added:", "removed:"} {
		if !strings.Contains(string(data), key) {
			t.Errorf("the key %s is missing", key)
		}
	}
}
