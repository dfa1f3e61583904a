package jiraclient_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func boards(b jiraclient.Board) string { return b.ID + ":" + b.Name + ":" + b.Kind }

// TestAgileCalls: each call against a Jira that behaves, and its refusal.
func TestAgileCalls(t *testing.T) {
	none := jiraclient.SearchQuery{}
	hidden := func(s *simulated) {
		s.Revoke("PAY", "bot", "BROWSE_PROJECTS")
		s.Revoke("CHK", "bot", "BROWSE_PROJECTS")
	}
	unplanned := func(s *simulated) { s.Revoke("PAY", "bot", "MANAGE_SPRINTS_PERMISSION") }
	for _, tt := range []struct {
		name    string
		prepare func(*simulated)
		do      trial
		want    string
		refused error  // what the error is
		says    string // a part of it
	}{
		{name: "boards that the bot sees", want: "1:Payments:scrum 2:Support:kanban", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.Boards(ctx, jiraclient.BoardQuery{}), boards)
		}},
		{name: "boards by kind and name", want: "2:Support:kanban", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.Boards(ctx, jiraclient.BoardQuery{Kind: "kanban", Name: "supp"}), boards)
		}},
		{name: "boards of a project", want: "1:Payments:scrum", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.Boards(ctx, jiraclient.BoardQuery{Project: "PAY"}), boards)
		}},
		{name: "boards of a hidden project", says: "400: No project could be found with key 'OPS'", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.Boards(ctx, jiraclient.BoardQuery{Project: "OPS"}), boards)
		}},
		{name: "a board", want: "1:Payments:scrum", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			b, err := c.Board(ctx, "1")
			return boards(b), err
		}},
		{name: "a hidden board", prepare: hidden, refused: jiraclient.ErrNotFound, says: "Board does not exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			b, err := c.Board(ctx, "1")
			return boards(b), err
		}},
		{name: "how a board is set up", want: "1 10001 To Do,In Progress,Done customfield_10000 customfield_10003", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			b, err := c.BoardConfiguration(ctx, "1")
			var columns []string
			for _, column := range b.Columns {
				if len(column.Statuses) == 0 {
					t.Error("a column without statuses")
				}
				columns = append(columns, column.Name)
			}
			return strings.Join([]string{b.ID, b.Filter, strings.Join(columns, ","), b.Estimation, b.RankField}, " "), err
		}},
		{name: "how a hidden board is set up", prepare: hidden, refused: jiraclient.ErrNotFound, says: "Board does not exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			b, err := c.BoardConfiguration(ctx, "1")
			return b.ID, err
		}},
		{name: "issues of a board by JQL", want: "CHK-1 CHK-2", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.BoardIssues(ctx, "1", "project = CHK", none), key)
		}},
		{name: "issues of a hidden board", prepare: hidden, refused: jiraclient.ErrNotFound, says: "Board does not exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.BoardIssues(ctx, "1", "", none), key)
		}},
		{name: "issues of a board by JQL that is wrong", says: "400: Field 'nope' does not exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.BoardIssues(ctx, "1", "nope = 1", none), key)
		}},
		{name: "the backlog has no epics and nothing that is in a sprint", want: "PAY-3 PAY-4 PAY-5 CHK-1 CHK-2", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.BacklogIssues(ctx, "1", "", none), key)
		}},
		{name: "sprints", want: "Sprint 1 Sprint 2", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.Sprints(ctx, "1"), title)
		}},
		{name: "sprints in a state", want: "", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.Sprints(ctx, "1", jiraclient.SprintActive, jiraclient.SprintClosed), title)
		}},
		{name: "sprints of a kanban board", says: "400: The board does not support sprints", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.Sprints(ctx, "2"), title)
		}},
		{name: "a sprint", want: "Sprint 1 future 1", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.Sprint(ctx, "1")
			return s.Name + " " + s.State + " " + s.Board, err
		}},
		{name: "a hidden sprint", prepare: hidden, refused: jiraclient.ErrNotFound, says: "Sprint does not exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.Sprint(ctx, "1")
			return s.Name, err
		}},
		{name: "issues of a sprint", want: "PAY-2", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.SprintIssues(ctx, "1", "", none), key)
		}},
		{name: "issues of no sprint", refused: jiraclient.ErrNotFound, says: "Sprint does not exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.SprintIssues(ctx, "9", "", none), key)
		}},
		{name: "a sprint on a kanban board", says: "400: The board does not support sprints", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.CreateSprint(ctx, jiraclient.NewSprint{Name: "x", Board: "2"})
			return s.Name, err
		}},
		{name: "a sprint that one may not make", prepare: unplanned, refused: jiraclient.ErrDenied, says: "Manage Sprints permission", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.CreateSprint(ctx, jiraclient.NewSprint{Name: "x", Board: "1"})
			return s.Name, err
		}},
		{name: "a sprint on a board by name", says: `create sprint "x": the board's ID is a number, not "Payments"`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.CreateSprint(ctx, jiraclient.NewSprint{Name: "x", Board: "Payments"})
			return s.Name, err
		}},
		{name: "a sprint that one may not change", prepare: unplanned, refused: jiraclient.ErrDenied, says: "Manage Sprints permission", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.UpdateSprint(ctx, "1", jiraclient.SprintEdit{Name: "x"})
			return s.Name, err
		}},
		{name: "a change of nothing", says: "update sprint 1: nothing to change is given", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.UpdateSprint(ctx, "1", jiraclient.SprintEdit{})
			return s.Name, err
		}},
		{name: "a start without dates", says: "400: A sprint needs a start date and an end date to be started.", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.StartSprint(ctx, "1", jiraclient.Time{}, jiraclient.Time{})
			return s.Name, err
		}},
		{name: "the end of what has not begun", says: "400: A sprint cannot go from future to closed.", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			s, err := c.CloseSprint(ctx, "1")
			return s.Name, err
		}},
		{name: "a deletion that one may not make", prepare: unplanned, refused: jiraclient.ErrDenied, says: "Manage Sprints permission",
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.DeleteSprint(ctx, "1") })},
		{name: "a move into a sprint without leave", prepare: func(s *simulated) { s.Revoke("PAY", "bot", "SCHEDULE_ISSUES") }, refused: jiraclient.ErrDenied, says: "SCHEDULE_ISSUES for issue PAY-3",
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.MoveToSprint(ctx, "1", "PAY-3") })},
		{name: "a move of a hidden issue", refused: jiraclient.ErrNotFound, says: "Issue OPS-1 does not exist or",
			do: just(func(ctx context.Context, c *jiraclient.Client) error {
				return c.MoveToSprint(ctx, "1", "PAY-3", "OPS-1")
			})},
		{name: "a move into the backlog without leave", prepare: func(s *simulated) { s.Revoke("PAY", "bot", "EDIT_ISSUES") }, refused: jiraclient.ErrDenied, says: "EDIT_ISSUES for issue PAY-2",
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.MoveToBacklog(ctx, "PAY-2") })},
		{name: "a move of nothing", do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.MoveToBacklog(ctx) })},
		{name: "an epic", want: "10000 PAY-1 Epic 1 false", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			e, err := c.Epic(ctx, "PAY-1")
			return sprint("%s %s %s %t", e.ID, e.Key, e.Name, e.Done), err
		}},
		{name: "what is no epic", refused: jiraclient.ErrNotFound, says: "The epic does not exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			e, err := c.Epic(ctx, "PAY-2")
			return e.Key, err
		}},
		{name: "issues of what is no epic", refused: jiraclient.ErrNotFound, says: "The epic does not exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.EpicIssues(ctx, "PAY-2", "", none), key)
		}},
		{name: "issues without an epic", want: "PAY-2 PAY-3", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.IssuesWithoutEpic(ctx, "project = PAY", jiraclient.SearchQuery{Max: 2}), key)
		}},
		{name: "issues without an epic, by JQL that is wrong", says: "400: Field 'nope'", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.IssuesWithoutEpic(ctx, "nope = 1", none), key)
		}},
		{name: "a move into an epic without leave", prepare: func(s *simulated) { s.Revoke("PAY", "bot", "EDIT_ISSUES") }, refused: jiraclient.ErrDenied, says: "permission to edit the epic",
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.MoveToEpic(ctx, "PAY-1", "CHK-1") })},
		{name: "a move out of an epic without leave", prepare: func(s *simulated) { s.Revoke("CHK", "bot", "EDIT_ISSUES") }, refused: jiraclient.ErrDenied, says: "EDIT_ISSUES for issue CHK-1",
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.RemoveFromEpic(ctx, "CHK-1") })},
		{name: "an estimation on a board that counts", says: "400: The board does not estimate with a field.", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			e, err := c.Estimation(ctx, "TRD-1", "2")
			return e.Field, err
		}},
		{name: "an estimation on another board", refused: jiraclient.ErrNotFound, says: "does not belong to the board", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			e, err := c.Estimation(ctx, "PAY-2", "2")
			return e.Field, err
		}},
		{name: "an estimation that is no number", says: "400: 'many' is no number.",
			do: just(func(ctx context.Context, c *jiraclient.Client) error {
				return c.SetEstimation(ctx, "PAY-2", "1", "many")
			})},
		{name: "an estimation without leave", prepare: func(s *simulated) { s.Revoke("PAY", "bot", "EDIT_ISSUES") }, refused: jiraclient.ErrDenied, says: "permission to edit issue PAY-2",
			do: just(func(ctx context.Context, c *jiraclient.Client) error { return c.SetEstimation(ctx, "PAY-2", "1", "8") })},
		{name: "a rank nowhere", says: "rank PAY-2: want either the issue before which",
			do: just(func(ctx context.Context, c *jiraclient.Client) error {
				return c.RankIssues(ctx, jiraclient.Rank{}, "PAY-2")
			})},
		{name: "a rank without leave", prepare: func(s *simulated) { s.Revoke("PAY", "bot", "SCHEDULE_ISSUES") }, refused: jiraclient.ErrDenied, says: "permission to rank",
			do: just(func(ctx context.Context, c *jiraclient.Client) error {
				return c.RankIssues(ctx, jiraclient.Rank{Before: "PAY-2"}, "PAY-3")
			})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := planned(t)
			if tt.prepare != nil {
				tt.prepare(s)
			}
			got, err := tt.do(t.Context(), s.as(t, secret))
			settle(t, got, err, tt.want, tt.refused, tt.says)
		})
	}
}

