package jiraclient_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// A rush is many comments of one bot user, made by so many clients at once, each as busy as it may be.
type rush struct {
	jira     jiratest.Options
	clients  int
	comments int
	issues   int
	way      time.Duration // to Jira, and as long back
	tries    int           // of each comment that was refused, as the bot makes them
}

// A tally is what came of a rush, as Jira has seen it.
type tally struct {
	took            time.Duration
	served, refused int
	late            int // refusals after the first second
	failed          error
}

// play makes the rush inside of a synctest bubble.
func (r rush) play(t *testing.T) tally {
	j := jiratest.New(r.jira)
	j.AddUser(jiratest.User{Name: "bot", Token: "bot-token"})
	j.AddProject(jiratest.Project{Key: "PAY", Lead: "bot"})
	for range r.issues {
		if _, err := j.As("bot").CreateIssue("PAY", "Task", "Totals"); err != nil {
			t.Fatal(err)
		}
	}
	network := http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		time.Sleep(r.way)
		j.Handler().ServeHTTP(w, request)
		time.Sleep(r.way)
	})
	address, auth := "http://jira.example.com/jira", jiraclient.Token("bot-token")
	if r.jira.Version == "Cloud" {
		address, auth = "http://jira.example.com", jiraclient.Basic("bot@example.com", "bot-token")
	}
	work := make(chan int)
	var all sync.WaitGroup
	var out tally
	var mu sync.Mutex
	started := time.Now()
	for range r.clients {
		c := inMemoryAs(t, network, address, auth)
		for range 16 {
			all.Go(func() {
				for n := range work {
					if err := r.comment(t.Context(), c, fmt.Sprintf("PAY-%d", n%r.issues+1)); err != nil {
						mu.Lock()
						out.failed = errors.Join(out.failed, err)
						mu.Unlock()
					}
				}
			})
		}
	}
	for n := range r.comments {
		work <- n
	}
	close(work)
	all.Wait()
	out.took = time.Since(started)
	for _, request := range j.Requests() {
		switch {
		case request.Status == http.StatusCreated:
			out.served++
		case request.Status == http.StatusTooManyRequests:
			out.refused++
			if request.Time.Sub(started) > time.Second {
				out.late++
			}
		}
	}
	return out
}

// comment is one comment, tried again as long as Jira says that it may work later.
func (r rush) comment(ctx context.Context, c *jiraclient.Client, key string) error {
	for try := 1; ; try++ {
		_, err := c.AddComment(ctx, key, jiraclient.NewComment{Body: "Hello"})
		if _, temporary := jiraclient.Temporary(err); err == nil || !temporary || try >= r.tries {
			return err
		}
	}
}

// TestTwoThousandCommentsKeepToTheLimit is the promise: Jira allows 100 requests a second, and 2,000 comments provoke no refusal
// after the first second and use more than 90 % of what is allowed, however many clients share the limit.
func TestTwoThousandCommentsKeepToTheLimit(t *testing.T) {
	perSecond := func(n int) jiratest.RateLimit {
		return jiratest.RateLimit{Limit: n, FillRate: n, Interval: time.Second}
	}
	for _, tt := range []struct {
		name     string
		limit    jiratest.RateLimit
		clients  int
		comments int
		way      time.Duration
	}{
		{"one client, near", perSecond(100), 1, 2000, time.Millisecond},
		{"one client", perSecond(100), 1, 2000, 20 * time.Millisecond},
		{"one client, far", perSecond(100), 1, 2000, 60 * time.Millisecond},
		{"three clients of one bot user", perSecond(100), 3, 2000, 20 * time.Millisecond},
		{"five clients of one bot user", perSecond(100), 5, 2000, 20 * time.Millisecond},
		{"a small bucket that fills fast", jiratest.RateLimit{Limit: 20, FillRate: 100, Interval: time.Second}, 2, 2000, 20 * time.Millisecond},
		{"a large bucket that fills slowly", jiratest.RateLimit{Limit: 200, FillRate: 10, Interval: time.Second}, 3, 600, 20 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := rush{jira: jiratest.Options{RateLimit: tt.limit}, clients: tt.clients, comments: tt.comments, issues: 200, way: tt.way, tries: 100}.play(t)
				allowed := float64(tt.limit.Limit) + float64(tt.limit.FillRate)*got.took.Seconds()
				share := float64(got.served) / allowed
				t.Logf("%d comments in %v, %.1f %% of what is allowed, %d refused, %d of them after the first second", got.served, got.took, 100*share, got.refused, got.late)
				if got.failed != nil || got.served != tt.comments || got.late > 0 || share < 0.9 {
					t.Error("not as promised:", got.failed)
				}
			})
		})
	}
}

// TestTooManyClientsForALimit: three clients cannot share five tokens without ever colliding. Who is refused waits as long as
// Jira says; every comment is made in the end, and little of what is allowed is lost.
func TestTooManyClientsForALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := jiratest.RateLimit{Limit: 5, FillRate: 5, Interval: time.Second}
		got := rush{jira: jiratest.Options{RateLimit: limit}, clients: 3, comments: 300, issues: 30, way: 20 * time.Millisecond, tries: 100}.play(t)
		share := float64(got.served) / (5 + 5*got.took.Seconds())
		t.Logf("%d comments in %v, %.1f %% of what is allowed, %d refused", got.served, got.took, 100*share, got.refused)
		if got.failed != nil || got.served != 300 || share < 0.85 || got.refused > got.served {
			t.Error("not as promised:", got.failed)
		}
	})
}
