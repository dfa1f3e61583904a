package jiraclient_test

import (
	"context"
	"net/http"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func projectExercises() []exercise {
	return []exercise{
		{"ArchiveVersion", func(ctx context.Context, w world) error { return w.ArchiveVersion(ctx, w.version) }},
		{"AssignableUsers", func(ctx context.Context, w world) error { return drain(w.AssignableUsers(ctx, "PAY-1", "a")) }},
		{"AssignableUsersOf", func(ctx context.Context, w world) error { return drain(w.AssignableUsersOf(ctx, "PAY", "a")) }},
		{"Component", func(ctx context.Context, w world) error { return only(w.Component(ctx, w.component)) }},
		{"Components", func(ctx context.Context, w world) error { return only(w.Components(ctx, "PAY")) }},
		{"Connect", func(ctx context.Context, w world) error { _, _, err := w.Connect(ctx); return err }},
		{"Administrator", func(ctx context.Context, w world) error { return only(w.Administrator(ctx)) }},
		{"Count", func(ctx context.Context, w world) error { return only(w.Count(ctx, "project = PAY")) }},
		{"CreateComponent", func(ctx context.Context, w world) error {
			return only(w.CreateComponent(ctx, "PAY", jiraclient.ComponentEdit{Name: "Web", Description: new("pages"), Lead: &w.ann, AssigneeType: "PROJECT_LEAD"}))
		}},
		{"CreateVersion", func(ctx context.Context, w world) error {
			return only(w.CreateVersion(ctx, jiraclient.NewVersion{Project: "PAY", Name: "3.0", Description: "d", StartDate: "2026-03-01", ReleaseDate: "2026-04-01"}))
		}},
		{"DeleteComponent", func(ctx context.Context, w world) error { return w.DeleteComponent(ctx, w.component, w.other) }},
		{"DeleteVersion", func(ctx context.Context, w world) error {
			return w.DeleteVersion(ctx, w.version, jiraclient.VersionSwap{Fix: w.later, Affected: w.later})
		}},
		{"DeleteWebhook", func(ctx context.Context, w world) error { return w.DeleteWebhook(ctx, w.hook) }},
		{"Fields", func(ctx context.Context, w world) error { return only(w.Fields(ctx)) }},
		{"DeleteVersion", func(ctx context.Context, w world) error {
			return w.DeleteVersion(ctx, w.version, jiraclient.VersionSwap{Custom: map[string]string{"customfield_10000": w.later}})
		}},
		{"GroupMembers", func(ctx context.Context, w world) error { return drain(w.GroupMembers(ctx, "devs")) }},
		{"Groups", func(ctx context.Context, w world) error { return only(w.Groups(ctx, w.ann)) }},
		{"InGroup", func(ctx context.Context, w world) error { return only(w.InGroup(ctx, w.ann, "devs")) }},
		{"InRole", func(ctx context.Context, w world) error { return only(w.InRole(ctx, w.ann, "PAY", "Developers")) }},
		{"IssueTypes", func(ctx context.Context, w world) error { return only(w.IssueTypes(ctx)) }},
		{"LinkTypes", func(ctx context.Context, w world) error { return only(w.LinkTypes(ctx)) }},
		{"MergeVersion", func(ctx context.Context, w world) error { return w.MergeVersion(ctx, w.version, w.later) }},
		{"MoveVersion", func(ctx context.Context, w world) error { return w.MoveVersion(ctx, w.version, "Last") }},
		{"MoveVersionAfter", func(ctx context.Context, w world) error { return w.MoveVersionAfter(ctx, w.version, w.later) }},
		{"MyPermissions", func(ctx context.Context, w world) error {
			return only(w.MyPermissions(ctx, jiraclient.PermissionQuery{Issue: "PAY-1"}, jiraclient.EditIssues))
		}},
		{"MyPermissions", func(ctx context.Context, w world) error {
			return only(w.MyPermissions(ctx, jiraclient.PermissionQuery{Project: "PAY"}))
		}},
		{"Myself", func(ctx context.Context, w world) error { return only(w.Myself(ctx)) }},
		{"Priorities", func(ctx context.Context, w world) error { return only(w.Priorities(ctx)) }},
		{"Project", func(ctx context.Context, w world) error { return only(w.Project(ctx, "PAY")) }},
		{"ProjectRole", func(ctx context.Context, w world) error { return only(w.ProjectRole(ctx, "PAY", "10001")) }},
		{"ProjectRoles", func(ctx context.Context, w world) error { return only(w.ProjectRoles(ctx, "PAY")) }},
		{"ProjectStatuses", func(ctx context.Context, w world) error { return only(w.ProjectStatuses(ctx, "PAY")) }},
		{"ReindexIssue", func(ctx context.Context, w world) error { return w.ReindexIssue(ctx, "10000") }},
		{"ReleaseVersion", func(ctx context.Context, w world) error { return w.ReleaseVersion(ctx, w.version, "2026-03-01") }},
		{"Resolutions", func(ctx context.Context, w world) error { return only(w.Resolutions(ctx)) }},
		{"SaveWebhook", func(ctx context.Context, w world) error {
			return only(w.SaveWebhook(ctx, jiraclient.Webhook{Name: "bot", URL: "https://bot.example.com/webhooks/jira", Events: []string{"jira:issue_updated"}, JQL: "project = PAY", Secret: "s3cr3t"}))
		}},
		{"SaveWebhook", func(ctx context.Context, w world) error {
			return only(w.SaveWebhook(ctx, jiraclient.Webhook{ID: w.hook, Name: "bot", URL: "https://bot.example.com/webhooks/jira", Events: []string{"jira:issue_updated"}}))
		}},
		{"Search", func(ctx context.Context, w world) error {
			return drain(w.Search(ctx, "project in (PAY, CHK) order by key", jiraclient.SearchQuery{PageSize: 1}))
		}},
		{"Search", func(ctx context.Context, w world) error {
			return drain(w.Search(ctx, "project = PAY", jiraclient.SearchQuery{Fields: []string{"status"}, Expand: []string{"changelog", "names"}, Max: 5}))
		}},
		{"Search", func(ctx context.Context, w world) error { // where only the GET is known
			w.jira.Fault(jiratest.Fault{Method: "POST", PathSuffix: "/search", Status: http.StatusMethodNotAllowed, Header: otherwise()})
			return drain(w.Search(ctx, "project = PAY", jiraclient.SearchQuery{Fields: []string{"status"}, Expand: []string{"changelog"}}))
		}},
		{"SearchPage", func(ctx context.Context, w world) error {
			return only(w.SearchPage(ctx, "project = PAY order by key", jiraclient.SearchQuery{PageSize: 1, Fields: []string{"status"}, Expand: []string{"changelog"}}, 1))
		}},
		{"SearchUsers", func(ctx context.Context, w world) error { return drain(w.SearchUsers(ctx, "a")) }},
		{"ServerInfo", func(ctx context.Context, w world) error { return only(w.ServerInfo(ctx)) }},
		{"Statuses", func(ctx context.Context, w world) error { return only(w.Statuses(ctx)) }},
		{"UpdateComponent", func(ctx context.Context, w world) error {
			return w.UpdateComponent(ctx, w.component, jiraclient.ComponentEdit{Name: "Core", Lead: &w.ann})
		}},
		{"UpdateVersion", func(ctx context.Context, w world) error {
			return w.UpdateVersion(ctx, w.version, jiraclient.VersionEdit{Name: new("1.1"), ReleaseDate: new("2026-05-01"), Released: new(true), MoveUnfixedTo: w.later})
		}},
		{"User", func(ctx context.Context, w world) error { return only(w.User(ctx, w.ann)) }},
		{"UserByKey", func(ctx context.Context, w world) error { return only(w.UserByKey(ctx, w.annKey)) }},
		{"Version", func(ctx context.Context, w world) error { return only(w.Version(ctx, w.version)) }},
		{"Versions", func(ctx context.Context, w world) error { return only(w.Versions(ctx, "PAY")) }},
		{"Webhooks", func(ctx context.Context, w world) error { return only(w.Webhooks(ctx)) }},
	}
}
