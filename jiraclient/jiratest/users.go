package jiratest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A User is a person or a bot that can log in.
type User struct {
	Name        string
	DisplayName string // the name with a capital by default
	Email       string // name@example.com by default
	Password    string // for basic authentication and sessions; without one nobody logs in that way
	Token       string // a personal access token
	// TokenExpires is when the token ends; the zero time is never.
	TokenExpires time.Time
	Groups       []string
	TimeZone     string // "Etc/UTC" by default
	Admin        bool   // may do everything, webhook registration included
	Inactive     bool
}

type user struct {
	User
	key      string // on Cloud the account ID
	failures int    // wrong passwords since the last right one
	attempts int    // log-ins tried, right and wrong

	tokenUsed time.Time
}

// AddUser adds or replaces a user and returns the user's key, which is never the name; on Cloud it is the account ID.
func (j *Jira) AddUser(u User) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.addUser(u).key
}

func (j *Jira) addUser(u User) *user {
	if u.DisplayName == "" && u.Name != "" {
		u.DisplayName = strings.ToUpper(u.Name[:1]) + u.Name[1:]
	}
	if u.Email == "" {
		u.Email = u.Name + "@example.com"
	}
	if u.TimeZone == "" {
		u.TimeZone = "Etc/UTC"
	}
	if old := j.user(u.Name); old != nil {
		old.User = u
		return old
	}
	added := &user{User: u, key: "JIRAUSER" + text(j.next("user"))}
	if j.version.cloud {
		added.key = fmt.Sprintf("712020:00000000-0000-4000-8000-%012d", j.next("account"))
	}
	j.users = append(j.users, added)
	return added
}

// user finds a user by name, or by key.
func (j *Jira) user(name string) *user {
	for _, u := range j.users {
		if strings.EqualFold(u.Name, name) || u.key == name {
			return u
		}
	}
	return nil
}

// person is the user whom a request means: on Cloud only account IDs count.
func (j *Jira) person(ref string) *user {
	u := j.user(ref)
	if u == nil || j.version.cloud && u.key != ref {
		return nil
	}
	return u
}

// ref is how requests name somebody whom people know by name; unknown names stay.
func (j *Jira) ref(name string) string {
	if u := j.user(name); u != nil && j.version.cloud {
		return u.key
	}
	return name
}

// ensureUser finds a user or adds one: set-up need not name everybody first.
func (j *Jira) ensureUser(name string) *user {
	if u := j.user(name); u != nil || name == "" {
		return u
	}
	return j.addUser(User{Name: name})
}

func (u *user) inGroup(name string) bool { return u != nil && slices.Contains(u.Groups, name) }

func (u *user) admin() bool { return u != nil && u.Admin }

// LoginAttempts counts the log-ins with a name, right ones and wrong ones.
func (j *Jira) LoginAttempts(name string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if u := j.user(name); u != nil {
		return u.attempts
	}
	return 0
}

// FailedLogins counts the wrong passwords since the last right one; from 3 on Jira shows a CAPTCHA.
func (j *Jira) FailedLogins(name string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if u := j.user(name); u != nil {
		return u.failures
	}
	return 0
}

// SolveCaptcha is what a person does in the browser after too many wrong passwords.
func (j *Jira) SolveCaptcha(name string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if u := j.user(name); u != nil {
		u.failures = 0
	}
}

// userJSON is a user as answers and webhooks show one; nobody is null.
func (j *Jira) userJSON(u *user) any {
	if u == nil {
		return nil
	}
	if j.version.cloud {
		return obj{
			"self":        j.base + "/rest/api/2/user?accountId=" + u.key,
			"accountId":   u.key,
			"accountType": "atlassian",
			"avatarUrls":  j.avatars("useravatar"),
			"displayName": u.DisplayName,
			"active":      !u.Inactive,
			"timeZone":    u.TimeZone,
		}
	}
	return obj{
		"self":         j.base + "/rest/api/2/user?username=" + url.QueryEscape(u.Name),
		"name":         u.Name,
		"key":          u.key,
		"emailAddress": u.Email,
		"avatarUrls":   j.avatars("useravatar"),
		"displayName":  u.DisplayName,
		"active":       !u.Inactive,
		"timeZone":     u.TimeZone,
	}
}

func (j *Jira) usersJSON(list []*user) []any {
	out := []any{}
	for _, u := range list {
		out = append(out, j.userJSON(u))
	}
	return out
}

func (j *Jira) avatars(kind string) obj {
	at := j.base + "/secure/" + kind + "?"
	return obj{
		"48x48": at + "avatarId=10122",
		"24x24": at + "size=small&avatarId=10122",
		"16x16": at + "size=xsmall&avatarId=10122",
		"32x32": at + "size=medium&avatarId=10122",
	}
}
