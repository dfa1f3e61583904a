package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"jirabot/jiraclient/jiratest"
)

// settle waits until Jira has posted everything, the bot has worked on it, and nothing new has come of that.
func settle(_ *testscript.TestScript, w *world, _ []string) error {
	return until(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := w.jira.WaitDelivered(ctx); err != nil {
			return err
		}
		posted := len(w.jira.Deliveries())
		waiting, err := w.metric("bot_deliveries_waiting")
		if err != nil {
			return err
		}
		// What the bot has done is a webhook before its delivery is handled: whoever counts first misses it.
		if caused := len(w.jira.Deliveries()) - posted; waiting > 0 || caused > 0 {
			return fmt.Errorf("%v deliveries wait, %d webhooks came meanwhile:\n%s", waiting, caused, tail(w.log.bytes()))
		}
		return nil
	})
}

// swept: the sweep that begins with the bot has come to its end.
func swept(w *world, _ []string) error {
	age, err := w.metric("bot_sweep_age_seconds")
	if err == nil && age < 0 {
		err = errors.New("no sweep has come to its end")
	}
	return err
}

// posted: the bot has answered every webhook of Jira's.
func posted(w *world, _ []string) error {
	waiting := 0
	for _, d := range w.jira.Deliveries() {
		if d.Lost == "" && d.Status == 0 && d.Err == nil {
			waiting++
		}
	}
	if waiting > 0 {
		return fmt.Errorf("%d webhooks wait", waiting)
	}
	return nil
}

// issueIs KEY FACT=VALUE…: how the issue is in Jira.
func issueIs(w *world, args []string) error {
	i, ok := w.jira.Issue(args[0])
	if !ok {
		return fmt.Errorf("there is no %s", args[0])
	}
	facts := map[string]string{
		"status": i.Status, "assignee": i.Assignee, "priority": i.Priority, "labels": strings.Join(i.Labels, ","),
		"comments": strconv.Itoa(len(i.Comments)), "subtasks": strconv.Itoa(len(i.Subtasks)),
		"worklogs": strconv.Itoa(len(i.Worklogs)), "summary": i.Summary,
	}
	for _, word := range args[1:] {
		name, want, _ := strings.Cut(word, "=")
		if got, known := facts[name]; !known || got != want {
			return fmt.Errorf("%s: %s is %q, not %q", args[0], name, got, want)
		}
	}
	return nil
}

// said KEY TEXT…: these are the bot's comments on the issue, all of them, in this order.
func said(w *world, args []string) error {
	i, _ := w.jira.Issue(args[0])
	if got := remarks(i); !slices.Equal(got, args[1:]) {
		return fmt.Errorf("on %s the bot has said %q", args[0], got)
	}
	return nil
}

func remarks(i jiratest.Issue) []string {
	got := []string{}
	for _, c := range i.Comments {
		if c.Author == "bot" {
			got = append(got, c.Body)
		}
	}
	return got
}

// everyIssueSaid N SUMMARY TEXT…: N issues are called so, and these are the bot's comments on each.
func everyIssueSaid(w *world, args []string) error {
	n := 0
	for _, i := range w.jira.Issues() {
		if i.Summary != args[1] {
			continue
		}
		n++
		if got := remarks(i); !slices.Equal(got, args[2:]) {
			return fmt.Errorf("on %s the bot has said %q", i.Key, got)
		}
	}
	if strconv.Itoa(n) != args[0] {
		return fmt.Errorf("%d issues are called %q, not %s", n, args[1], args[0])
	}
	return nil
}

// writes FILE: these are the requests to change something, as Jira saw them: METHOD PATH STATUS (0: no answer).
func writes(w *world, args []string) error {
	want, err := os.ReadFile(filepath.Join(w.dir, args[0]))
	if err != nil {
		return err
	}
	var got strings.Builder
	for _, r := range w.jira.Writes() {
		fmt.Fprintf(&got, "%s %s %d\n", r.Method, strings.TrimPrefix(r.Path, "/rest/api/2"), r.Status)
	}
	if got.String() != string(want) {
		return fmt.Errorf("Jira saw these writes:\n%s", got.String())
	}
	return nil
}

