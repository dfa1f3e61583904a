package jiraclient_test

import (
	"context"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

func TestLinkScenes(t *testing.T) {
	links := func(i jiratest.Issue) any { return i.Links }
	blocks := func(ctx context.Context, c *jiraclient.Client) error {
		return c.CreateLink(ctx, jiraclient.NewLink{Type: "Blocks", Inward: "PAY-1", Outward: "CHK-1", Comment: "see"})
	}
	tell(t, []scene{
		{name: "two issues are linked", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(blocks(ctx, c))
		}, want: "<nil>", state: links, after: "[{10001 Blocks blocks CHK-1}]",
			// Jira answers 401 to whoever may not link. That is no login that was refused.
			refuse: without(jiraclient.LinkIssues), is: jiraclient.ErrDenied,
			no: "POST /rest/api/2/issueLink: 401: No Link Issue Permission for issue 'PAY-1'"},
		{name: "a link is read", given: blocks, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			l, err := c.Link(ctx, "10001")
			return l.ID + ": " + l.Inward.Key + " " + l.Type.Outward + " " + l.Outward.Key, err
		}, want: "10001: PAY-1 blocks CHK-1",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issueLink/10001: 404: No issue link with id '10001' exists. (missing, or not visible to bot)"},
		{name: "a link goes", given: blocks, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.DeleteLink(ctx, "10001"))
		}, want: "<nil>", state: links, after: "[]",
			refuse: func(j *jiratest.Jira) { j.Revoke("CHK", "bot", "LINK_ISSUES") }, is: jiraclient.ErrDenied,
			no: "DELETE /rest/api/2/issueLink/10001: 401: No Link Issue Permission for issue 'CHK-1'"},
	})
}

func TestRemoteLinkScenes(t *testing.T) {
	remotes := func(i jiratest.Issue) any { return i.Remotes }
	const global = "system=https://ci.example.com/&id=1"
	build := jiraclient.RemoteLink{
		GlobalID: global, Relationship: "built by", Application: jiraclient.Application{Type: "com.example.ci", Name: "CI"},
		Object: jiraclient.RemoteObject{
			URL: "https://ci.example.com/1", Title: "Build 1", Summary: "all green", Icon: jiraclient.RemoteIcon{URL: "https://ci.example.com/i.png", Title: "CI"},
			Status: jiraclient.RemoteStatus{Resolved: true, Icon: jiraclient.RemoteIcon{Link: "https://ci.example.com/1/log"}},
		},
	}
	saved := func(ctx context.Context, c *jiraclient.Client) error {
		_, err := c.SaveRemoteLink(ctx, "PAY-1", build)
		return err
	}
	again := build
	again.Object.Title = "Build 1, again"
	bare := jiraclient.RemoteLink{ID: "10000", Object: jiraclient.RemoteObject{URL: "https://ci.example.com/2", Title: "Build 2"}}
	whole := build
	whole.ID = "10000"
	tell(t, []scene{
		{name: "a remote link is added", do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return c.SaveRemoteLink(ctx, "PAY-1", build)
		}, want: "10000", state: remotes, after: "[{10000 " + global + " https://ci.example.com/1 Build 1}]",
			refuse: without(jiraclient.LinkIssues), is: jiraclient.ErrDenied,
			no: "POST /rest/api/2/issue/PAY-1/remotelink: 403: You do not have permission to create links for this issue."},
		{name: "the same global ID is the same remote link", given: saved, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return c.SaveRemoteLink(ctx, "PAY-1", again)
		}, want: "10000", state: remotes, after: "[{10000 " + global + " https://ci.example.com/1 Build 1, again}]",
			refuse: without(jiraclient.LinkIssues), is: jiraclient.ErrDenied,
			no: "POST /rest/api/2/issue/PAY-1/remotelink: 403: You do not have permission to create links for this issue."},
		{name: "a remote link is replaced whole", given: saved, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.ReplaceRemoteLink(ctx, "PAY-1", bare))
		}, want: "<nil>", state: remotes, after: "[{10000  https://ci.example.com/2 Build 2}]",
			refuse: without(jiraclient.LinkIssues), is: jiraclient.ErrDenied,
			no: "PUT /rest/api/2/issue/PAY-1/remotelink/10000: 403: You do not have permission to update links for this issue."},
		{name: "remote links are listed", given: saved, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			l, err := c.RemoteLinks(ctx, "PAY-1")
			return len(l) == 1 && l[0] == whole, err
		}, want: "true",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1/remotelink: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "a remote link is read by ID", given: saved, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			l, err := c.RemoteLink(ctx, "PAY-1", "10000")
			return l == whole, err
		}, want: "true",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1/remotelink/10000: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "a remote link is read by global ID", given: saved, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			l, err := c.RemoteLinkByGlobalID(ctx, "PAY-1", global)
			return l == whole, err
		}, want: "true",
			refuse: unseen, is: jiraclient.ErrNotFound,
			no: "GET /rest/api/2/issue/PAY-1/remotelink: 404: Issue Does Not Exist (missing, or not visible to bot)"},
		{name: "a remote link goes by ID", given: saved, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.DeleteRemoteLink(ctx, "PAY-1", "10000"))
		}, want: "<nil>", state: remotes, after: "[]",
			refuse: without(jiraclient.LinkIssues), is: jiraclient.ErrDenied,
			no: "DELETE /rest/api/2/issue/PAY-1/remotelink/10000: 403: You do not have permission to delete links for this issue."},
		{name: "a remote link goes by global ID", given: saved, do: func(ctx context.Context, c *jiraclient.Client) (any, error) {
			return nothing(c.DeleteRemoteLinkByGlobalID(ctx, "PAY-1", global))
		}, want: "<nil>", state: remotes, after: "[]",
			refuse: without(jiraclient.LinkIssues), is: jiraclient.ErrDenied,
			no: "DELETE /rest/api/2/issue/PAY-1/remotelink: 403: You do not have permission to delete links for this issue."},
	})
}
