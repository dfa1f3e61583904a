package app

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"jirabot/internal/event"
	"jirabot/internal/runner"
	"jirabot/internal/sweep"
	"jirabot/jiraclient"
)

// metrics are what Prometheus is told. All names begin with bot_, and no label can take values without end: rules come
// from files, and unknown kinds of events are counted as other.
type metrics struct {
	registry   *prometheus.Registry
	deliveries *prometheus.CounterVec
	requests   *prometheus.CounterVec
	took       *prometheus.HistogramVec
	runs       *prometheus.CounterVec
	steps      *prometheus.CounterVec
	lag        prometheus.Histogram
	calls      *prometheus.CounterVec
	callTook   *prometheus.HistogramVec
	reloads    *prometheus.CounterVec
	recovered  *prometheus.CounterVec
	sweeps     *prometheus.CounterVec
	gaps       prometheus.Counter
	sweptAt    atomic.Int64 // when the last sweep came to its end, in seconds; 0 before
	kinds      map[string]bool
}

var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}

func newMetrics(a *App) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &metrics{
		registry:   prometheus.NewRegistry(),
		deliveries: counter("bot_deliveries_total", "Deliveries stored, by source, kind and what became of them: wanted, idle (no rule wants it), repeat.", "source", "kind", "result"),
		requests:   counter("bot_http_requests_total", "Answers to POSTs, by route and status.", "route", "status"),
		took:       prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "bot_http_request_seconds", Help: "Time from the request to the answer.", Buckets: seconds}, []string{"route"}),
		runs:       counter("bot_runs_total", "Finished runs, by rule and outcome.", "rule", "outcome"),
		steps:      counter("bot_steps_total", "Finished steps, by action and outcome.", "action", "outcome"),
		lag:        prometheus.NewHistogram(prometheus.HistogramOpts{Name: "bot_run_seconds", Help: "Time from the begin of a run to its end, waiting for other attempts included.", Buckets: seconds}),
		calls:      counter("bot_jira_requests_total", "Requests to Jira, by method and status (0 without an answer).", "method", "status"),
		callTook:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "bot_jira_request_seconds", Help: "Time that Jira took.", Buckets: seconds}, []string{"method"}),
		reloads:    counter("bot_rules_reloads_total", "Changed rule files, by result: taken or refused.", "result"),
		recovered:  counter("bot_recovered_total", "Events that a sweep found and no webhook had brought, by kind.", "kind"),
		sweeps:     counter("bot_sweeps_total", "Sweeps, by result: done or failed.", "result"),
		gaps:       prometheus.NewCounter(prometheus.CounterOpts{Name: "bot_sweep_gaps_total", Help: "Traces of happenings that cannot be recovered, such as deletions while the bot was down."}),
		kinds:      map[string]bool{"schedule": true, "hook": true, "manual": true},
	}
	for _, k := range event.JiraKinds {
		m.kinds[k.Name] = true
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	m.registry.MustRegister(m.deliveries, m.requests, m.took, m.runs, m.steps, m.lag, m.calls, m.callTook, m.reloads, m.recovered, m.sweeps, m.gaps,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&journalCollector{app: a},
		gauge("bot_rules", "Rules in force.", func() float64 { return float64(len(a.rules.current().Rules)) }),
		gauge("bot_rules_refused", "1 while the rule files hold a mistake and older rules are in force.", func() float64 { return truth(a.rules.problem() != nil) }),
		gauge("bot_permissions_missing", "Permissions that rules need and the bot user lacks.", func() float64 { missing, _ := a.contract.lacking(); return float64(len(missing)) }),
		gauge("bot_names_unknown", "Names of fields, statuses and links that rules use and Jira does not have.", func() float64 { _, bad := a.contract.lacking(); return float64(len(bad)) }),
		gauge("bot_sweep_age_seconds", "Time since a sweep has last come to its end; -1 before the first, and while another machine sweeps.", func() float64 {
			if at := m.sweptAt.Load(); at > 0 && !a.sweptElsewhere() {
				return float64(a.opts.Now().Unix() - at)
			}
			return -1
		}),
		gauge("bot_jira_away", "1 while Jira does not answer.", func() float64 { return truth(a.runner.Away()) }),
		gauge("bot_history_behind", "Records of the journal that are not in the history yet.", func() float64 { return float64(a.history.State().Behind) }),
		gauge("bot_history_well", "1 while the history can be written.", func() float64 { return truth(a.history.State().Err == nil) }),
		gauge("bot_login_refused", "1 after Jira refused the login; nothing is sent until a person corrects it.", func() float64 { return truth(a.jira.LoginRefused() != nil) }),
	)
	if c := a.opts.Config; c.Cluster != nil || c.NATS != nil {
		m.registry.MustRegister(
			gauge("bot_cluster_members", "Machines of the cluster that are there, as this one sees it.", func() float64 {
				n := 0.0
				for _, other := range a.journal.Members() {
					n += truth(other.Alive)
				}
				return n
			}),
			gauge("bot_cluster_lanes", "Lanes that this machine works on.", func() float64 {
				for _, other := range a.journal.Members() {
					if other.Here {
						return float64(other.Lanes)
					}
				}
				return 0
			}),
			gauge("bot_cluster_differs", "1 while the machines have different rules or versions.", func() float64 { return truth(disagreement(a.journal.Members()) != nil) }),
		)
	}
	return m
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (m *metrics) handler() gin.HandlerFunc {
	return gin.WrapH(promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
}

func (m *metrics) delivery(d event.Delivery, kind string, repeat, idle bool) {
	if !m.kinds[kind] {
		kind = "other"
	}
	result := "wanted"
	switch {
	case repeat:
		result = "repeat"
	case idle:
		result = "idle"
	}
	m.deliveries.WithLabelValues(string(d.Source), kind, result).Inc()
	if d.Recovered && !repeat {
		m.recovered.WithLabelValues(kind).Inc()
	}
}

func (m *metrics) swept(r sweep.Request, report sweep.Report, err error) {
	if r.DryRun {
		return
	}
	m.gaps.Add(float64(report.Missed))
	if err != nil {
		m.sweeps.WithLabelValues("failed").Inc()
		return
	}
	m.sweeps.WithLabelValues("done").Inc()
	if r.Since == 0 {
		m.sweptAt.Store(report.Ended.Unix())
	}
}

func (m *metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(route).Observe(took.Seconds())
}

func (m *metrics) run(r runner.Record) {
	m.runs.WithLabelValues(r.Rule, string(r.Outcome)).Inc()
	m.lag.Observe(r.Finished.Sub(r.Started).Seconds())
	for _, st := range r.Steps {
		m.steps.WithLabelValues(st.Action, string(st.Outcome)).Inc()
	}
}

func (m *metrics) call(c jiraclient.Call) {
	m.calls.WithLabelValues(c.Method, strconv.Itoa(c.Status)).Inc()
	m.callTook.WithLabelValues(c.Method).Observe(c.Took.Seconds())
}

func (m *metrics) reloaded(taken bool) {
	result := "taken"
	if !taken {
		result = "refused"
	}
	m.reloads.WithLabelValues(result).Inc()
}

// journalCollector asks the journal once for each scrape.
type journalCollector struct {
	app  *App
	dead deadCount
}

var (
	descWaiting = prometheus.NewDesc("bot_deliveries_waiting", "Deliveries that are stored and not handled yet.", nil, nil)
	descOldest  = prometheus.NewDesc("bot_oldest_waiting_seconds", "Age of the oldest delivery that waits.", nil, nil)
	descBytes   = prometheus.NewDesc("bot_journal_bytes", "Size of the stored deliveries.", nil, nil)
	descDead    = prometheus.NewDesc("bot_dead_letters", "Dead letters that nobody has dealt with, by the class of their reason.", []string{"reason"}, nil)
	descWell    = prometheus.NewDesc("bot_journal_well", "1 while deliveries can be stored.", nil, nil)
)

// Describe names what Collect tells.
func (j *journalCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descWaiting, descOldest, descBytes, descDead, descWell} {
		out <- d
	}
}

// Collect asks the journal.
func (j *journalCollector) Collect(out chan<- prometheus.Metric) {
	tell := func(d *prometheus.Desc, v float64) { out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	tell(descWell, truth(j.app.journal.Well() == nil))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s, err := j.app.journal.Stats(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(descWaiting, err)
		return
	}
	oldest := 0.0
	if !s.OldestWaiting.IsZero() {
		oldest = j.app.opts.Now().Sub(s.OldestWaiting).Seconds()
	}
	tell(descWaiting, float64(s.Waiting))
	tell(descOldest, oldest)
	tell(descBytes, float64(s.Bytes))
	counts, err := j.dead.count(ctx, j.app.journal)
	if err != nil {
		out <- prometheus.NewInvalidMetric(descDead, err)
		return
	}
	for class, n := range counts {
		out <- prometheus.MustNewConstMetric(descDead, prometheus.GaugeValue, float64(n), class)
	}
}
