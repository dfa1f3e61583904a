package app_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/event"
	"jirabot/internal/runner"
	"jirabot/internal/sweep"
	"jirabot/jiraclient/jiratest"
	"jirabot/rules"
)

// The rules of the hour. Those that look at what the issue is like say recheck: false, so that they act on what it was like
// then; a later look is another question.
const hourRules = `
rules:
  - name: welcome
    on: [issue_created]
    recheck: false
    do: [{comment: {body: "welcome ${issue.summary} (${issue.priority}) of ${issue.reporter.name}"}}]
  - name: done
    on: [{transitioned: {to: Done}}]
    recheck: false
    do: [{comment: {body: "done by ${actor.name}: ${issue.summary}, ${issue.priority}, ${issue.assignee.name}"}}]
  - name: assigned
    on: [assigned]
    do: [{comment: {body: "from ${change('assignee').from} to ${change('assignee').to}"}}]
  - name: urgent
    on: [{issue_updated: {changed: priority, to: Highest}}]
    if: issue.type == "Bug"
    do: [{labels: {add: [urgent]}}]
  - name: calm
    on: [{issue_updated: {changed: priority, from: Highest}}]
    if: issue.type == "Bug"
    do: [{labels: {remove: [urgent]}}]
  - name: start
    on: [commented]
    if: issue.type == "Bug" and comment.body == "start"
    do: [{transition: {to: In Progress}}]
  - name: finish
    on: [commented]
    if: issue.type == "Bug" and comment.body == "finish"
    do: [{transition: {to: Done}}]
  - name: again
    on: [commented]
    if: issue.type == "Bug" and comment.body == "again"
    do: [{transition: {to: Reopened}}]
  - name: any
    on: [issue_updated]
    if: issue.type == "Story"
    do: [{comment: {body: "${event.type}: ${comment.body}"}}]
  - name: edited
    on: [comment_edited]
    do: [{comment: {body: "now: ${comment.body}"}}]
  - name: labelled
    on: [{issue_updated: {changed: labels}}]
    if: issue.status == "In Progress"
    recheck: false
    do: [{comment: {body: "in progress with ${issue.labels}"}}]
  - name: worked
    on: [work_logged]
    do: [{comment: {body: "worked ${worklog.spent}"}}]
  - name: removed
    on: [comment_removed]
    do: [{comment: {body: "A COMMENT IS GONE"}}]
  - name: deleted
    on: [issue_deleted]
    do: [{log: {message: "gone"}}]
`

// hour is a simulated hour of a Jira, and a bot that is up or not.
type hour struct {
	t      *testing.T
	dir    string
	jira   *jiratest.Jira
	config config.Config
	wants  []string // events
	bot    *app.App
	stop   func()

	mu  sync.Mutex
	now time.Time

	runs      int
	recovered int // runs
	comments  map[string][]string
}

func (h *hour) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hour) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *hour) ran(r runner.Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.runs++
	if r.Recovered {
		h.recovered++
	}
}

func newHour(t *testing.T) *hour {
	t.Helper()
	h := &hour{t: t, dir: t.TempDir(), now: time.Now().Add(-75 * time.Minute), comments: map[string][]string{}}
	h.jira = jiratest.New(jiratest.Options{Now: h.Now, IndexLag: 90 * time.Second})
	base, err := h.jira.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.jira.Close() })
	for _, name := range []string{"ann", "bob", "carl"} {
		h.jira.AddUser(jiratest.User{Name: name})
	}
	h.jira.AddUser(jiratest.User{Name: "bot", Token: token, TimeZone: "Pacific/Auckland"})
	h.jira.AddProject(jiratest.Project{Key: "PAY", Lead: "ann"})
	h.jira.AddProject(jiratest.Project{Key: "CHK", Lead: "ann"})

	c := config.Default()
	c.Listen, c.Data, c.Rules = "127.0.0.1:0", filepath.Join(h.dir, "data"), []string{filepath.Join(h.dir, "rules.yaml")}
	c.Jira.URL, c.Jira.Auth.Token, c.Webhook.Secret = base, config.NewSecret(token), config.NewSecret(secret)
	c.Sweep.Enabled = false // the test says when
	if err := os.WriteFile(c.Rules[0], []byte(hourRules), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := rules.Load(c.Rules)
	if err != nil {
		t.Fatal(err)
	}
	h.config, h.wants = c, set.JiraEvents()
	return h
}

