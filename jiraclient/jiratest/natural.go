package jiratest

import "strings"

// natural turns what people write in Go into a request's fields: names of fields into IDs, names of things into objects.
func (j *Jira) natural(given []Fields) (map[string]any, error) {
	out := map[string]any{}
	for _, fields := range given {
		for _, ref := range sortedKeys(fields) {
			v, err := plain(fields[ref])
			if err != nil {
				return nil, err
			}
			f := j.fields.find(ref)
			if f == nil {
				return nil, refuseField(ref, "%s", notOnScreen(ref))
			}
			out[f.id] = j.naturalValue(f, v)
		}
	}
	return out, nil
}

func (j *Jira) naturalValue(f *field, v any) any {
	if list, ok := v.([]any); ok && f.list {
		out := make([]any, len(list))
		for n, one := range list {
			out[n] = j.naturalOne(f, one)
		}
		return out
	}
	return j.naturalOne(f, v)
}

func (j *Jira) naturalOne(f *field, v any) any {
	s, ok := v.(string)
	if !ok {
		return v
	}
	if s == "" {
		return nil
	}
	switch f.kind {
	case person:
		return obj{j.version.personKey(): j.ref(s)}
	case priority, resolution, securityLevel, componentRef, versionRef, typeOfIssue:
		return obj{"name": s}
	case option:
		return obj{"value": s}
	case cascading:
		parent, child, nested := strings.Cut(s, "/")
		if !nested {
			return obj{"value": parent}
		}
		return obj{"value": parent, "child": obj{"value": child}}
	case issueRef:
		return obj{"key": s}
	case timeTracking:
		return obj{"originalEstimate": s}
	}
	return s
}

func audienceJSON(audience string) obj {
	kind, name, _ := strings.Cut(audience, ":")
	return obj{"type": kind, "value": name}
}
