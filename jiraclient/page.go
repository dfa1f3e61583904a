package jiraclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
)

// pageSize is what lists are asked for at once; Jira sends fewer if it likes.
const pageSize = 100

// listed walks through a list that Jira gives in pages, be they objects with values or bare arrays. The next page is read
// when it is needed, and none after the caller stops.
//
// Which page is the last, Jira says in several ways or not at all: an empty page always is one, and so is a repeated one,
// as some calls send all at once whatever the start.
func listed[T any](ctx context.Context, c *Client, r request) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var before []byte
		for start := 0; ; {
			var page valuePage
			if err := c.do(ctx, r.with("startAt", strconv.Itoa(start)).with("maxResults", strconv.Itoa(pageSize)), &page); err != nil {
				yield(none, err)
				return
			}
			if bytes.Equal(page.values, before) {
				return
			}
			var list []T
			if len(page.values) > 0 {
				if err := json.Unmarshal(page.values, &list); err != nil {
					yield(none, fmt.Errorf("%s %s: read a page: %w", r.method, r.path, err))
					return
				}
			}
			for _, each := range list {
				if !yield(each, nil) {
					return
				}
			}
			start += len(list)
			if len(list) == 0 || page.last(start) {
				return
			}
			before = page.values
		}
	}
}

// A valuePage is one page of a list: {"values":[…],"isLast":…,"total":…} or just […].
type valuePage struct {
	values json.RawMessage
	isLast *bool
	total  *int
}

// UnmarshalJSON tells the two shapes apart.
func (p *valuePage) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '[' {
		p.values = append(json.RawMessage(nil), b...)
		return nil
	}
	var wire struct {
		Values json.RawMessage `json:"values"`
		IsLast *bool           `json:"isLast"`
		Total  *int            `json:"total"`
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	*p = valuePage{wire.Values, wire.IsLast, wire.Total}
	return nil
}

// last tells whether Jira said that nothing comes after the first n.
func (p valuePage) last(n int) bool {
	if p.isLast != nil {
		return *p.isLast
	}
	return p.total != nil && n >= *p.total
}
