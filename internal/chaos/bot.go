//go:build linux

package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// A bot is the real program with a data directory and an address that stay the same over all its lives.
type bot struct {
	number  int
	program string
	dir     string // configuration and data
	log     string // of all its lives; not where it could be lost with a disk
	disk    *disk  // nil where it lives on the machine's own
	address string
	environ []string

	mu      sync.Mutex
	process *process
}

// A process is one life of a bot.
type process struct {
	cmd  *exec.Cmd
	gone chan struct{}
}

func (b *bot) url() string { return "http://" + b.address }

// start begins a life. The log of all lives is one file, to which the processes write themselves: nothing in it is lost with
// them.
func (b *bot) start() error {
	out, err := os.OpenFile(b.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("start bot %d: %w", b.number, err)
	}
	defer out.Close() // the process has it then
	p := &process{cmd: exec.Command(b.program, "serve", "-c", "bot.yaml"), gone: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = b.dir, b.environ, out, out
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start bot %d: %w", b.number, err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its state
		close(p.gone)
	}()
	b.mu.Lock()
	b.process = p
	b.mu.Unlock()
	return nil
}

func (b *bot) life() *process {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.process
}

// kill is SIGKILL. It is false if the bot had ended by itself, which it must not.
func (b *bot) kill() bool {
	p := b.life()
	if p == nil {
		return true
	}
	_ = p.cmd.Process.Kill()
	<-p.gone
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// terminate is SIGTERM, and waits for the end. What it returns is nil if the bot ended in order.
func (b *bot) terminate() error {
	p := b.life()
	if p == nil {
		return nil
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.gone:
	case <-time.After(time.Minute):
		_ = p.cmd.Process.Kill()
		<-p.gone
		return fmt.Errorf("bot %d did not end within a minute of SIGTERM", b.number)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("bot %d ended with exit code %d: see %s", b.number, code, b.log)
	}
	return nil
}

// freeze is SIGSTOP, for a while.
func (b *bot) freeze(ctx context.Context, length time.Duration) {
	b.signal(syscall.SIGSTOP)
	wait(ctx, length)
	b.signal(syscall.SIGCONT)
}

// signal does not care whether there is anybody to get it.
func (b *bot) signal(s syscall.Signal) { _ = b.life().cmd.Process.Signal(s) }

// up waits until the bot answers. It is an error if it ends instead.
func (b *bot) up(ctx context.Context, path string, patience time.Duration) error {
	p := b.life()
	deadline := time.Now().Add(patience)
	for {
		status, _, err := b.get(ctx, path)
		if err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-p.gone:
			return fmt.Errorf("bot %d has ended by itself: see the end of %s", b.number, b.log)
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("bot %d does not answer %s with 200 within %v: status %d: see %s", b.number, path, patience, status, b.log)
		}
		wait(ctx, 5*time.Millisecond)
	}
}

func (b *bot) get(ctx context.Context, path string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url()+path, nil)
	if err != nil {
		return 0, nil, err
	}
	request.Close = true // the bot may not live to the next
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, body, err
}

// whole tells whether one of several bots has what the others have.
func (b *bot) whole(ctx context.Context) bool {
	_, body, err := b.get(ctx, "/readyz")
	if err != nil {
		return false
	}
	var answer struct {
		Checks []struct {
			What string `json:"what"`
			OK   bool   `json:"ok"`
		} `json:"checks"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return false
	}
	for _, c := range answer.Checks {
		if c.What == "copies" {
			return c.OK
		}
	}
	return false
}

var waitingMetric = regexp.MustCompile(`(?m)^bot_deliveries_waiting (\S+)$`)

// waiting is how many deliveries the bot says are not handled yet.
func (b *bot) waiting(ctx context.Context) (int, error) {
	_, body, err := b.get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	found := waitingMetric.FindSubmatch(body)
	if found == nil {
		return 0, errors.New("the bot does not tell how many deliveries wait")
	}
	n, err := strconv.ParseFloat(string(found[1]), 64)
	return int(n), err
}

// wait is a pause that ends early with ctx.
func wait(ctx context.Context, length time.Duration) {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
