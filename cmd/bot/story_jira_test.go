package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"jirabot/jiraclient/jiratest"
)

// tellJira does what an administrator, or fate, does to Jira.
func tellJira(_ *testscript.TestScript, w *world, args []string) error {
	verb, rest := args[0], args[1:]
	switch {
	case verb == "away" && len(rest) == 0:
		return w.front.Close()
	case verb == "back" && len(rest) == 0:
		socket, err := net.Listen("tcp", w.address)
		if err == nil {
			w.open(socket)
		}
		return err
	case verb == "silent" && len(rest) == 0: // its webhooks are recorded, to be redelivered
		w.silent = true
	case verb == "posts" && len(rest) == 0: // after it was silent
		w.silent = false
		return w.register(w.running().url)
	case verb == "lag" && len(rest) == 1: // how far its search is behind
		lag, err := time.ParseDuration(rest[0])
		w.jira.SetIndexLag(lag)
		return err
	case verb == "heal" && len(rest) == 0:
		w.jira.ClearFaults()
	case verb == "forget" && len(rest) == 0:
		w.jira.ForgetRequests()
	case verb == "revoke" && len(rest) == 2:
		w.jira.Revoke(rest[0], "bot", rest[1])
	case verb == "grant" && len(rest) == 2:
		w.jira.GiveBack(rest[0], "bot", rest[1])
	case verb == "slow" && len(rest) >= 3:
		return w.slow(rest)
	case verb == "token" && len(rest) == 1: // the bot user's is another one from now on
		w.jira.AddUser(jiratest.User{Name: "bot", Token: rest[0]})
	case verb == "admin" && len(rest) == 1: // whether the bot user is an administrator
		w.jira.AddUser(jiratest.User{Name: "bot", Token: w.secrets["JIRA_TOKEN"], Admin: rest[0] == "yes"})
	case verb == "expire" && len(rest) == 1:
		return w.expire(rest[0])
	case verb == "fail" && len(rest) >= 3:
		return w.fail(rest)
	default:
		return fmt.Errorf("jira %s: no such story", strings.Join(args, " "))
	}
	return nil
}

// fail METHOD SUFFIX STATUS|drop [after] [N]: N requests, or all, are answered so; with after Jira has done its work.
func (w *world) fail(args []string) error {
	f := jiratest.Fault{PathSuffix: args[1]}
	if args[0] != "any" {
		f.Method = args[0]
	}
	for _, word := range args[2:] {
		n, err := strconv.Atoi(word)
		switch {
		case word == "drop":
			f.Drop = true
		case word == "after":
			f.AfterEffect = true
		case err != nil:
			return fmt.Errorf("jira fail: what is %q?", word)
		case n >= 100:
			f.Status, f.Body = n, "the proxy says "+word
		default:
			f.Times = n
		}
	}
	w.jira.Fault(f)
	return nil
}

// slow METHOD SUFFIX DURATION [N]: Jira lets N such requests, or all, wait for so long, and then does what was asked.
func (w *world) slow(args []string) error {
	delay, err := time.ParseDuration(args[2])
	if err != nil {
		return err
	}
	f := jiratest.Fault{Method: args[0], PathSuffix: args[1], Delay: delay}
	if len(args) > 3 {
		f.Times, err = strconv.Atoi(args[3])
	}
	w.jira.Fault(f)
	return err
}

// person NAME VERB …: somebody works in Jira's pages.
func person(_ *testscript.TestScript, w *world, args []string) error {
	if len(args) < 3 {
		return errors.New("as NAME VERB …")
	}
	p, verb, rest := w.jira.As(args[0]), args[1], args[2:]
	at := func(i int) string {
		if i < len(rest) {
			return rest[i]
		}
		return ""
	}
	switch verb {
	case "create": // PROJECT TYPE SUMMARY [FIELD=VALUE…]
		_, err := p.CreateIssue(at(0), at(1), at(2), fields(rest[min(3, len(rest)):]))
		return err
	case "creates": // N PROJECT TYPE SUMMARY [FIELD=VALUE…]
		n, err := strconv.Atoi(at(0))
		for i := 0; err == nil && i < n; i++ {
			_, err = p.CreateIssue(at(1), at(2), at(3), fields(rest[min(4, len(rest)):]))
		}
		return err
	case "comment": // ISSUE TEXT
		_, err := p.Comment(at(0), at(1))
		return err
	case "transition": // ISSUE STATUS
		return p.Transition(at(0), at(1))
	case "assign": // ISSUE NAME
		return p.Assign(at(0), at(1))
	case "edit": // ISSUE FIELD=VALUE…
		return p.Edit(at(0), fields(rest[1:]))
	case "delete": // ISSUE
		return p.Delete(at(0))
	}
	return fmt.Errorf("as %s %s: nobody can do that", args[0], verb)
}

// fields are FIELD=VALUE; labels are separated by commas.
func fields(words []string) jiratest.Fields {
	f := jiratest.Fields{}
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		f[name] = value
		if name == "labels" {
			f[name] = strings.FieldsFunc(value, func(r rune) bool { return r == ',' })
		}
	}
	return f
}

// A plot is something that happens when a certain request arrives at Jira.
type plot struct {
	method, suffix string
	countdown      int
	before, after  func()
	hangUp         bool // the connection ends without an answer
	late           bool // Jira has not noticed that nobody waits any more, and goes on with it
}

// plotOf reads WHEN METHOD SUFFIX [N].
func plotOf(args []string) (*plot, error) {
	if len(args) < 3 {
		return nil, errors.New("which request? METHOD SUFFIX [N]")
	}
	p := &plot{method: args[1], suffix: args[2], countdown: 1}
	var err error
	if len(args) > 3 {
		p.countdown, err = strconv.Atoi(args[3])
	}
	return p, err
}

// plots lie in wait between the bot and Jira.
type plots struct {
	mu   sync.Mutex
	list []*plot
}

func (p *plots) add(one *plot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, one)
}

// due finds the plot whose time has come.
func (p *plots) due(r *http.Request) *plot {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.list {
		if one.method == r.Method && strings.HasSuffix(r.URL.Path, one.suffix) {
			if one.countdown--; one.countdown == 0 {
				return one
			}
		}
	}
	return nil
}

// lateness is how long after the bot's death Jira does what it was late with: time enough for the next bot to ask.
const lateness = 300 * time.Millisecond

// around carries plots out around Jira's own work.
func (p *plots) around(jira http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		one := p.due(r)
		if one == nil {
			jira.ServeHTTP(rw, r)
			return
		}
		if one.before != nil {
			one.before()
		}
		if one.hangUp {
			// Jira does its work as if the sender were still there.
			work := func() {
				jira.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context())))
			}
			if one.after != nil {
				work()
				one.after()
			}
			if one.late {
				<-time.After(lateness)
				work()
			}
			panic(http.ErrAbortHandler)
		}
		jira.ServeHTTP(rw, r)
	})
}
