package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the bot is one static file, and its container has no zones

	"github.com/robfig/cron/v3"
)

// A Plan is a compiled cron line: it knows the moments at which its line ticks, all of them on full minutes. The zero Plan
// never ticks.
type Plan struct {
	cron string
	zone *time.Location
	next cron.Schedule
}

// fields are the five of a cron line, in their order.
var fields = [...]struct{ name, allowed string }{
	{"minute", "0-59"},
	{"hour", "0-23"},
	{"day of month", "1-31"},
	{"month", "1-12 or JAN-DEC"},
	{"day of week", "0-6 (Sunday is 0) or SUN-SAT"},
}

// Parse compiles a cron line of five fields, or one of @yearly, @monthly, @weekly, @daily, @hourly, or @every with a
// duration. The zone is a name such as Europe/Berlin; empty means UTC.
//
// A day of month and a day of week that are both restricted mean "either", as in every cron.
//
// @every counts from midnight, 1 January of the year 1, UTC, and not from the start of the bot: so "@every 90m" ticks at
// the same moments before and after a restart.
//
// Where the clock is put forward, a line that names a minute of the missing hour does not tick that day; where it is put
// back, such a line ticks twice, an hour apart. Lines at other times are not affected.
func Parse(line, zone string) (Plan, error) {
	where, err := parseZone(zone)
	if err != nil {
		return Plan{}, fmt.Errorf("cron %q: %w", line, err)
	}
	next, err := parseLine(line)
	if err != nil {
		return Plan{}, fmt.Errorf("cron %q: %w", line, err)
	}
	p := Plan{cron: strings.Join(strings.Fields(line), " "), zone: where, next: next}
	// Any date will do, as long as a leap year is not far.
	if p.Next(time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Plan{}, fmt.Errorf("cron %q: there is no such day", line)
	}
	return p, nil
}

func parseZone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, errors.New(`zone "Local" is another one on each machine; want a name such as Europe/Berlin`)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("zone %q is unknown; want a name such as Europe/Berlin", name)
	}
	return zone, nil
}

func parseLine(line string) (cron.Schedule, error) {
	parts := strings.Fields(line)
	if length, ok := strings.CutPrefix(strings.TrimSpace(line), "@every "); ok {
		return parseEvery(strings.TrimSpace(length))
	}
	if len(parts) == 1 && strings.HasPrefix(parts[0], "@") {
		next, err := cron.ParseStandard(parts[0])
		if err != nil {
			return nil, errors.New("want @yearly, @monthly, @weekly, @daily, @hourly or @every with a duration such as 90m")
		}
		return next, nil
	}
	if len(parts) > 0 && strings.Contains(parts[0], "TZ=") {
		return nil, errors.New("the zone is not part of the line; write it as zone")
	}
	if len(parts) != len(fields) {
		return nil, fmt.Errorf("want 5 fields (minute, hour, day of month, month, day of week), got %d", len(parts))
	}
	for i, part := range parts {
		if !fits(i, part) {
			return nil, fmt.Errorf("%s %q: want %s, a list (1,2), a range from low to high (1-3) or steps (*/5)", fields[i].name, part, fields[i].allowed)
		}
	}
	return cron.ParseStandard(strings.Join(parts, " "))
}

// fits parses one field alone, because the parser does not say which one it dislikes. It also refuses what the parser lets
// pass by accident: empty list items, and ranges that begin or end with a star.
func fits(position int, part string) bool {
	for item := range strings.SplitSeq(part, ",") {
		low, high, isRange := strings.Cut(item, "-")
		if item == "" || isRange && strings.ContainsAny(low+high, "*?") {
			return false
		}
	}
	line := [len(fields)]string{"*", "*", "*", "*", "*"}
	line[position] = part
	_, err := cron.ParseStandard(strings.Join(line[:], " "))
	return err == nil
}

// every ticks at the multiples of its length.
type every time.Duration

func parseEvery(text string) (cron.Schedule, error) {
	length, err := time.ParseDuration(text)
	if err != nil || length < time.Minute || length%time.Minute != 0 {
		return nil, fmt.Errorf("every %q: want full minutes, such as 90m or 36h", text)
	}
	return every(length), nil
}

// Next is part of cron.Schedule.
func (e every) Next(after time.Time) time.Time {
	return after.Truncate(time.Duration(e)).Add(time.Duration(e))
}

// Next is the first tick after a moment, in the plan's zone; the zero time if there is none.
func (p Plan) Next(after time.Time) time.Time {
	if p.next == nil {
		return time.Time{}
	}
	after = after.In(p.zone)
	for {
		at := p.next.Next(after)
		if at.IsZero() {
			// The search ends after five years, but around 2100 a 29 February is eight years away.
			at = p.next.Next(after.AddDate(4, 0, 0))
		}
		// Where midnight is skipped by daylight saving, the search walks into the next day without looking at the date
		// again, and finds the right hour of a wrong day. Asked a second before that moment, it does look.
		if at.IsZero() || p.next.Next(at.Add(-time.Second)).Equal(at) {
			return at
		}
		after = at
	}
}

// NextN lists the first n ticks after a moment, fewer if there are fewer.
func (p Plan) NextN(after time.Time, n int) []time.Time {
	var ticks []time.Time
	for len(ticks) < n {
		if after = p.Next(after); after.IsZero() {
			break
		}
		ticks = append(ticks, after)
	}
	return ticks
}

// String is the line and its zone. Two plans with one text tick at the same moments.
func (p Plan) String() string {
	if p.next == nil {
		return "never"
	}
	return p.cron + " " + p.zone.String()
}
