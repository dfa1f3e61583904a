package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// A process is one bot.
type process struct {
	cmd    *exec.Cmd
	url    string
	exited chan struct{}
}

// kill is SIGKILL, and returns when the process is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// A logbook is the file to which all processes of a story write. They do it themselves: what has been answered after it was
// logged is in the file.
type logbook string

func (r logbook) bytes() []byte {
	data, _ := os.ReadFile(string(r)) // none before the first process
	return data
}

func (r logbook) open() (*os.File, error) {
	return os.OpenFile(string(r), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

// An entry is one line of the log.
type entry map[string]any

func (e entry) text(key string) string {
	s, _ := e[key].(string)
	return s
}

// entries are the lines of the log from an offset on; lines that are no JSON are left out.
func (r logbook) entries(from int) []entry {
	var out []entry
	for line := range bytes.Lines(r.bytes()[from:]) {
		var e entry
		if json.Unmarshal(line, &e) == nil {
			out = append(out, e)
		}
	}
	return out
}

// program is the test binary under another name, which makes it the bot.
func program(ts *testscript.TestScript, name string, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = name
	cmd.Dir = ts.MkAbs(".")
	for _, key := range []string{
		"PATH", "GOCOVERDIR", "GORACE", "BOT_JIRA_URL", "BOT_LISTEN",
		"JIRA_TOKEN", "JIRA_PASSWORD", "JIRA_SECRET", "WEBHOOK_SECRET", "PATH_TOKEN", "HOOK_TOKEN",
	} {
		if value := ts.Getenv(key); value != "" {
			cmd.Env = append(cmd.Env, key+"="+value)
		}
	}
	return cmd, nil
}

// running is the bot that was started last; it may be down again.
func (w *world) running() *process {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.process
}

// serve [AGO]: starts the bot, waits until it listens, and tells Jira where. With AGO its clock is so far behind.
func serve(ts *testscript.TestScript, w *world, args []string) error {
	name, line := "bot", []string{"serve", "-c", "bot.yaml"}
	if len(args) == 1 {
		name, line = "bot-of-the-past", args
	}
	if err := down(w, nil); err != nil {
		return err
	}
	cmd, err := program(ts, name, line...)
	if err != nil {
		return err
	}
	before := len(w.log.bytes())
	out, err := w.log.open()
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	p := &process{cmd: cmd, exited: make(chan struct{})}
	if err := w.launch(p); err != nil {
		return err
	}
	err = until(func() error {
		for _, e := range w.log.entries(before) {
			if e.text("message") == "bot started" {
				p.url = "http://" + e.text("listen")
				return nil
			}
		}
		return errors.New("the bot has not started")
	})
	if err != nil {
		return fmt.Errorf("%w:\n%s", err, w.log.bytes()[before:])
	}
	ts.Setenv("BOT", p.url)
	ts.Setenv("BOT_ADDRESS", strings.TrimPrefix(p.url, "http://"))
	return w.register(p.url)
}

// launch starts a process; from its first request on it is known to be the one that runs.
func (w *world) launch(p *process) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := p.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = p.cmd.Wait() // its state is looked at later
		close(p.exited)
	}()
	w.process = p
	return nil
}

// crash: SIGKILL now. crash before|after METHOD SUFFIX [N]: SIGKILL when Jira gets the N-th such request from now on, before
// or after it has done what is asked; the bot never sees the answer. With during, Jira answers whoever has asked for the bot; with
// late, Jira goes on with it only when the next bot may be at work.
func crash(_ *testscript.TestScript, w *world, args []string) error {
	if len(args) == 0 {
		w.running().kill()
		return nil
	}
	pl, err := plotOf(args)
	if err != nil {
		return err
	}
	pl.hangUp = true
	dies := func() { w.running().kill() }
	switch args[0] {
	case "before":
		pl.before = dies
	case "after":
		pl.after = dies
	case "during":
		pl.before, pl.hangUp = dies, false
	case "late":
		pl.before, pl.late = dies, true
	default:
		return errors.New("crash before, during, late or after a request")
	}
	w.plots.add(pl)
	return nil
}

// terminate [CODE]: SIGTERM now, and waits for the exit code, 0 by default. terminate during METHOD SUFFIX [N]: SIGTERM while Jira
// works on the N-th such request; the request goes on when the bot has stopped listening.
func terminate(_ *testscript.TestScript, w *world, args []string) error {
	if len(args) > 0 && args[0] == "during" {
		pl, err := plotOf(args)
		if err != nil {
			return err
		}
		pl.before = func() {
			p := w.running()
			_ = p.cmd.Process.Signal(syscall.SIGTERM)
			_ = until(func() error { return opposite(reachable(p.url)) })
		}
		w.plots.add(pl)
		return nil
	}
	want := "0"
	if len(args) > 0 {
		want = args[0]
	}
	if err := w.running().cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return until(func() error { return down(w, []string{want}) })
}

// down [CODE]: no bot runs, and the last one has exited with CODE ("killed" for SIGKILL).
func down(w *world, args []string) error {
	p := w.running()
	if p == nil {
		return nil
	}
	select {
	case <-p.exited:
	default:
		return errors.New("the bot is still running")
	}
	got := strconv.Itoa(p.cmd.ProcessState.ExitCode())
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		got = status.Signal().String()
	}
	if len(args) > 0 && args[0] != got {
		return fmt.Errorf("the bot has exited with %s:\n%s", got, tail(w.log.bytes()))
	}
	return nil
}

// command ARG... [-> CODE]: runs a command of the bot; its output is there for stdout, stderr and cmp.
func command(ts *testscript.TestScript, w *world, args []string) error {
	want := 0
	if n := len(args); n > 2 && args[n-2] == "->" {
		code, err := strconv.Atoi(args[n-1])
		if err != nil {
			return err
		}
		want, args = code, args[:n-2]
	}
	cmd, err := program(ts, "bot", args...)
	if err != nil {
		return err
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return err
	}
	w.printed.Write(stdout.Bytes())
	w.printed.Write(stderr.Bytes())
	_, _ = ts.Stdout().Write(stdout.Bytes())
	_, _ = ts.Stderr().Write(stderr.Bytes())
	if got := cmd.ProcessState.ExitCode(); got != want {
		return fmt.Errorf("bot %s: exit code %d, not %d", strings.Join(args, " "), got, want)
	}
	return nil
}

// tail is the end of a log.
func tail(log []byte) []byte { return log[max(0, len(log)-3000):] }
