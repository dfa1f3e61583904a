package jiraclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// timeLayout is how Jira writes and wants a moment: 2006-01-02T15:04:05.000+0100.
const timeLayout = "2006-01-02T15:04:05.000-0700"

// A Time is a moment as Jira writes it. What is absent, null or "" is the zero Time.
type Time struct{ time.Time }

// UnmarshalJSON accepts Jira's form and RFC 3339.
func (t *Time) UnmarshalJSON(b []byte) error {
	var s string
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("read a time: %w", err)
	}
	if s == "" {
		return nil
	}
	for _, layout := range []string{timeLayout, time.RFC3339Nano, time.DateOnly} {
		if parsed, err := time.Parse(layout, s); err == nil {
			t.Time = parsed
			return nil
		}
	}
	return fmt.Errorf("%q is no time: want one like %s", clip(s, 50), timeLayout)
}

// MarshalJSON writes Jira's form.
func (t Time) MarshalJSON() ([]byte, error) { return json.Marshal(t.Format(timeLayout)) }
