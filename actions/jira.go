package actions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"jirabot/internal/strictyaml"
	"jirabot/jiraclient"
)

// Jira is the client together with what is worth remembering about this Jira: the names of its fields.
type Jira struct {
	*jiraclient.Client

	mu     sync.Mutex
	fields []jiraclient.Field
	read   time.Time
	now    func() time.Time
}

// remembered is how long the list of fields is believed; administrators seldom add one.
const remembered = 10 * time.Minute

// patience is how old the list must be to be read again for a name that is not on it.
const patience = time.Minute

// NewJira wraps a client.
func NewJira(client *jiraclient.Client, now func() time.Time) *Jira {
	return &Jira{Client: client, now: now}
}

// KnownFields are Jira's fields, asked once in a while.
func (j *Jira) KnownFields(ctx context.Context) ([]jiraclient.Field, error) {
	return j.fieldsSince(ctx, j.now().Add(-remembered))
}

// fieldsSince are Jira's fields as they were then or later.
func (j *Jira) fieldsSince(ctx context.Context, then time.Time) ([]jiraclient.Field, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fields != nil && !j.read.Before(then) {
		return j.fields, nil
	}
	fields, err := j.Fields(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the list of fields: %w", unlisted(err))
	}
	j.fields, j.read = fields, j.now()
	return fields, nil
}

// unlisted: where a whole list is missing, no permission would help, and nothing is hidden. It is missing in stand-ins, and behind
// proxies that let through only what they know.
func unlisted(err error) error {
	if errors.Is(err, jiraclient.ErrNotFound) || errors.Is(err, jiraclient.ErrUnavailable) {
		return fmt.Errorf("%w (%v)", jiraclient.ErrUnavailable, err)
	}
	return err
}

// FieldNamed finds a field by ID or name. Two fields of one name are an error that lists both IDs.
func (j *Jira) FieldNamed(ctx context.Context, name string) (jiraclient.Field, error) {
	if f, ok := systemField(func(f system) bool { return f.id == name }); ok {
		return f, nil // an ID needs no asking
	}
	ours, known := systemField(func(f system) bool { return f.called(name) })
	fields, err := j.KnownFields(ctx)
	switch {
	case errors.Is(err, jiraclient.ErrUnavailable) && known:
		return ours, nil // there is no list, so no other field of this name on it either
	case errors.Is(err, jiraclient.ErrUnavailable):
		return jiraclient.Field{}, fmt.Errorf("field %q: %w; name it by its ID, such as customfield_10001", name, err)
	case err != nil:
		return jiraclient.Field{}, err
	}
	f, err := pick(fields, name)
	if !errors.Is(err, errUnknown) {
		return f, err
	}
	if known {
		return ours, nil
	}
	// Perhaps it was added just now. Whoever keeps naming a field that is not there shall not keep Jira busy.
	if fields, err = j.fieldsSince(ctx, j.now().Add(-patience)); err != nil {
		return jiraclient.Field{}, err
	}
	return pick(fields, name)
}

var errUnknown = errors.New("this Jira has no field")

func pick(fields []jiraclient.Field, name string) (jiraclient.Field, error) {
	var found []jiraclient.Field
	var known, ids []string
	for _, f := range fields {
		if f.ID == name {
			return f, nil
		}
		if strings.EqualFold(f.Name, name) {
			found, ids = append(found, f), append(ids, f.ID)
		}
		known = append(known, f.Name)
	}
	switch len(found) {
	case 0:
		return jiraclient.Field{}, fmt.Errorf("%w %q%s", errUnknown, name, strictyaml.Suggest(name, known))
	case 1:
		return found[0], nil
	}
	return jiraclient.Field{}, fmt.Errorf("this Jira has %d fields named %q; name the one you mean by its ID: %s", len(found), name, strings.Join(ids, ", "))
}
