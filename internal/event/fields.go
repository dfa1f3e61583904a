package event

import "strings"

// The system fields that this package itself looks for, by the ID that Jira's REST API gives them.
const (
	fieldStatus      = "status"
	fieldAssignee    = "assignee"
	fieldProject     = "project"
	fieldKey         = "key"
	fieldResolution  = "resolution"
	fieldLabels      = "labels"
	fieldFixVersions = "fixVersions"
	fieldVersions    = "versions"
	fieldComponents  = "components"
	fieldLinks       = "issuelinks"
	fieldAttachment  = "attachment"
	fieldTimeSpent   = "timespent"
	fieldWorklogID   = "worklogid"
	fieldSprint      = "sprint" // this and the rank are custom fields, but Jira's own
	fieldRank        = "rank"
)

// systemField finds the ID of a system field by any of the names under which Jira's changelogs, screens and REST API
// know it: "Fix Version", "fixVersions" and "fix version/s" are one. It is "" for any other name.
func systemField(name string) string {
	var buf [24]byte
	switch string(squeeze(buf[:0], name)) {
	case "status":
		return fieldStatus
	case "assignee":
		return fieldAssignee
	case "project":
		return fieldProject
	case "key", "issuekey":
		return fieldKey
	case "resolution":
		return fieldResolution
	case "label", "labels":
		return fieldLabels
	case "fixversion", "fixversions":
		return fieldFixVersions
	case "version", "versions", "affectsversion", "affectsversions", "affectedversion", "affectedversions":
		return fieldVersions
	case "component", "components":
		return fieldComponents
	case "link", "links", "issuelinks", "linkedissues":
		return fieldLinks
	case "attachment", "attachments":
		return fieldAttachment
	case "timespent":
		return fieldTimeSpent
	case "worklogid":
		return fieldWorklogID
	case "sprint":
		return fieldSprint
	case "rank":
		return fieldRank
	case "type", "issuetype":
		return "issuetype"
	case "due", "duedate":
		return "duedate"
	case "security", "securitylevel":
		return "security"
	case "parent", "parentissue":
		return "parent"
	case "originalestimate", "timeoriginalestimate":
		return "timeoriginalestimate"
	case "remainingestimate", "timeestimate":
		return "timeestimate"
	}
	return ""
}

// squeeze appends name without capitals, blanks and punctuation. A name longer than the buffer is no system field's,
// and is cut off.
func squeeze(buf []byte, name string) []byte {
	for i := 0; i < len(name) && len(buf) < cap(buf); i++ {
		switch c := name[i]; {
		case c == ' ' || c == '_' || c == '-' || c == '/':
		case 'A' <= c && c <= 'Z':
			buf = append(buf, c|' ')
		default:
			buf = append(buf, c)
		}
	}
	return buf
}

// system is the system field that changed, "" for a custom one. The ID counts more than the name, which may be
// translated, and an administrator may call a custom field "Status".
func (c *Change) system() string {
	switch {
	case c.Custom || strings.HasPrefix(c.FieldID, "customfield_"):
		if f := systemField(c.Field); f == fieldSprint || f == fieldRank {
			return f
		}
		return ""
	case c.FieldID != "":
		if f := systemField(c.FieldID); f != "" {
			return f
		}
	}
	return systemField(c.Field)
}

// Changed finds the change of a field by the field's ID or its name, without regard to capitals and blanks. The field's
// ID counts first, then a system field's own names, then the display name. Where Jira wrote several items for the
// several values of one field, they are put together into one.
func (e *Event) Changed(field string) (Change, bool) {
	system := systemField(field)
	for _, matches := range [...]func(c *Change) bool{
		func(c *Change) bool { return strings.EqualFold(c.FieldID, field) },
		func(c *Change) bool { return system != "" && c.system() == system },
		func(c *Change) bool { return strings.EqualFold(c.Field, field) },
		func(c *Change) bool { return alike(c.Field, field) },
	} {
		found := false
		var change Change
		for i := range e.Changes {
			switch c := &e.Changes[i]; {
			case field == "" || !matches(c):
			case !found:
				change, found = *c, true
			case c.FieldID == change.FieldID && c.Custom == change.Custom:
				change = change.and(*c)
			}
		}
		if found {
			return change, true
		}
	}
	return Change{}, false
}

// and puts a later item of the same field to an earlier one.
func (c Change) and(later Change) Change {
	if c.Added == nil && c.Removed == nil && later.Added == nil && later.Removed == nil {
		c.To, c.ToID = later.To, later.ToID // one value, changed twice
		return c
	}
	list := func(a, b string) string {
		if a == "" || b == "" {
			return a + b
		}
		return a + ", " + b
	}
	c.From, c.To = list(c.From, later.From), list(c.To, later.To)
	c.FromID, c.ToID = list(c.FromID, later.FromID), list(c.ToID, later.ToID)
	c.Added = append(c.Added[:len(c.Added):len(c.Added)], later.Added...)
	c.Removed = append(c.Removed[:len(c.Removed):len(c.Removed)], later.Removed...)
	return c
}

// alike compares names of fields: "storyPoints" and "Story Points" are.
func alike(a, b string) bool {
	plain := func(s string) string {
		return strings.NewReplacer(" ", "", "_", "", "-", "", "/", "").Replace(s)
	}
	return strings.EqualFold(plain(a), plain(b))
}
