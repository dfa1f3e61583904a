package event

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestAnyTruncationIsUnreadable(t *testing.T) {
	for name := range fixtures(t) {
		body := compact(t, name)
		for n := range body {
			_, err := Decode(Delivery{Source: Webhook, Body: body[:n], Received: received})
			var unreadable *Unreadable
			if !errors.As(err, &unreadable) {
				t.Fatalf("%s cut at %d: %v", name, n, err)
			}
			if escape := len(`\u00e9`); unreadable.Pos > n || unreadable.Pos < n-escape {
				t.Fatalf("%s cut at %d: the error points to %d: %v", name, n, unreadable.Pos, err)
			}
		}
	}
}

// TestAnyValueMayHaveAnyType puts a value of each type in the place of each value, one at a time.
func TestAnyValueMayHaveAnyType(t *testing.T) {
	swaps := []any{nil, true, "text", 12.5, []any{}, []any{map[string]any{"id": 1}}, map[string]any{}, map[string]any{"id": "1", "name": 2}}
	for name, body := range fixtures(t) {
		var tree map[string]any
		if err := json.Unmarshal(body, &tree); err != nil {
			t.Fatal(err)
		}
		// Most fixtures are about the same issue, so its inside is visited in two of them.
		if issue, ok := tree["issue"].(map[string]any); ok && name != "dc_issue_updated_status" && name != "dc_issue_subtask" {
			delete(issue, "fields")
		}
		swapEach(tree, swaps, func() {
			swapped, err := json.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			e, err := Decode(Delivery{Source: Webhook, Body: swapped, Received: received})
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, swapped)
			}
			if e.Kind == "" || e.Lane == "" || e.Identity == "" {
				t.Fatalf("%s: kind %q, lane %q, identity %q\n%s", name, e.Kind, e.Lane, e.Identity, swapped)
			}
		})
	}
}

// swapEach replaces every value inside of tree by every one of swaps, calls try, and puts the value back. Below the
// fields that nobody reads it does not go; there are many and they are all skipped by the same code.
func swapEach(tree any, swaps []any, try func()) {
	visit := func(old any, set func(any)) {
		for _, swap := range swaps {
			set(swap)
			try()
		}
		set(old)
		swapEach(old, swaps, try)
	}
	switch node := tree.(type) {
	case map[string]any:
		for key, old := range node {
			if key == "avatarUrls" || key == "votes" || key == "watches" || key == "progress" || key == "aggregateprogress" {
				continue
			}
			visit(old, func(v any) { node[key] = v })
		}
	case []any:
		for i, old := range node {
			visit(old, func(v any) { node[i] = v })
		}
	}
}
