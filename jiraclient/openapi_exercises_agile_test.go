package jiraclient_test

import (
	"context"

	"jirabot/jiraclient"
)

func agileExercises() []exercise {
	return []exercise{
		{"BacklogIssues", func(ctx context.Context, w world) error {
			return drain(w.BacklogIssues(ctx, w.board, "project = PAY", jiraclient.SearchQuery{}))
		}},
		{"Board", func(ctx context.Context, w world) error { return only(w.Board(ctx, w.board)) }},
		{"BoardConfiguration", func(ctx context.Context, w world) error { return only(w.BoardConfiguration(ctx, w.board)) }},
		{"BoardIssues", func(ctx context.Context, w world) error {
			return drain(w.BoardIssues(ctx, w.board, "project = PAY", jiraclient.SearchQuery{Fields: []string{"summary"}, Expand: []string{"changelog"}}))
		}},
		{"Boards", func(ctx context.Context, w world) error {
			return drain(w.Boards(ctx, jiraclient.BoardQuery{Name: "a", Kind: "scrum", Project: "PAY"}))
		}},
		{"CloseSprint", func(ctx context.Context, w world) error {
			_, _ = w.StartSprint(ctx, w.sprint, w.began, w.ends)
			return only(w.CloseSprint(ctx, w.sprint))
		}},
		{"CreateSprint", func(ctx context.Context, w world) error {
			return only(w.CreateSprint(ctx, jiraclient.NewSprint{Name: "Sprint 2", Board: w.board, Goal: "g", Start: w.began, End: w.ends}))
		}},
		{"DeleteSprint", func(ctx context.Context, w world) error { return w.DeleteSprint(ctx, w.sprint) }},
		{"Epic", func(ctx context.Context, w world) error { return only(w.Epic(ctx, w.epic)) }},
		{"EpicIssues", func(ctx context.Context, w world) error {
			_ = w.MoveToEpic(ctx, w.epic, "PAY-1")
			return drain(w.EpicIssues(ctx, w.epic, "", jiraclient.SearchQuery{}))
		}},
		{"Estimation", func(ctx context.Context, w world) error { return only(w.Estimation(ctx, "PAY-1", w.board)) }},
		{"IssuesWithoutEpic", func(ctx context.Context, w world) error {
			return drain(w.IssuesWithoutEpic(ctx, "project = PAY", jiraclient.SearchQuery{}))
		}},
		{"MoveToBacklog", func(ctx context.Context, w world) error { return w.MoveToBacklog(ctx, "PAY-1") }},
		{"MoveToEpic", func(ctx context.Context, w world) error { return w.MoveToEpic(ctx, w.epic, "PAY-1") }},
		{"MoveToSprint", func(ctx context.Context, w world) error { return w.MoveToSprint(ctx, w.sprint, "PAY-1") }},
		{"RankIssues", func(ctx context.Context, w world) error {
			return w.RankIssues(ctx, jiraclient.Rank{Before: "PAY-1"}, w.epic)
		}},
		{"RankIssues", func(ctx context.Context, w world) error {
			return w.RankIssues(ctx, jiraclient.Rank{After: "PAY-1"}, w.epic)
		}},
		{"RankIssues", func(ctx context.Context, w world) error { // partly
			board, _ := w.BoardConfiguration(ctx, w.board)
			return refused(w.RankIssues(ctx, jiraclient.Rank{After: "PAY-1", Field: board.RankField}, w.epic, "PAY-99"))
		}},
		{"RemoveFromEpic", func(ctx context.Context, w world) error { return w.RemoveFromEpic(ctx, "PAY-1") }},
		{"SetEstimation", func(ctx context.Context, w world) error { return w.SetEstimation(ctx, "PAY-1", w.board, "3") }},
		{"Sprint", func(ctx context.Context, w world) error { return only(w.Sprint(ctx, w.sprint)) }},
		{"SprintIssues", func(ctx context.Context, w world) error {
			_ = w.MoveToSprint(ctx, w.sprint, "PAY-1")
			return drain(w.SprintIssues(ctx, w.sprint, "", jiraclient.SearchQuery{}))
		}},
		{"Sprints", func(ctx context.Context, w world) error { return drain(w.Sprints(ctx, w.board, "future", "active")) }},
		{"StartSprint", func(ctx context.Context, w world) error { return only(w.StartSprint(ctx, w.sprint, w.began, w.ends)) }},
		{"UpdateSprint", func(ctx context.Context, w world) error {
			return only(w.UpdateSprint(ctx, w.sprint, jiraclient.SprintEdit{Name: "Better", Goal: new("g"), Start: w.began, End: w.ends}))
		}},
	}
}
