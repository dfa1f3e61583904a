package history

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"jirabot/internal/record"
)

func TestEverythingThatTheJournalHoldsIsIndexed(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	ids := play(t, j, 1, 60)
	index(t, optionsFor(t, j, fileIn(dir)))
	r := open(t, fileIn(dir))

	runs, letters := 0, 0
	for n := 1; n < 60; n++ {
		switch {
		case n%5 == 0 || n%7 == 0:
			continue
		case n%3 == 0:
			runs++
		}
		runs++
		if n%11 == 0 {
			letters++
		}
	}
	page, err := r.Runs(t.Context(), Query{Limit: 1000})
	if err != nil || len(page.Runs) != runs || page.Next != 0 {
		t.Errorf("%d runs, want %d (%v)", len(page.Runs), runs, err)
	}
	found, err := r.Letters(t.Context(), "", 100)
	if err != nil || len(found) != letters || found[0].Issue == "" || found[0].Rule != "reopened-goes-back" || found[0].Reason == "" {
		t.Errorf("letters %+v, want %d (%v)", found, letters, err)
	}
	rest, err := r.Letters(t.Context(), found[0].ID, 100)
	if err != nil || fmt.Sprint(rest) != fmt.Sprint(found[1:]) {
		t.Errorf("before the newest letter: %+v (%v)", rest, err)
	}
	for _, x := range []struct {
		n        int
		decision Decision
		runs     int
	}{{5, Unwanted, 0}, {7, NoRun, 0}, {8, Ran, 1}, {9, Ran, 2}, {11, Ran, 1}} {
		d, err := r.Delivery(t.Context(), ids[x.n])
		if err != nil || d.Decision != x.decision || len(d.Runs) != x.runs || (len(d.Letters) > 0) != (x.n == 11) || d.Kind != "issue_updated" || d.Actor != "ann" || d.Issue != fmt.Sprintf("PAY-%d", x.n%10) {
			t.Errorf("delivery %d: %+v (%v), want %q and %d runs", x.n, d, err, x.decision, x.runs)
		}
	}
}

func TestADeliveryThatWaitsIsSaidToWait(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	id := arrive(t, j, 1, "PAY-1", false)
	index(t, optionsFor(t, j, fileIn(dir)))
	r := open(t, fileIn(dir))
	if d, err := r.Delivery(t.Context(), id); err != nil || d.Decision != Waiting {
		t.Errorf("%+v, %v", d, err)
	}
	for _, unknown := range []string{"1-xxxxxx", "2", "", "x' OR 1=1 --"} {
		if d, err := r.Delivery(t.Context(), unknown); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %+v, %v", unknown, d, err)
		}
	}
}

