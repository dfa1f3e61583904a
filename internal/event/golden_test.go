package event

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

var received = time.Date(2024, 3, 5, 9, 30, 0, 0, time.UTC)

// fixtures are the hand-written bodies in testdata, by name.
func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	bodies := make(map[string][]byte, len(paths))
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bodies[strings.TrimSuffix(filepath.Base(path), ".json")] = body
	}
	return bodies
}

func decodeBody(t testing.TB, body string) Event {
	t.Helper()
	e, err := Decode(Delivery{Source: Webhook, Body: []byte(body), Received: received})
	if err != nil {
		t.Fatalf("decode %s: %v", body, err)
	}
	return *e
}

func TestEveryFixtureDecodesToItsGoldenEvent(t *testing.T) {
	for name, body := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			e, err := Decode(Delivery{Source: Webhook, Body: body, Received: received})
			if err != nil {
				t.Fatal(err)
			}
			got := render(e)
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestEveryKindOfJiraHasAFixture(t *testing.T) {
	seen := map[string]bool{}
	for name, body := range fixtures(t) {
		e := decodeBody(t, string(body))
		if !strings.HasPrefix(name, "odd_") {
			for _, kind := range e.Kinds() {
				seen[kind] = true
			}
		}
	}
	for _, k := range JiraKinds {
		if !seen[k.Name] {
			t.Errorf("no fixture is %s", k.Name)
		}
	}
	for _, k := range DerivedKinds {
		if !seen[k.Name] {
			t.Errorf("no fixture is %s", k.Name)
		}
	}
}

// render writes an event the way a person reads it: what is said, one line each, and nothing else.
func render(e *Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "kinds: %s\nstore ID: %s\n", strings.Join(e.Kinds(), " "), e.StoreID())
	renderValue(&b, "", reflect.ValueOf(*e))
	return b.String()
}

func renderValue(b *strings.Builder, path string, v reflect.Value) {
	switch value := v.Interface().(type) {
	case time.Time:
		if !value.IsZero() {
			fmt.Fprintf(b, "%s: %s\n", path, value.Format(time.RFC3339Nano))
		}
		return
	case User:
		if value != (User{}) {
			fmt.Fprintf(b, "%s: %s\n", path, renderUser(value))
		}
		return
	case Change:
		fmt.Fprintf(b, "%s: %s\n", path, renderChange(value))
		return
	case []string:
		if len(value) > 0 {
			fmt.Fprintf(b, "%s: %q\n", path, value)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			switch name {
			case "Raw":
				continue
			case "Fields":
				if n := v.Field(i).Len(); n > 0 {
					fmt.Fprintf(b, "%s.Fields: %d bytes\n", path, n)
				}
				continue
			}
			renderValue(b, strings.TrimPrefix(path+"."+name, "."), v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			renderValue(b, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	default:
		if !v.IsZero() {
			fmt.Fprintf(b, "%s: %s\n", path, strings.ReplaceAll(fmt.Sprint(v.Interface()), "\n", `\n`))
		}
	}
}

func renderUser(u User) string {
	parts := []string{}
	for _, p := range [][2]string{
		{"name", u.Name}, {"key", u.Key}, {"account", u.AccountID}, {"email", u.Email}, {"called", u.DisplayName}, {"zone", u.TimeZone},
	} {
		if p[1] != "" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	if u.Active {
		parts = append(parts, "active")
	}
	return strings.Join(parts, ", ")
}

func renderChange(c Change) string {
	name := c.Field
	if c.FieldID != "" {
		name += " (" + c.FieldID + ")"
	}
	if c.Custom {
		name += " custom"
	}
	s := fmt.Sprintf("%s: %q [%s] -> %q [%s]", name, c.From, c.FromID, c.To, c.ToID)
	if c.Added != nil {
		s += fmt.Sprintf(" added %q", c.Added)
	}
	if c.Removed != nil {
		s += fmt.Sprintf(" removed %q", c.Removed)
	}
	return s
}
