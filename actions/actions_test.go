package actions

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient"
)

// A scenario is what an action's example does to PAY-7. An action without one fails TestAll: a new action is put under
// test by standing in the table.
type scenario struct {
	sentence string
	changes  string // every value in Jira that is another afterwards
	// unmarked: Data Center keeps no marks for what it creates, and the time of the event tells two of them apart.
	unmarked bool
	// repeats: done a second time it is as it was, but only Jira can know.
	repeats bool
}

func scenarios() map[string]scenario {
	return map[string]scenario{
		"comment": {
			sentence: "comment on PAY-7, visible to role Developers: Thanks, Ann Archer",
			changes:  "PAY-7 comments:  → bot role:Developers: Thanks, Ann Archer",
		},
		"edit": {
			sentence: "edit PAY-7: set Priority to High, set Story Points to 5, add Payments to Component/s, clear Due Date",
			changes: "PAY-7 components: Refunds → Refunds, Payments\nPAY-7 customfield_10000:  → 5\n" +
				"PAY-7 duedate: 2026-03-31 →\nPAY-7 priority: Medium → High",
		},
		"labels": {
			sentence: "add label reopened to PAY-7 and remove label waiting from PAY-7",
			changes:  "PAY-7 labels: waiting → reopened",
		},
		"assign": {
			sentence: "assign PAY-7 to ann",
			changes:  "PAY-7 assignee: bob → ann",
		},
		"transition": {
			sentence: "move PAY-7 to In Review, set Resolution to Done",
			changes:  "PAY-7 resolution:  → Done\nPAY-7 status: In Progress → In Review",
		},
		"create": {
			sentence: "create Sub-task of PAY-7: Write release notes for PAY-7",
			changes: "PAY-10 creator:  → bot\nPAY-10 issuetype:  → Sub-task\nPAY-10 parent:  → PAY-7\nPAY-10 priority:  → Medium\n" +
				"PAY-10 project:  → PAY\nPAY-10 reporter:  → bot\nPAY-10 status:  → To Do\n" +
				"PAY-10 summary:  → Write release notes for PAY-7\nPAY-7 sub-tasks:  → PAY-10",
		},
		"link": {
			sentence: `link PAY-7 to PAY-9 as "is blocked by"`,
			changes:  "PAY-7 links:  → is blocked by PAY-9\nPAY-9 links:  → blocks PAY-7",
		},
		"watch": {
			sentence: "add ann as watcher of PAY-7",
			changes:  "PAY-7 watchers:  → ann",
		},
		"worklog": {
			sentence: "log 30m of work on PAY-7: Triage",
			changes:  "PAY-7 work:  → bot 1800s Triage",
			unmarked: true,
		},
		"log": {
			sentence: "log: PAY-7 has priority Medium",
			repeats:  true,
		},
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	table := scenarios()
	for _, k := range All {
		sc, ok := table[k.Name]
		if !ok {
			t.Errorf("action %q has no scenario", k.Name)
			continue
		}
		delete(table, k.Name)
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			t.Run("is documented", func(t *testing.T) { documented(t, k) })
			t.Run("does what it says", func(t *testing.T) { doesWhatItSays(t, k, sc) })
			if k.Creates {
				t.Run("creates once", func(t *testing.T) { createsOnce(t, k, sc) })
			}
			t.Run("needs its permissions", func(t *testing.T) { needsItsPermissions(t, k) })
		})
	}
	for name := range table {
		t.Errorf("there is a scenario for %q and no such action", name)
	}
}

func documented(t *testing.T, k *Kind) {
	if !strings.HasSuffix(k.Doc, ".") {
		t.Errorf("its Doc is no sentence: %q", k.Doc)
	}
	if !strings.HasPrefix(k.Example, k.Name+": ") {
		t.Errorf("its example is of something else: %s", k.Example)
	}
	if len(k.Options()) == 0 {
		t.Error("no options")
	}
	for _, o := range k.Options() {
		if !strings.HasSuffix(o.Doc, ".") {
			t.Errorf("the doc of option %s is no sentence: %q", o.Name, o.Doc)
		}
	}
	properties, _ := k.Schema()["properties"].(map[string]any)
	if len(properties) != len(k.Options()) {
		t.Errorf("the schema has %d properties for %d options", len(properties), len(k.Options()))
	}
}

// goSyntax is what no sentence may show.
var goSyntax = regexp.MustCompile(`map\[|%!|<nil>|\{\{|0x[0-9a-f]{6}|\[\]`)

