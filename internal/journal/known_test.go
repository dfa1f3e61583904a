package journal

import (
	"testing"
	"time"

	"jirabot/internal/event"
)

func TestWhatTheInboxHoldsIsKnownAlsoAfterARestart(t *testing.T) {
	dir := t.TempDir()
	j, err := Open(t.Context(), Options{Dir: dir, Lanes: 4})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now().Add(-time.Minute)
	for _, id := range []string{"issue_created/10000", "issue_updated/10000/changelog/7"} {
		if _, err := j.Append(t.Context(), event.Delivery{Source: event.Webhook, Body: []byte("{}")}, id, "10000", id == "issue_created/10000"); err != nil {
			t.Fatal(err)
		}
	}
	if got := j.Given(); got != 2 {
		t.Errorf("%d deliveries were given, want 2", got)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err = Open(t.Context(), Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if got := j.Waiting(); got != 1 {
		t.Errorf("%d deliveries wait, want 1", got)
	}
	for _, x := range []struct {
		name  string
		since time.Time
		id    string
		want  bool
	}{
		{"one for the lanes", begin, "issue_updated/10000/changelog/7", true},
		{"one that no rule wanted", begin, "issue_created/10000", true},
		{"one that never came", begin, "issue_updated/10000/changelog/8", false},
		{"one that came before the moment asked for", time.Now().Add(time.Minute), "issue_created/10000", false},
	} {
		t.Run(x.name, func(t *testing.T) {
			known, err := j.Known(t.Context(), x.since)
			if err != nil || known(x.id) != x.want {
				t.Errorf("known %t, %v, want %t", known(x.id), err, x.want)
			}
		})
	}
}
