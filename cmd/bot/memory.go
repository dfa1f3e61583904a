package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// On one machine the bot is to be small beside its Jira, and quick: each collection keeps somebody waiting. So the heap may grow to
// five times what is in use, but not beyond a limit: what is in use and its half, and no less than enough. Compiled rules are looked
// through at each collection, so the more there are, the rarer these should be: both the growth and what is enough rise with them.
const (
	growth       = 400 // percent
	enoughMemory = 76 << 20
	memoryOfRule = 16 << 10
	lookAtMemory = 250 * time.Millisecond
	// tidyAfter is when what the start needed, and nobody needs any more, is given back.
	tidyAfter = 3 * time.Second
)

// liveMemory is what was in use at the last collection.
const liveMemory = "/gc/heap/live:bytes"

// staySmall moves the limit until it is stopped, unless the operator has set one. A fixed limit would be near or below what is in
// use one day, and then the collector takes the processors and finds nothing.
func staySmall(rules func() int) (stop func()) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		moveLimit(ctx, rules)
	}()
	return func() {
		cancel()
		<-done
	}
}

func moveLimit(ctx context.Context, rules func() int) {
	tick := time.NewTicker(lookAtMemory)
	defer tick.Stop()
	tidy := time.NewTimer(tidyAfter)
	defer tidy.Stop()
	for before, limit := int64(0), int64(0); ; {
		enough := enoughMemory + int64(rules())*memoryOfRule
		if enough != before && os.Getenv("GOGC") == "" {
			debug.SetGCPercent(int(growth * enough / enoughMemory))
		}
		before = enough
		live := []metrics.Sample{{Name: liveMemory}}
		metrics.Read(live)
		wanted := max(enough, int64(live[0].Value.Uint64())*3/2)
		if wanted > limit || wanted < limit*9/10 { // setting it stops everything for a moment
			limit = wanted
			debug.SetMemoryLimit(limit)
		}
		select {
		case <-tick.C:
		case <-tidy.C:
			debug.FreeOSMemory()
			letGo()
		case <-ctx.Done():
			return
		}
	}
}
