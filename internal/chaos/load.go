package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"jirabot/jiraclient/jiratest"
)

// load is people at work in Jira, and scripts that call hooks. What is done, to which issue, by whom, is decided by the seed.
type load struct {
	jira  *jira
	relay *relay
	rand  *rand.Rand
	hooks string // token of the hooks' callers
	rate  float64
	// busy tells that the bots have enough to do for now.
	busy func() bool

	token  int
	issues []*workItem
}

// A workItem is an issue that people work on for a while; then comes another, since issues that only grow would make Jira the
// slower the longer it all lasts.
type workItem struct {
	id, key string
	events  int
	moves   int
}

const (
	atWork       = 60 // issues that people work on at the same time
	eventsOfEach = 40
)

func newLoad(seed uint64, j *jira, r *relay, hooks string, rate float64) *load {
	return &load{jira: j, relay: r, rand: rand.New(rand.NewPCG(seed, 2)), hooks: hooks, rate: rate}
}

// run works until ctx ends.
func (l *load) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if !l.busy() {
			if err := l.act(); err != nil {
				return fmt.Errorf("people at work: %w", err)
			}
		}
		pause := time.NewTimer(time.Duration(l.rand.ExpFloat64() / l.rate * float64(time.Second)))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
		}
	}
	return nil
}

// act lets one thing happen.
func (l *load) act() error {
	if len(l.issues) < atWork {
		return l.greet(len(l.issues))
	}
	at := l.rand.IntN(len(l.issues))
	item := l.issues[at]
	if item.events >= eventsOfEach {
		return l.greet(at)
	}
	item.events++
	switch d := l.choose(); d.name {
	case "greet":
		return l.greet(at)
	case "rename":
		token := l.expect(d, item.key, item.key, "")
		return l.person().Edit(item.key, jiratest.Fields{"summary": "rename " + token})
	case "deployed":
		token := l.expect(d, item.key, item.key, "")
		return l.call(d.name, token, map[string]any{"token": token, "issue": map[string]any{"id": item.id, "key": item.key}})
	case "ticket":
		token := l.expect(d, "hook ticket", "CHK", "")
		return l.call(d.name, token, map[string]any{"token": token})
	case "move":
		item.moves++
		to, arg := statusArg(item.moves)
		return l.comment(item, d, to, arg)
	case "tie":
		to := fmt.Sprintf("CHK-%d", item.events) // never the same twice for one issue
		return l.comment(item, d, to, to)
	default:
		return l.comment(item, d, "", "")
	}
}

func (l *load) choose() deed {
	all := 0
	for _, d := range deeds {
		all += d.share
	}
	n := l.rand.IntN(all)
	for _, d := range deeds {
		if n -= d.share; n < 0 {
			return d
		}
	}
	return deeds[0]
}

func (l *load) person() *jiratest.Person {
	return l.jira.As([]string{"ann", "bob"}[l.rand.IntN(2)])
}

// expect announces what is about to happen, and what must come of it.
func (l *load) expect(d deed, lane, issue, arg string) (token string) {
	l.token++
	token = fmt.Sprintf("T%d", l.token)
	l.relay.expect(event(d, token, lane, issue, arg))
	return token
}

func event(d deed, token, lane, issue, arg string) Event {
	ev := Event{Token: token, Deed: d.name, Lane: lane}
	for _, what := range d.wants(token, arg) {
		ev.Wants = append(ev.Wants, Want{issue, what})
	}
	return ev
}

func (l *load) comment(item *workItem, d deed, word, arg string) error {
	text := d.name + " " + l.expect(d, item.key, item.key, arg)
	if word != "" {
		text += " " + word
	}
	_, err := l.person().Comment(item.key, text)
	return err
}

// greet makes a new issue and puts it in the place of another.
func (l *load) greet(at int) error {
	l.token++
	token, d := fmt.Sprintf("T%d", l.token), deedNamed("greet")
	var key string
	// Only Jira knows the key.
	err := l.relay.witness(func() (Event, error) {
		var err error
		key, err = l.person().CreateIssue(workplace, "Task", "greet "+token)
		return event(d, token, key, key, ""), err
	})
	if err != nil {
		return err
	}
	issue, _ := l.jira.Issue(key)
	item := &workItem{id: issue.ID, key: key}
	if at == len(l.issues) {
		l.issues = append(l.issues, item)
	} else {
		l.issues[at] = item
	}
	return nil
}

// call posts to a hook, by way of the relay, which repeats it under the same key.
func (l *load) call(hook, token string, body map[string]any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	l.relay.send(token, &letter{path: "/hooks/" + hook, body: data, header: http.Header{
		"Content-Type": {"application/json"}, "Authorization": {"Bearer " + l.hooks}, "Idempotency-Key": {token},
	}})
	return nil
}
