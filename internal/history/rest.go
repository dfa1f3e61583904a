package history

import (
	"context"
	"time"
)

const (
	// restful is how much longer the history rests than it works while deliveries come or wait: accepting them and acting on
	// them come first. It keeps up with some hundreds a second so, and catches up when there are fewer.
	restful = 16
	// stretch is how long it works before it rests. Whoever wants a processor meanwhile waits no longer than that.
	stretch = 300 * time.Microsecond
)

// traffic is what the journal says of it.
type traffic interface {
	Given() uint64 // how many deliveries came so far
	Waiting() int  // how many wait to be acted on
}

// resting gives a function that is to be called all the while something is done in one go, and rests as it should until ctx
// ends.
func resting(ctx context.Context, j traffic) func() {
	began, before := time.Now(), j.Given()
	return func() {
		worked := time.Since(began)
		if worked < stretch || ctx.Err() != nil {
			return
		}
		rest := worked
		given := j.Given()
		if given != before || j.Waiting() > 0 {
			rest *= restful
		}
		sleep(ctx, min(rest, time.Second)) // worked is longer where something else came between
		before, began = given, time.Now()
	}
}
