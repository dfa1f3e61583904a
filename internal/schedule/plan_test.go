package schedule

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const shown = "Mon 2006-01-02 15:04 MST"

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		if at, err = time.Parse("2006-01-02 15:04", text); err != nil {
			t.Fatal(err)
		}
	}
	return at
}

func plan(t testing.TB, line, zone string) Plan {
	t.Helper()
	p, err := Parse(line, zone)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheNextTicksOfALine(t *testing.T) {
	for name, test := range map[string]struct {
		line, zone, after string // after is UTC
		want              []string
	}{
		"working days, over a weekend":               {"0 9 * * MON-FRI", "", "2026-03-06 08:00", []string{"Fri 2026-03-06 09:00 UTC", "Mon 2026-03-09 09:00 UTC"}},
		"names in small letters":                     {"0 9 * jan sun", "", "2026-01-01 00:00", []string{"Sun 2026-01-04 09:00 UTC"}},
		"a tick is not after itself":                 {"0 9 * * *", "", "2026-03-06 09:00", []string{"Sat 2026-03-07 09:00 UTC"}},
		"but after the second before it":             {"0 9 * * *", "", "2026-03-06 08:59:59", []string{"Fri 2026-03-06 09:00 UTC"}},
		"steps":                                      {"*/20 8-9 * * *", "", "2026-03-06 08:30", []string{"Fri 2026-03-06 08:40 UTC", "Fri 2026-03-06 09:00 UTC", "Fri 2026-03-06 09:20 UTC"}},
		"hourly":                                     {"@hourly", "", "2026-03-06 08:30", []string{"Fri 2026-03-06 09:00 UTC"}},
		"weekly is Sunday":                           {"@weekly", "", "2026-03-06 08:30", []string{"Sun 2026-03-08 00:00 UTC"}},
		"every 90 minutes, whatever the start":       {"@every 90m", "", "2026-03-06 08:17", []string{"Fri 2026-03-06 09:00 UTC", "Fri 2026-03-06 10:30 UTC"}},
		"every two days, in a zone":                  {"@every 48h", "Asia/Tokyo", "2026-03-06 08:17", []string{"Sun 2026-03-08 09:00 JST", "Tue 2026-03-10 09:00 JST"}},
		"a day of month or a day of week":            {"0 0 13 * FRI", "", "2026-03-07 00:00", []string{"Fri 2026-03-13 00:00 UTC", "Fri 2026-03-20 00:00 UTC", "Fri 2026-03-27 00:00 UTC", "Fri 2026-04-03 00:00 UTC", "Fri 2026-04-10 00:00 UTC", "Mon 2026-04-13 00:00 UTC"}},
		"the 31st skips short months":                {"0 0 31 * *", "", "2026-01-31 00:00", []string{"Tue 2026-03-31 00:00 UTC", "Sun 2026-05-31 00:00 UTC"}},
		"29 February waits for a leap year":          {"0 0 29 2 *", "", "2026-03-01 00:00", []string{"Tue 2028-02-29 00:00 UTC", "Sun 2032-02-29 00:00 UTC"}},
		"even for the eight years around 2100":       {"0 0 29 2 *", "", "2096-03-01 00:00", []string{"Fri 2104-02-29 00:00 UTC"}},
		"over the end of the year":                   {"30 23 31 12 *", "", "2026-12-31 23:30", []string{"Fri 2027-12-31 23:30 UTC"}},
		"in a zone":                                  {"0 9 * * *", "Asia/Kolkata", "2026-03-06 03:29", []string{"Fri 2026-03-06 09:00 IST", "Sat 2026-03-07 09:00 IST"}},
		"in a zone where it is another day":          {"0 1 * * MON", "Pacific/Auckland", "2026-06-06 00:00", []string{"Mon 2026-06-08 01:00 NZST"}},
		"at nine, whatever daylight saving does":     {"0 9 * * *", "Europe/Berlin", "2026-03-28 00:00", []string{"Sat 2026-03-28 09:00 CET", "Sun 2026-03-29 09:00 CEST"}},
		"02:30 is missing when the clock goes ahead": {"30 2 * * *", "Europe/Berlin", "2026-03-28 00:00", []string{"Sat 2026-03-28 02:30 CET", "Mon 2026-03-30 02:30 CEST"}},
		"02:30 comes twice when it goes back":        {"30 2 * * *", "Europe/Berlin", "2026-10-24 00:00", []string{"Sat 2026-10-24 02:30 CEST", "Sun 2026-10-25 02:30 CEST", "Sun 2026-10-25 02:30 CET", "Mon 2026-10-26 02:30 CET"}},
		"hourly over the missing hour":               {"0 * * * *", "Europe/Berlin", "2026-03-29 00:00", []string{"Sun 2026-03-29 03:00 CEST", "Sun 2026-03-29 04:00 CEST"}},
		"hourly over the hour that comes twice":      {"0 * * * *", "Europe/Berlin", "2026-10-24 23:30", []string{"Sun 2026-10-25 02:00 CEST", "Sun 2026-10-25 02:00 CET", "Sun 2026-10-25 03:00 CET"}},
		"Thursdays stay Thursdays without midnight":  {"0 5 * * THU", "Africa/Cairo", "2026-04-22 22:00", []string{"Thu 2026-04-23 05:00 EET", "Thu 2026-04-30 05:00 EEST"}},
		"a midnight that does not exist":             {"0 0 * * *", "Africa/Cairo", "2026-04-22 12:00", []string{"Thu 2026-04-23 00:00 EET", "Sat 2026-04-25 00:00 EEST"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, at := range plan(t, test.line, test.zone).NextN(moment(t, test.after), len(test.want)) {
				got = append(got, at.Format(shown))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("want\n%s\ngot\n%s", strings.Join(test.want, "\n"), strings.Join(got, "\n"))
			}
		})
	}
}

func TestParseSaysWhatIsWrongAndWhatWouldBeRight(t *testing.T) {
	const rest = ", a list (1,2), a range from low to high (1-3) or steps (*/5)"
	for name, test := range map[string]struct{ line, zone, want string }{
		"nothing":                    {"", "", `cron "": want 5 fields (minute, hour, day of month, month, day of week), got 0`},
		"seconds":                    {"0 0 9 * * *", "", `cron "0 0 9 * * *": want 5 fields (minute, hour, day of month, month, day of week), got 6`},
		"minute 60":                  {"60 * * * *", "", `cron "60 * * * *": minute "60": want 0-59` + rest},
		"hour 24":                    {"0 24 * * *", "", `cron "0 24 * * *": hour "24": want 0-23` + rest},
		"day 0":                      {"0 0 0 * *", "", `cron "0 0 0 * *": day of month "0": want 1-31` + rest},
		"the last day, as Quartz":    {"0 0 L * *", "", `cron "0 0 L * *": day of month "L": want 1-31` + rest},
		"a month by its full name":   {"0 0 1 MARCH *", "", `cron "0 0 1 MARCH *": month "MARCH": want 1-12 or JAN-DEC` + rest},
		"Sunday as 7":                {"0 0 * * 7", "", `cron "0 0 * * 7": day of week "7": want 0-6 (Sunday is 0) or SUN-SAT` + rest},
		"over the weekend":           {"0 0 * * FRI-MON", "", `cron "0 0 * * FRI-MON": day of week "FRI-MON": want 0-6 (Sunday is 0) or SUN-SAT` + rest},
		"steps of zero":              {"*/0 * * * *", "", `cron "*/0 * * * *": minute "*/0": want 0-59` + rest},
		"an empty list item":         {"1,,2 * * * *", "", `cron "1,,2 * * * *": minute "1,,2": want 0-59` + rest},
		"only a comma":               {", * * * *", "", `cron ", * * * *": minute ",": want 0-59` + rest},
		"a range from a star":        {"*-5 * * * *", "", `cron "*-5 * * * *": minute "*-5": want 0-59` + rest},
		"a number beyond all bounds": {"99999999999999999999 * * * *", "", `cron "99999999999999999999 * * * *": minute "99999999999999999999": want 0-59` + rest},
		"31 February":                {"0 0 31 2 *", "", `cron "0 0 31 2 *": there is no such day`},
		"at the start":               {"@reboot", "", `cron "@reboot": want @yearly, @monthly, @weekly, @daily, @hourly or @every with a duration such as 90m`},
		"every second":               {"@every 1s", "", `cron "@every 1s": every "1s": want full minutes, such as 90m or 36h`},
		"every minute and a half":    {"@every 90s", "", `cron "@every 90s": every "90s": want full minutes, such as 90m or 36h`},
		"every day, in words":        {"@every day", "", `cron "@every day": every "day": want full minutes, such as 90m or 36h`},
		"a zone inside the line":     {"CRON_TZ=Asia/Tokyo 0 9 * * *", "", `cron "CRON_TZ=Asia/Tokyo 0 9 * * *": the zone is not part of the line; write it as zone`},
		"a zone that is a city":      {"@daily", "Berlin", `cron "@daily": zone "Berlin" is unknown; want a name such as Europe/Berlin`},
		"the machine's own zone":     {"@daily", "Local", `cron "@daily": zone "Local" is another one on each machine; want a name such as Europe/Berlin`},
		"a path":                     {"@daily", "../etc/passwd", `cron "@daily": zone "../etc/passwd" is unknown; want a name such as Europe/Berlin`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse(test.line, test.zone); err == nil || err.Error() != test.want {
				t.Errorf("want %s\n got %v", test.want, err)
			}
		})
	}
}

