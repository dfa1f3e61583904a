package jiratest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// test builds the comparison of one operand. Values that cannot exist are errors, as in Jira.
func (c *compiler) test(f *searchField, cl *clause, operator string, o operand) (func(any) bool, error) {
	switch f.of {
	case byPerson:
		return c.personTest(f, o)
	case byTime:
		return c.timeTest(f, operator, o)
	case byKey:
		return c.keyTest(f, operator, o)
	case byText:
		if o.function {
			return nil, missingFunction(o)
		}
		wanted := tokens(o.value)
		return func(v any) bool { return containsWords(v.(string), wanted, o.value) }, nil
	case byNumber:
		n, err := strconv.ParseFloat(o.value, 64)
		if err != nil || o.function {
			return nil, refuse(400, "Value '%s' is not a number for field '%s'.", o.value, cl.field)
		}
		return func(v any) bool { return holdsOrder(operator, f.compare(v, n)) }, nil
	}
	return c.nameTest(f, cl, operator, o)
}

func (c *compiler) nameTest(f *searchField, cl *clause, operator string, o operand) (func(any) bool, error) {
	if o.function && f.field != nil && f.field.kind == sprintRef {
		return sprintTest(o)
	}
	if o.function {
		return nil, missingFunction(o)
	}
	if !c.exists(f, o.value) {
		return nil, missingValue(cl.field, o.value)
	}
	if f.ordered && operator != "=" && operator != "in" {
		bound := pick(c.j.priorities, o.value)
		return func(v any) bool { return holdsOrder(operator, f.compare(v, bound)) }, nil
	}
	return func(v any) bool { return goesBy(v, o.value) }, nil
}

// goesBy tells whether a value goes by this name, ID or key.
func goesBy(v any, ref string) bool {
	if p, ok := v.(*project); ok {
		return strings.EqualFold(p.key, ref) || strings.EqualFold(p.name, ref) || text(p.id) == ref
	}
	if ch, ok := v.(choice); ok {
		return goesBy(ch.parent, ref) || ch.child != nil && goesBy(ch.child, ref)
	}
	if n, ok := v.(*named); ok && strings.EqualFold(n.path, ref) { // a status category's key
		return true
	}
	id, name := describe(v)
	return strings.EqualFold(name, ref) || id == ref && id != ""
}

// exists tells whether any issue could have this value.
func (c *compiler) exists(f *searchField, ref string) bool {
	j := c.j
	anyProject := func(test func(*project) bool) bool { return slices.ContainsFunc(j.projects, test) }
	switch f.name {
	case "project":
		return anyProject(func(p *project) bool { return goesBy(p, ref) && (c.user == nil || j.may(c.user, browse, p, nil)) })
	case "status":
		return j.statusNamed(ref) != nil
	case "statusCategory":
		return slices.ContainsFunc([]string{"new", "indeterminate", "done"}, func(k string) bool { return goesBy(categoryNames(k), ref) })
	case "issuetype":
		return slices.ContainsFunc(j.types, func(t *issueType) bool { return goesBy(t, ref) })
	case "priority":
		return pick(j.priorities, ref) != nil
	case "resolution":
		return pick(j.resolutions, ref) != nil
	case "component":
		return anyProject(func(p *project) bool { return p.component(ref) != nil })
	case "fixVersion", "affectedVersion":
		return anyProject(func(p *project) bool { return p.version(ref) != nil })
	}
	if f.field == nil || f.field.kind != option && f.field.kind != cascading {
		return true
	}
	known := slices.Clone(f.field.options)
	for _, children := range f.field.children {
		known = append(known, children...)
	}
	return pick(known, ref) != nil
}

func (c *compiler) personTest(f *searchField, o operand) (func(any) bool, error) {
	if o.function {
		switch strings.ToLower(o.value) {
		case "currentuser":
			return func(v any) bool { return c.user != nil && v == any(c.user) }, nil
		case "membersof":
			if len(o.args) == 1 {
				return func(v any) bool { u, ok := v.(*user); return ok && u.inGroup(o.args[0]) }, nil
			}
		}
		return nil, missingFunction(o)
	}
	wanted := c.j.user(o.value)
	if wanted == nil {
		return nil, missingValue(f.name, o.value)
	}
	return func(v any) bool { return v == any(wanted) }, nil
}

