package letters_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jirabot/internal/event"
	"jirabot/internal/journal"
	"jirabot/internal/letters"
)

// desk is one with letters: of two issues, buried in another order than that of their arrival.
func desk(t *testing.T) (*letters.Desk, *journal.Journal, []string) {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	var entries []journal.Entry
	for _, key := range []string{"PAY-1", "PAY-2", "PAY-1"} {
		body := `{"webhookEvent":"jira:issue_updated","issue":{"id":"` + key + `","key":"` + key + `"}}`
		r, err := j.Append(t.Context(), event.Delivery{Source: event.Webhook, Body: []byte(body), Received: time.Now()},
			key+time.Now().String(), key, false)
		if err != nil {
			t.Fatal(err)
		}
		e, err := j.Delivery(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	var ids []string
	for _, x := range []struct {
		entry               int
		rule, class, reason string
	}{
		{2, "greet", "failed", "the third came first"},
		{0, "greet", "denied", "No Permission at all"},
		{0, "praise", "failed", "the second rule"},
		{1, "greet", "failed", "another issue"},
	} {
		l, err := j.Bury(t.Context(), journal.Letter{Entry: entries[x.entry], Rule: x.rule, Run: x.rule, Class: x.class, Reason: x.reason})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, l.ID)
	}
	return letters.New(j), j, ids
}

func reasons(list []letters.Letter) string {
	var out []string
	for _, l := range list {
		out = append(out, l.Reason)
	}
	return strings.Join(out, ", ")
}

func TestLettersAreChosen(t *testing.T) {
	t.Parallel()
	d, _, ids := desk(t)
	for _, x := range []struct {
		name   string
		choice letters.Choice
		want   string
	}{
		{"nothing said is all, oldest first", letters.Choice{}, "the third came first, No Permission at all, the second rule, another issue"},
		{"by rule", letters.Choice{Rule: "praise"}, "the second rule"},
		{"by a part of the reason, whatever its case", letters.Choice{Reason: "permission"}, "No Permission at all"},
		{"by class", letters.Choice{Reason: "denied"}, "No Permission at all"},
		{"by issue", letters.Choice{Issue: "pay-2"}, "another issue"},
		{"by time", letters.Choice{Since: time.Now().Add(time.Hour)}, ""},
		{"by ID", letters.Choice{IDs: ids[1:2]}, "No Permission at all"},
		{"all that is said must fit", letters.Choice{Rule: "greet", Issue: "PAY-1", Reason: "failed"}, "the third came first"},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := d.List(t.Context(), x.choice)
			if err != nil || reasons(got) != x.want {
				t.Errorf("%s, %v, want %s", reasons(got), err, x.want)
			}
		})
	}
	if _, err := d.List(t.Context(), letters.Choice{IDs: []string{"1-nobody"}}); err == nil || !strings.Contains(err.Error(), `there is no dead letter "1-nobody"`) {
		t.Errorf("an unknown ID: %v", err)
	}
}

func TestRedrivenLettersComeInTheOrderOfTheirArrival(t *testing.T) {
	t.Parallel()
	d, j, _ := desk(t)
	want := "No Permission at all, the second rule, the third came first"
	shown, err := d.Redrive(t.Context(), letters.Redrive{Choice: letters.Choice{Issue: "PAY-1"}, DryRun: true})
	if err != nil || reasons(shown.Letters) != want {
		t.Errorf("shown %s, %v, want %s", reasons(shown.Letters), err, want)
	}
	if list, err := d.List(t.Context(), letters.Choice{}); err != nil || len(list) != 4 {
		t.Errorf("a dry run leaves %d letters, %v", len(list), err)
	}
	done, err := d.Redrive(t.Context(), letters.Redrive{Choice: letters.Choice{Issue: "PAY-1"}, By: "ann"})
	if err != nil || reasons(done.Letters) != want {
		t.Errorf("redriven %s, %v, want %s", reasons(done.Letters), err, want)
	}
	var rules []string
	for e, err := range j.Deliveries(t.Context(), journal.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Only.Letter != "" {
			rules = append(rules, e.Only.Rule+" "+e.First())
		}
	}
	first, third := strings.Fields(rules[0])[1], strings.Fields(rules[2])[1]
	if !slices.Equal(rules, []string{"greet " + first, "praise " + first, "greet " + third}) || first == third {
		t.Errorf("stored %q", rules)
	}
}

func TestTwoDesksAtOnceRedriveOnce(t *testing.T) {
	t.Parallel()
	_, j, _ := desk(t)
	var mu sync.Mutex
	done, gone := 0, 0
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { // as from several machines
			r, err := letters.New(j).Redrive(t.Context(), letters.Redrive{Choice: letters.Choice{All: true}, By: "ann"})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			done, gone = done+len(r.Letters), gone+r.Gone
		})
	}
	all.Wait()
	if s, err := j.Stats(t.Context()); err != nil || done != 4 || s.Deliveries != 7 || s.Dead != 0 {
		t.Errorf("redriven %d (gone %d), %d deliveries, %d letters, %v; want 4, 7 and 0", done, gone, s.Deliveries, s.Dead, err)
	}
}

func TestADiscardedLetterNeedsAReason(t *testing.T) {
	t.Parallel()
	d, _, ids := desk(t)
	for _, r := range []letters.Discard{{IDs: ids[:1], By: "ann"}, {Reason: "why not", By: "ann"}, {IDs: []string{ids[0], "1-nobody"}, Reason: "why not"}} {
		if got, err := d.Discard(t.Context(), r); err == nil {
			t.Errorf("%+v: discarded %d", r, len(got))
		}
	}
	if got, err := d.Discard(t.Context(), letters.Discard{IDs: ids[:1], Reason: "a test", By: "ann"}); err != nil || len(got) != 1 {
		t.Errorf("%d, %v", len(got), err)
	}
	closed, err := d.Closed(t.Context(), time.Time{})
	if err != nil || len(closed) != 1 || closed[0].Why != "a test" || closed[0].By != "ann" || closed[0].Letter != ids[0] {
		t.Errorf("%+v, %v", closed, err)
	}
	if _, err := d.Redrive(t.Context(), letters.Redrive{By: "ann"}); err == nil {
		t.Error("nothing said redrives")
	}
	var none error
	if _, none = d.Show(t.Context(), ids[0]); none == nil || errors.Is(none, journal.ErrClosed) {
		t.Errorf("shown after it was discarded: %v", none)
	}
}
