package history

import (
	"context"
	"time"
)

const (
	// restful is how much longer the history rests than it works: accepting and acting come first.
	restful = 4
	// stretch is how long it works before it rests. Whoever wants a processor meanwhile waits no longer than that.
	stretch = 300 * time.Microsecond
)

// resting gives a function that is to be called all the while something is done in one go, and rests as it should until ctx
// ends.
func resting(ctx context.Context) func() {
	began := time.Now()
	return func() {
		worked := time.Since(began)
		if worked < stretch || ctx.Err() != nil {
			return
		}
		sleep(ctx, min(restful*worked, time.Second)) // worked is longer where something else came between
		began = time.Now()
	}
}