// up starts the bot, and lets Jira post to it.
func (h *hour) up() {
	h.t.Helper()
	var err error
	if h.bot, err = app.New(h.t.Context(), app.Options{Config: h.config, Log: zerolog.Nop(), Now: h.Now, Observe: h.ran}); err != nil {
		h.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(h.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- h.bot.Run(ctx) }()
	id, err := h.jira.Webhook(jiratest.Registration{
		Name: "bot", URL: "http://" + h.bot.Addr().String() + "/webhooks/jira", Secret: secret, Events: h.wants,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	down := sync.OnceFunc(func() {
		h.jira.RemoveWebhook(id)
		stop()
		if err := <-ended; err != nil {
			h.t.Errorf("run: %v", err)
		}
		if err := h.bot.Close(); err != nil {
			h.t.Errorf("close: %v", err)
		}
	})
	h.stop = down
	h.t.Cleanup(down)
	h.await(func() bool { ready, checks := h.bot.Ready(); return ready && checks[2].OK })
}

func (h *hour) await(is func() bool) {
	h.t.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for !is() {
		select {
		case <-again.C:
		case <-deadline.C:
			h.t.Fatal("it is still not so after a minute")
		}
	}
}

func (h *hour) settle() {
	h.t.Helper()
	if err := h.jira.WaitDelivered(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	h.await(func() bool {
		idle, err := h.bot.Idle(h.t.Context())
		return err == nil && idle
	})
}

func (h *hour) sweep() sweep.Report {
	h.t.Helper()
	r, err := h.bot.Sweep(h.t.Context(), sweep.Request{})
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// happenings is how many there are in an hour.
const happenings = 3000

// live plays the hour. It is the same every time, whatever the bot does meanwhile: people transition tasks and label them,
// while on bugs they comment, and the bot does the rest.
func (h *hour) live(each func(n int)) (deletedComments, deletedIssues int) {
	h.t.Helper()
	random := rand.New(rand.NewPCG(7, 11))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	people := []string{"ann", "bob", "carl"}
	kinds := map[string]string{}  // by issue
	bugs := map[string]int{}      // how often a bug was spoken to
	edited := map[string]bool{}   // "issue n": Jira knows the last edit only
	silenced := map[string]bool{} // "issue n": the comment is deleted
	deleted := map[string]bool{}  // issues
	try := func(what string, err error) {
		h.t.Helper()
		if err != nil {
			h.t.Fatalf("%s: %v", what, err)
		}
	}
	status, assignee := map[string]string{}, map[string]string{}
	authors := map[string]*jiratest.Person{} // of comments
	var keys []string
	for n := range happenings {
		h.pass(time.Hour / happenings)
		who := h.jira.As(pick(people))
		name := pick(people)
		priority := pick([]string{"Highest", "High", "Low"})
		if n < 60 || n%25 == 0 {
			kind := []string{"Task", "Bug", "Story"}[random.IntN(3)]
			key, err := who.CreateIssue([]string{"PAY", "CHK"}[n%2], kind, fmt.Sprintf("issue %d", n), jiratest.Fields{"priority": priority})
			try("create", err)
			keys, kinds[key] = append(keys, key), kind
			each(n)
			continue
		}
		key := pick(keys)
		for deleted[key] {
			key = pick(keys)
		}
		switch dice := random.IntN(100); {
		case dice < 20:
			body := fmt.Sprintf("remark %d", n)
			if kinds[key] == "Bug" {
				body = []string{"start", "finish", "again"}[bugs[key]%3]
				bugs[key]++
			}
			id, err := who.Comment(key, body)
			try("comment", err)
			authors[id] = who
			h.comments[key] = append(h.comments[key], id)
		case dice < 28 && len(h.comments[key]) > 0 && kinds[key] == "Task":
			k := random.IntN(len(h.comments[key]))
			at := fmt.Sprint(key, " ", k)
			if edited[at] || silenced[at] {
				break
			}
			edited[at] = true
			try("edit comment", authors[h.comments[key][k]].EditComment(key, h.comments[key][k], fmt.Sprintf("remark changed at %d", n)))
		case dice < 30 && len(h.comments[key]) > 0 && kinds[key] == "Task" && n > 1000:
			k := random.IntN(len(h.comments[key]))
			at := fmt.Sprint(key, " ", k)
			if silenced[at] || edited[at] {
				break
			}
			silenced[at] = true
			deletedComments++
			try("delete comment", authors[h.comments[key][k]].DeleteComment(key, h.comments[key][k]))
		case dice < 45 && kinds[key] != "Bug":
			status[key] = map[string]string{"": "In Progress", "In Progress": "Done", "Done": "Reopened", "Reopened": "In Progress"}[status[key]]
			try("transition", who.Transition(key, status[key]))
		case dice < 60:
			if assignee[key] == name {
				name = ""
			}
			assignee[key] = name
			try("assign", who.Assign(key, name))
		case dice < 75:
			try("priority", who.Edit(key, jiratest.Fields{"priority": priority}))
		case dice < 85 && kinds[key] != "Bug":
			try("labels", who.Edit(key, jiratest.Fields{"labels": []string{"a", fmt.Sprintf("l%d", n)}}))
		case dice < 92:
			_, err := who.LogWork(key, "15m", "")
			try("log work", err)
		case dice == 99 && n > 2000 && deletedIssues < 3:
			deletedIssues++
			deleted[key] = true
			try("delete", who.Delete(key))
		default:
			try("summary", who.Edit(key, jiratest.Fields{"summary": fmt.Sprintf("issue at %d", n)}))
		}
		each(n)
	}
	// A deletion leaves no trace but the issue's time of update, if nothing happens afterwards.
	for _, key := range keys {
		k := len(h.comments[key]) - 1
		at := fmt.Sprint(key, " ", k)
		if !deleted[key] && k >= 0 && kinds[key] == "Task" && !edited[at] && !silenced[at] && deletedComments < 15 {
			h.pass(time.Second)
			last := h.comments[key][k]
			try("delete comment", authors[last].DeleteComment(key, last))
			deletedComments++
		}
	}
	each(happenings)
	return deletedComments, deletedIssues
}

// effects are what the bot has done to each issue, in order: its comments, and its changes. What it has said about deleted
// comments is counted and left out.
func (h *hour) effects() (byIssue map[string][]string, aboutDeletions int) {
	byIssue = map[string][]string{}
	for _, i := range h.jira.Issues() {
		for _, c := range i.Comments {
			switch {
			case c.Body == "A COMMENT IS GONE", strings.HasPrefix(c.Body, "issue_comment_deleted: "):
				aboutDeletions++
			case c.Author == "bot":
				byIssue[i.Key] = append(byIssue[i.Key], c.Body)
			}
		}
		for _, c := range i.History {
			if c.Author == "bot" {
				byIssue[i.Key] = append(byIssue[i.Key], fmt.Sprintf("%s: %s → %s", c.Field, c.From, c.To))
			}
		}
	}
	return byIssue, aboutDeletions
}

// TestABotThatWasDownForAnHourHasActedInTheEndAsOneThatWasUp lives the same hour twice. Jira's search is 90 seconds behind.
func TestABotThatWasDownForAnHourHasActedInTheEndAsOneThatWasUp(t *testing.T) {
	t.Parallel()
	up := newHour(t)
	up.up()
	if r := up.sweep(); r.Issues != 0 {
		t.Errorf("the first sweep of all has read %d issues, and should begin now", r.Issues)
	}
	up.live(func(n int) {
		if n%100 == 99 {
			up.settle()
		}
	})
	up.settle()
	for range 3 {
		up.pass(5 * time.Minute)
		if r := up.sweep(); r.Recovered != 0 {
			t.Errorf("all webhooks came, and a sweep has recovered %d events: %v", r.Recovered, r.ByKind)
		}
	}
	up.settle()

	down := newHour(t)
	down.up()
	down.sweep()
	down.stop()
	comments, issues := down.live(func(int) {})
	down.pass(30 * time.Second)
	begin := time.Now()
	down.up()
	first := down.sweep()
	down.settle()
	down.pass(5 * time.Minute)
	second := down.sweep()
	down.settle()
	down.pass(5 * time.Minute)
	if r := down.sweep(); r.Recovered != 0 {
		t.Errorf("a third sweep has found %d more", r.Recovered)
	}
	if second.Recovered == 0 {
		t.Error("the second sweep has found nothing, though the index was behind at the first")
	}

	want, about := up.effects()
	got, _ := down.effects()
	total := 0
	for _, key := range slices.Sorted(maps.Keys(want)) {
		total += len(want[key])
		if !slices.Equal(got[key], want[key]) {
			t.Errorf("%s:\n%q, want\n%q", key, got[key], want[key])
		}
	}
	if len(got) != len(want) {
		t.Errorf("effects on %d issues, want %d", len(got), len(want))
	}
	if gaps := first.Missed + second.Missed; comments > 0 && gaps == 0 {
		t.Error("comments were deleted, and no gap is reported")
	}
	if down.recovered != down.runs || down.runs == 0 {
		t.Errorf("%d of %d runs are marked as recovered", down.recovered, down.runs)
	}
	down.tellsOfSweeps()
	t.Logf("%d happenings on %d issues: %d effects in both; %d + %d events recovered from %d + %d issues in %v", happenings, len(want), total,
		first.Recovered, second.Recovered, first.Issues, second.Issues, time.Since(begin).Round(time.Millisecond))
	t.Logf("excepted: %d comments and %d issues were deleted, of which the bot that was up said %d things; the other reports %d gaps, such as %+v",
		comments, issues, about, first.Missed+second.Missed, first.Gaps[0])
}

// tellsOfSweeps looks whether metrics and explanations say what was recovered.
func (h *hour) tellsOfSweeps() {
	h.t.Helper()
	answer, err := http.Get("http://" + h.bot.Addr().String() + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, line := range []string{`bot_recovered_total{kind="issue_updated"}`, `bot_sweeps_total{result="done"} 3`, "bot_sweep_age_seconds 0", "bot_sweep_gaps_total"} {
		if !strings.Contains(string(page), line) {
			h.t.Errorf("/metrics lacks %s", line)
		}
	}
	id, err := h.bot.LastDelivery(h.t.Context(), func(e *event.Event) bool { return e.Recovered })
	if err != nil {
		h.t.Fatal(err)
	}
	why, err := h.bot.Explain(h.t.Context(), id, "welcome")
	if err != nil || !strings.HasSuffix(why.String(), "the event was found by a sweep: its webhook never came") {
		h.t.Errorf("explained as %s, %v", why, err)
	}
}
