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

// A rush is many comments of one bot user, made by several clients at once, each as busy as it may be.
type rush struct {
	comments int
	issues   int
	tries    int // of each comment that was refused, as the bot makes them
}

// A tally is what came of a rush, as Jira has seen it.
type tally struct {
	took            time.Duration
	served, refused int
	late            int // refusals after the first second
	failed          error
}

// share is how much of what the limit allowed was used.
func (t tally) share(limit jiratest.RateLimit) float64 {
	return float64(t.served) / (float64(limit.Limit) + float64(limit.FillRate)*t.took.Seconds())
}

func (t tally) String() string {
	return fmt.Sprintf("%d comments in %v, %d refused, %d of them after the first second", t.served, t.took, t.refused, t.late)
}

// busy is a Jira with a bot user and issues.
func (r rush) busy(t testing.TB, o jiratest.Options) *jiratest.Jira {
	j := jiratest.New(o)
	t.Cleanup(func() { _ = j.Close() })
	j.AddUser(jiratest.User{Name: "bot", Token: "bot-token"})
	j.AddProject(jiratest.Project{Key: "PAY", Lead: "bot"})
	for range r.issues {
		if _, err := j.As("bot").CreateIssue("PAY", "Task", "Totals"); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

// far is a Jira at some distance, in a bubble's time.
func far(j *jiratest.Jira, way time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		time.Sleep(way)
		j.Handler().ServeHTTP(w, request)
		time.Sleep(way)
	})
}

// play makes the rush.
func (r rush) play(t testing.TB, j *jiratest.Jira, clients ...*jiraclient.Client) tally {
	work := make(chan int)
	var all sync.WaitGroup
	var out tally
	var mu sync.Mutex
	started := time.Now()
	for _, c := range clients {
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
				r := rush{comments: tt.comments, issues: 200, tries: 100}
				j := r.busy(t, jiratest.Options{RateLimit: tt.limit})
				var clients []*jiraclient.Client
				for range tt.clients {
					clients = append(clients, inMemoryAs(t, far(j, tt.way), "http://jira.example.com/jira", jiraclient.Token("bot-token")))
				}
				got := r.play(t, j, clients...)
				t.Logf("%v; %.1f %% of what is allowed", got, 100*got.share(tt.limit))
				if got.failed != nil || got.served != tt.comments || got.late > 0 || got.share(tt.limit) < 0.9 {
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
		r := rush{comments: 300, issues: 30, tries: 100}
		j := r.busy(t, jiratest.Options{RateLimit: limit})
		var clients []*jiraclient.Client
		for range 3 {
			clients = append(clients, inMemoryAs(t, far(j, 20*time.Millisecond), "http://jira.example.com/jira", jiraclient.Token("bot-token")))
		}
		got := r.play(t, j, clients...)
		t.Logf("%v; %.1f %% of what is allowed", got, 100*got.share(limit))
		if got.failed != nil || got.served != 300 || got.refused > got.served || got.share(limit) < 0.85 {
			t.Error("not as promised:", got.failed)
		}
	})
}

// TestCloudTellsNothingBeforehand: there is no count to go by. A burst that is refused waits as long as Jira says, all of it, and
// every comment is made.
func TestCloudTellsNothingBeforehand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rush{comments: 2000, issues: 400, tries: 100}
		j := r.busy(t, jiratest.Options{Version: "Cloud"})
		c := inMemoryAs(t, far(j, 20*time.Millisecond), "http://jira.example.com", jiraclient.Basic("bot@example.com", "bot-token"))
		got := r.play(t, j, c)
		t.Log(got)
		if got.failed != nil || got.served != 2000 || got.refused > 20*16 {
			t.Error("not as promised:", got.failed)
		}
		var floor time.Time // as Jira said, and half a way until everybody has heard
		for _, request := range j.Requests() {
			if request.Status == http.StatusTooManyRequests {
				floor = request.Time.Add(time.Second)
			} else if heard := floor.Add(-time.Second + 40*time.Millisecond); request.Time.After(heard) && request.Time.Before(floor) {
				t.Fatalf("a request came %v before Jira wanted one", floor.Sub(request.Time))
			}
		}
	})
}

// TestWritesToOneIssueOfCloud: its limit of 100 in 30 s is kept without one refusal.
func TestWritesToOneIssueOfCloud(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rush{comments: 250, issues: 1, tries: 1}
		j := r.busy(t, jiratest.Options{Version: "Cloud"})
		c := inMemoryAs(t, far(j, 20*time.Millisecond), "http://jira.example.com", jiraclient.Basic("bot@example.com", "bot-token"))
		if _, _, err := c.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := r.play(t, j, c)
		t.Log(got)
		if got.failed != nil || got.served != 250 || got.refused > 0 || got.took > 66*time.Second {
			t.Error("not as promised:", got.failed)
		}
	})
}

// BenchmarkTwoThousandComments is the same over real connections and by the real clock: a run takes 20 s. Use -benchtime 1x.
func BenchmarkTwoThousandComments(b *testing.B) {
	limit := jiratest.RateLimit{Limit: 100, FillRate: 100, Interval: time.Second}
	for _, n := range []int{1, 3} {
		b.Run(fmt.Sprint(n, " clients"), func(b *testing.B) {
			for range b.N {
				r := rush{comments: 2000, issues: 200, tries: 100}
				j := r.busy(b, jiratest.Options{RateLimit: limit})
				url, err := j.Start()
				if err != nil {
					b.Fatal(err)
				}
				var clients []*jiraclient.Client
				for range n {
					c, err := jiraclient.New(jiraclient.Options{URL: url, Auth: jiraclient.Token("bot-token")})
					if err != nil {
						b.Fatal(err)
					}
					clients = append(clients, c)
				}
				got := r.play(b, j, clients...)
				if got.failed != nil {
					b.Fatal(got.failed)
				}
				b.ReportMetric(float64(got.served)/got.took.Seconds(), "comments/s")
				b.ReportMetric(100*got.share(limit), "%-of-allowed")
				b.ReportMetric(float64(got.refused), "refused")
				b.ReportMetric(float64(got.late), "refused-late")
			}
		})
	}
}
