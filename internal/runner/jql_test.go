package runner

import "testing"

func TestTheOrderIsCutOffAJQL(t *testing.T) {
	for _, x := range []struct{ name, jql, query, order string }{
		{"none", "status = Done", "status = Done", ""},
		{"at the end", "status = Done ORDER BY key", "status = Done", "ORDER BY key"},
		{"in lower case, over two lines", "status = Done order\n by key DESC", "status = Done", "order\n by key DESC"},
		{"alone", "ORDER BY key", "", "ORDER BY key"},
		{"in quotes it is a text", `summary ~ "order by phone"`, `summary ~ "order by phone"`, ""},
		{"after a text with a quote in it", `summary ~ "a \" order by b" ORDER BY key`, `summary ~ "a \" order by b"`, "ORDER BY key"},
		{"in single quotes", `summary ~ 'order by x' order by id`, `summary ~ 'order by x'`, "order by id"},
		{"a word that only begins so", "reorder by = 1", "reorder by = 1", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			if query, order := cutOrder(x.jql); query != x.query || order != x.order {
				t.Errorf("got %q and %q, want %q and %q", query, order, x.query, x.order)
			}
		})
	}
}
