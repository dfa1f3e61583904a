package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// A Server is what Jira says of itself.
type Server struct {
	BaseURL        string
	Title          string
	Version        string
	VersionNumbers []int
	Deployment     Deployment
	Time           Time
	// Known is false where Jira did not say; then it is taken for Data Center, and Note tells why.
	Known bool
	Note  string
}

// Connect finds out which Jira this is and whom it takes us for, and remembers both. It fails where Jira takes us for
// nobody or for somebody else.
func (c *Client) Connect(ctx context.Context) (Server, User, error) {
	// First the call that nobody may make anonymously: it proves the credential.
	user, err := c.Myself(ctx)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnavailable) {
		if server, user, ok := c.withoutMyself(ctx, err); ok {
			return server, user, nil
		}
		return Server{}, User{}, fmt.Errorf("ask Jira who we are, which every Jira answers: is jira.url its address, context path and all? %w", err)
	}
	if err != nil {
		return Server{}, User{}, fmt.Errorf("ask Jira who we are: %w", err)
	}
	if want := c.auth.user; want != "" && !named(user, want) {
		return Server{}, User{}, &IdentityError{Status: 200, Method: "GET", Path: "/rest/api/2/myself", Want: want, Got: oneLine(user.Name + user.AccountID)}
	}
	c.self.Store(&user)
	server, err := c.ServerInfo(ctx)
	if err != nil {
		return Server{}, User{}, fmt.Errorf("ask Jira which version it is: %w", err)
	}
	return server, user, nil
}

// withoutMyself is for what plays Jira and lacks the call, but says that it is a Jira, and as whom we come: without a name
// the bot could not tell its own changes from those of others.
func (c *Client) withoutMyself(ctx context.Context, err error) (Server, User, bool) {
	user := User{Name: c.auth.user}
	if e, ok := errors.AsType[*Error](err); ok {
		if name, named := identity(e.Header); named && name != anonymous {
			user.Name = name
		}
	}
	if user.Name == "" || strings.Contains(user.Name, "@") {
		return Server{}, User{}, false
	}
	server, failed := c.ServerInfo(ctx)
	if failed != nil || !server.Known {
		return Server{}, User{}, false
	}
	server.Note = "this Jira does not say who we are, so it is believed to be " + user.Name + ": " + err.Error()
	c.self.Store(&user)
	return server, user, true
}

// ServerInfo asks for the version. That it cannot be had, because a proxy blocks it or a stand-in stumbles over it, is no error: the
// Server says so.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/serverInfo-getServerInfo
func (c *Client) ServerInfo(ctx context.Context) (Server, error) {
	var info struct {
		BaseURL        string `json:"baseUrl"`
		ServerTitle    string `json:"serverTitle"`
		Version        string `json:"version"`
		VersionNumbers []int  `json:"versionNumbers"`
		DeploymentType string `json:"deploymentType"`
		ServerTime     Time   `json:"serverTime"`
	}
	err := c.do(ctx, get("serverInfo").nicety(), &info)
	s := Server{
		BaseURL: info.BaseURL, Title: info.ServerTitle, Version: info.Version, VersionNumbers: info.VersionNumbers,
		Time: info.ServerTime, Deployment: DataCenter, Known: info.Version != "",
	}
	if e, ok := errors.AsType[*Error](err); ok && !errors.Is(err, ErrUnauthorized) {
		if _, passing := Temporary(err); !passing {
			s, err = Server{Deployment: DataCenter, Note: "serverInfo could not be read, so Jira is taken for Data Center: " + e.Error()}, nil
		}
	}
	if err != nil {
		return Server{}, err
	}
	if !s.Known && s.Note == "" {
		s.Note = "serverInfo names no version, so Jira is taken for Data Center"
	}
	if strings.EqualFold(info.DeploymentType, "Cloud") {
		s.Deployment = Cloud
	}
	if c.deployment != Auto {
		s.Deployment = c.deployment
		s.Note = strings.Replace(s.Note, "so Jira is taken for Data Center", "so its version is unknown", 1)
	}
	c.server.Store(&s)
	return s, nil
}

// blocked: somebody between us and Jira does not let this call through, or it is not there.
func blocked(e *Error) bool {
	return errors.Is(e, ErrNotFound) || errors.Is(e, ErrDenied) || errors.Is(e, ErrUnavailable) || e.Status < 300 && e.kind == nil
}

// named tells whether a credential's user name can be this user: people log in by name or e-mail, whatever the case, and
// Jira may hide the e-mail.
func named(u User, login string) bool {
	if strings.Contains(login, "@") && !strings.EqualFold(u.Name, login) {
		return u.EmailAddress == "" || strings.EqualFold(u.EmailAddress, login)
	}
	return u.Name == "" || strings.EqualFold(u.Name, login)
}
