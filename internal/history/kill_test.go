package history

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"modernc.org/sqlite"

	"jirabot/internal/journal"
)

// TestMain lets the test binary be a process that indexes a journal and dies in between.
func TestMain(m *testing.M) {
	if dir := os.Getenv("HISTORY_OF"); dir != "" {
		last, _ := strconv.Atoi(os.Getenv("HISTORY_DIES_AT")) // 0: never
		if err := indexAndDie(dir, last); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func indexAndDie(dir string, last int) (err error) {
	sql.Register("mortal", &mortal{last: last})
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	j, err := journal.Open(ctx, journal.Options{Dir: filepath.Join(dir, "journal"), MinFree: 1 << 20, Log: zerolog.Nop()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	h := New(Options{File: fileIn(dir), Journal: j, Retention: forever, Every: time.Millisecond, Log: zerolog.New(os.Stderr), driver: "mortal", batch: 1})
	stopped := make(chan error, 1)
	work, stop := context.WithCancel(ctx)
	go func() { stopped <- h.Run(work) }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for (h.State() != State{}) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			stop()
			return errors.Join(ctx.Err(), h.State().Err, <-stopped)
		}
	}
	stop()
	return <-stopped
}

func TestKilledBetweenAnyTwoStatementsNothingIsMissingOrThereTwice(t *testing.T) {
	dir := t.TempDir()
	prepare := openJournal(t, filepath.Join(dir, "journal"))
	play(t, prepare, 5, 8)   // unwanted, one run, no run
	play(t, prepare, 33, 34) // two runs and a letter
	if err := prepare.Close(); err != nil {
		t.Fatal(err)
	}
	if err := child(dir, 0); err != nil {
		t.Fatal(err)
	}
	want := contents(t, fileIn(dir))
	killed := 0
	for last := 1; ; last++ {
		if err := remove(fileIn(dir)); err != nil {
			t.Fatal(err)
		}
		err := child(dir, last)
		if err == nil {
			break // it has fewer statements than that
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("before statement %d: %v", last, err)
		}
		killed++
		if err := child(dir, 0); err != nil {
			t.Fatalf("after it was killed before statement %d: %v", last, err)
		}
		if got := contents(t, fileIn(dir)); got != want {
			t.Fatalf("killed before statement %d it differs:\n%s", last, firstDifference(want, got))
		}
	}
	t.Logf("killed %d times", killed)
	if killed < 30 {
		t.Errorf("only %d statements", killed)
	}
}

func child(dir string, last int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "HISTORY_OF="+dir, "HISTORY_DIES_AT="+strconv.Itoa(last))
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// mortal is the driver of SQLite until the last statement, before which the process is killed.
type mortal struct {
	sqlite.Driver
	done, last int
}

func (m *mortal) step() {
	if m.done++; m.done == m.last {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {} // the signal takes a moment
	}
}

func (m *mortal) Open(name string) (driver.Conn, error) {
	c, err := m.Driver.Open(name)
	if err != nil {
		return nil, err
	}
	return mortalConn{c.(whole), m}, nil
}

// whole is what SQLite's driver can do and database/sql makes use of.
type whole interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

type mortalConn struct {
	whole
	m *mortal
}

func (c mortalConn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	c.m.step()
	return c.whole.ExecContext(ctx, q, args)
}

func (c mortalConn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	c.m.step()
	return c.whole.QueryContext(ctx, q, args)
}

func (c mortalConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	c.m.step()
	tx, err := c.whole.BeginTx(ctx, o)
	return mortalTx{tx, c.m}, err
}

func (c mortalConn) PrepareContext(ctx context.Context, q string) (driver.Stmt, error) {
	st, err := c.whole.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	return mortalStmt{st, st.(driver.StmtExecContext), c.m}, nil
}

type mortalStmt struct {
	driver.Stmt
	exec driver.StmtExecContext
	m    *mortal
}

func (s mortalStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.m.step()
	return s.exec.ExecContext(ctx, args)
}

type mortalTx struct {
	driver.Tx
	m *mortal
}

func (t mortalTx) Commit() error {
	t.m.step()
	return t.Tx.Commit()
}
