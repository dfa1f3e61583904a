package jiraclient_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"jirabot/jiraclient"
	"jirabot/jiraclient/jiratest"
)

// TestPeopleCalls: each call against a Jira that behaves, and its refusal.
func TestPeopleCalls(t *testing.T) {
	ann, bob, zed := jiraclient.UserRef{Name: "ann"}, jiraclient.UserRef{Name: "bob"}, jiraclient.UserRef{Name: "zed"}
	is := func(yes bool, err error) (string, error) { return fmt.Sprint(yes), err }
	for _, tt := range []struct {
		name    string
		token   string // the bot's by default
		do      trial
		want    string
		refused error
		says    string
	}{
		{name: "a user by name", want: "JIRAUSER10001 Ann Archer", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			u, err := c.User(ctx, ann)
			return u.Key + " " + u.DisplayName, err
		}},
		{name: "a user by key", want: "ann", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			u, err := c.UserByKey(ctx, "JIRAUSER10001")
			return u.Name, err
		}},
		{name: "no user", refused: jiraclient.ErrNotFound, says: "The user with the name or key 'zed' does not exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			u, err := c.User(ctx, zed)
			return u.Name, err
		}},
		{name: "no user by key", refused: jiraclient.ErrNotFound, says: "'JIRAUSER7' does not exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			u, err := c.UserByKey(ctx, "JIRAUSER7")
			return u.Name, err
		}},
		{name: "a user without a name", says: "read a user: the user has neither name nor account ID", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.User(ctx, jiraclient.UserRef{})
			return "", err
		}},
		{name: "a user without a key", says: "read a user: the key is empty", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.UserByKey(ctx, "")
			return "", err
		}},
		{name: "users by a part of their names", want: "ann", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.SearchUsers(ctx, "arch"), login)
		}},
		{name: "who can be assigned an issue", want: "bot bob", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.AssignableUsers(ctx, "PAY-1", "b"), login)
		}},
		{name: "who can be assigned a hidden issue", refused: jiraclient.ErrNotFound, says: "Issue Does Not Exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.AssignableUsers(ctx, "OPS-1", ""), login)
		}},
		{name: "who can be assigned in a project", want: "ann", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.AssignableUsersOf(ctx, "PAY", "ann"), login)
		}},
		{name: "who can be assigned in a hidden project", refused: jiraclient.ErrNotFound, says: "'OPS'", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.AssignableUsersOf(ctx, "OPS", ""), login)
		}},
		{name: "members of a group, to an administrator", token: "carls-token", want: "ann", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.GroupMembers(ctx, "leads"), login)
		}},
		{name: "members of no group", token: "carls-token", refused: jiraclient.ErrNotFound, says: "The group named 'x' does not exist.", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.GroupMembers(ctx, "x"), login)
		}},
		{name: "members of a group, to others", refused: jiraclient.ErrDenied, says: "You must be a Jira administrator", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return all(c.GroupMembers(ctx, "leads"), login)
		}},
		{name: "somebody's groups", want: "Devs leads", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			list, err := c.Groups(ctx, ann)
			return strings.Join(list, " "), err
		}},
		{name: "nobody's groups", refused: jiraclient.ErrNotFound, says: "'zed' does not exist", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			_, err := c.Groups(ctx, zed)
			return "", err
		}},
		{name: "in a group, whatever its case", want: "true", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return is(c.InGroup(ctx, ann, "devs"))
		}},
		{name: "not in a group", want: "false", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return is(c.InGroup(ctx, bob, "devs"))
		}},
		{name: "whether nobody is in a group", refused: jiraclient.ErrNotFound, says: `ask whether zed is in group "devs": GET /rest/api/2/user: 404`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return is(c.InGroup(ctx, zed, "devs"))
		}},
		{name: "in a role oneself", want: "true", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return is(c.InRole(ctx, jiraclient.UserRef{Name: "Bob"}, "PAY", "developers"))
		}},
		{name: "in a role by a group", want: "true", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return is(c.InRole(ctx, ann, "PAY", "Developers"))
		}},
		{name: "not in a role", want: "false", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return is(c.InRole(ctx, jiraclient.UserRef{Name: "carl"}, "PAY", "Developers"))
		}},
		{name: "in a role that nobody plays", want: "false", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return is(c.InRole(ctx, ann, "PAY", "Users"))
		}},
		{name: "in a role that there is not", refused: jiraclient.ErrNotFound, says: `ask whether ann is in role "Clowns" of PAY: the project has no such role, only Administrators, Developers, Users`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return is(c.InRole(ctx, ann, "PAY", "Clowns"))
		}},
		{name: "in a role of a project that one does not administer", refused: jiraclient.ErrDenied, says: `ask whether ann is in role "Developers" of CHK: GET /rest/api/2/project/CHK/role: 401`, do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			return is(c.InRole(ctx, ann, "CHK", "Developers"))
		}},
		{name: "resolutions", want: "Done", do: func(ctx context.Context, c *jiraclient.Client) (string, error) {
			list, err := c.Resolutions(ctx)
			return list[0].Name, err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := simulate(t)
			s.issues(t, "PAY", "Task", 1)
			s.issues(t, "OPS", "Task", 1)
			if tt.token == "" {
				tt.token = secret
			}
			c := s.as(t, tt.token)
			if _, _, err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			got, err := tt.do(t.Context(), c)
			settle(t, got, err, tt.want, tt.refused, tt.says)
		})
	}
}

