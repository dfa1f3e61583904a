package history

import (
	"context"
	"time"
)

const (
	// restful is how much longer the history rests than it works: accepting and acting come first. Where more waits to be acted on
	// than can be acted on at once, that is the more so.
	restful     = 4
	veryRestful = 16
	manyWait    = 64
	// stretch is how long it works before it rests. Whoever wants a processor meanwhile waits no longer than that.
	stretch = 300 * time.Microsecond
)

// resting gives a function that is to be called all the while something is done in one go, and rests as it should until ctx
// ends. Waiting tells how much waits to be acted on.
func resting(ctx context.Context, waiting func() int) func() {
	began := time.Now()
	return func() {
		worked := time.Since(began)
		if worked < stretch || ctx.Err() != nil {
			return
		}
		rest := restful * worked
		if waiting() > manyWait {
			rest = veryRestful * worked
		}
		sleep(ctx, min(rest, time.Second)) // worked is longer where something else came between
		began = time.Now()
	}
}
