package speed

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// answering is a server that answers each event with a status, after a while.
func answering(t *testing.T, status func(n int64) int, wait time.Duration) (addr string, events *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	events = new(atomic.Int64)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
			return
		}
		w.WriteHeader(status(events.Add(1)))
	}), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String(), events
}

func accepted(int64) int { return http.StatusAccepted }

func events(t *testing.T, n int) *batch {
	t.Helper()
	u, err := newUpdate(Wanted)
	if err != nil {
		t.Fatal(err)
	}
	return u.batch(0, n)
}

func TestAFloodSendsEachEventOnce(t *testing.T) {
	addr, seen := answering(t, accepted, 0)
	if _, _, err := flood(t.Context(), addr, events(t, 500)); err != nil {
		t.Fatal(err)
	}
	if n := seen.Load(); n != 500 {
		t.Errorf("%d events arrived, want 500", n)
	}
}

func TestAnEventThatIsNotAcceptedIsAnError(t *testing.T) {
	addr, _ := answering(t, func(n int64) int {
		if n == 100 {
			return http.StatusServiceUnavailable
		}
		return http.StatusAccepted
	}, 0)
	_, _, err := flood(t.Context(), addr, events(t, 500))
	if err == nil || !strings.Contains(err.Error(), "status 503") {
		t.Errorf("got %v, want an error with the status", err)
	}
}

// TestWaitingForATurnCounts: 64 connections that take 100 ms each can send 640 a second. At 2,000 a second most events have to wait
// for their turn, and a measurement that begins with the sending would not show it.
func TestWaitingForATurnCounts(t *testing.T) {
	addr, _ := answering(t, accepted, 100*time.Millisecond)
	_, took, err := steady(t.Context(), addr, events(t, 400), 2000)
	if err != nil {
		t.Fatal(err)
	}
	if last := percentile(took, 1); last < 300*time.Millisecond {
		t.Errorf("the slowest took %v, want the time in the queue with it", last)
	}
}

func TestALoadEndsWithItsContext(t *testing.T) {
	addr, _ := answering(t, accepted, time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := steady(ctx, addr, events(t, 10_000), 100); err == nil {
		t.Error("a load whose context had ended went through")
	}
}

func TestPercentiles(t *testing.T) {
	var all []time.Duration
	for i := range 100 {
		all = append(all, time.Duration(100-i))
	}
	for share, want := range map[float64]time.Duration{.5: 51, .99: 100, 0: 1, 1: 100} {
		if got := percentile(all, share); got != want {
			t.Errorf("%v of 1 to 100 lie below %d, want %d", share, got, want)
		}
	}
}
