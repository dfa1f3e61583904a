package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestWhichTicksAreDue(t *testing.T) {
	const hourly, daily = "0 * * * *", "0 9 * * *"
	for name, test := range map[string]struct {
		line      string
		catchUp   CatchUp
		last, now string // of one day, or with a date
		want      string // hours and minutes; +n when n are skipped
	}{
		"nothing yet":                    {hourly, None, "09:00", "09:59:59", ""},
		"on time":                        {hourly, None, "09:00", "10:00", "10:00"},
		"a little late":                  {hourly, None, "09:00", "10:00:59", "10:00"},
		"as late as a restart may be":    {hourly, None, "09:00", "10:01", "10:00"},
		"later than that":                {hourly, None, "09:00", "10:01:01", "+1"},
		"none: missed ticks are skipped": {hourly, None, "09:00", "12:30", "+3"},
		"none: the one that is due now is not missed":    {hourly, None, "09:00", "12:00", "12:00 +2"},
		"an empty catch-up is none":                      {hourly, "", "09:00", "12:30", "+3"},
		"last: the newest missed":                        {hourly, Last, "09:00", "12:30", "12:00 +2"},
		"last: not beside one that is due now":           {hourly, Last, "09:00", "12:00:30", "12:00 +2"},
		"last: the only one":                             {hourly, Last, "09:00", "10:30", "10:00"},
		"last: nothing missed":                           {hourly, Last, "09:00", "09:30", ""},
		"all: each, oldest first":                        {hourly, All, "09:00", "12:30", "10:00 11:00 12:00"},
		"all: with the one that is due now":              {hourly, All, "09:00", "12:00", "10:00 11:00 12:00"},
		"two that are due at once":                       {"* * * * *", None, "09:00", "09:02", "09:01 09:02"},
		"the clock went back":                            {hourly, All, "09:00", "07:30", ""},
		"the clock stands still":                         {hourly, All, "09:00", "09:00", ""},
		"a tick that was made a moment too early":        {hourly, All, "09:00", "08:59:59", ""},
		"a line that never ticks":                        {"", All, "09:00", "12:30", ""},
		"from the middle of an hour":                     {hourly, All, "09:17:23", "11:00", "10:00 11:00"},
		"daily, after a week":                            {daily, All, "2026-03-01 09:00", "2026-03-04 10:00", "09:00 09:00 09:00"},
		"last, after years":                              {daily, Last, "1970-01-01 00:00", "2026-03-04 10:00", "09:00 +365"},
		"all, but no more than a thousand, and the rest": {hourly, All, "2026-01-01 00:00", "2026-02-11 20:30", strings.Repeat("x ", 1000)[:1999] + " +4"},
	} {
		t.Run(name, func(t *testing.T) {
			p := Plan{}
			if test.line != "" {
				p = plan(t, test.line, "")
			}
			day := func(text string) time.Time {
				if len(text) < len("2006-01-02") {
					text = "2026-03-04 " + text
				}
				return moment(t, text)
			}
			ticks, skipped := due(p, test.catchUp, day(test.last), day(test.now))
			var got []string
			for _, at := range ticks {
				if len(ticks) >= atMost {
					got = append(got, "x")
				} else {
					got = append(got, at.Format("15:04"))
				}
			}
			if skipped > 0 {
				got = append(got, fmt.Sprintf("+%d", skipped))
			}
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("want %q, got %q", test.want, text)
			}
			if n := len(ticks); n >= atMost && !ticks[n-1].Equal(day("2026-02-11 20:00")) {
				t.Errorf("the newest is %s", ticks[n-1])
			}
		})
	}
}

func TestParseCatchUp(t *testing.T) {
	for text, want := range map[string]CatchUp{"": None, "none": None, "last": Last, "all": All} {
		if got, err := ParseCatchUp(text); got != want || err != nil {
			t.Errorf("%q: want %s, got %s, %v", text, want, got, err)
		}
	}
	if _, err := ParseCatchUp("newest"); err == nil || err.Error() != `catch_up "newest": want none, last or all` {
		t.Errorf("got %v", err)
	}
}
