package jiraclient_test

import (
	"context"
	"testing"
	"time"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// TestWorklogDeeds: of a day that was estimated, bob and the bot have used an hour each; six are left.
func TestWorklogScenes(t *testing.T) {
	work := func(i jiratest.Issue) any {
		text := ""
		for _, w := range i.Worklogs {
			text += sprint("%s %v %q %s, ", w.Author, time.Duration(w.Seconds)*time.Second, w.Comment, w.Started.Format("15:04"))
		}
		return text + sprint("left %v", time.Duration(i.Remaining)*time.Second)
	}
	comment := "more"
	edit := func(e jiraclient.WorklogEdit) func(context.Context, *jiraclient.Client) (any, error) {
		return func(ctx context.Context, c *jiraclient.Client) (any, error) {
			w, err := c.EditWorklog(ctx, "PAY-1", "10001", e)
			return sprint("%s %d", w.TimeSpent, w.Seconds), err
		}
	}
	remove := func(e jiraclient.Estimate) func(context.Context, *jiraclient.Client) (any, error) {
		return func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.DeleteWorklog(ctx, "PAY-1", "10001", e))
		}
	}
	add := func(n jiraclient.NewWorklog) func(context.Context, *jiraclient.Client) (any, error) {
		return func(ctx context.Context, c *jiraclient.Client) (any, error) {
			w, err := c.AddWorklog(ctx, "PAY-1", n)
			return sprint("%s %d", w.TimeSpent, w.Seconds), err
		}
	}
	const bobs = `bob 1h0m0s "by bob" 09:00, `
	const both = bobs + `bot 1h0m0s "by bot" 09:00, `
	mayNotAdd := scene{refuse: without(jiraclient.WorkOnIssues), is: jiraclient.ErrDenied, state: work,
		no: "POST /rest/api/2/issue/PAY-1/worklog: 403: You do not have permission to associate a worklog to this issue."}
	mayNotEdit := scene{refuse: without(jiraclient.EditOwnWorklogs), is: jiraclient.ErrDenied, state: work,
		no: "PUT /rest/api/2/issue/PAY-1/worklog/10001: 403: You do not have permission to edit this worklog."}
	mayNotDelete := scene{refuse: without(jiraclient.DeleteOwnWorklogs), is: jiraclient.ErrDenied, state: work,
		no: "DELETE /rest/api/2/issue/PAY-1/worklog/10001: 403: You do not have permission to delete this worklog."}
	var scenes []scene
	for _, tt := range []struct {
		name        string
		refused     scene
		do          func(context.Context, *jiraclient.Client) (any, error)
		want, after string
	}{
		{"work is logged", mayNotAdd, add(jiraclient.NewWorklog{TimeSpent: "30m", Comment: "x"}), "30m 1800", both + `bot 30m0s "x" 09:00, left 5h30m0s`},
		{"work is logged beside the estimate", mayNotAdd, add(jiraclient.NewWorklog{Seconds: 60, AdjustEstimate: "leave"}), "1m 60", both + `bot 1m0s "" 09:00, left 6h0m0s`},
		{"work is logged with a new estimate", mayNotAdd, add(jiraclient.NewWorklog{TimeSpent: "1h", AdjustEstimate: "new", NewEstimate: "1d"}), "1h 3600", both + `bot 1h0m0s "" 09:00, left 8h0m0s`},
		{"work is logged and the estimate cut by hand", mayNotAdd, add(jiraclient.NewWorklog{TimeSpent: "1h", AdjustEstimate: "manual", ReduceBy: "4h"}), "1h 3600", both + `bot 1h0m0s "" 09:00, left 2h0m0s`},
		{"a time is corrected", mayNotEdit, edit(jiraclient.WorklogEdit{TimeSpent: "3h"}), "3h 10800", bobs + `bot 3h0m0s "by bot" 09:00, left 4h0m0s`},
		{"a time is corrected in seconds", mayNotEdit, edit(jiraclient.WorklogEdit{Seconds: 60, Estimate: jiraclient.Estimate{Adjust: "leave"}}), "1m 60", bobs + `bot 1m0s "by bot" 09:00, left 6h0m0s`},
		{"a comment is corrected and the rest stays", mayNotEdit, edit(jiraclient.WorklogEdit{Comment: &comment, Started: jiraclient.Time{Time: time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)}}), "1h 3600", bobs + `bot 1h0m0s "more" 08:30, left 6h0m0s`},
		{"an edit sets the estimate", mayNotEdit, edit(jiraclient.WorklogEdit{Comment: &comment, Estimate: jiraclient.Estimate{Adjust: "new", New: "2h"}}), "1h 3600", bobs + `bot 1h0m0s "more" 09:00, left 2h0m0s`},
		{"work goes and gives its time back", mayNotDelete, remove(jiraclient.Estimate{}), "<nil>", bobs + "left 7h0m0s"},
		{"work goes and the estimate stays", mayNotDelete, remove(jiraclient.Estimate{Adjust: "leave"}), "<nil>", bobs + "left 6h0m0s"},
		{"work goes with a new estimate", mayNotDelete, remove(jiraclient.Estimate{Adjust: "new", New: "1h"}), "<nil>", bobs + "left 1h0m0s"},
		{"work goes and the estimate grows by hand", mayNotDelete, remove(jiraclient.Estimate{Adjust: "manual", By: "30m"}), "<nil>", bobs + "left 6h30m0s"},
	} {
		s := tt.refused
		s.name, s.do, s.want, s.after = tt.name, tt.do, tt.want, tt.after
		scenes = append(scenes, s)
	}
	scenes = append(scenes, scene{name: "work is read", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
		w, err := c.Worklog(ctx, "PAY-1", "10000")
		return w.Author.Name + " " + w.TimeSpent + " of " + w.IssueID, err
	}, want: "bob 1h of 10000",
		refuse: unseen, is: jiraclient.ErrNotFound,
		no: "GET /rest/api/2/issue/PAY-1/worklog/10000: 404: Issue Does Not Exist (missing, or not visible to bot)"})
	scenes = append(scenes, scene{name: "work is listed", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
		text := ""
		for w, err := range c.Worklogs(ctx, "PAY-1") {
			if err != nil {
				return text, err
			}
			text += w.Comment + ", "
		}
		return text, nil
	}, want: "by bob, by bot, ",
		refuse: unseen, is: jiraclient.ErrNotFound,
		no: "GET /rest/api/2/issue/PAY-1/worklog: 404: Issue Does Not Exist (missing, or not visible to bot)"})
	tell(t, scenes)
}

// TestOthersWorkIsTheirs: what belongs to somebody else takes a permission of its own.
func TestOthersWorkIsTheirs(t *testing.T) {
	j, c := shop(t, "")
	if err := c.DeleteWorklog(t.Context(), "PAY-1", "10000", jiraclient.Estimate{}); err == nil ||
		err.Error() != "DELETE /rest/api/2/issue/PAY-1/worklog/10000: 403: You do not have permission to delete this worklog." {
		t.Errorf("got %v", err)
	}
	j.Grant("PAY", "DELETE_ALL_WORKLOGS", "bot")
	if err := c.DeleteWorklog(t.Context(), "PAY-1", "10000", jiraclient.Estimate{}); err != nil {
		t.Error(err)
	}
}