// settle compares what came of a trial with what should.
func settle(t *testing.T, got string, err error, want string, refused error, says string) {
	t.Helper()
	if refused == nil && says == "" {
		if err != nil || got != want {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("got %q, %v\nwant an error that says %s", got, err, says)
	}
	for _, kind := range []error{jiraclient.ErrDenied, jiraclient.ErrNotFound, jiraclient.ErrUnavailable, jiraclient.ErrUnauthorized} {
		if errors.Is(err, kind) != (refused == kind) {
			t.Errorf("%v is %q: %t", err, kind, errors.Is(err, kind))
		}
	}
}

// planned is a Jira with an epic, PAY-1, tasks from PAY-2 to PAY-5, of which PAY-2 is in Sprint 1, CHK-1, CHK-2, OPS-1 and
// TRD-1, and a second, empty sprint. The second board is a kanban board of OPS that the bot sees for the sake of TRD.
func planned(t *testing.T) *simulated {
	t.Helper()
	s := simulate(t)
	s.AddProject(jiratest.Project{Key: "TRD", Lead: "ann"})
	s.AddBoard(jiratest.Board{Name: "Support", Type: "kanban", Projects: []string{"OPS", "TRD"}})
	s.issues(t, "PAY", "Epic", 1)
	s.issues(t, "PAY", "Task", 4)
	s.issues(t, "CHK", "Task", 2)
	s.issues(t, "OPS", "Task", 1)
	s.issues(t, "TRD", "Task", 1)
	c := s.as(t, secret)
	for _, name := range []string{"Sprint 1", "Sprint 2"} {
		if _, err := c.CreateSprint(t.Context(), jiraclient.NewSprint{Name: name, Board: s.board}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.MoveToSprint(t.Context(), "1", "PAY-2"); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSprintLife: a sprint is made, filled, started, finished, and then nothing goes any more.
func TestSprintLife(t *testing.T) {
	s := simulate(t)
	c, ctx := s.as(t, secret), t.Context()
	keys := s.issues(t, "PAY", "Task", 2)
	if _, err := s.Webhook(jiratest.Registration{Name: "w", RecordOnly: true}); err != nil {
		t.Fatal(err)
	}
	made, err := c.CreateSprint(ctx, jiraclient.NewSprint{Name: " Pay 12 ", Board: s.board, Goal: "No double charges"})
	if err != nil || made.Name != "Pay 12" || made.State != jiraclient.SprintFuture || made.Goal != "No double charges" || !made.Start.IsZero() {
		t.Fatalf("got %+v, %v", made, err)
	}
	if err := c.MoveToSprint(ctx, made.ID, keys...); err != nil {
		t.Fatal(err)
	}
	none := ""
	edited, err := c.UpdateSprint(ctx, made.ID, jiraclient.SprintEdit{Name: "Pay 13", Goal: &none})
	if err != nil || edited.Name != "Pay 13" || edited.Goal != "" {
		t.Errorf("got %+v, %v", edited, err)
	}
	started, err := c.StartSprint(ctx, made.ID, at(2), at(16))
	if err != nil || started.State != jiraclient.SprintActive || !started.Start.Equal(at(2).Time) || !started.End.Equal(at(16).Time) ||
		!started.Activated.Equal(at(2).Time) || started.Name != "Pay 13" {
		t.Errorf("got %+v, %v", started, err)
	}
	if err := c.DeleteSprint(ctx, made.ID); err == nil || !strings.Contains(err.Error(), "Only future sprints can be deleted.") {
		t.Errorf("an active sprint was deleted: %v", err)
	}
	if got, err := all(c.Search(ctx, "sprint in openSprints() order by rank", jiraclient.SearchQuery{}), key); err != nil || got != "PAY-1 PAY-2" {
		t.Errorf("in open sprints are %s, %v", got, err)
	}
	if err := c.MoveToBacklog(ctx, "PAY-1"); err != nil {
		t.Error(err)
	}
	ended, err := c.CloseSprint(ctx, made.ID)
	if err != nil || ended.State != jiraclient.SprintClosed || ended.Completed.IsZero() {
		t.Errorf("got %+v, %v", ended, err)
	}
	for what, err := range map[string]error{
		"changed": second(c.UpdateSprint(ctx, made.ID, jiraclient.SprintEdit{Name: "x"})),
		"filled":  c.MoveToSprint(ctx, made.ID, "PAY-1"),
		"started": second(c.StartSprint(ctx, made.ID, at(2), at(3))),
		"deleted": c.DeleteSprint(ctx, made.ID),
	} {
		if e, ok := errors.AsType[*jiraclient.Error](err); !ok || e.Status != 400 {
			t.Errorf("a closed sprint was %s: %v", what, err)
		}
	}
	// What is in the closed sprint only is in the backlog again, and the sprint remembers it.
	if got, err := all(c.BacklogIssues(ctx, s.board, "", jiraclient.SearchQuery{}), key); err != nil || got != "PAY-1 PAY-2" {
		t.Errorf("in the backlog are %s, %v", got, err)
	}
	if got, err := all(c.SprintIssues(ctx, made.ID, "", jiraclient.SearchQuery{}), key); err != nil || got != "PAY-2" {
		t.Errorf("in the sprint were %s, %v", got, err)
	}
	var events []string
	for _, d := range s.Deliveries() {
		events = append(events, d.Event)
	}
	if got := strings.Join(events, " "); got != "sprint_created jira:issue_updated jira:issue_updated sprint_updated sprint_started jira:issue_updated sprint_closed" {
		t.Errorf("webhooks were told of %s", got)
	}
}

func second[T any](_ T, err error) error { return err }

// TestDeletedSprint: the issues of a deleted sprint are in the backlog.
func TestDeletedSprint(t *testing.T) {
	s := planned(t)
	c := s.as(t, secret)
	if err := c.DeleteSprint(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	got, err := all(c.BacklogIssues(t.Context(), s.board, "key = PAY-2", jiraclient.SearchQuery{Fields: []string{"sprint", "closedSprints"}}), func(i jiraclient.Issue) string {
		return i.Key + string(i.Fields["sprint"]) + string(i.Fields["closedSprints"])
	})
	if err != nil || got != "PAY-2null[]" {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestEpics: issues come into an epic, and out of it.
func TestEpics(t *testing.T) {
	s := planned(t)
	c, ctx := s.as(t, secret), t.Context()
	in := func() string {
		got, err := all(c.EpicIssues(ctx, "PAY-1", "", jiraclient.SearchQuery{}), key)
		if err != nil {
			t.Error(err)
		}
		return got
	}
	if err := c.MoveToEpic(ctx, "PAY-1", "PAY-2", "CHK-1"); err != nil || in() != "PAY-2 CHK-1" {
		t.Errorf("in the epic are %s, %v", in(), err)
	}
	if err := c.RemoveFromEpic(ctx, "PAY-2"); err != nil || in() != "CHK-1" {
		t.Errorf("in the epic are %s, %v", in(), err)
	}
}

func TestEstimation(t *testing.T) {
	s := planned(t)
	c, ctx := s.as(t, secret), t.Context()
	s.SetScreen("PAY", jiratest.EditScreen, "summary")
	for _, want := range []string{"null", "8"} {
		if got, err := c.Estimation(ctx, "PAY-2", s.board); err != nil || got.Field != "customfield_10000" || string(got.Value) != want {
			t.Errorf("got %s in %s, %v, want %s", got.Value, got.Field, err, want)
		}
		if err := c.SetEstimation(ctx, "PAY-2", s.board, "8.0"); err != nil {
			t.Error(err)
		}
	}
}

// TestFiftyAtOnce: more than fifty issues go in several requests, in order.
func TestFiftyAtOnce(t *testing.T) {
	s := simulate(t)
	c, ctx := s.as(t, secret), t.Context()
	keys := s.issues(t, "PAY", "Task", 120)
	sp, err := c.CreateSprint(ctx, jiraclient.NewSprint{Name: "Big", Board: s.board})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.MoveToSprint(ctx, sp.ID, keys...); err != nil || s.sent("POST", "/sprint/1/issue") != 3 {
		t.Errorf("moved in %d requests, %v", s.sent("POST", "/sprint/1/issue"), err)
	}
	if got, err := all(c.SprintIssues(ctx, sp.ID, "", jiraclient.SearchQuery{PageSize: 50}), key); err != nil || got != strings.Join(keys, " ") {
		t.Errorf("in the sprint are %s, %v", got, err)
	}
	if n := s.sent("GET", "/sprint/1/issue"); n != 3 {
		t.Errorf("read in %d requests", n)
	}

	order := func() string {
		got, err := all(c.BoardIssues(ctx, s.board, "", jiraclient.SearchQuery{}), key)
		if err != nil {
			t.Error(err)
		}
		return got
	}
	upside := slices.Clone(keys[1:])
	slices.Reverse(upside)
	for _, to := range []struct {
		rank jiraclient.Rank
		want []string
	}{
		{jiraclient.Rank{After: keys[0], Field: "customfield_10003"}, append([]string{keys[0]}, upside...)},
		{jiraclient.Rank{Before: keys[0]}, append(slices.Clone(upside), keys[0])},
	} {
		if err := c.RankIssues(ctx, to.rank, upside...); err != nil || order() != strings.Join(to.want, " ") {
			t.Errorf("ranked %+v: %s, %v", to.rank, order(), err)
		}
	}

	s.Revoke("CHK", "bot", "EDIT_ISSUES")
	late := append(slices.Clone(keys[:50]), s.issues(t, "CHK", "Task", 1)...)
	if err := c.MoveToBacklog(ctx, late...); !errors.Is(err, jiraclient.ErrDenied) || !strings.Contains(err.Error(), "after the first 50 of 51 issues: POST /rest/agile/1.0/backlog/issue: 403") {
		t.Errorf("got %v", err)
	}
}

// TestRankInPart: each issue that Jira does not rank is named, the others are ranked.
func TestRankInPart(t *testing.T) {
	s := planned(t)
	s.Revoke("CHK", "bot", "SCHEDULE_ISSUES")
	c, ctx := s.as(t, secret), t.Context()
	err := c.RankIssues(ctx, jiraclient.Rank{Before: "PAY-1"}, "PAY-5", "CHK-1", "OPS-1", "PAY-4")
	part, ok := errors.AsType[*jiraclient.RankError](err)
	if !ok || len(part.Issues) != 2 || part.Issues[0].Issue != "CHK-1" || part.Issues[1].Issue != "OPS-1" {
		t.Fatalf("got %v", err)
	}
	if want := "not ranked: CHK-1: PUT /rest/agile/1.0/issue/rank: 403: You do not have permission to rank this issue.; " +
		"OPS-1: PUT /rest/agile/1.0/issue/rank: 404: Issue does not exist or you do not have permission to see it."; err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	_, again := jiraclient.Temporary(err)
	if !errors.Is(err, jiraclient.ErrDenied) || !errors.Is(err, jiraclient.ErrNotFound) || again || jiraclient.Uncertain(err) {
		t.Errorf("%v means something else", err)
	}
	if got, err := all(c.BoardIssues(ctx, s.board, "project = PAY", jiraclient.SearchQuery{}), key); err != nil || got != "PAY-5 PAY-4 PAY-1 PAY-2 PAY-3" {
		t.Errorf("the order is %s, %v", got, err)
	}
}

// TestRankGoesOn: where the last of the first fifty is refused, the next ones follow the one before it.
func TestRankGoesOn(t *testing.T) {
	s := simulate(t)
	s.Revoke("CHK", "bot", "SCHEDULE_ISSUES")
	keys := s.issues(t, "PAY", "Task", 51)
	stays := s.issues(t, "CHK", "Task", 1)
	given := slices.Concat(keys[1:50], stays, keys[50:])
	err := s.as(t, secret).RankIssues(t.Context(), jiraclient.Rank{After: "PAY-1"}, given...)
	if part, ok := errors.AsType[*jiraclient.RankError](err); !ok || len(part.Issues) != 1 || part.Issues[0].Issue != "CHK-1" {
		t.Fatalf("got %v", err)
	}
	got, err := all(s.as(t, secret).BoardIssues(t.Context(), s.board, "", jiraclient.SearchQuery{}), key)
	if want := strings.Join(keys, " ") + " CHK-1"; err != nil || got != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

// TestRankAnswers: what Jira may answer instead of nothing at all.
func TestRankAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		status     int
		want       string
		again      bool
	}{
		{"nothing", "", 204, "", false},
		{"all went well after all", `{"entries":[{"issueId":1,"issueKey":"PAY-1","status":200}]}`, 207, "", false},
		{"a lock", `{"entries":[{"issueId":1,"issueKey":"PAY-1","status":503,"errors":["Jira cannot rank\nat this time."]}]}`, 207,
			"not ranked: PAY-1: PUT /rest/agile/1.0/issue/rank: 503: Jira cannot rank at this time.", true},
		{"no words, and an ID that is a text", `{"entries":[{"issueId":"1","status":403}]}`, 207, "not ranked: 1: PUT /rest/agile/1.0/issue/rank: 403: forbidden", false},
		{"no JSON", `{"entries":[`, 207, "PUT /rest/agile/1.0/issue/rank: read which issues were ranked: unexpected end of JSON input", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := client(t, serve(t, reply(tt.status, tt.body))).RankIssues(t.Context(), jiraclient.Rank{After: "PAY-9"}, "PAY-1")
			if (err != nil || tt.want != "") && (err == nil || err.Error() != tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if _, again := jiraclient.Temporary(err); again != tt.again {
				t.Errorf("worth another try: %t", again)
			}
		})
	}
}
