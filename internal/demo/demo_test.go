package demo

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestTheStoryIsToldToItsEnd(t *testing.T) {
	var out bytes.Buffer
	if err := Run(t.Context(), Options{Out: &out, Once: true, Log: zerolog.Nop()}); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, want := range []string{
		"rule welcome-new-bugs",
		`because issue_created; issue.type == "Bug" holds: issue.type is "Bug"`,
		"does not run",
		"already so comment on",
		`lacks "Link Issues" (LINK_ISSUES) in project OPS`,
		"all of them seen in Jira",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the story does not say %q", want)
		}
	}
}
