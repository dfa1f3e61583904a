package jiraclient

import (
	"context"
	"encoding/json"
	"fmt"
)

// A Status is a step of a workflow. Category is the key of its category: new, indeterminate or done.
type Status struct {
	ID       string
	Name     string
	Category string
}

// UnmarshalJSON takes the key out of the category.
func (s *Status) UnmarshalJSON(b []byte) error {
	var wire struct {
		ID       ident  `json:"id"`
		Name     string `json:"name"`
		Category struct {
			Key string `json:"key"`
		} `json:"statusCategory"`
	}
	if err := json.Unmarshal(b, &wire); err != nil {
		return err
	}
	*s = Status{string(wire.ID), wire.Name, wire.Category.Key}
	return nil
}

// A Transition is a way that our user can send the issue now. Fields are those of its screen, by field ID.
type Transition struct {
	ID        string               `json:"id"`
	Name      string               `json:"name"`
	To        Status               `json:"to"`
	Fields    map[string]FieldMeta `json:"fields"`
	HasScreen bool                 `json:"hasScreen"`
}

// Transitions lists what the workflow offers our user for the issue as it is now. It is the only truth: permissions,
// conditions and the present status have all been considered.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-getTransitions
func (c *Client) Transitions(ctx context.Context, key string) ([]Transition, error) {
	var answer struct {
		Transitions []struct {
			Transition
			ID        ident `json:"id"`
			Available *bool `json:"isAvailable"`
		} `json:"transitions"`
	}
	if err := c.do(ctx, get("issue/{key}/transitions", key).with("expand", "transitions.fields"), &answer); err != nil {
		return nil, err
	}
	var offered []Transition
	for _, t := range answer.Transitions {
		if t.Available != nil && !*t.Available {
			continue
		}
		t.Transition.ID = string(t.ID)
		t.Fields = withIDs(t.Fields)
		// Data Center does not say, but lists no fields without a screen.
		t.HasScreen = t.HasScreen || len(t.Fields) > 0
		offered = append(offered, t.Transition)
	}
	return offered, nil
}

// Transition sends the issue on its way, with fields of the transition's screen; an Edit's Notify has no meaning here.
// Jira answers 500 to an ID that the workflow does not know.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue-doTransition
func (c *Client) Transition(ctx context.Context, key, id string, e Edit) error {
	body, err := e.wire()
	if err != nil {
		return fmt.Errorf("transition %s: %w", key, err)
	}
	body["transition"] = map[string]string{"id": id}
	return c.do(ctx, post("issue/{key}/transitions", key).carrying(body), nil)
}