func TestRunsAreFoundByWhatIsKnownOfThem(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	play(t, j, 1, 60)
	index(t, optionsFor(t, j, fileIn(dir)))
	r := open(t, fileIn(dir))
	all, err := r.Runs(t.Context(), Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	text := func(run record.Run) string { return strings.ToLower(fmt.Sprint(run.Steps, run.Why, run.Reason)) }
	for name, x := range map[string]struct {
		query Query
		fits  func(record.Run) bool
	}{
		"by rule":                    {Query{Rule: "tell-the-lead"}, func(r record.Run) bool { return r.Rule == "tell-the-lead" }},
		"by issue":                   {Query{Issue: "PAY-1"}, func(r record.Run) bool { return r.Issue == "PAY-1" }},
		"by issue in small letters":  {Query{Issue: "pay-1"}, func(r record.Run) bool { return r.Issue == "PAY-1" }},
		"by outcome":                 {Query{Outcome: record.Denied}, func(r record.Run) bool { return r.Outcome == record.Denied }},
		"by rule and outcome":        {Query{Rule: "reopened-goes-back", Outcome: record.Done}, func(r record.Run) bool { return r.Rule == "reopened-goes-back" && r.Outcome == record.Done }},
		"by delivery":                {Query{Delivery: all.Runs[0].Delivery}, func(r record.Run) bool { return r.Delivery == all.Runs[0].Delivery }},
		"by a word of a sentence":    {Query{Text: "number"}, func(r record.Run) bool { return strings.Contains(text(r), "number") }},
		"by words in any order":      {Query{Text: "19 NUMBER"}, func(r record.Run) bool { return strings.Contains(text(r), "number 19") }},
		"by a word of the reason":    {Query{Text: "lacks"}, func(r record.Run) bool { return strings.Contains(text(r), "lacks") }},
		"by a word of the why":       {Query{Text: "bug"}, func(record.Run) bool { return true }},
		"by an issue in the text":    {Query{Text: "PAY-2"}, func(r record.Run) bool { return r.Issue == "PAY-2" }},
		"by a project in the text":   {Query{Text: "pay"}, func(record.Run) bool { return true }},
		"by text and rule":           {Query{Text: "27", Rule: "tell-the-lead"}, func(r record.Run) bool { return strings.Contains(text(r), "number 27") && r.Rule == "tell-the-lead" }},
		"by what never was together": {Query{Rule: "tell-the-lead", Outcome: record.Denied}, func(record.Run) bool { return false }},
		"by a word that is nowhere":  {Query{Text: "nonesuch"}, func(record.Run) bool { return false }},
		"by half a word":             {Query{Text: "numb"}, func(record.Run) bool { return false }},
		"by a word of the query language": {Query{Text: `AND "OR" NOT*`},
			func(record.Run) bool { return false }},
	} {
		t.Run(name, func(t *testing.T) {
			want := []string{}
			for _, run := range all.Runs {
				if x.fits(run) {
					want = append(want, run.ID)
				}
			}
			for _, size := range []int{1000, 1, 3} { // in one page, and in many
				got := []string{}
				q := x.query
				q.Limit = size
				for {
					page, err := r.Runs(t.Context(), q)
					if err != nil {
						t.Fatal(err)
					}
					for _, run := range page.Runs {
						got = append(got, run.ID)
					}
					if page.Next == 0 {
						break
					}
					q.Before = page.Next
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("in pages of %d: %v, want %v", size, got, want)
				}
			}
		})
	}
	t.Run("a search for no word", func(t *testing.T) {
		if _, err := r.Runs(t.Context(), Query{Text: " -- "}); err == nil || err.Error() != `search for " -- ": there is no word in it` {
			t.Errorf("error %v", err)
		}
	})
	t.Run("too many at once", func(t *testing.T) {
		if _, err := r.Runs(t.Context(), Query{Limit: 1001}); err == nil {
			t.Error("no error")
		}
	})
	t.Run("one by its ID, or its beginning", func(t *testing.T) {
		want := all.Runs[3]
		for _, id := range []string{want.ID, want.ID[:6]} {
			if got, err := r.Run(t.Context(), id); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %+v, %v", id, got, err)
			}
		}
		if _, err := r.Run(t.Context(), "ffff"); !errors.Is(err, ErrNotFound) {
			t.Errorf("an unknown one: %v", err)
		}
		if _, err := r.Run(t.Context(), "000"); err == nil || !strings.Contains(err.Error(), "four characters") {
			t.Errorf("too short: %v", err)
		}
		if _, err := r.Run(t.Context(), "0009"); err == nil || !strings.Contains(err.Error(), "there are several, such as 0009") {
			t.Errorf("of two: %v", err)
		}
	})
}

func TestRunsAreFoundByTime(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	play(t, j, 1, 5) // 1 to 4
	between := time.Now()
	play(t, j, 6, 9) // 6 and 8; 7 comes to nothing
	index(t, optionsFor(t, j, fileIn(dir)))
	r := open(t, fileIn(dir))
	for name, x := range map[string]struct {
		query Query
		want  int
	}{
		"since":             {Query{Since: between}, 3},
		"until":             {Query{Until: between}, 5},
		"from and to":       {Query{Since: between.Add(-time.Hour), Until: between}, 5},
		"in the future":     {Query{Since: between.Add(time.Hour)}, 0},
		"with another word": {Query{Since: between, Rule: "tell-the-lead"}, 1},
		"until, by a word":  {Query{Until: between, Text: "thanks"}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := r.Runs(t.Context(), x.query)
			if err != nil || len(page.Runs) != x.want {
				t.Errorf("%d runs (%v), want %d", len(page.Runs), err, x.want)
			}
		})
	}
}

