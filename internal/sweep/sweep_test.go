package sweep

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"jirabot/internal/event"
	"jirabot/jiraclient/jiratest"
)

func (w *world) create(project, summary string) string {
	w.t.Helper()
	return must(w.jira.As("ann").CreateIssue(project, "Task", summary))(w.t)
}

func (w *world) comment(key, text string) {
	w.t.Helper()
	must(w.jira.As("bob").Comment(key, text))(w.t)
}

// kinds are what the journal holds, in order: "issue_created PAY-1".
func (w *world) kinds() []string {
	var out []string
	for _, e := range w.stored() {
		out = append(out, e.Kind+" "+e.Issue.Key)
	}
	return out
}

// searches counts the requests to Jira, all and those that search.
func (w *world) searches() (all, searches int) {
	for _, r := range w.jira.Requests() {
		all++
		if strings.HasSuffix(r.Path, "/search") {
			searches++
		}
	}
	return all, searches
}

func TestTheFirstSweepOfAllBeginsNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.create("PAY", "long ago")
	w.clock.pass(30 * time.Second)
	if r := w.sweep(); r.Recovered != 0 || len(w.stored()) != 0 {
		t.Errorf("recovered %d, want nothing of the past", r.Recovered)
	}
	w.clock.pass(time.Minute)
	w.create("PAY", "while it was up")
	w.restart() // it was down until now
	w.clock.pass(10 * time.Second)
	if w.sweep(); !slices.Equal(w.kinds(), []string{"issue_created PAY-2"}) {
		t.Errorf("recovered %v", w.kinds())
	}
	w.restart()
	w.clock.pass(time.Hour)
	if r := w.sweep(); r.Recovered != 0 {
		t.Errorf("the next sweep recovers %d again", r.Recovered)
	}
}

func TestSweepingWhileNothingHappensCostsOneSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.scope = Scope{Projects: []string{"CHK", "OPS", "PAY"}, Events: everything}
	w.sweep()
	w.create("PAY", "one")
	for range 4 {
		w.clock.pass(5 * time.Minute)
		w.jira.ForgetRequests()
		w.sweep()
	}
	if all, searches := w.searches(); all != 2 || searches != 1 { // the other asks for the time
		t.Errorf("%d requests, %d of them searches, want 2 and 1", all, searches)
	}
}

func TestWhatWebhooksMayStillBringIsLeftToThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	w.clock.pass(time.Minute)
	key := w.create("PAY", "one")
	w.clock.pass(50 * time.Second)
	w.comment(key, "just now")
	w.clock.pass(30 * time.Second)
	if w.sweep(); !slices.Equal(w.kinds(), []string{"issue_created PAY-1"}) {
		t.Errorf("after half a minute: %v", w.kinds())
	}
	w.clock.pass(5 * time.Minute)
	if w.sweep(); !slices.Equal(w.kinds(), []string{"issue_created PAY-1", "comment_created PAY-1", "issue_updated PAY-1"}) {
		t.Errorf("after five minutes: %v", w.kinds())
	}
}

func TestWhatArrivedIsNotRecoveredHoweverLongAgo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	key := w.create("PAY", "one")
	w.comment(key, "two")
	w.clock.pass(time.Minute)
	for _, d := range w.jira.Deliveries() {
		must(w.Accept(t.Context(), w.delivery(d)))(t)
	}
	arrived := w.posts
	w.sweep()
	w.clock.pass(20 * time.Hour)
	w.comment(key, "while it was down")
	w.restart()
	w.clock.pass(time.Minute)
	if r := w.sweep(); r.Recovered != 2 || w.posts != arrived+2 {
		t.Errorf("recovered %d, stored %d, want the two forms of one comment", r.Recovered, w.posts-arrived)
	}
	if r, err := w.Sweep(t.Context(), Request{Since: 24 * time.Hour}); err != nil || r.Recovered != 0 || r.Events != 5 {
		t.Errorf("by hand: recovered %d of %d, %v, want none of 5", r.Recovered, r.Events, err)
	}
}

