package speed

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A process is one of those that are started for the run.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
	failed error // once exited is closed
	log    string
}

// startProcess starts a program whose standard error goes to a file, and whose standard output is out.
func startProcess(cmd *exec.Cmd, log string, out *os.File) (*process, error) {
	errs, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer errs.Close()
	cmd.Stderr = errs
	if out != nil {
		cmd.Stdout = out
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	p := &process{cmd: cmd, exited: make(chan struct{}), log: log}
	go func() {
		p.failed = cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// A helper is one of this program's own other processes. It ends when its standard input does, so that none outlives the run.
type helper struct {
	*process
	addr  string
	input io.Closer
}

func startHelper(ctx context.Context, dir, role string) (*helper, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	cmd := exec.CommandContext(ctx, self, role)
	cmd.Dir = dir
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	p, err := startProcess(cmd, filepath.Join(dir, role+".log"), write)
	if err := errors.Join(err, write.Close()); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the process %s does not say where it listens; see %s: %w", role, p.log, err)
	}
	return &helper{p, strings.TrimSpace(line), input}, nil
}

func (h *helper) end() {
	h.input.Close()
	<-h.exited
}

const stopWithin = 30 * time.Second

// stop asks the process to end and waits until it has.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
		if p.failed != nil {
			return fmt.Errorf("%s ended badly; see %s: %w", filepath.Base(p.cmd.Path), p.log, p.failed)
		}
		return nil
	case <-time.After(stopWithin):
		_ = p.cmd.Process.Kill()
		<-p.exited
		return fmt.Errorf("%s did not stop within %v; see %s", filepath.Base(p.cmd.Path), stopWithin, p.log)
	}
}

// get asks one of the processes by HTTP.
func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode > 299 {
		err = fmt.Errorf("get %s: status %d", url, resp.StatusCode)
	}
	return data, err
}