// requests PATTERN N: so many (N+: or more) requests fit "METHOD PATH STATUS".
func requests(w *world, args []string) error {
	pattern, err := regexp.Compile(args[0])
	if err != nil {
		return err
	}
	var fit []string
	for _, r := range w.jira.Requests() {
		if line := fmt.Sprintf("%s %s %d", r.Method, r.Path, r.Status); pattern.MatchString(line) {
			fit = append(fit, line)
		}
	}
	least, more := strings.CutSuffix(args[1], "+")
	n, err := strconv.Atoi(least)
	if err == nil && (len(fit) < n || len(fit) > n && !more) {
		err = fmt.Errorf("%d requests: %q", len(fit), fit)
	}
	return err
}

// overlap: two writes to one issue were under way at once.
func overlap(w *world, _ []string) error {
	if len(w.jira.OverlappingWrites()) == 0 {
		return errors.New("no writes overlap")
	}
	return nil
}

// ofRuns are the finished runs, as the log tells them.
func (w *world) ofRuns() []entry {
	return slices.DeleteFunc(w.log.entries(0), func(e entry) bool { return e.text("message") != "run" })
}

// hasRun RULE ISSUE OUTCOME [TEXT]: one run of the rule on the issue has ended so, for a reason that contains the text.
func hasRun(w *world, args []string) error {
	var seen []entry
	for _, e := range w.ofRuns() {
		if e.text("rule") != args[0] || e.text("issue") != args[1] {
			continue
		}
		if seen = append(seen, e); e.text("outcome") == args[2] && (len(args) < 4 || strings.Contains(e.text("reason"), args[3])) {
			return nil
		}
	}
	return fmt.Errorf("its runs are %v", seen)
}

// countRuns RULE N: so many runs of the rule are finished.
func countRuns(w *world, args []string) error {
	all := w.ofRuns()
	n := 0
	for _, e := range all {
		if e.text("rule") == args[0] {
			n++
		}
	}
	if strconv.Itoa(n) != args[1] {
		return fmt.Errorf("%d runs, among these: %v", n, all)
	}
	return nil
}

// logged TEXT: the log contains it.
func logged(w *world, args []string) error {
	if text := string(w.log.bytes()); !strings.Contains(text, args[0]) {
		return fmt.Errorf("not in the log:\n%s", tail([]byte(text)))
	}
	return nil
}

// ready yes|no [TEXT]: what /readyz says.
func ready(w *world, args []string) error {
	status, body, err := w.get("/readyz")
	if err != nil {
		return err
	}
	want := map[string]int{"yes": 200, "no": 503}[args[0]]
	if status != want || len(args) > 1 && !strings.Contains(string(body), args[1]) {
		return fmt.Errorf("readyz says %d %s", status, body)
	}
	return nil
}

// remembered: the schedules have begun, and a restart will know since when.
func remembered(w *world, _ []string) error {
	if _, err := w.metric("bot_deliveries_waiting"); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(w.dir, "data", "journal", "jetstream", "*", "streams", "STATE", "msgs", "*.blk"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Size() > 0 { // it is made before anything is in it
			return nil
		}
	}
	return errors.New("nothing is remembered yet")
}

// printedJSON PATH=VALUE…: the last output is JSON, and this stands at the paths in it; without VALUE anything may.
func printedJSON(ts *testscript.TestScript, _ bool, args []string) {
	var all any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &all))
	for _, word := range args {
		path, want, _ := strings.Cut(word, "=")
		at := all
		for _, name := range strings.Split(path, ".") {
			switch level := at.(type) {
			case map[string]any:
				at = level[name]
			case []any:
				n, err := strconv.Atoi(name)
				if err != nil || n >= len(level) {
					ts.Fatalf("there is no %s", path)
				}
				at = level[n]
			}
		}
		if at == nil || want != "" && fmt.Sprint(at) != want {
			ts.Fatalf("%s is %v", path, at)
		}
	}
}

// deadLetters N
func deadLetters(w *world, args []string) error {
	n, err := w.metric("bot_dead_letters")
	if err == nil && fmt.Sprint(n) != args[0] {
		err = fmt.Errorf("%v dead letters", n)
	}
	return err
}
