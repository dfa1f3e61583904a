package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A cloudIssue is Jira's side: 20 writes in 2 s, 100 in 30 s.
type cloudIssue struct {
	mu             sync.Mutex
	arrived        []time.Time
	served, denied int
}

func (i *cloudIssue) write() (int, http.Header) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := time.Now()
	for _, w := range issueWindows() {
		if n := len(i.arrived); n >= w.writes && now.Sub(i.arrived[n-w.writes]) < w.within {
			i.denied++
			return http.StatusTooManyRequests, http.Header{"Ratelimit-Reason": {"jira-per-issue-on-write"}, "Retry-After": {"2"}}
		}
	}
	i.arrived = append(i.arrived, now)
	i.served++
	return http.StatusCreated, http.Header{}
}

// TestWritesToAnIssueKeepToCloudsLimits: 250 writes of one issue by many at once, whose ways to Jira differ.
func TestWritesToAnIssueKeepToCloudsLimits(t *testing.T) {
	for _, callers := range []int{1, 8, 40} {
		t.Run(fmt.Sprint(callers, " callers"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPace(time.Now)
				var issue cloudIssue
				work := make(chan int)
				var all sync.WaitGroup
				started := time.Now()
				for range callers {
					all.Go(func() {
						for n := range work {
							if err := p.takeFor(t.Context(), "PAY-1"); err != nil {
								t.Error(err)
								return
							}
							time.Sleep(time.Duration(5+n*37%90) * time.Millisecond)
							status, h := issue.write()
							time.Sleep(time.Duration(5+n*53%90) * time.Millisecond)
							p.doneFor("PAY-1", status, h)
						}
					})
				}
				for n := range 250 {
					work <- n
				}
				close(work)
				all.Wait()
				took := time.Since(started)
				t.Logf("%d writes in %v", issue.served, took)
				if issue.denied > 0 || issue.served != 250 {
					t.Errorf("%d served, %d refused", issue.served, issue.denied)
				}
				if took > 80*time.Second { // two whole windows of 30 s and what the answers take
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// TestAnIssueThatJiraRefusesHoldsUpNoOther: after a refusal for PAY-1's sake, PAY-1 waits as long as Jira says, and PAY-2 goes on.
func TestAnIssueThatJiraRefusesHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now)
		if err := p.takeFor(t.Context(), "PAY-1"); err != nil {
			t.Fatal(err)
		}
		p.doneFor("PAY-1", 429, http.Header{"Ratelimit-Reason": {"jira-per-issue-on-write"}, "Retry-After": {"7"}})
		started := time.Now()
		for _, want := range []struct {
			issue string
			after time.Duration
		}{{"PAY-2", 0}, {"", 0}, {"PAY-1", 7 * time.Second}} {
			if err := p.takeFor(t.Context(), want.issue); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(started); got != want.after {
				t.Errorf("%q left after %v", want.issue, got)
			}
			p.doneFor(want.issue, 200, http.Header{})
		}

		if err := p.takeFor(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		p.doneFor("", 429, http.Header{"Retry-After": {"7"}})
		started = time.Now()
		why := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		if err := p.takeFor(ctx, "PAY-1"); !errors.Is(err, why) || time.Since(started) != time.Second {
			t.Errorf("%v after %v", err, time.Since(started))
		}
		if w := p.issues.issues["PAY-1"]; w.out != 0 {
			t.Errorf("%d writes count as under way, and none is", w.out)
		}
	})
}

// TestIssuesOfLongAgoAreForgotten: a bot that writes to ever new issues keeps nothing of the old ones.
func TestIssuesOfLongAgoAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newIssuePace(time.Now)
		for n := range 5 * manyIssues {
			issue := fmt.Sprint("PAY-", n)
			if err := p.take(t.Context(), issue); err != nil {
				t.Fatal(err)
			}
			p.done(issue, nil)
			time.Sleep(100 * time.Millisecond)
		}
		if n := len(p.issues); n > manyIssues {
			t.Errorf("%d issues are remembered", n)
		}
	})
}

func TestWhichIssueARequestWrites(t *testing.T) {
	for _, tt := range []struct {
		name string
		r    request
		want string
	}{
		{"a comment", post("issue/{key}/comment", "PAY-7"), "PAY-7"},
		{"an edit", put("issue/{key}", "PAY-7"), "PAY-7"},
		{"by its ID", remove("issue/{key}", "10007"), "10007"},
		{"reading", get("issue/{key}", "PAY-7"), ""},
		{"a new issue", post("issue"), ""},
		{"many new issues", post("issue/bulk"), ""},
		{"something else", post("issueLink"), ""},
	} {
		for _, deployment := range []Deployment{Cloud, DataCenter} {
			want := tt.want
			if deployment == DataCenter {
				want = ""
			}
			if got := (&Client{deployment: deployment}).pacedIssue(tt.r); got != want {
				t.Errorf("%s, %s: %q, want %q", tt.name, deployment, got, want)
			}
		}
	}
}
