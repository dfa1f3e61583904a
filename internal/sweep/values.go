package sweep

import (
	"encoding/json"
	"strings"

	"jirabot/jiraclient"
)

// write makes JSON of what cannot fail to be JSON.
func write(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return data
}

func orNull(s string) json.RawMessage {
	if s == "" {
		return json.RawMessage("null")
	}
	return write(s)
}

// named is a thing with an ID and a name, or null.
func named(id, name string) json.RawMessage {
	if id == "" && name == "" {
		return json.RawMessage("null")
	}
	return write(map[string]string{"id": id, "name": name})
}

// list reads a list; what is none is empty.
func list(raw json.RawMessage) []json.RawMessage {
	var all []json.RawMessage
	if raw != nil && json.Unmarshal(raw, &all) != nil {
		return nil
	}
	return all
}

func idIn(raw json.RawMessage) string {
	var thing struct {
		ID text `json:"id"`
	}
	if json.Unmarshal(raw, &thing) != nil {
		return ""
	}
	return string(thing.ID)
}

// listBefore undoes an item that tells of one value of several: what came goes, what went comes back.
func listBefore(now json.RawMessage, it item, gone func() json.RawMessage) json.RawMessage {
	out := []json.RawMessage{}
	for _, one := range list(now) {
		if it.To == "" || idIn(one) != string(it.To) {
			out = append(out, one)
		}
	}
	if it.From != "" {
		out = append(out, gone())
	}
	return write(out)
}

// linksBefore takes a link away that was made then. One that was removed cannot be had back.
func linksBefore(now json.RawMessage, it item) json.RawMessage {
	l, made := (&issue{fields: map[string]json.RawMessage{"issuelinks": now}}).linkOf(it)
	out := []json.RawMessage{}
	for _, one := range list(now) {
		if !made || idIn(one) != string(l.ID) {
			out = append(out, one)
		}
	}
	return write(out)
}

// personIn reads a user; nobody is the zero User.
func personIn(raw json.RawMessage) jiraclient.User {
	var u jiraclient.User
	if raw != nil && json.Unmarshal(raw, &u) != nil {
		return jiraclient.User{}
	}
	return u
}

func samePerson(a, b json.RawMessage) bool {
	x, y := personIn(a), personIn(b)
	same := func(a, b string) bool { return a != "" && strings.EqualFold(a, b) }
	return same(x.AccountID, y.AccountID) || same(x.Key, y.Key) || same(x.Name, y.Name)
}