func TestAPlanPrintsWhatItWasMadeOf(t *testing.T) {
	if got := plan(t, " 0  9 * * MON-FRI ", "Europe/Berlin").String(); got != "0 9 * * MON-FRI Europe/Berlin" {
		t.Errorf("got %q", got)
	}
	if got := plan(t, "@daily", "").String(); got != "@daily UTC" {
		t.Errorf("got %q", got)
	}
	if got := (Plan{}).String(); got != "never" {
		t.Errorf("got %q", got)
	}
	if ticks := (Plan{}).NextN(time.Now(), 3); ticks != nil {
		t.Errorf("the zero plan ticks at %v", ticks)
	}
}

// FuzzParse holds every line that parses to its promises: the next tick is later, on a full minute, and the first one.
func FuzzParse(f *testing.F) {
	for _, line := range []string{"0 9 * * MON-FRI", "*/7 1-5 1,15 JAN-MAR ?", "@hourly", "@every 90m", "30 2 29 2 *", "TZ=", "@", "0/5 * * * *"} {
		f.Add(line, "Europe/Berlin", int64(1774746000))
		f.Add(line, "Africa/Cairo", int64(1777000000))
		f.Add(line, "", int64(0))
	}
	f.Fuzz(func(t *testing.T, line, zone string, seconds int64) {
		p, err := Parse(line, zone)
		if err != nil {
			return
		}
		after := time.Unix(seconds%(1<<33), 0) // up to the year 2242
		at := p.Next(after)
		if at.IsZero() {
			return
		}
		if !at.After(after) || at.Nanosecond() != 0 {
			t.Errorf("%s after %s: %s", p, after, at)
		}
		if again := p.Next(at.Add(-time.Second)); !again.Equal(at) {
			t.Errorf("%s: after %s comes %s, but a second before that comes %s", p, after, at, again)
		}
		if _, err := Parse(p.cron, zone); err != nil {
			t.Errorf("%q does not parse again as %q: %v", line, p.cron, err)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	p := plan(b, "0 9 * * MON-FRI", "Europe/Berlin")
	after := moment(b, "2026-03-06 09:00")
	for b.Loop() {
		if p.Next(after).IsZero() {
			b.Fatal("no tick")
		}
	}
}
