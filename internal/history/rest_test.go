package history

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// happenings stand for those of a journal, at chosen moments.
type happenings struct {
	given   uint64
	waiting int
}

func (h *happenings) Given() uint64 { return h.given }
func (h *happenings) Waiting() int  { return h.waiting }

func TestWhileDeliveriesComeOrWaitTheHistoryRestsLonger(t *testing.T) {
	for _, x := range []struct {
		name    string
		given   uint64 // meanwhile
		waiting int
		ended   bool
		worked  time.Duration
		want    time.Duration
	}{
		{"nothing to do besides", 0, 0, false, time.Millisecond, time.Millisecond},
		{"one came", 1, 0, false, time.Millisecond, restful * time.Millisecond},
		{"one waits", 0, 1, false, time.Millisecond, restful * time.Millisecond},
		{"it has only begun", 1, 1, false, stretch / 2, 0},
		{"it was kept from working", 1, 1, false, time.Minute, time.Second},
		{"the bot ends", 1, 1, true, time.Millisecond, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				j := &happenings{7, x.waiting}
				rest := resting(ctx, j)
				for range 2 { // what came before the last rest is of no matter
					j.given += x.given
					time.Sleep(x.worked)
					if x.ended {
						cancel()
					}
					began := time.Now()
					rest()
					if got := time.Since(began); got != x.want && x.worked >= stretch {
						t.Errorf("rested for %v, want %v", got, x.want)
					} else if x.worked < stretch && got != 0 && j.given == 7+x.given {
						t.Errorf("rested for %v at the beginning", got)
					}
				}
			})
		})
	}
}