func TestASweepByHandLooksBackAndMovesNoMark(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.scope.Projects, w.scope.All = []string{"CHK", "PAY"}, false
	w.create("PAY", "one")
	w.create("CHK", "two")
	w.create("OPS", "not in any rule's scope")
	w.clock.pass(3 * time.Hour)
	w.create("PAY", "three")
	w.clock.pass(time.Minute)
	w.sweep()
	marks := fmt.Sprint(w.marks)
	for _, x := range []struct {
		name      string
		request   Request
		recovered int
		stored    int
		err       string
	}{
		{"in a dry run nothing is stored", Request{Since: 4 * time.Hour, DryRun: true}, 3, 0, ""},
		{"a project is swept alone", Request{Since: 4 * time.Hour, Projects: []string{"CHK"}}, 1, 1, ""},
		{"only so far back", Request{Since: time.Hour}, 1, 2, ""},
		{"what is left", Request{Since: 4 * time.Hour}, 1, 3, ""},
		{"a project that no rule waits for", Request{Since: time.Hour, Projects: []string{"OPS"}}, 0, 3, "no rule waits for events of the project OPS, only for those of CHK, PAY"},
		{"a dry run of nothing", Request{DryRun: true}, 0, 3, "how far back? a dry run, or a sweep of certain projects, takes since, such as 2h"},
		{"longer ago than is remembered", Request{Since: 91 * 24 * time.Hour}, 0, 3, "longer ago than the bot remembers"},
	} {
		r, err := w.Sweep(t.Context(), x.request)
		if (err == nil) != (x.err == "") || err != nil && !strings.Contains(err.Error(), x.err) {
			t.Errorf("%s: %v, want %s", x.name, err, x.err)
		}
		if r.Recovered != x.recovered || w.posts != x.stored || len(r.Found) != x.recovered {
			t.Errorf("%s: recovered %d, listed %d, stored %d, want %d and %d", x.name, r.Recovered, len(r.Found), w.posts, x.recovered, x.stored)
		}
	}
	if now := fmt.Sprint(w.marks); now != marks {
		t.Errorf("the marks are %s, and were %s", now, marks)
	}
}

func TestClocksAndZonesDoNotMatter(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-5 * time.Hour, -90 * time.Second, 0, 90 * time.Second, 5 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, jiratest.Options{})
			w.jira.AddUser(jiratest.User{Name: "bot", Token: "token", TimeZone: "Pacific/Auckland"})
			w.options.Now = func() time.Time { return w.clock.Now().Add(ahead) }
			w.restart()
			w.sweep()
			w.clock.pass(time.Minute)
			w.create("PAY", "one")
			w.restart()
			w.clock.pass(20 * time.Minute)
			if w.sweep(); !slices.Equal(w.kinds(), []string{"issue_created PAY-1"}) {
				t.Errorf("recovered %v", w.kinds())
			}
		})
	}
}

func TestAProjectThatIsGoneDoesNotHinderTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.scope = Scope{Projects: []string{"GONE", "PAY"}, Events: everything}
	_, err := w.Sweep(t.Context(), Request{})
	if err == nil || !strings.Contains(err.Error(), "project GONE: ") || strings.Contains(err.Error(), "PAY") {
		t.Errorf("%v, want a complaint about GONE alone", err)
	}
	w.clock.pass(20 * time.Minute)
	w.create("PAY", "one")
	w.clock.pass(20 * time.Minute)
	before := w.marks["GONE"]
	if _, err := w.Sweep(t.Context(), Request{}); err == nil || !slices.Equal(w.kinds(), []string{"issue_created PAY-1"}) {
		t.Errorf("%v, recovered %v", err, w.kinds())
	}
	if !w.marks["GONE"].equal(before) || !w.marks["PAY"].From.After(before.From) {
		t.Errorf("marks %v, want only that of PAY to have moved", w.marks)
	}
}

func TestMarksFollowTheRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	rules := func(projects ...string) {
		w.scope = Scope{Projects: projects, All: len(projects) == 0, Events: everything}
	}
	rules("PAY")
	w.sweep()
	w.create("PAY", "one")
	w.create("CHK", "nobody waits for it")
	w.clock.pass(5 * time.Minute)
	rules() // all
	if w.sweep(); !slices.Equal(w.kinds(), []string{"issue_created PAY-1"}) {
		t.Errorf("a rule for all projects begins now, and those before it end: %v", w.kinds())
	}
	if len(w.marks) != 1 {
		t.Errorf("marks %v, want that of all", w.marks)
	}
	w.create("OPS", "one")
	w.clock.pass(5 * time.Minute)
	rules("CHK", "OPS")
	if w.sweep(); !slices.Equal(w.kinds(), []string{"issue_created PAY-1", "issue_created OPS-1"}) {
		t.Errorf("one project of all goes on where all were: %v", w.kinds())
	}
	w.scope.Events = []string{"sprint_started"}
	if w.sweep(); len(w.marks) != 0 {
		t.Errorf("marks %v, want none while no rule waits for what a sweep could find", w.marks)
	}
}

func TestAnIndexThatIsFurtherAndFurtherBehindIsFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	want := 0
	for _, lag := range []time.Duration{8 * time.Minute, 14 * time.Minute} {
		w.jira.SetIndexLag(lag)
		for minute := range 60 {
			w.create("PAY", "late")
			want++
			w.clock.pass(time.Minute)
			if minute%5 == 4 {
				w.sweep()
			}
		}
	}
	w.clock.pass(2 * time.Minute)
	for range 4 {
		w.sweep()
		w.clock.pass(5 * time.Minute)
	}
	if got := len(w.stored()); got != want {
		t.Errorf("recovered %d of %d", got, want)
	}
	if lag := w.marks[everywhere].Lag; lag < 9*time.Minute || lag > 14*time.Minute {
		t.Errorf("the lag is taken for %v", lag)
	}
	w.jira.SetIndexLag(0)
	for range 60 {
		w.clock.pass(5 * time.Minute)
		w.sweep()
	}
	if lag := w.marks[everywhere].Lag; lag > time.Minute {
		t.Errorf("the index is in time again, and the lag is still taken for %v", lag)
	}
}

func TestOnlyWhatRulesWaitForIsBrought(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.scope.Events = []string{"comment_created", "jira:issue_deleted", "sprint_started"}
	w.sweep()
	w.comment(w.create("PAY", "one"), "two")
	w.restart()
	w.clock.pass(time.Minute)
	if w.sweep(); !slices.Equal(w.kinds(), []string{"comment_created PAY-1"}) {
		t.Errorf("recovered %v", w.kinds())
	}
}

func TestTheOrderOfAnIssueIsThatOfItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	live(t, w)
	w.restart()
	w.clock.pass(time.Minute)
	w.sweep()
	last := map[string]event.Event{}
	for _, e := range w.stored() {
		if before := last[e.Lane]; e.Time.Before(before.Time) {
			t.Errorf("%s of %v comes after %s of %v", e.Identity, e.Time, before.Identity, before.Time)
		}
		last[e.Lane] = e
	}
}

func TestJiraMayStumble(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	w.comment(w.create("PAY", "one"), "two")
	w.restart()
	w.clock.pass(time.Minute)
	for _, f := range []jiratest.Fault{
		{PathSuffix: "/serverInfo", Status: 503, Times: 2}, {PathSuffix: "/search", Status: 502, Times: 2}, {PathSuffix: "/issue/10000", Drop: true, Times: 2},
	} {
		w.jira.Fault(f)
	}
	if r := w.sweep(); r.Recovered != 3 {
		t.Errorf("recovered %d, want 3", r.Recovered)
	}
	w.comment("PAY-1", "three")
	w.clock.pass(5 * time.Minute)
	w.jira.Fault(jiratest.Fault{PathSuffix: "/issue/10000", Status: 503})
	if _, err := w.Sweep(t.Context(), Request{}); err == nil || !strings.Contains(err.Error(), "read issue PAY-1: ") {
		t.Errorf("%v, want a complaint about PAY-1", err)
	}
	w.jira.ClearFaults()
	if r := w.sweep(); r.Recovered != 2 {
		t.Errorf("when Jira is back: recovered %d, want the two forms of a comment", r.Recovered)
	}
}