func doesWhatItSays(t *testing.T, k *Kind, sc scenario) {
	w := newWorld(t)
	op := w.plan(k.Example)
	sentence := op.String()
	if sentence != sc.sentence || goSyntax.MatchString(sentence) {
		t.Errorf("sentence %q, want %q", sentence, sc.sentence)
	}
	if target := op.Target(); target != "" && !strings.Contains(sentence, target) {
		t.Errorf("sentence %q does not name its target %s", sentence, target)
	}
	changes, outcome, err := w.do(op, Try{Mark: "m1"})
	if err != nil || outcome != Done {
		t.Fatal(outcome, err)
	}
	if changes != sc.changes {
		t.Errorf("changed\n%s\nwant\n%s", changes, sc.changes)
	}
	if k.Creates || sc.repeats {
		return
	}
	if changes, outcome, err = w.do(op, Try{Mark: "m1"}); outcome != Already || err != nil || changes != "" {
		t.Errorf("a second time: %q %v %s", outcome, err, changes)
	}
	if wrote := w.wrote(); wrote != nil {
		t.Errorf("a second time wrote %q", wrote)
	}
}

func createsOnce(t *testing.T, k *Kind, sc scenario) {
	w := newWorld(t)
	op := w.plan(k.Example)
	if _, outcome, err := w.do(op, Try{Mark: "m1", Again: true}); outcome != Done || err != nil {
		t.Fatal("the first time, after a try that came to nothing:", outcome, err)
	}
	changes, outcome, err := w.do(op, Try{Mark: "m1", Again: true})
	if outcome != Already || err != nil || changes != "" || w.wrote() != nil {
		t.Errorf("the same mark: %q %v %s %q", outcome, err, changes, w.wrote())
	}
	if sc.unmarked {
		w.wait(time.Minute)
		op = w.plan(k.Example)
	}
	if changes, outcome, err := w.do(op, Try{Mark: "m2", Again: true}); outcome != Done || err != nil || changes == "" {
		t.Errorf("another mark: %q %v %s", outcome, err, changes)
	}
}

func needsItsPermissions(t *testing.T, k *Kind) {
	_, step, err := decode(k.Example)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range Needs(k, step) {
		w := newWorld(t)
		op := w.plan(k.Example)
		w.Revoke("PAY", "bot", string(p))
		changes, outcome, err := w.do(op, Try{Mark: "m1"})
		if err == nil || outcome != "" || changes != "" {
			t.Errorf("without %s: %q, %v, changed %q", p, outcome, err, changes)
		}
		query := jiraclient.PermissionQuery{Issue: op.Target()}
		if c, ok := op.(interface{ Project() string }); ok {
			query = jiraclient.PermissionQuery{Project: c.Project()}
		}
		have, askErr := w.jira.MyPermissions(t.Context(), query, p)
		if askErr != nil {
			t.Fatal(askErr)
		}
		if !errors.Is(err, jiraclient.ErrDenied) && have[p] {
			t.Errorf("without %s nobody learns why: %v", p, err)
		}
	}
}

func TestNamesAreFoundAndUnique(t *testing.T) {
	names := Names()
	for _, name := range names {
		if k, ok := Find(name); !ok || k.Name != name {
			t.Errorf("%q is not found", name)
		}
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(All) {
		t.Errorf("two actions have one name: %q", names)
	}
	if _, ok := Find("coment"); ok {
		t.Error("found what is not there")
	}
}

// TestNeeds: what a step uses decides which permissions it takes on top.
func TestNeeds(t *testing.T) {
	for source, want := range map[string]string{
		`comment: {body: x}`:                                   "ADD_COMMENTS",
		`edit: {set: {Reporter: ann, Due: null}}`:              "EDIT_ISSUES MODIFY_REPORTER SCHEDULE_ISSUES",
		`edit: {clear: [assignee, Security Level]}`:            "EDIT_ISSUES ASSIGN_ISSUES SET_ISSUE_SECURITY",
		`edit: {add: {labels: x}, notify: false}`:              "EDIT_ISSUES ADMINISTER_PROJECTS",
		`edit: {add: {labels: x}, notify: true}`:               "EDIT_ISSUES",
		`create: {type: Bug, summary: x}`:                      "CREATE_ISSUES",
		`create: {type: Bug, summary: x, fields: {due: null}}`: "CREATE_ISSUES SCHEDULE_ISSUES",
		`transition: {to: Done, fields: {assignee: ann}}`:      "TRANSITION_ISSUES ASSIGN_ISSUES",
		`watch: {add: ann}`:                                    "MANAGE_WATCHERS",
		`watch: {remove: ann}`:                                 "MANAGE_WATCHERS VIEW_VOTERS_AND_WATCHERS",
		`log: {message: x}`:                                    "",
	} {
		k, step, err := decode(source)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range Needs(k, step) {
			got = append(got, string(p))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s needs %q, want %q", source, s, want)
		}
	}
}
