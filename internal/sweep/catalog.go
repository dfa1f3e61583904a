package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"jirabot/jiraclient"
)

// A catalog knows this Jira's fields, statuses, types and people, as far as changelogs name them by ID or by name only.
// Each list is asked for when it is first needed, and again after a while.
type catalog struct {
	jira  *jiraclient.Client
	find  func(ctx context.Context, key string) (jiraclient.User, error)
	now   func() time.Time
	mu    sync.Mutex
	read  time.Time
	field map[string]jiraclient.Field // custom ones by ID, and by name in lower case where one field only has the name

	statuses map[string]string // the categories, by ID
	subtask  map[string]bool   // issue types, by ID
	people   map[string]json.RawMessage
}

const (
	// believed is how long the lists are.
	believed = 10 * time.Minute
	// maxPeople bounds the memory.
	maxPeople = 20_000
)

func newCatalog(o Options) *catalog {
	return &catalog{jira: o.Jira, find: o.Person, now: o.Now, people: map[string]json.RawMessage{}}
}

// lists reads the lists, unless they are known. The caller holds mu.
func (c *catalog) lists(ctx context.Context) error {
	if c.field != nil && c.now().Sub(c.read) < believed {
		return nil
	}
	fields, err := c.jira.Fields(ctx)
	if err != nil {
		return fmt.Errorf("read the list of fields: %w", err)
	}
	statuses, err := c.jira.Statuses(ctx)
	if err != nil {
		return fmt.Errorf("read the list of statuses: %w", err)
	}
	types, err := c.jira.IssueTypes(ctx)
	if err != nil {
		return fmt.Errorf("read the list of issue types: %w", err)
	}
	c.field, c.statuses, c.subtask, c.read = map[string]jiraclient.Field{}, map[string]string{}, map[string]bool{}, c.now()
	twice := map[string]bool{}
	for _, f := range fields {
		if !f.Custom {
			continue
		}
		c.field[f.ID] = f
		name := strings.ToLower(f.Name)
		if _, taken := c.field[name]; taken {
			twice[name] = true
		}
		c.field[name] = f
	}
	for name := range twice {
		delete(c.field, name)
	}
	for _, s := range statuses {
		c.statuses[s.ID] = s.Category
	}
	for _, t := range types {
		c.subtask[t.ID] = t.Subtask
	}
	return nil
}

// meet takes note of everybody who occurs in an issue: changelogs name people by key alone.
func (c *catalog) meet(i *issue) {
	c.mu.Lock()
	defer c.mu.Unlock()
	meet := func(raw json.RawMessage) {
		u := personIn(raw)
		if len(c.people) >= maxPeople {
			clear(c.people)
		}
		for _, key := range []string{u.Key, u.AccountID} {
			if key != "" {
				c.people[key] = raw
			}
		}
	}
	for _, id := range []string{"assignee", "reporter", "creator"} {
		meet(i.fields[id])
	}
	for _, e := range i.entries {
		meet(e.Author)
	}
	for _, r := range append(i.comments[:len(i.comments):len(i.comments)], i.worklogs...) {
		meet(r.author)
		meet(r.editor)
	}
}

// person is somebody by key. Who cannot be found is known by key and display name only: he may have been deleted.
func (c *catalog) person(ctx context.Context, key, name string) (json.RawMessage, error) {
	if key == "" && name == "" {
		return json.RawMessage("null"), nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if raw, known := c.people[key]; known {
		return raw, nil
	}
	u := jiraclient.User{Key: key, DisplayName: name}
	if c.find != nil {
		found, err := c.find(ctx, key)
		if _, temporary := jiraclient.Temporary(err); temporary || ctx.Err() != nil {
			return nil, fmt.Errorf("find the user %s: %w", key, err)
		}
		if err == nil {
			u = found
		}
	}
	raw := write(u)
	c.people[key] = raw
	return raw, nil
}

func (c *catalog) status(ctx context.Context, id, name string) (json.RawMessage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.lists(ctx); err != nil {
		return nil, err
	}
	return write(map[string]any{"id": id, "name": name, "statusCategory": map[string]string{"key": c.statuses[id]}}), nil
}

func (c *catalog) issueType(ctx context.Context, id, name string) (json.RawMessage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.lists(ctx); err != nil {
		return nil, err
	}
	return write(map[string]any{"id": id, "name": name, "subtask": c.subtask[id]}), nil
}

// customField finds the field that an item names, on Data Center by its display name only.
func (c *catalog) customField(ctx context.Context, it item) (jiraclient.Field, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.lists(ctx); err != nil {
		return jiraclient.Field{}, false, err
	}
	f, ok := c.field[it.FieldID]
	if !ok {
		f, ok = c.field[strings.ToLower(it.Field)]
	}
	return f, ok, nil
}

// customBefore is what a custom field held before, for the kinds of fields that hold one value, and for labels.
func (c *catalog) customBefore(ctx context.Context, it item) (id string, value json.RawMessage, err error) {
	f, ok, err := c.customField(ctx, it)
	if err != nil || !ok {
		return "", nil, err
	}
	from, name := string(it.From), string(it.FromString)
	empty := from == "" && name == ""
	switch kind := f.Schema.Type; {
	case kind == "array" && strings.HasSuffix(f.Schema.Custom, ":labels") && !empty:
		value = write(strings.Fields(name))
	case kind == "array" && strings.HasSuffix(f.Schema.Custom, ":labels"):
		value = json.RawMessage("null")
	case kind == "array":
		return "", nil, nil
	case empty:
		value = json.RawMessage("null")
	case kind == "string", strings.HasSuffix(f.Schema.Custom, ":gh-epic-link"):
		value = write(name)
	case kind == "number" && json.Valid([]byte(name)):
		value = json.RawMessage(name)
	case kind == "date", kind == "datetime":
		value = write(from)
	case kind == "option":
		value = write(map[string]string{"id": from, "value": name})
	case kind == "user":
		value, err = c.person(ctx, from, name)
	default:
		return "", nil, nil
	}
	return f.ID, value, err
}