// TestGroupsUntold: a Jira that does not tell all groups must not make somebody a stranger.
func TestGroupsUntold(t *testing.T) {
	for _, body := range []string{`{"name":"ann"}`, `{"name":"ann","groups":{"size":2,"items":[]}}`} {
		_, err := client(t, serve(t, reply(200, body))).InGroup(t.Context(), jiraclient.UserRef{Name: "ann"}, "devs")
		settle(t, "", err, "", jiraclient.ErrUnavailable, "the answer does not hold them all")
	}
}

// TestRoleOnCloud: people have no names there, and groups may.
func TestRoleOnCloud(t *testing.T) {
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		reply(200, map[string]string{
			"/project/PAY/role":       `{"Developers":"https://jira.example.com/rest/api/2/project/PAY/role/10360","x":""}`,
			"/project/PAY/role/10360": `{"id":10360,"name":"Developers","actors":[{"id":1,"type":"atlassian-user-role-actor","displayName":"Ann","actorUser":{"accountId":"5b:10"}},{"id":2,"type":"atlassian-group-role-actor","displayName":"devs","actorGroup":{"name":"devs"}}]}`,
			"/user":                   map[string]string{"5b:11": `{"groups":{"size":1,"items":[{"name":"devs"}]}}`, "5b:12": `{"groups":{"size":0,"items":[]}}`}[r.URL.Query().Get("accountId")],
		}[r.URL.Path])(w, r)
	})
	c := client(t, f, cloud)
	for id, want := range map[string]bool{"5b:10": true, "5b:11": true, "5b:12": false} {
		if in, err := c.InRole(t.Context(), c.Ref(id), "PAY", "Developers"); err != nil || in != want {
			t.Errorf("%s is in the role: %t, %v", id, in, err)
		}
	}
}

// TestListedPages: lists end as Jira says, or where nothing new comes, and no page is read too many.
func TestListedPages(t *testing.T) {
	people := func(from, n int) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(`{"name":"u%d"}`, from+i))
		}
		return "[" + strings.Join(out, ",") + "]"
	}
	by := func(answers map[string]string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { reply(200, answers[r.URL.Query().Get("startAt")])(w, r) }
	}
	for _, tt := range []struct {
		name     string
		handler  http.HandlerFunc
		stop     int // the caller stops after so many; 0 never
		users    int
		requests int
		says     string
	}{
		{"the last page says so", by(map[string]string{"0": `{"values":` + people(0, 2) + `,"isLast":false}`, "2": `{"values":` + people(2, 1) + `,"isLast":true}`}), 0, 3, 2, ""},
		{"the total is reached", by(map[string]string{"0": `{"values":` + people(0, 2) + `,"total":3}`, "2": `{"values":` + people(2, 1) + `,"total":3}`}), 0, 3, 2, ""},
		{"neither is said", by(map[string]string{"0": `{"values":` + people(0, 2) + `}`, "2": `{"values":[]}`}), 0, 2, 2, ""},
		{"bare lists", by(map[string]string{"0": people(0, 2), "2": people(2, 2), "4": "[]"}), 0, 4, 3, ""},
		{"the same for ever", reply(200, people(0, 2)), 0, 2, 2, ""},
		{"a short page that is not the last", by(map[string]string{"0": `{"values":` + people(0, 1) + `,"isLast":false}`, "1": `{"values":` + people(1, 1) + `,"isLast":true}`}), 0, 2, 2, ""},
		{"nothing at all", reply(200, `{}`), 0, 0, 1, ""},
		{"the caller stops", by(map[string]string{"0": people(0, 2), "2": people(2, 2)}), 2, 2, 1, ""},
		{"something else than a list", reply(200, `{"values":{"a":1}}`), 0, 0, 1, "GET /rest/api/2/user/search: read a page: json: cannot unmarshal object"},
		{"an error on the way", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("startAt") == "0" {
				reply(200, people(0, 2))(w, r)
				return
			}
			reply(500, `{"errorMessages":["No."]}`)(w, r)
		}, 0, 2, 2, "500: No."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, tt.handler)
			n, said := 0, ""
			for u, err := range client(t, f).SearchUsers(t.Context(), "u") {
				if err != nil {
					said = err.Error()
					continue
				}
				if u.Name != fmt.Sprintf("u%d", n) {
					t.Errorf("user %d is %s", n, u.Name)
				}
				if n++; n == tt.stop {
					break
				}
			}
			if n != tt.users || len(f.seen()) != tt.requests || !strings.Contains(said, tt.says) || (said == "") != (tt.says == "") {
				t.Errorf("%d users in %d requests, %q", n, len(f.seen()), said)
			}
		})
	}
}

// TestGroupPages: a group of many is read page by page.
func TestGroupPages(t *testing.T) {
	s := simulate(t)
	for i := range 250 {
		s.AddUser(jiratest.User{Name: fmt.Sprintf("u%d", i), Groups: []string{"crowd"}})
	}
	got, err := all(s.as(t, "carls-token").GroupMembers(t.Context(), "crowd"), login)
	if n := len(strings.Fields(got)); err != nil || n != 250 || s.sent("GET", "/group/member") != 3 {
		t.Errorf("%d members in %d requests, %v", n, s.sent("GET", "/group/member"), err)
	}
}
