package event

import "strings"

func (r *reader) changelog() (id string, changes []Change) {
	r.object(func(key []byte) {
		switch string(key) {
		case "id":
			id = r.id()
		case "items":
			changes = nil
			r.array(func() {
				if c := r.change(); c.Field != "" || c.FieldID != "" {
					changes = append(changes, c)
				}
			})
		}
	})
	return id, changes
}

func (r *reader) change() Change {
	var c Change
	var fromAccount, toAccount string
	r.object(func(key []byte) {
		switch string(key) {
		case "field":
			c.Field = r.text()
		case "fieldId":
			c.FieldID = r.text()
		case "fieldtype":
			c.Custom = r.text() == "custom"
		case "from":
			c.FromID = r.id()
		case "fromString":
			c.From = r.id()
		case "to":
			c.ToID = r.id()
		case "toString":
			c.To = r.id()
		case "tmpFromAccountId":
			fromAccount = r.text()
		case "tmpToAccountId":
			toAccount = r.text()
		}
	})
	// On Cloud people are known by account ID, and "from" and "to" may still hold an older key.
	c.FromID, c.ToID = first(fromAccount, c.FromID), first(toAccount, c.ToID)
	c.Added, c.Removed = c.difference()
	return c
}

// difference tells what came and what went, for the fields that hold several values. Labels and sprints come as the
// whole old and new list, the others as one item for each value that came or went.
func (c *Change) difference() (added, removed []string) {
	var from, to []entry
	switch c.system() {
	case fieldLabels:
		from, to = entries(strings.Fields(c.From)), entries(strings.Fields(c.To))
	case fieldSprint:
		from, to = sprints(c.FromID, c.From), sprints(c.ToID, c.To)
	case fieldFixVersions, fieldVersions, fieldComponents, fieldAttachment:
		from, to = single(first(c.From, c.FromID)), single(first(c.To, c.ToID))
	case fieldLinks:
		// The text is a sentence ("This issue blocks PAY-2"), the ID is the other issue's key.
		from, to = single(first(c.FromID, c.From)), single(first(c.ToID, c.To))
	default:
		return nil, nil
	}
	return missing(to, from), missing(from, to)
}

// An entry is one value of a list, compared by its ID where there is one.
type entry struct{ id, name string }

func entries(names []string) []entry {
	list := make([]entry, len(names))
	for i, name := range names {
		list[i] = entry{name, name}
	}
	return list
}

func single(name string) []entry {
	if name == "" {
		return nil
	}
	return []entry{{name, name}}
}

// sprints pairs "12, 15" with "Sprint 1, Sprint 2". A sprint's name may hold a comma; the number of IDs tells.
func sprints(ids, names string) []entry {
	if ids == "" && names == "" {
		return nil
	}
	idList, nameList := strings.Split(ids, ","), strings.Split(names, ", ")
	switch {
	case len(idList) == 1 && ids != "":
		return []entry{{strings.TrimSpace(ids), first(names, ids)}}
	case len(idList) != len(nameList):
		return entries(nameList)
	}
	list := make([]entry, len(idList))
	for i := range list {
		list[i] = entry{first(strings.TrimSpace(idList[i]), nameList[i]), nameList[i]}
	}
	return list
}

// missing lists what stands in a and not in b.
func missing(a, b []entry) []string {
	known := make(map[string]bool, len(b))
	for _, x := range b {
		known[x.id] = true
	}
	var names []string
	for _, x := range a {
		if !known[x.id] {
			names = append(names, x.name)
		}
	}
	return names
}
