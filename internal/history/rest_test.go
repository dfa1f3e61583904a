package history

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhileDeliveriesComeOrWaitTheHistoryRestsLonger(t *testing.T) {
	for _, x := range []struct {
		name   string
		busy   bool
		ended  bool
		worked time.Duration
		want   time.Duration
	}{
		{"nothing to do besides", false, false, time.Millisecond, time.Millisecond},
		{"deliveries come or wait", true, false, time.Millisecond, restful * time.Millisecond},
		{"it has only begun", true, false, stretch / 2, 0},
		{"it was kept from working", true, false, time.Minute, time.Second},
		{"the bot ends", true, true, time.Millisecond, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				rest := resting(ctx, func() bool { return x.busy })
				time.Sleep(x.worked) // by the fake clock, as all here
				if x.ended {
					cancel()
				}
				began := time.Now()
				rest()
				if got := time.Since(began); got != x.want {
					t.Errorf("rested for %v, want %v", got, x.want)
				}
			})
		})
	}
}

func TestThereIsTrafficWhileDeliveriesComeOrWait(t *testing.T) {
	j := openJournal(t, t.TempDir())
	busy := traffic(j)
	if busy() {
		t.Error("nothing came")
	}
	play(t, j, 1, 3)
	if !busy() {
		t.Error("some came, and are handled")
	}
	if busy() {
		t.Error("none came since")
	}
	arrive(t, j, 3, "PAY-3", false)
	for range 2 {
		if !busy() {
			t.Error("one waits")
		}
	}
}
