package sweep

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"jirabot/jiraclient"
)

// An issue is an issue with all that happened to it, oldest first.
type issue struct {
	ID, Key, self    string
	fields           map[string]json.RawMessage
	created, updated time.Time
	creator          json.RawMessage
	entries          []entry
	comments         []remark
	worklogs         []remark
}

// An entry is one entry of the changelog.
type entry struct {
	ID      text            `json:"id"`
	Author  json.RawMessage `json:"author"`
	Created jiraclient.Time `json:"created"`
	Items   []item          `json:"items"`
}

// An item is one change of one field. raw is handed on as it came.
type item struct {
	Field      string `json:"field"`
	FieldID    string `json:"fieldId"`
	Type       string `json:"fieldtype"`
	From       text   `json:"from"`
	FromString text   `json:"fromString"`
	To         text   `json:"to"`
	ToString   text   `json:"toString"`

	raw json.RawMessage
}

// UnmarshalJSON keeps the bytes beside what it reads of them.
func (i *item) UnmarshalJSON(b []byte) error {
	type plain item
	if err := json.Unmarshal(b, (*plain)(i)); err != nil {
		return err
	}
	i.raw = bytes.Clone(b)
	return nil
}

// MarshalJSON gives them back.
func (i item) MarshalJSON() ([]byte, error) { return i.raw, nil }

// is tells whether the item is of this field, by its name in any letters.
func (i item) is(field string) bool {
	return i.Type != "custom" && (strings.EqualFold(i.FieldID, field) || strings.EqualFold(i.Field, field))
}

// text is a text that may come as a number or as null.
type text string

// UnmarshalJSON takes all three.
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case bytes.Equal(b, []byte("null")):
		*t = ""
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	default:
		*t = text(b)
	}
	return nil
}

// A remark is a comment or a worklog.
type remark struct {
	id               string
	raw              json.RawMessage
	author, editor   json.RawMessage
	created, updated time.Time
}

// read reads an issue from Jira's database, which is never behind.
func (p *pass) read(ctx context.Context, id string) (issue, error) {
	var got jiraclient.Issue
	err := p.s.patiently(ctx, func() (err error) {
		got, err = p.s.opts.Jira.Issue(ctx, id, jiraclient.IssueQuery{Fields: []string{"*all"}, Expand: []string{"changelog"}})
		return err
	})
	if err != nil {
		return issue{}, err
	}
	var wire struct {
		Self      string `json:"self"`
		Changelog struct {
			Histories []entry `json:"histories"`
			Total     int     `json:"total"`
		} `json:"changelog"`
	}
	if err := json.Unmarshal(got.Raw, &wire); err != nil {
		return issue{}, err
	}
	i := issue{
		ID: got.ID, Key: got.Key, self: wire.Self, fields: got.Fields, entries: wire.Changelog.Histories,
		created: moment(got.Fields["created"]), updated: moment(got.Fields["updated"]), creator: got.Fields["creator"],
	}
	if len(i.creator) == 0 || string(i.creator) == "null" {
		i.creator = got.Fields["reporter"] // some templates of permissions hide the creator
	}
	if total := wire.Changelog.Total; p.s.cloud() && total > len(i.entries) && !slices.ContainsFunc(i.entries, func(e entry) bool { return e.Created.Before(p.from) }) {
		if i.entries, err = p.changelog(ctx, got.ID); err != nil {
			return issue{}, err
		}
	}
	slices.SortStableFunc(i.entries, func(a, b entry) int {
		return cmp.Or(a.Created.Compare(b.Created.Time), cmp.Compare(number(string(a.ID)), number(string(b.ID))))
	})
	if i.comments, err = p.remarks(ctx, got, "comment", "comments"); err != nil {
		return issue{}, err
	}
	i.worklogs, err = p.remarks(ctx, got, "worklog", "worklogs")
	return i, err
}

// changelog reads the whole changelog where the issue came with a part of it.
func (p *pass) changelog(ctx context.Context, id string) (all []entry, err error) {
	err = p.s.patiently(ctx, func() error {
		all = nil
		for raw, err := range p.s.opts.Jira.Changelog(ctx, id) {
			var e entry
			if err == nil {
				err = json.Unmarshal(raw, &e)
			}
			if err != nil {
				return err
			}
			all = append(all, e)
		}
		return nil
	})
	return all, err
}

// remarks are the comments or worklogs that the issue came with, or all, where it came with the first ones only.
func (p *pass) remarks(ctx context.Context, got jiraclient.Issue, field, list string) ([]remark, error) {
	var wire map[string]json.RawMessage
	var raws []json.RawMessage
	total := 0
	if raw := got.Fields[field]; raw != nil {
		err := json.Unmarshal(raw, &wire)
		if err == nil && wire[list] != nil {
			err = errors.Join(json.Unmarshal(wire[list], &raws), json.Unmarshal(orElse(wire["total"], "0"), &total))
		}
		if err != nil {
			return nil, fmt.Errorf("read its %s: %w", list, err)
		}
	}
	if total > len(raws) {
		var err error
		if raws, err = p.all(ctx, got.ID, field); err != nil {
			return nil, err
		}
	}
	var out []remark
	for _, raw := range raws {
		var one struct {
			ID      text            `json:"id"`
			Author  json.RawMessage `json:"author"`
			Editor  json.RawMessage `json:"updateAuthor"`
			Created json.RawMessage `json:"created"`
			Updated json.RawMessage `json:"updated"`
		}
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, fmt.Errorf("read its %s: %w", list, err)
		}
		r := remark{id: string(one.ID), raw: raw, author: one.Author, editor: one.Editor, created: moment(one.Created), updated: moment(one.Updated)}
		if r.editor == nil {
			r.editor = r.author
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b remark) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(number(a.id), number(b.id)))
	})
	return out, nil
}

// all reads every comment or worklog of an issue.
func (p *pass) all(ctx context.Context, id, field string) (all []json.RawMessage, err error) {
	err = p.s.patiently(ctx, func() error {
		all = nil
		for raw, err := range p.s.opts.Jira.Remarks(ctx, id, field) {
			if err != nil {
				return err
			}
			all = append(all, raw)
		}
		return nil
	})
	return all, err
}

func orElse(raw json.RawMessage, otherwise string) json.RawMessage {
	if raw == nil {
		return json.RawMessage(otherwise)
	}
	return raw
}

// moment is a time as Jira writes it; what cannot be read is the zero time.
func moment(raw json.RawMessage) time.Time {
	var t jiraclient.Time
	if raw == nil || t.UnmarshalJSON(raw) != nil {
		return time.Time{}
	}
	return t.Time
}

func number(id string) int64 {
	n, _ := strconv.ParseInt(id, 10, 64) // what is no number sorts first
	return n
}