func TestWhatCannotBeRecoveredIsToldAsAGap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	ann := w.jira.As("ann")
	one, two, three := w.create("PAY", "one"), w.create("PAY", "two"), w.create("PAY", "three")
	id := must(ann.Comment(one, "to be deleted"))(t)
	link := must(ann.Link("Blocks", two, three))(t)
	w.clock.pass(time.Minute)
	check(t, ann.DeleteComment(one, id), ann.Unlink(link))
	w.restart()
	w.clock.pass(time.Minute)
	r := w.sweep()
	var told []string
	for _, g := range r.Gaps {
		told = append(told, g.Issue+" "+g.What)
	}
	slices.Sort(told)
	if len(told) != 3 || !strings.Contains(told[0], one+" the issue was updated, and nothing tells how") ||
		!strings.Contains(told[1], two+" a link was removed: This issue blocks PAY-3") || !strings.Contains(told[2], three+" a link was removed") {
		t.Errorf("gaps %q", told)
	}
	w.clock.pass(5 * time.Minute)
	if r := w.sweep(); r.Missed != 0 {
		t.Errorf("the next sweep tells of the same %d gaps", r.Missed)
	}
}

func TestAFullInboxIsWaitedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	w.create("PAY", "one")
	full := &fullAtFirst{Inbox: w}
	w.options.Inbox = full
	w.restart()
	w.clock.pass(time.Minute)
	if r := w.sweep(); r.Recovered != 1 || !full.met {
		t.Errorf("recovered %d, met a full inbox: %t", r.Recovered, full.met)
	}
}

type fullAtFirst struct {
	Inbox
	met bool
}

type full struct{ error }

func (full) RetryAfter() time.Duration { return time.Nanosecond }

func (f *fullAtFirst) Accept(ctx context.Context, d event.Delivery) (Receipt, error) {
	if !f.met {
		f.met = true
		return Receipt{}, full{fmt.Errorf("full")}
	}
	return f.Inbox.Accept(ctx, d)
}

func TestTheQuestionToJira(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		name     string
		projects []string
		lower    time.Duration
		upper    time.Duration
		want     string
	}{
		{"all projects", nil, 10 * time.Minute, 0, "updated >= -12m ORDER BY key ASC"},
		{"some", []string{"CHK", "PAY"}, 10*time.Minute + time.Second, 0, `project in ("CHK", "PAY") AND updated >= -12m ORDER BY key ASC`},
		{"until a moment", []string{"PAY"}, 26 * time.Hour, 90 * time.Second, `project in ("PAY") AND updated >= -1562m AND updated < -1m ORDER BY key ASC`},
		{"until less than a minute ago is until now", nil, time.Hour, 30 * time.Second, "updated >= -62m ORDER BY key ASC"},
		{"from the future, by a clock that was set back", nil, -time.Hour, 0, "updated >= -2m ORDER BY key ASC"},
	} {
		t.Run(x.name, func(t *testing.T) {
			var upper time.Time
			if x.upper > 0 {
				upper = now.Add(-x.upper)
			}
			if got := query(x.projects, now.Add(-x.lower), upper, now); got != x.want {
				t.Errorf("%s, want %s", got, x.want)
			}
		})
	}
}

// TestTwoMachinesTakeTurns: each goes on from where the other has been, and does not take what the other has seen for a
// search index that is behind.
func TestTwoMachinesTakeTurns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, jiratest.Options{})
	w.sweep()
	other := New(w.options)
	for n, s := range []*Sweeper{other, w.Sweeper, other, w.Sweeper} {
		w.clock.pass(2 * time.Minute)
		w.create("PAY", "between two sweeps")
		w.clock.pass(3 * time.Minute)
		if r, err := s.Sweep(t.Context(), Request{}); err != nil || r.Recovered != 1 {
			t.Errorf("sweep %d: recovered %d, %v; want 1", n, r.Recovered, err)
		}
	}
	if kinds := w.kinds(); len(kinds) != 4 {
		t.Errorf("stored %v", kinds)
	}
	if marks, err := w.journal.Recall(t.Context(), memoryKey); err != nil || strings.Contains(string(marks), "lag") {
		t.Errorf("the index counts as behind: %s, %v", marks, err)
	}
}
