package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Decode says what a delivery means.
//
// It is strict about JSON and generous about everything else: a body that is not one JSON object is an error that
// errors.As finds as *Unreadable; a missing, empty or oddly typed field is the zero value. Unknown kinds are kept.
//
// The event keeps parts of d.Body, which must not be changed afterwards. It is empty, and never nil, beside an error.
func Decode(d Delivery) (*Event, error) {
	e := &Event{
		Source:    d.Source,
		Time:      d.Received,
		Recovered: d.Recovered,
		Depth:     d.Depth,
		Raw:       d.Body,
	}
	var err error
	switch d.Source {
	case Webhook:
		err = e.fromWebhook(d)
	case Tick:
		err = e.fromTick(d)
	case Item:
		err = e.fromItem(d)
	case Hook:
		err = e.fromHook(d)
	case Manual:
		err = e.fromManual(d)
	case Failed:
		err = e.fromFailure(d)
	default:
		err = fmt.Errorf("unknown source %q", d.Source)
	}
	if err != nil {
		return new(Event), fmt.Errorf("decode %s: %w", sourceName(d.Source), err)
	}
	return e, nil
}

func sourceName(s Source) string {
	if s == "" {
		return "delivery"
	}
	return string(s)
}

func (e *Event) fromTick(d Delivery) error {
	var body TickBody
	if err := readOwn(d.Body, &body); err != nil {
		return err
	}
	if body.Rule == "" {
		return errors.New("the body names no rule")
	}
	e.Kind = "schedule"
	e.Rule, e.Trigger, e.Planned, e.Schedule = body.Rule, body.Trigger, body.Planned, body.Schedule
	e.Time, e.Timed = body.Planned.UTC(), true
	e.Lane = "rule:" + body.Rule
	e.Identity = join("tick", short(body.Rule), number(body.Trigger), stamp(body.Planned))
	return nil
}

func (e *Event) fromItem(d Delivery) error {
	var body ItemBody
	if err := readOwn(d.Body, &body); err != nil {
		return err
	}
	if body.Rule == "" {
		return errors.New("the body names no rule")
	}
	e.Issue = Issue{ID: body.Issue.ID, Key: body.Issue.Key, Short: true}
	if e.Issue.ref() == "" {
		return errors.New("the body names no issue")
	}
	e.Kind = "schedule"
	e.Rule, e.Trigger, e.Planned, e.Schedule = body.Rule, body.Trigger, body.Planned, body.Schedule
	e.Time, e.Timed = body.Planned.UTC(), true
	e.Lane = e.Issue.ref()
	e.Identity = join("item", short(body.Rule), number(body.Trigger), stamp(body.Planned), short(e.Issue.ref()))
	return nil
}

// fromHook takes any JSON or none. A body that has an issue with an ID or a key is about that issue.
func (e *Event) fromHook(d Delivery) error {
	e.Kind, e.Hook = "hook", d.Name
	e.Actor = queryActor(d)
	r := reader{src: d.Body}
	if r.peek() != 0 || r.pos < len(r.src) {
		r.object(func(key []byte) {
			if string(key) == "issue" {
				e.Issue = r.issue()
			}
		})
		r.end()
	}
	if r.err != nil {
		return r.err
	}
	if e.Issue.ref() == "" {
		e.Issue = Issue{} // such as null: no issue, rather than one that was not described
	}
	e.Project = e.Issue.Project
	// A key alone names no lane: all else about the issue goes by its ID, which a moved issue keeps.
	if e.Lane = e.Issue.ID; e.Lane == "" {
		e.Lane = "hook:" + d.Name
	}
	if d.Key != "" {
		e.Identity = join("hook", short(d.Name), short(d.Key))
	} else {
		// Posting the same body twice is a caller's right, so only the moment tells two calls apart.
		e.Identity = join("hook", short(d.Name), "at", number(d.Received.UnixNano()))
	}
	return nil
}

func (e *Event) fromManual(d Delivery) error {
	var body ManualBody
	if err := readOwn(d.Body, &body); err != nil {
		return err
	}
	if body.Rule == "" {
		return errors.New("the body names no rule")
	}
	e.Kind, e.Rule, e.Inputs = "manual", body.Rule, body.Inputs
	e.Actor = queryActor(d)
	if !body.Requested.IsZero() {
		e.Time, e.Timed = body.Requested.UTC(), true
	}
	e.Issue = Issue{ID: body.Issue.ID, Key: body.Issue.Key, Short: true}
	if e.Lane = e.Issue.ref(); e.Lane == "" {
		e.Issue.Short = false
		e.Lane = "rule:" + body.Rule
	}
	if body.ID != "" {
		e.Identity = join("manual", short(body.ID))
	} else {
		e.Identity = join("manual", short(body.Rule), "at", number(d.Received.UnixNano()))
	}
	return nil
}

// readOwn reads a body that the bot itself has written, so there is nothing to be generous about.
func readOwn(body []byte, into any) error {
	r := reader{src: body}
	if r.peek() != '{' {
		r.fail("expected one JSON object")
	}
	r.skip()
	r.end()
	if r.err != nil {
		return r.err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	return nil
}

// ref is what names the issue best: the ID, which survives a move, or else the key.
func (i Issue) ref() string {
	if i.ID != "" {
		return i.ID
	}
	return i.Key
}

// kindOf finds the kind. Old servers leave the event's name out and have only the type of an issue event.
func kindOf(name, typ string) string {
	switch kind := strings.TrimPrefix(name, "jira:"); kind {
	case "":
	case "schedule", "hook", "manual", "failed":
		return "unknown" // these are ours; a body from outside can't claim them
	default:
		return kind
	}
	switch {
	case typ == "":
		return "unknown"
	case typ == "issue_created" || typ == "issue_deleted" || !strings.HasPrefix(typ, "issue_"):
		return typ
	}
	return "issue_updated" // issue_assigned, issue_commented, issue_closed: all types of an update
}
