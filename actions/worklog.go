package actions

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"jirabot/internal/expression"
	"jirabot/jiraclient"
)

var worklog = Kind{
	Name:    "worklog",
	Doc:     "Logs work on the issue, as done by the bot user.",
	Example: `worklog: {spent: 30m, comment: "Triage"}`,
	Needs:   []jiraclient.Permission{jiraclient.WorkOnIssues},
	Creates: true,
	Asks:    "the mark that it puts beside the worklog, as a property",
	New:     func() Step { return new(worklogStep) },
}

type worklogStep struct {
	on
	Spent   expression.Text `yaml:"spent,required" doc:"How long, as Jira writes it: 30m, 1h 30m, 2d."`
	Comment expression.Text `yaml:"comment" doc:"What was done."`
}

// duration is what Jira takes for one. How long a day or a week is, and what a bare number counts, Jira knows.
var duration = regexp.MustCompile(`^(\d+(\.\d+)?[wdhm]?\s*)+$`)

func (st *worklogStep) Plan(s *expression.Scope) (Operation, error) {
	key, err := st.target(s)
	if err != nil {
		return nil, err
	}
	spent, err := filled("spent", st.Spent, s)
	if err != nil {
		return nil, err
	}
	if !duration.MatchString(spent) {
		return nil, fmt.Errorf("spent: %q is no time such as 30m, 1h 30m or 2d", spent)
	}
	comment, err := st.Comment.Render(s)
	if err != nil {
		return nil, fmt.Errorf("comment: %w", err)
	}
	// The event's time is the same on every try, so that the work is found again where Jira takes no marks.
	return worklogOn{key, spent, strings.TrimSpace(comment), s.Now()}, nil
}

type worklogOn struct {
	issue, spent, comment string
	started               time.Time
}

func (o worklogOn) String() string {
	if o.comment == "" {
		return fmt.Sprintf("log %s of work on %s", o.spent, o.issue)
	}
	return fmt.Sprintf("log %s of work on %s: %s", o.spent, o.issue, o.comment)
}

func (o worklogOn) Target() string { return o.issue }

func (o worklogOn) Apply(ctx context.Context, jira *Jira, try Try) (Outcome, error) {
	work := jiraclient.NewWorklog{
		TimeSpent: o.spent, Started: jiraclient.Time{Time: o.started}, Comment: o.comment,
		Properties: map[string]any{jiraclient.Mark: try.Mark},
	}
	if try.Again {
		found, err := o.find(ctx, jira, work, try.Mark)
		if err != nil {
			return "", err
		}
		if found {
			return Already, nil
		}
	}
	_, err := jira.AddWorklog(ctx, o.issue, work)
	return done(err)
}

// find looks for the work of an earlier try: by its mark, and where it has none by its time and text. The same work with
// the mark of another step is not ours.
func (o worklogOn) find(ctx context.Context, jira *Jira, work jiraclient.NewWorklog, mark string) (bool, error) {
	if _, found, err := jira.FindWorklog(ctx, o.issue, jiraclient.Mark, mark); err != nil || found {
		return found, err
	}
	same, found, err := jira.SameWorklog(ctx, o.issue, work)
	if err != nil || !found {
		return false, err
	}
	for w, err := range jira.Worklogs(ctx, o.issue) {
		if err != nil {
			return false, err
		}
		if w.ID == same {
			return w.Properties[jiraclient.Mark] == nil, nil
		}
	}
	return false, nil
}
