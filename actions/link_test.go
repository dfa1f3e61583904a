package actions

import (
	"testing"

	"jirabot/jiraclient/jiratest"
)

func linked(kind, source, destination string) func(*world) {
	return func(w *world) {
		if _, err := w.As("ann").Link(kind, source, destination); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	const there = "PAY-7 links:  → blocks PAY-9\nPAY-9 links:  → is blocked by PAY-7"
	const back = "PAY-7 links:  → is blocked by PAY-9\nPAY-9 links:  → blocks PAY-7"
	for name, c := range map[string]applied{
		"as this issue shows it, outward":      {step: `link: {type: blocks, to: PAY-9}`, outcome: Done, want: there},
		"as this issue shows it, inward":       {step: `link: {type: Is Blocked By, to: PAY-9}`, outcome: Done, want: back},
		"by the type's name":                   {step: `link: {type: Blocks, to: PAY-9}`, outcome: Done, want: there},
		"by a name that is no description":     {step: `link: {type: RELATES, to: PAY-9}`, outcome: Done, want: "PAY-7 links:  → relates to PAY-9\nPAY-9 links:  → relates to PAY-7"},
		"alike from both sides":                {step: `link: {type: relates to, to: PAY-9}`, outcome: Done, want: "PAY-7 links:  → relates to PAY-9\nPAY-9 links:  → relates to PAY-7"},
		"from another issue":                   {step: `link: {issue: CHK-1, type: blocks, to: "${issue.key}"}`, outcome: Done, want: "CHK-1 links:  → blocks PAY-7\nPAY-7 links:  → is blocked by CHK-1"},
		"it is there":                          {step: `link: {type: blocks, to: pay-9}`, spoil: linked("Blocks", "PAY-7", "PAY-9"), outcome: Already},
		"it is there, seen from the other end": {step: `link: {type: is blocked by, to: PAY-9}`, spoil: linked("Blocks", "PAY-9", "PAY-7"), outcome: Already},
		"it is there, alike from both sides":   {step: `link: {type: relates to, to: PAY-9}`, spoil: linked("Relates", "PAY-9", "PAY-7"), outcome: Already},
		"only its opposite is there":           {step: `link: {type: blocks, to: PAY-9}`, spoil: linked("Blocks", "PAY-9", "PAY-7"), outcome: Done, want: "PAY-7 links: is blocked by PAY-9 |  → is blocked by PAY-9 | blocks PAY-9\nPAY-9 links: blocks PAY-7 |  → blocks PAY-7 | is blocked by PAY-7"},
		"only another type is there":           {step: `link: {type: blocks, to: PAY-9}`, spoil: linked("Duplicate", "PAY-7", "PAY-9"), outcome: Done, want: "PAY-7 links: duplicates PAY-9 |  → duplicates PAY-9 | blocks PAY-9\nPAY-9 links: is duplicated by PAY-7 |  → is duplicated by PAY-7 | is blocked by PAY-7"},
		"a description before another's name": {
			step: `link: {type: blocks, to: PAY-9}`, outcome: Done, want: there,
			spoil: func(w *world) { w.AddLinkType("blocks", "x", "y"); w.AddLinkType("Is Blocked By", "z", "v") },
		},
		"a type that is nearly one": {step: `link: {type: block, to: PAY-9}`, err: `this Jira has no link type "block"; did you mean "blocks"?`},
		"a type that is none": {step: `link: {type: loves, to: PAY-9}`, err: `this Jira has no link type "loves"; there are: ` +
			`blocks, clones, duplicates, is blocked by, is cloned by, is duplicated by, relates to`},
		"an issue that is none": {step: `link: {type: blocks, to: PAY-99}`, err: "POST /rest/api/2/issueLink: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		"in a project where the bot may not": {
			step: `link: {type: blocks, to: CHK-1}`, spoil: func(w *world) { w.Revoke("CHK", "bot", "LINK_ISSUES") }, denied: true,
			err: "POST /rest/api/2/issueLink: 401: No Link Issue Permission for issue 'PAY-7'",
		},
		"where links are switched off": {
			step: `link: {type: blocks, to: PAY-9}`, spoil: func(w *world) {
				w.Fault(jiratest.Fault{PathSuffix: "/issueLinkType", Status: 404, Body: `{"errorMessages":["Issue linking is disabled."]}`})
			},
			err: "read the list of link types: not offered by this Jira (GET /rest/api/2/issueLinkType: 404: Issue linking is disabled. (missing, or not visible to bot))",
		},
	} {
		t.Run(name, c.run)
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]applied{
		"one comes":                       {step: `labels: {add: b}`, outcome: Done, want: "PAY-7 labels: waiting → b, waiting"},
		"one comes that is there":         {step: `labels: {add: waiting}`, outcome: Already},
		"in other capitals it is another": {step: `labels: {add: Waiting}`, outcome: Done, want: "PAY-7 labels: waiting → Waiting, waiting"},
		"one goes":                        {step: `labels: {remove: "${issue.labels}"}`, outcome: Done, want: "PAY-7 labels: waiting →"},
		"one goes that is not there":      {step: `labels: {remove: gone}`, outcome: Already},
		"of another issue":                {step: `labels: {issue: CHK-1, add: [b, a]}`, outcome: Done, want: "CHK-1 labels:  → a, b"},
		"of an issue that is none":        {step: `labels: {issue: PAY-99, add: a}`, err: "GET /rest/api/2/issue/PAY-99: 404: Issue Does Not Exist (missing, or not visible to bot)"},
	} {
		t.Run(name, c.run)
	}
}
