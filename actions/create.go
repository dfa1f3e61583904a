package actions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"jirabot/internal/expression"
	"jirabot/jiraclient"
)

var create = Kind{
	Name:    "create",
	Doc:     "Creates an issue, or a sub-task when a parent is given.",
	Example: `create: {type: Sub-task, parent: "${issue.key}", summary: "Write release notes for ${issue.key}"}`,
	Needs:   []jiraclient.Permission{jiraclient.CreateIssues},
	Creates: true,
	Asks:    "the mark that it puts on the new issue, as a property",
	New:     func() Step { return new(createStep) },
}

type createStep struct {
	Project     expression.Text `yaml:"project" doc:"Project key; by default the parent's, or that of the event's issue."`
	Type        expression.Text `yaml:"type,required" doc:"The issue type's name."`
	Summary     expression.Text `yaml:"summary,required" doc:"The new issue's summary."`
	Description expression.Text `yaml:"description" doc:"Its description."`
	Parent      expression.Text `yaml:"parent" doc:"Key of the parent: makes it a sub-task."`
	Fields      fieldValues     `yaml:"fields" doc:"Further fields with their values, as in edit: set."`
}

// Needs adds what Jira asks for some fields on top of CREATE_ISSUES.
func (st *createStep) Needs() []jiraclient.Permission { return fieldPermissions(st.Fields.names...) }

// InProject is the project in which the step creates, if the rule says so in so many words; "" if that is decided later.
func (st *createStep) InProject() string {
	return literal(st.Project)
}

func (st *createStep) Plan(s *expression.Scope) (Operation, error) {
	op := createOf{project: s.Project.Key}
	for _, t := range []struct {
		name string
		text expression.Text
		into *string
		must bool
	}{
		{"type", st.Type, &op.kind, true}, {"summary", st.Summary, &op.summary, true},
		{"parent", st.Parent, &op.parent, false}, {"project", st.Project, &op.project, false},
	} {
		if !t.must && !t.text.Given() {
			continue
		}
		var err error
		if *t.into, err = filled(t.name, t.text, s); err != nil {
			return nil, err
		}
	}
	op.summary = strings.Join(strings.Fields(op.summary), " ") // Jira refuses line breaks in a summary
	if op.parent != "" && !st.Project.Given() {
		if i := strings.LastIndexByte(op.parent, '-'); i > 0 {
			op.project = op.parent[:i]
		}
	}
	if op.project == "" {
		return nil, errors.New("project: the event has no issue to take it from; name one")
	}
	var err error
	if op.description, err = st.Description.Render(s); err != nil {
		return nil, fmt.Errorf("description: %w", err)
	}
	if op.fields, err = st.Fields.plan("set", s); err != nil {
		return nil, fmt.Errorf("fields: %w", err)
	}
	return op, nil
}

type createOf struct {
	project, kind, summary, description, parent string
	fields                                      []fieldChange
}

func (o createOf) String() string {
	where := "in " + o.project
	if o.parent != "" {
		where = "of " + o.parent
	}
	sentence := fmt.Sprintf("create %s %s: %s", o.kind, where, o.summary)
	if len(o.fields) == 0 {
		return sentence
	}
	parts := make([]string, len(o.fields))
	for i, f := range o.fields {
		parts[i] = strings.TrimSpace(f.field + " " + show(f.value))
	}
	return fmt.Sprintf("%s (%s)", sentence, strings.Join(parts, ", "))
}

// Target is the parent, as that is the only issue there is yet.
func (o createOf) Target() string { return o.parent }

// Project is where the issue is created, and where a permission would be missing.
func (o createOf) Project() string { return o.project }

func (o createOf) Apply(ctx context.Context, jira *Jira, try Try) (Outcome, error) {
	if try.Again {
		found, err := o.find(ctx, jira, try.Mark)
		if err != nil {
			return "", err
		}
		if found {
			return Already, nil
		}
	}
	fields, known, err := settings(ctx, jira, o.fields)
	if err != nil {
		return "", err
	}
	for id, value := range o.own() {
		if _, twice := fields[id]; twice {
			return "", fmt.Errorf("fields: %s has a key of its own in create; give it there only", id)
		}
		fields[id] = value
	}
	_, err = jira.CreateIssue(ctx, jiraclient.Create{Fields: fields, Properties: map[string]any{jiraclient.Mark: try.Mark}})
	if err != nil {
		return "", refused(ctx, jira, o.screen(jira), known, err)
	}
	return Done, nil
}

