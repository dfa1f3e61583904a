package jiratest

import (
	"slices"
	"strconv"
	"strings"
)

// A profile is how one version of Jira behaves where versions differ; calledIn says which calls it has. What no source
// tells of a version is chosen so that the profiles together play both answers.
type profile struct {
	name    string
	version string // as serverInfo has it
	cloud   bool   // people go by account IDs, X-AUSERNAME is missing, e-mail and API token instead of a password

	// passwords are basic authentication and, with it, the session resource. 11 has them off until an administrator
	// switches them on; they are never off before 8.16, which has no switch.
	passwords bool

	sending Sending // inside of the request up to 9, unless a feature flag says otherwise; from 10 on by a pool of threads
	signed  bool    // registrations have a secret
	// actorInURL is user_id and user_key. Nobody has told whether 10 and later still append them.
	actorInURL bool
	// wholeComments is Cloud's comment_created with its issue; it comes alone. Data Center names no issue there, and sends
	// a whole jira:issue_updated beside it.
	wholeComments bool
	// dollars are ${issue.key} in a registration's URL; 10 dropped the dollar.
	dollars bool

	maxResultWindow bool // 11 tells how deep a search can be paged
}

// profiles are the versions that can be played, oldest first, Cloud last.
func profiles() []profile {
	return []profile{
		{name: "8.20", version: "8.20.30", passwords: true, sending: InRequest, actorInURL: true, dollars: true},
		{name: "9.12", version: "9.12.15", passwords: true, sending: InRequest, actorInURL: true, dollars: true},
		{name: "10.3", version: "10.3.24", passwords: true, sending: AtOnce, signed: true, actorInURL: true},
		{name: "11.2", version: "11.2.1", passwords: false, sending: AtOnce, signed: true, maxResultWindow: true},
		{
			name: "Cloud", version: "1001.0.0-SNAPSHOT", cloud: true, passwords: true, sending: AtOnce, signed: true, actorInURL: true,
			wholeComments: true, dollars: true,
		},
	}
}

// Versions are the versions that can be played, oldest first, Cloud last.
func Versions() []string {
	var names []string
	for _, p := range profiles() {
		names = append(names, p.name)
	}
	return names
}

// profileOf is the profile of that name. Any other version, such as 10.6.1, behaves as the one of its major version, or else
// as the newest that is older.
func profileOf(version string) profile {
	all := profiles()
	best := all[0]
	for _, p := range all {
		if p.name == version {
			return p
		}
		if !p.cloud && versionNumbers(p.name)[0] <= versionNumbers(version)[0] {
			best = p
		}
	}
	best.version = version
	return best
}

func versionNumbers(version string) []int {
	var numbers []int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			n = 0 // of 1001.0.0-SNAPSHOT
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// calledIn are the calls, by the beginning of their path, with a method where it matters, that only some versions have. The
// others answer 404 as for any unknown address.
func calledIn() []struct{ path, versions, why string } {
	return []struct{ path, versions, why string }{
		{"/webhooks/1.0/", "8.20 9.12 Cloud", "10 moved the registration of webhooks and changed its body; Cloud kept it"},
		{"/jira-webhook/1.0/", "10.3 11.2", "the new place"},
		{"/createmeta?", "8.20 Cloud", "the old call, everything in one answer; 9 dropped it, Cloud wants to"},
		{"/auth/1/session", "8.20 9.12 10.3 11.2", "Cloud has no sessions for programs"},
		{"/pat/", "8.20 9.12 10.3 11.2", "personal access tokens came with 8.14; Cloud has API tokens, which it does not tell"},
		{"/oauth2/", "9.12 10.3 11.2", "first documented for 8.22; Cloud's own provider lives at another host"},
		{"/api/2/issue/{issue}/archive", "8.20 9.12 10.3 11.2", "Cloud archives by a list"},
		{"/api/2/issue/{issue}/restore", "8.20 9.12 10.3 11.2", "Cloud restores by a list"},
		{"POST /api/2/issue/archive", "8.20 9.12 10.3 11.2", "keys as lines of text"},
		{"PUT /api/2/issue/archive", "Cloud", "keys as JSON"},
		{"/api/2/issue/unarchive", "Cloud", "keys as JSON"},
		{"/api/2/attachment/content/", "Cloud", "files lie outside of the REST API elsewhere"},
		{"/api/2/issue/{issue}/worklog/{worklog}/properties", "Cloud", "Data Center describes none"},
		{"/api/2/issue/{issue}/comment/{id}/pin", "10.3 11.2", "pinned comments came with 10"},
		{"/api/2/issue/{issue}/pinned-comments", "10.3 11.2", "pinned comments came with 10"},
		{"/api/2/readonly-mode", "10.3", "described for 10.3.24 and not for 11.2.1"},
		{"/api/2/issue/{issue}/changelog", "Cloud", "Data Center gives the changelog with the issue"},
		{"/api/2/search/jql", "Cloud", "took the place of search, which is gone there"},
		{"/api/2/search/approximate-count", "Cloud", "since search/jql has no total"},
	}
}

// has tells whether this version has the call.
func (p profile) has(method, path string) bool {
	for _, c := range calledIn() {
		if strings.HasPrefix(path+"?", c.path) || strings.HasPrefix(method+" "+path+"?", c.path) {
			return slices.Contains(strings.Fields(c.versions), p.name)
		}
	}
	return true
}

// otherwiseOnCloud are the calls whose refusal Cloud describes with another status than Data Center's.
func otherwiseOnCloud() []struct {
	call               string
	dataCenter, status int
	why                string
} {
	return []struct {
		call               string
		dataCenter, status int
		why                string
	}{
		{"PUT /api/2/issue/{issue}/assignee", 401, 403, "may not assign"},
		{"POST /api/2/issue/{issue}/watchers", 401, 403, "may not manage watchers"},
		{"DELETE /api/2/issue/{issue}/watchers", 401, 403, "may not manage watchers"},
		{"POST /api/2/issue/{issue}/worklog", 403, 400, "may not log work"},
		{"PUT /api/2/issue/{issue}/worklog/{id}", 403, 400, "may not edit the work of others"},
		{"DELETE /api/2/issue/{issue}/worklog/{id}", 403, 400, "may not delete the work of others"},
		{"POST /api/2/issue/{issue}/transitions", 500, 400, "no such transition"},
		{"DELETE /api/2/issue/{issue}/properties/{key}", 403, 404, "may not edit the issue"},
		{"POST /api/2/version", 403, 404, "may not administer the project"},
		{"PUT /api/2/version/{id}", 403, 400, "may not administer the project"},
		{"PUT /api/2/version/{id}/mergeto/{other}", 403, 401, "may not administer the project"},
		{"POST /api/2/version/{id}/move", 403, 401, "may not administer the project"},
		{"POST /api/2/version/{id}/removeAndSwap", 403, 404, "may not administer the project"},
	}
}

// refusal is the status with which this version refuses, where Data Center does with the one given.
func (p profile) refusal(call string, status int) int {
	for _, o := range otherwiseOnCloud() {
		if p.cloud && o.call == call && o.dataCenter == status {
			return o.status
		}
	}
	return status
}

// personKey is the member under which requests name people.
func (p profile) personKey() string {
	if p.cloud {
		return "accountId"
	}
	return "name"
}

// soughtKey is the parameter with a text to be found among people.
func (p profile) soughtKey() string {
	if p.cloud {
		return "query"
	}
	return "username"
}

// contextPath is where it lies by default.
func (p profile) contextPath() string {
	if p.cloud {
		return "/"
	}
	return "/jira"
}
