package runner

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"jirabot/actions"
	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
	"jirabot/rules"
)

func TestWhatWasDoneIsFoundAgain(t *testing.T) {
	t.Parallel()
	done := &StepRecord{Path: "1", Outcome: Done}
	steps := []earlier{
		{Path: "1", Revision: "r1", Action: "comment", Sentence: "comment on PAY-1: Hello", Done: done},
		{Path: "2", Revision: "r1", Action: "transition", Sentence: "move PAY-1 to Done", Mark: "m2"},
	}
	for _, x := range []struct {
		name                             string
		revision, path, action, sentence string
		want                             string // the earlier path, "" for none
	}{
		{"the same rule goes by the place", "r1", "1", "comment", "comment on PAY-1: Hello", "1"},
		{"also where the text came out differently", "r1", "2", "transition", "move PAY-1 to Closed", "2"},
		{"the same rule has no such place", "r1", "3", "comment", "comment on PAY-1: Hello", ""},
		{"a changed rule goes by what is done", "r2", "4", "comment", "comment on PAY-1: Hello", "1"},
		{"a changed rule does something else at that place", "r2", "1", "comment", "comment on PAY-1: Bye", ""},
		{"a changed rule has another action with the same words", "r2", "1", "log", "comment on PAY-1: Hello", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := Work{Steps: append([]earlier(nil), steps...)}
			got := ""
			if e := w.find(x.revision, x.path, x.action, x.sentence); e != nil {
				got = e.Path
			}
			if got != x.want {
				t.Errorf("found %q, want %q", got, x.want)
			}
			if x.want != "" && w.find("r9", "9", x.action, steps[x.want[0]-'1'].Sentence) != nil {
				t.Error("it is found a second time")
			}
		})
	}
}

func TestALetterOfALetterForgetsNothing(t *testing.T) {
	t.Parallel()
	before := &Work{Issue: json.RawMessage(`{"id":"1"}`), Steps: []earlier{
		{Path: "1", Revision: "r1", Action: "labels", Sentence: "add label a to PAY-1", Done: &StepRecord{Path: "1", Outcome: Done}},
		{Path: "2", Revision: "r1", Action: "comment", Sentence: "comment on PAY-1: Hello", Mark: "m2"},
		{Path: "3", Revision: "r1", Action: "comment", Sentence: "comment on PAY-1: Bye", Mark: "m3"},
	}}
	// The rule was changed: its first step is what was the first, its second what was the second, and fails once more.
	before.find("r2", "1", "labels", "add label a to PAY-1")
	before.find("r2", "2", "comment", "comment on PAY-1: Hello")
	p := newProgress()
	p.take(note{Started: new(time.Time), Revision: "r2", Issue: before.Issue, Intent: "2",
		Intended: &intent{Action: "comment", Sentence: "comment on PAY-1: Hello", Mark: "m2"}})
	w := workOf(Record{ID: "run", Revision: "r2", Steps: []StepRecord{
		{Path: "1", Action: "labels", Sentence: "add label a to PAY-1", Outcome: Done},
		{Path: "2", Action: "comment", Sentence: "comment on PAY-1: Hello", Outcome: Failed},
	}}, p, before)
	data, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	if w, err = ReadWork(data); err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, e := range w.Steps {
		got += e.Revision + "/" + e.Path + " " + e.Mark + ";"
	}
	if want := "r2/1 ;r2/2 m2;r1/3 m3;"; got != want || w.Steps[0].Done == nil || w.Steps[1].Done != nil || string(w.Issue) != `{"id":"1"}` {
		t.Errorf("steps %s, issue %s, want %s", got, w.Issue, want)
	}
}

func TestWorkOfANewerBotIsLeftAlone(t *testing.T) {
	t.Parallel()
	if _, err := ReadWork([]byte(`{"version":2}`)); err == nil {
		t.Error("format 2 is read")
	}
	if w, err := ReadWork(nil); err != nil || w.begun() {
		t.Errorf("%+v, %v", w, err)
	}
}