func TestARebuiltHistoryIsTheFollowedOne(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	followed := optionsFor(t, j, dir+"/followed.db")
	h, stop := follow(t, followed)
	for from := 1; from < 600; from += 100 {
		play(t, j, from, from+100)
	}
	for l, err := range j.Dead(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Discard(t.Context(), l.ID); err != nil {
			t.Fatal(err)
		}
		break
	}
	until(t, "the history has caught up", func() bool { return h.State() == State{} })
	stop()
	rebuilt := optionsFor(t, j, dir+"/rebuilt.db")
	told := 0
	p, err := Rebuild(t.Context(), rebuilt, func(Progress) { told++ })
	if err != nil || told == 0 || p.Deliveries != 600 || p.Runs == 0 || p.Letters == 0 || p.Behind != 0 {
		t.Errorf("progress %+v, told %d times (%v)", p, told, err)
	}
	want, got := contents(t, followed.File), contents(t, rebuilt.File)
	if len(want) < 100_000 || want != got {
		t.Errorf("they differ (%d and %d bytes):\n%s", len(want), len(got), firstDifference(want, got))
	}
	// Once more, in place of what is there and open to nobody.
	if _, err := Rebuild(t.Context(), rebuilt, func(Progress) {}); err != nil {
		t.Fatal(err)
	}
	if again := contents(t, rebuilt.File); again != want {
		t.Errorf("the second time they differ:\n%s", firstDifference(want, again))
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 3 {
		t.Errorf("left in the directory: %v (%v)", left, err)
	}
}

func firstDifference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return as[i] + "\n" + bs[i]
		}
	}
	return "one goes on"
}

func TestWhatWasDoneLastIsIndexedWhenTheBotStops(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	o := optionsFor(t, j, fileIn(dir))
	o.Every = time.Hour
	h, stop := follow(t, o)
	until(t, "the first look", func() bool { return h.State() == State{} })
	play(t, j, 1, 5)
	stop()
	if page, err := open(t, o.File).Runs(t.Context(), Query{}); err != nil || len(page.Runs) != 5 {
		t.Errorf("%d runs, %v", len(page.Runs), err)
	}
}

// Words that are hardly ever together are looked for a block at a time, and nothing is passed over between two pages.
func TestASearchThatTakesLongGoesOnWithTheNextPage(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	play(t, j, 1, 60)
	o := optionsFor(t, j, fileIn(dir))
	o.block = 3
	index(t, o)
	r := open(t, o.File)
	r.block, r.moment = o.block, time.Hour
	all, err := r.Runs(t.Context(), Query{Text: "thanks", Limit: 1000})
	if err != nil || len(all.Runs) < 10 || all.Next != 0 {
		t.Fatalf("at once: %d runs, next %d, %v", len(all.Runs), all.Next, err)
	}
	r.moment = -1
	var got []record.Run
	pages, empty := 0, 0
	for q := (Query{Text: "thanks"}); ; pages++ {
		page, err := r.Runs(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, page.Runs...); page.Next == 0 {
			break
		}
		if q.Before = page.Next; len(page.Runs) == 0 {
			empty++
		}
	}
	if !reflect.DeepEqual(got, all.Runs) || pages < 5 {
		t.Errorf("block by block %d runs in %d pages (%d of them empty), at once %d", len(got), pages, empty, len(all.Runs))
	}
	page, err := r.Runs(t.Context(), Query{Text: "thanks", Limit: 2})
	if err != nil || len(page.Runs) > 2 || page.Next == 0 {
		t.Errorf("two at the most: %d, next %d, %v", len(page.Runs), page.Next, err)
	}
}
