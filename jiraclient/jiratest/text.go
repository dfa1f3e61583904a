package jiratest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// stamp is how Jira writes a moment.
const stamp = "2006-01-02T15:04:05.000-0700"

// text writes an ID as Jira's REST API does: as a string.
func text(id int) string { return strconv.Itoa(id) }

// idText reads an ID that came as a string or as a number.
func idText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v)
	}
	return ""
}

// member reads one string of a JSON object that may not be one.
func member(v any, key string) string {
	return idText(part(v, key))
}

// part reads one member of a JSON value that may not be an object.
func part(v any, key string) any {
	m, _ := v.(map[string]any)
	return m[key]
}

// object is a JSON value as an object, empty if it is none.
func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// plain turns any Go value into what decoding its JSON gives, so that people in Go and requests take one path.
func plain(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write value as JSON: %w", err)
	}
	var out any
	return out, json.Unmarshal(data, &out)
}

// The working week of a fresh Jira.
const (
	minute = 60
	hour   = 60 * minute
	day    = 8 * hour
	week   = 5 * day
)

// duration reads "1w 2d 3h 20m"; a bare number is minutes.
func duration(s string) (seconds int, ok bool) {
	parts := strings.Fields(s)
	for _, part := range parts {
		unit, digits := minute, part
		switch part[len(part)-1] {
		case 'w':
			unit, digits = week, part[:len(part)-1]
		case 'd':
			unit, digits = day, part[:len(part)-1]
		case 'h':
			unit, digits = hour, part[:len(part)-1]
		case 'm':
			digits = part[:len(part)-1]
		}
		n, err := strconv.ParseFloat(digits, 64)
		if err != nil || n < 0 {
			return 0, false
		}
		seconds += int(n * float64(unit))
	}
	return seconds, len(parts) > 0
}

// spell writes seconds as people log them: "1d 2h 30m".
func spell(seconds int) string {
	var parts []string
	for _, u := range []struct {
		size int
		name string
	}{{week, "w"}, {day, "d"}, {hour, "h"}, {minute, "m"}} {
		if n := seconds / u.size; n > 0 {
			parts = append(parts, strconv.Itoa(n)+u.name)
			seconds %= u.size
		}
	}
	if parts == nil {
		return "0m"
	}
	return strings.Join(parts, " ")
}

// splitKey takes PAY-7 apart.
func splitKey(key string) (project string, number int) {
	at := strings.LastIndexByte(key, '-')
	if at < 0 {
		return key, 0
	}
	number, err := strconv.Atoi(key[at+1:])
	if err != nil {
		return key, 0
	}
	return key[:at], number
}

// compareKeys orders keys as people count: PAY-9 before PAY-10.
func compareKeys(a, b string) int {
	pa, na := splitKey(a)
	pb, nb := splitKey(b)
	return cmp.Or(strings.Compare(pa, pb), cmp.Compare(na, nb))
}

// parseTime reads a moment as people send it to Jira.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{stamp, time.RFC3339Nano, "2006-01-02T15:04:05-0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
