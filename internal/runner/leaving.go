package runner

import (
	"context"
	"time"
)

// leaving is the key of what is done before a write leaves.
type leaving struct{}

// Leaving must be called before a write leaves for Jira, with the context of the call, and keeps it back by an error. Whoever finds
// an intent counts Jira's time from when it was noted. So where the write has waited since, for Jira's rate limit or for a free
// place, the intent is noted again.
func Leaving(ctx context.Context) error {
	if do, ok := ctx.Value(leaving{}).(func() error); ok {
		return do()
	}
	return nil
}

// leavingLate has the intent noted again before each write that leaves when more than a tenth of Jira's time to settle is over.
func leavingLate(ctx context.Context, settle time.Duration, again func() error) context.Context {
	noted := time.Now()
	return context.WithValue(ctx, leaving{}, func() error {
		if time.Since(noted) <= settle/10 {
			return nil
		}
		if err := again(); err != nil {
			return err
		}
		noted = time.Now()
		return nil
	})
}
