package history

import (
	"context"
	"time"

	"jirabot/internal/journal"
)

const (
	// restful is how much longer the history rests than it works while deliveries come or wait: accepting them and acting on
	// them come first. It keeps up with some hundreds a second so, and catches up when there are fewer.
	restful = 16
	// stretch is how long it works before it rests. Whoever wants a processor meanwhile waits no longer than that.
	stretch = 300 * time.Microsecond
)

// traffic gives a function that tells whether deliveries wait to be acted on, or came since it was last called.
func traffic(j *journal.Journal) (busy func() bool) {
	before := j.Given()
	return func() bool {
		given := j.Given()
		came := given != before
		before = given
		return came || j.Waiting() > 0
	}
}

// resting gives a function that is to be called all the while something is done in one go, and rests as it should until ctx
// ends.
func resting(ctx context.Context, busy func() bool) func() {
	began := time.Now()
	return func() {
		worked := time.Since(began)
		if worked < stretch || ctx.Err() != nil {
			return
		}
		rest := worked
		if busy() {
			rest *= restful
		}
		sleep(ctx, min(rest, time.Second)) // worked is longer where something else came between
		began = time.Now()
	}
}
