package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the test binary the bot where it is started under that name, so that stories run the real program as
// processes of their own, which can be killed.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "bot":
		main()
	case "bot-of-the-past":
		os.Exit(serveInThePast(context.Background(), os.Args[1]))
	default:
		os.Exit(m.Run())
	}
}

// TestStories plays testdata/*.txtar: the real bot, as a process, against a simulated Jira. testdata/README.md says
// which words a story may use.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		Setup:               begin,
		Cmds:                vocabulary(),
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
	})
}

// vocabulary is every word of the stories. A check may be awaited: "await issue PAY-1 status=Done".
func vocabulary() map[string]func(*testscript.TestScript, bool, []string) {
	words := map[string]func(*testscript.TestScript, bool, []string){"await": await}
	for name, do := range deeds {
		words[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if neg {
				ts.Fatalf("%s is no check: it cannot be negated", name)
			}
			ts.Check(do(ts, theWorld(ts), args))
		}
	}
	words["json"] = printedJSON
	for name, holds := range checks {
		words[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			err := holds(theWorld(ts), args)
			switch {
			case neg && err == nil:
				ts.Fatalf("it holds, and should not")
			case !neg:
				ts.Check(err)
			}
		}
	}
	return words
}

// A deed makes something happen.
type deed = func(ts *testscript.TestScript, w *world, args []string) error

var deeds = map[string]deed{
	"jira":      tellJira,
	"as":        person,
	"serve":     serve,
	"crash":     crash,
	"terminate": terminate,
	"bot":       command,
	"login":     login,
	"hangup":    hangUp,
	"post":      post,
	"redeliver": redeliver,
	"settle":    settle,
	"write":     write,
	"garbage":   garbage,
	"letters":   knowLetters,
}

// A check looks whether something is so; its error says how it is instead.
type check = func(w *world, args []string) error

var checks = map[string]check{
	"issue":      issueIs,
	"said":       said,
	"every":      everyIssueSaid,
	"writes":     writes,
	"requests":   requests,
	"overlap":    overlap,
	"run":        hasRun,
	"runs":       countRuns,
	"log":        logged,
	"ready":      ready,
	"dead":       deadLetters,
	"down":       down,
	"posted":     posted,
	"swept":      swept,
	"remembered": remembered,
	"sessions":   sessions,
	"found":      found,
	"shown":      isShown,
}

// patience is how long a story waits for anything.
const patience = 30 * time.Second

// until looks again and again whether a check holds.
func until(holds func() error) error {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		err := holds()
		if err == nil {
			return nil
		}
		select {
		case <-deadline.C:
			return err
		case <-again.C:
		}
	}
}

func await(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 || checks[args[0]] == nil {
		ts.Fatalf("await what? One of the checks, such as: await issue PAY-1 status=Done")
	}
	w := theWorld(ts)
	ts.Check(until(func() error {
		err := checks[args[0]](w, args[1:])
		if neg {
			return opposite(err)
		}
		return err
	}))
}
