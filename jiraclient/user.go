package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// A User is a person or a bot. Data Center knows people by Name and Key, Cloud by AccountID.
type User struct {
	Name         string `json:"name"`
	Key          string `json:"key"`
	AccountID    string `json:"accountId"`
	EmailAddress string `json:"emailAddress"`
	DisplayName  string `json:"displayName"`
	Active       bool   `json:"active"`
	TimeZone     string `json:"timeZone"`
}

// Ref is how requests name the user.
func (u User) Ref() UserRef { return UserRef{Name: u.Name, AccountID: u.AccountID} }

// is tells whether both are one person; nobody is nobody.
func (u User) is(other User) bool {
	same := func(a, b string) bool { return a != "" && a == b }
	return same(u.AccountID, other.AccountID) || same(u.Key, other.Key) || same(u.Name, other.Name)
}

// A UserRef names a user in a request, also as a value among an Edit's fields. It writes the account ID where there is
// one (Cloud) and the name otherwise (Data Center).
type UserRef struct {
	Name      string
	AccountID string
}

// Automatic leaves the choice of an assignee to the project's settings.
func (c *Client) Automatic() UserRef { return c.Ref("-1") }

// Ref makes a reference from what this Jira knows people by: an account ID on Cloud, a name on Data Center.
func (c *Client) Ref(id string) UserRef {
	if c.isCloud() {
		return UserRef{AccountID: id}
	}
	return UserRef{Name: id}
}

// MarshalJSON writes {"accountId":…} or {"name":…}; without either, null, which clears a field.
func (u UserRef) MarshalJSON() ([]byte, error) {
	switch {
	case u.AccountID != "":
		return json.Marshal(map[string]string{"accountId": u.AccountID})
	case u.Name != "":
		return json.Marshal(map[string]string{"name": u.Name})
	}
	return []byte("null"), nil
}

// id is the bare name or account ID, for calls that take no object.
func (u UserRef) id() string {
	if u.AccountID != "" {
		return u.AccountID
	}
	return u.Name
}

// names tells whether the reference is one to this user. Jira does not tell cases of user names apart.
func (u UserRef) names(user User) bool {
	if u.AccountID != "" {
		return u.AccountID == user.AccountID
	}
	return u.Name != "" && strings.EqualFold(u.Name, user.Name)
}

// ofUser puts a user into the query, which takes no object.
func ofUser(r request, user UserRef) (request, error) {
	switch {
	case user.AccountID != "":
		return r.with("accountId", user.AccountID), nil
	case user.Name != "":
		return r.with("username", user.Name), nil
	}
	return r, errors.New("the user has neither name nor account ID")
}

// Myself tells whom Jira takes us for.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/myself-getUser
func (c *Client) Myself(ctx context.Context) (User, error) {
	var u User
	err := c.do(ctx, get("myself"), &u)
	return u, err
}

// User reads a user.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/user-getUser
func (c *Client) User(ctx context.Context, user UserRef) (User, error) {
	r, err := ofUser(get("user"), user)
	if err != nil {
		return User{}, fmt.Errorf("read a user: %w", err)
	}
	var u User
	err = c.do(ctx, r, &u)
	return u, err
}

// UserByKey reads a user by the key, which stays when the name changes. Cloud has no keys: ErrUnavailable.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/user-getUser
func (c *Client) UserByKey(ctx context.Context, key string) (User, error) {
	if key == "" {
		return User{}, errors.New("read a user: the key is empty")
	}
	if c.isCloud() {
		return User{}, fmt.Errorf("read user %s: Cloud knows people by account ID, not by key: %w", clip(oneLine(key), 100), ErrUnavailable)
	}
	var u User
	err := c.do(ctx, get("user").with("key", key), &u)
	return u, err
}

// SearchUsers finds active users whose name, display name or address has a word that begins like the text.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/user-findUsers
func (c *Client) SearchUsers(ctx context.Context, text string) iter.Seq2[User, error] {
	return listed[User](ctx, c, get("user/search").with(c.sought(), text))
}

// AssignableUsers finds users as SearchUsers does, or all for "", who can be assigned an issue, by its key.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/user-findAssignableUsers
func (c *Client) AssignableUsers(ctx context.Context, issue, text string) iter.Seq2[User, error] {
	return listed[User](ctx, c, get("user/assignable/search").with("issueKey", issue).with(c.sought(), text))
}

// AssignableUsersOf finds users who can be assigned new issues of a project, by its key.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/user-findAssignableUsers
func (c *Client) AssignableUsersOf(ctx context.Context, project, text string) iter.Seq2[User, error] {
	return listed[User](ctx, c, get("user/assignable/search").with("project", project).with(c.sought(), text))
}

// sought is what a text to be found is called. On Data Center it stands for the display name and the address as well.
func (c *Client) sought() string {
	if c.isCloud() {
		return "query"
	}
	return "username"
}
