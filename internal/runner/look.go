package runner

import (
	"encoding/json"
	"fmt"
	"maps"

	"jirabot/internal/event"
	"jirabot/internal/expression"
	"jirabot/jiraclient"
)

// read reads the issue afresh, once until a run changes something.
func (h *handling) read() (*freshIssue, error) {
	if h.fresh != nil {
		return h.fresh, nil
	}
	key := h.ev.Issue.Key
	if key == "" {
		key = h.ev.Issue.ID // all that Data Center's comment and worklog events say
	}
	got, err := h.r.opts.Jira.Issue(h.ctx, key, jiraclient.IssueQuery{})
	if err != nil {
		return nil, err
	}
	raw, err := completed(got, h.ev.Issue)
	if err != nil {
		return nil, fmt.Errorf("issue %s: %w", key, err)
	}
	issue, err := event.DecodeIssue(raw)
	if err != nil {
		return nil, fmt.Errorf("issue %s: %w", key, err)
	}
	h.fresh = &freshIssue{raw: raw, issue: issue}
	return h.fresh, nil
}

// completed adds the fields that the delivery tells of and the answer does not even name. Jira names every field that the
// bot user may see, empty ones too; what it leaves out is not known to be empty.
func completed(got jiraclient.Issue, told event.Issue) (json.RawMessage, error) {
	if len(told.Fields) == 0 || told.ID != "" && told.ID != got.ID {
		return got.Raw, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(told.Fields, &fields); err != nil {
		return nil, err
	}
	added := false
	for id := range fields {
		if _, named := got.Fields[id]; !named {
			added = true
		}
	}
	if !added {
		return got.Raw, nil
	}
	maps.Copy(fields, got.Fields)
	return json.Marshal(map[string]any{"id": got.ID, "key": got.Key, "fields": fields})
}

// lookups is what expressions may ask Jira.
func (h *handling) lookups() expression.Lookups {
	return expression.Lookups{
		FieldID: func(name string) (string, error) {
			f, err := h.r.opts.Jira.FieldNamed(h.ctx, name)
			return f.ID, err
		},
		JQL: func(issue, jql string) (bool, error) {
			query, _ := cutOrder(jql)
			query = fmt.Sprintf("key = %s AND (%s)", issue, query)
			if matches, asked := h.answers[query]; asked {
				return matches, nil
			}
			matches := false
			for _, err := range h.r.opts.Jira.Search(h.ctx, query, jiraclient.SearchQuery{Fields: []string{"summary"}, PageSize: 1, Max: 1}) {
				if err != nil {
					return false, err
				}
				matches = true
			}
			if h.answers == nil {
				h.answers = map[string]bool{}
			}
			h.answers[query] = matches
			return matches, nil
		},
	}
}