// given makes a handling of a delivery that is in a real journal.
func given(t *testing.T, ruleFile string) (*handling, *journal.Journal) {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	set, err := rules.Compile([]rules.File{{Name: "rules.yaml", Data: []byte(ruleFile)}})
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"webhookEvent":"jira:issue_created","timestamp":1,"issue":{"id":"10042","key":"PAY-1"}}`)
	d := event.Delivery{Source: event.Webhook, Body: body, Received: time.Now()}
	ev, err := event.Decode(d)
	if err != nil {
		t.Fatal(err)
	}
	r, err := j.Append(t.Context(), d, ev.StoreID(), ev.Lane, false)
	if err != nil {
		t.Fatal(err)
	}
	entry, err := j.Delivery(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	jira := jiratest.New(jiratest.Options{})
	url, err := jira.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = jira.Close() })
	client, err := jiraclient.New(jiraclient.Options{URL: url, Auth: jiraclient.Token("none")})
	if err != nil {
		t.Fatal(err)
	}
	run := New(Options{Journal: j, Jira: actions.NewJira(client, time.Now), Rules: func() *rules.Set { return set }, Log: zerolog.Nop(), Now: time.Now})
	return &handling{r: run, ctx: t.Context(), stop: t.Context(), task: &journal.Task{Entry: entry, Attempt: 1}, ev: ev, log: zerolog.Nop()}, j
}

const alarming = `rules:
  - {name: talk, on: [issue_created], do: [{comment: {body: Hello}}]}
  - {name: alarm, on: [failed: {rules: [talk]}], do: [{log: {message: "${failure.error}"}}]}
`

func TestGivingUpTwiceIsOneLetterAndOneEvent(t *testing.T) {
	t.Parallel()
	h, j := given(t, alarming)
	for range 2 { // the second time after a crash
		rec := Record{ID: "run", Rule: "talk", Issue: "PAY-1", Outcome: Denied, Reason: "no", Finished: time.Now(),
			Steps: []StepRecord{{Path: "1", Outcome: Denied, Error: "no permission"}}}
		if err := h.giveUp(&rec, Work{}); err != nil || rec.Letter == "" || rec.Class != NotAllowed {
			t.Fatalf("%+v, %v", rec, err)
		}
	}
	dead, events := 0, 0
	for l, err := range j.Dead(t.Context()) {
		if dead++; err != nil || l.Class != NotAllowed || l.Rule != "talk" {
			t.Errorf("%+v, %v", l, err)
		}
	}
	for e, err := range j.Deliveries(t.Context(), journal.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Source != event.Failed {
			continue
		}
		ev, err := event.Decode(e.Delivery)
		if events++; err != nil || ev.Failure.Rule != "talk" || ev.Failure.Error != "no permission" || ev.Failure.Step != "1" ||
			ev.Failure.Issue != "PAY-1" || ev.Lane != "10042" || ev.Depth != 1 {
			t.Errorf("%+v, %v", ev.Failure, err)
		}
	}
	if dead != 1 || events != 1 {
		t.Errorf("%d letters, %d events, want one each", dead, events)
	}
}

func TestAnOldLetterOfTheSameRunIsFound(t *testing.T) {
	t.Parallel()
	h, _ := given(t, alarming)
	rec := Record{ID: "run", Rule: "talk", Outcome: Failed, Finished: time.Now()}
	if err := h.giveUp(&rec, Work{}); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name string
		ago  time.Duration
		run  string
		want string
	}{
		{"hours later the server has forgotten it, and it is looked for", 3 * time.Hour, "run", rec.Letter},
		{"of another run there is none", 3 * time.Hour, "other", ""},
		{"just now the server knows the repeat itself", 0, "run", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := h.buriedBefore(Record{ID: x.run, Finished: time.Now().Add(-x.ago)})
			if err != nil || got != x.want {
				t.Errorf("%q, %v, want %q", got, err, x.want)
			}
		})
	}
}

func TestAChainOfFailuresEnds(t *testing.T) {
	t.Parallel()
	h, j := given(t, alarming)
	rec := Record{ID: "run", Rule: "talk", Outcome: Failed, Depth: MaxDepth}
	if err := h.giveUp(&rec, Work{}); err != nil {
		t.Fatal(err)
	}
	if s, err := j.Stats(context.WithoutCancel(t.Context())); err != nil || s.Dead != 1 || s.Deliveries != 1 {
		t.Errorf("%d letters, %d deliveries, %v, want a letter and no new delivery", s.Dead, s.Deliveries, err)
	}
}

func TestAStepThatHasNoEndIsToldFromOneThatWaitsItsTurn(t *testing.T) {
	t.Parallel()
	r := &Runner{opts: Options{Backoff: DefaultBackoff}, gate: gate{now: time.Now}}
	ended, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	network := &jiraclient.NetworkError{Method: "POST", Path: "/comment", Sent: true, Err: context.DeadlineExceeded}
	for _, x := range []struct {
		name string
		err  error
		want verdict
	}{
		{"an answer that does not come counts as an attempt", network, again},
		{"waiting for the rate limit does not", context.DeadlineExceeded, wait},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, _ := r.judge(t.Context(), stuckAfter(ended, t.Context(), time.Second, x.err))
			if got != x.want {
				t.Errorf("verdict %d, want %d", got, x.want)
			}
		})
	}
}
