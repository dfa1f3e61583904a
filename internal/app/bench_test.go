package app_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jirabot/internal/runner"
	"jirabot/jiraclient/jiratest"
)

// BenchmarkEventToEffect is the whole way, over real HTTP on both sides: a signed POST, the sync to the disk, the rule, the
// intent, the comment in Jira, the record. "together" posts from many connections and tells how many effects a second are
// possible; "one by one" tells how long one event takes when nothing else is going on.
func BenchmarkEventToEffect(b *testing.B) {
	const rules = `
rules:
  - name: welcome
    on: [issue_created]
    if: issue.type == "Bug"
    recheck: false
    do: [{comment: {body: "Thanks, ${issue.reporter.displayName}."}}]
`
	b.Run("together", func(b *testing.B) {
		var left sync.WaitGroup // asking the bot whether it is idle would cost it time
		left.Add(b.N)
		bot := start(b, options{rules: rules, observe: func(runner.Record) { left.Done() }})
		events := created(b, bot.jira, b.N)
		var next atomic.Int64
		b.SetParallelism(32)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if status := bot.post(b, events[next.Add(1)-1]); status != 202 {
					b.Errorf("status %d", status)
				}
			}
		})
		left.Wait()
		b.StopTimer()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "effects/s")
		if n := effects(bot.jira); n != b.N {
			b.Errorf("%d effects of %d events", n, b.N)
		}
	})
	b.Run("one by one", func(b *testing.B) {
		finished := make(chan struct{}, 1)
		bot := start(b, options{rules: rules, observe: func(runner.Record) { finished <- struct{}{} }})
		events := created(b, bot.jira, b.N)
		var took []time.Duration
		for b.Loop() {
			if len(took) == len(events) { // b.Loop decides by itself how often
				b.StopTimer()
				events = append(events, created(b, bot.jira, 100)...)
				b.StartTimer()
			}
			began := time.Now()
			bot.post(b, events[len(took)])
			<-finished
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs/p50")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs/p99")
	})
}

// created are the deliveries of n new issues.
func created(b testing.TB, j *jiratest.Jira, n int) []jiratest.Delivery {
	before := len(j.Deliveries())
	for range n {
		if _, err := j.As("ann").CreateIssue("PAY", "Bug", "Totals"); err != nil {
			b.Fatal(err)
		}
	}
	return slices.DeleteFunc(j.Deliveries()[before:], func(d jiratest.Delivery) bool { return d.Event != "jira:issue_created" })
}

func effects(j *jiratest.Jira) int {
	n := 0
	for _, i := range j.Issues() {
		n += len(i.Comments)
	}
	return n
}
