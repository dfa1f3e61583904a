package runner

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnIntentIsNotedAgainBeforeAWriteThatLeavesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("the disk is full")
		times, answer := 0, error(nil)
		ctx := leavingLate(t.Context(), 10*time.Second, func() error { times++; return answer })
		ctx, cancel := context.WithTimeout(ctx, time.Hour) // the client's own
		defer cancel()
		for _, x := range []struct {
			name   string
			waited time.Duration
			answer error
			want   int // noted so often by then
		}{
			{"at once", 0, nil, 0},
			{"soon", time.Second, nil, 0},
			{"late", time.Second, nil, 1},
			{"at once after that", 0, nil, 1},
			{"late again, and it cannot be noted", 2 * time.Second, full, 2},
			{"and still", 0, full, 3},
			{"and now it can", 0, nil, 4},
			{"at once after that, too", 0, nil, 4},
		} {
			time.Sleep(x.waited) // by the fake clock, as all here
			answer = x.answer
			if err := Leaving(ctx); (err != nil) != (x.answer != nil) || times != x.want {
				t.Errorf("%s: noted %d times, %v; want %d, %v", x.name, times, err, x.want, x.answer)
			}
		}
	})
	if err := Leaving(t.Context()); err != nil {
		t.Error("a write without an intent:", err)
	}
}
