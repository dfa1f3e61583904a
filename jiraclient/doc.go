// Package jiraclient speaks Jira's REST API, version 2, and its authentication, and nothing else. It does each call once:
// whether a failed one is worth another try is said by the error (Temporary, Uncertain) and decided by the caller.
//
// Every file covers one area and any two methods look alike: build the request, send it, return what came back. What all
// requests have in common stands in send.go (headers, limits, redirects), login.go (a refused login stops everything, so
// that no account gets locked) and pace.go (Jira's own rate limit is kept, so that Jira need not enforce it).
//
// Data Center comes first. Cloud is served where version 2 has the same call; where the two differ, the method decides by
// the Deployment that Connect found.
package jiraclient
