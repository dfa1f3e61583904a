package jiraclient

import (
	"context"
	"encoding/json"
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

// Myself tells whom Jira takes us for.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/myself-getUser
func (c *Client) Myself(ctx context.Context) (User, error) {
	var u User
	err := c.do(ctx, get("myself"), &u)
	return u, err
}