// own are the fields that have a key of their own in the rule.
func (o createOf) own() map[string]any {
	fields := map[string]any{
		"project":   map[string]any{"key": o.project},
		"issuetype": map[string]any{"name": o.kind},
		"summary":   o.summary,
	}
	if o.description != "" {
		fields["description"] = o.description
	}
	if o.parent != "" {
		fields["parent"] = map[string]any{"key": o.parent}
	}
	return fields
}

func (o createOf) screen(jira *Jira) screen {
	return screen{
		name: fmt.Sprintf("the screen on which a %s is created in %s", o.kind, o.project), where: jiraclient.PermissionQuery{Project: o.project},
		fields: func(ctx context.Context) (map[string]jiraclient.FieldMeta, error) {
			return jira.CreateMeta(ctx, o.project, o.kind)
		},
	}
}

// lookBack bounds how many of the bot's newest issues are asked for the mark of an earlier try.
const lookBack = 50

// find looks for the issue that an earlier try may have created.
func (o createOf) find(ctx context.Context, jira *Jira, mark string) (bool, error) {
	keys, err := o.candidates(ctx, jira)
	if err != nil {
		return false, fmt.Errorf("look for the issue of an earlier try: %w", err)
	}
	for _, key := range keys {
		if found, err := marked(ctx, jira, key, mark); found || err != nil {
			return found, err
		}
	}
	if o.parent != "" {
		return false, nil
	}
	return o.findUnindexed(ctx, jira, mark)
}

// marked tells whether an issue bears the mark.
func marked(ctx context.Context, jira *Jira, key, mark string) (bool, error) {
	value, err := jira.GetIssueProperty(ctx, key, jiraclient.Mark)
	if errors.Is(err, jiraclient.ErrNotFound) || errors.Is(err, jiraclient.ErrUnavailable) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the mark of an earlier try on %s: %w", key, err)
	}
	var has string
	return json.Unmarshal(value, &has) == nil && has == mark, nil
}

// missing is how many keys in a row must be free for the project to end there: some issues are deleted, or hidden.
const missing = 3

// findUnindexed looks at the issues that Jira's search does not know yet. Keys count up, and an issue can be had by its key
// as soon as it is there.
func (o createOf) findUnindexed(ctx context.Context, jira *Jira, mark string) (bool, error) {
	last := 0
	jql := fmt.Sprintf("project = %s ORDER BY key DESC", quoteJQL(o.project))
	for found, err := range jira.Search(ctx, jql, jiraclient.SearchQuery{Fields: []string{"summary"}, PageSize: 1, Max: 1}) {
		if err != nil {
			return false, fmt.Errorf("look for the newest issue of %s: %w", o.project, err)
		}
		last, _ = strconv.Atoi(found.Key[strings.LastIndexByte(found.Key, '-')+1:])
	}
	for n, free := last+1, 0; free < missing && n <= last+lookBack; n++ {
		key := fmt.Sprintf("%s-%d", o.project, n)
		_, err := readIssue(ctx, jira, key, "summary")
		if errors.Is(err, jiraclient.ErrNotFound) {
			free++
			continue
		}
		if err != nil {
			return false, fmt.Errorf("look for the issue of an earlier try: %w", err)
		}
		free = 0
		if found, err := marked(ctx, jira, key, mark); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// candidates are the issues that may be the one, the likeliest first. A parent knows its sub-tasks at once; for other
// issues Jira's search is asked.
func (o createOf) candidates(ctx context.Context, jira *Jira) ([]string, error) {
	if o.parent != "" {
		parent, err := readIssue(ctx, jira, o.parent, "subtasks")
		slices.Reverse(parent.Subtasks) // the newest first
		return parent.Subtasks, err
	}
	var same, others []string
	jql := fmt.Sprintf("project = %s AND creator = currentUser() AND created >= -7d ORDER BY created DESC", quoteJQL(o.project))
	for found, err := range jira.Search(ctx, jql, jiraclient.SearchQuery{Fields: []string{"summary"}, PageSize: lookBack, Max: lookBack}) {
		if err != nil {
			return nil, err
		}
		if isSo(o.summary, asJSON(found.Fields["summary"])) {
			same = append(same, found.Key)
		} else {
			others = append(others, found.Key)
		}
	}
	return append(same, others...), nil
}

// quoteJQL makes a text a JQL string.
func quoteJQL(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