func (c *compiler) keyTest(f *searchField, operator string, o operand) (func(any) bool, error) {
	if o.function {
		return nil, missingFunction(o)
	}
	wanted := c.j.lookup(strings.ToUpper(o.value))
	if wanted == nil || c.user != nil && !c.j.may(c.user, browse, wanted.project, wanted) {
		return nil, refuse(400, "An issue with key '%s' does not exist for field '%s'.", o.value, f.name)
	}
	return func(v any) bool {
		i := v.(*issue)
		if operator == "=" || operator == "in" {
			return i.id == wanted.id
		}
		return i.project == wanted.project && holdsOrder(operator, i.number-wanted.number)
	}, nil
}

func holdsOrder(operator string, n int) bool {
	switch operator {
	case "<":
		return n < 0
	case "<=":
		return n <= 0
	case ">":
		return n > 0
	case ">=":
		return n >= 0
	}
	return n == 0
}

func (c *compiler) timeTest(f *searchField, operator string, o operand) (func(any) bool, error) {
	bound, err := c.moment(f, o)
	if err != nil {
		return nil, err
	}
	return func(v any) bool {
		t, ok := v.(time.Time)
		if s, isDate := v.(string); isDate {
			t, _ = time.ParseInLocation(time.DateOnly, s, c.now.Location())
			ok = true
		}
		return ok && holdsOrder(operator, t.Compare(bound))
	}, nil
}

// moment reads "-14d", "2006-01-02 15:04", now(), startOfDay(-1d) and their like.
func (c *compiler) moment(f *searchField, o operand) (time.Time, error) {
	if o.function {
		return c.timeFunction(o)
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006/01/02 15:04", time.DateOnly, "2006/01/02"} {
		if t, err := time.ParseInLocation(layout, o.value, c.now.Location()); err == nil {
			return t, nil
		}
	}
	if d, ok := period(o.value); ok {
		return c.now.Add(d), nil
	}
	return time.Time{}, refuse(400, "Date value '%s' for field '%s' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "+
		"'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.", o.value, f.name)
}

func (c *compiler) timeFunction(o operand) (time.Time, error) {
	y, m, d := c.now.Date()
	var t time.Time
	switch strings.ToLower(o.value) {
	case "now":
		return c.now, nil
	case "startofday":
		t = time.Date(y, m, d, 0, 0, 0, 0, c.now.Location())
	case "endofday":
		t = time.Date(y, m, d+1, 0, 0, 0, 0, c.now.Location()).Add(-time.Millisecond)
	case "startofweek":
		t = time.Date(y, m, d-int(c.now.Weekday()), 0, 0, 0, 0, c.now.Location())
	case "startofmonth":
		t = time.Date(y, m, 1, 0, 0, 0, 0, c.now.Location())
	case "startofyear":
		t = time.Date(y, 1, 1, 0, 0, 0, 0, c.now.Location())
	default:
		return t, missingFunction(o)
	}
	if len(o.args) > 0 {
		by, ok := period(o.args[0])
		if !ok {
			return t, missingFunction(o)
		}
		t = t.Add(by)
	}
	return t, nil
}

// period reads "-14d" or "4w 2d": calendar time, unlike what people log.
func period(s string) (time.Duration, bool) {
	match := regexp.MustCompile(`^([+-]?)((?:\d{1,6}[wdhm]\s*)+)$`).FindStringSubmatch(strings.ToLower(s))
	if match == nil {
		return 0, false
	}
	units := map[byte]time.Duration{'w': 7 * 24 * time.Hour, 'd': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute}
	var sum time.Duration
	for _, part := range regexp.MustCompile(`\d+[wdhm]`).FindAllString(match[2], -1) {
		n, err := strconv.Atoi(part[:len(part)-1])
		if err != nil {
			return 0, false
		}
		sum += time.Duration(n) * units[part[len(part)-1]]
	}
	if match[1] == "-" {
		sum = -sum
	}
	return sum, true
}

// tokens are the words of a text as the index has them.
func tokens(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '*' })
}

// containsWords is "~": every word occurs, "wait*" as a beginning; a query in inner quotes is a phrase.
func containsWords(s string, wanted []string, raw string) bool {
	if phrase := strings.Trim(raw, `"`); phrase != raw {
		return strings.Contains(strings.ToLower(s), strings.ToLower(phrase))
	}
	have := tokens(s)
	for _, w := range wanted {
		prefix, open := strings.CutSuffix(w, "*")
		if !slices.ContainsFunc(have, func(h string) bool { return h == w || open && strings.HasPrefix(h, prefix) }) {
			return false
		}
	}
	return len(wanted) > 0
}
