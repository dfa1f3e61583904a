package jiraclient

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Version is a release of a project. Dates are of the form 2006-01-02.
type Version struct {
	ID          string `json:"-"`
	ProjectID   string `json:"-"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Released    bool   `json:"released"`
	Archived    bool   `json:"archived"`
	Overdue     bool   `json:"overdue"`
	StartDate   string `json:"startDate"`
	ReleaseDate string `json:"releaseDate"`
}

// UnmarshalJSON takes the IDs as texts or numbers.
func (v *Version) UnmarshalJSON(data []byte) error {
	type plain Version
	wire := struct {
		*plain
		ID        ident `json:"id"`
		ProjectID ident `json:"projectId"`
	}{plain: (*plain)(v)}
	err := json.Unmarshal(data, &wire)
	v.ID, v.ProjectID = string(wire.ID), string(wire.ProjectID)
	return err
}

// Versions lists a project's versions in their order there.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/project-getProjectVersions
func (c *Client) Versions(ctx context.Context, project string) ([]Version, error) {
	var list []Version
	err := c.do(ctx, get("project/{project}/versions", project), &list)
	return list, err
}

// Version reads a version.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/version-getVersion
func (c *Client) Version(ctx context.Context, id string) (Version, error) {
	var v Version
	err := c.do(ctx, get("version/{version}", id), &v)
	return v, err
}

// A NewVersion is a version to be made. Project, by its key, and Name are required.
type NewVersion struct {
	Project     string
	Name        string
	Description string
	StartDate   string
	ReleaseDate string
	Released    bool
	Archived    bool
}

// CreateVersion makes a version. Cloud wants the project's ID, which is asked for.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/version-createVersion
func (c *Client) CreateVersion(ctx context.Context, n NewVersion) (Version, error) {
	body := map[string]any{"name": n.Name, "released": n.Released, "archived": n.Archived}
	if c.isCloud() {
		p, err := c.Project(ctx, n.Project)
		if err != nil {
			return Version{}, fmt.Errorf("create version %q: %w", n.Name, err)
		}
		if body["projectId"], err = numeric(p.ID); err != nil {
			return Version{}, fmt.Errorf("create version %q: the ID of project %s %w", n.Name, n.Project, err)
		}
	} else {
		body["project"] = n.Project
	}
	for name, text := range map[string]string{"description": n.Description, "startDate": n.StartDate, "releaseDate": n.ReleaseDate} {
		if text != "" {
			body[name] = text
		}
	}
	var v Version
	err := c.do(ctx, post("version").carrying(body), &v)
	return v, err
}

// A VersionEdit is a change to a version; nil stays as it is.
type VersionEdit struct {
	Name        *string
	Description *string
	StartDate   *string
	ReleaseDate *string
	Released    *bool
	Archived    *bool
	// MoveUnfixedTo is the ID of the version that unresolved issues get in place of this one.
	MoveUnfixedTo string
}

// UpdateVersion changes a version.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/version-updateVersion
func (c *Client) UpdateVersion(ctx context.Context, id string, e VersionEdit) error {
	body := map[string]any{}
	for name, text := range map[string]*string{
		"name": e.Name, "description": e.Description, "startDate": e.StartDate, "releaseDate": e.ReleaseDate,
	} {
		if text != nil {
			body[name] = *text
		}
	}
	for name, yes := range map[string]*bool{"released": e.Released, "archived": e.Archived} {
		if yes != nil {
			body[name] = *yes
		}
	}
	if e.MoveUnfixedTo != "" {
		body["moveUnfixedIssuesTo"] = c.versionAddress(e.MoveUnfixedTo)
	}
	if len(body) == 0 {
		return fmt.Errorf("update version %s: %w", id, errNoChange)
	}
	return c.do(ctx, put("version/{version}", id).carrying(body), nil)
}

// versionAddress is how some requests name a version. Jira reads the ID at its end.
func (c *Client) versionAddress(id string) string {
	return c.base + get("version/{version}", id).escaped
}

// ReleaseVersion releases a version on a day such as 2026-03-01; without one the date stays as it is.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/version-updateVersion
func (c *Client) ReleaseVersion(ctx context.Context, id, day string) error {
	yes := true
	e := VersionEdit{Released: &yes}
	if day != "" {
		e.ReleaseDate = &day
	}
	return c.UpdateVersion(ctx, id, e)
}

// ArchiveVersion archives a version, so that it is offered no more.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/version-updateVersion
func (c *Client) ArchiveVersion(ctx context.Context, id string) error {
	yes := true
	return c.UpdateVersion(ctx, id, VersionEdit{Archived: &yes})
}

// MergeVersion deletes a version; its issues get the other one in its place.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/version-merge
func (c *Client) MergeVersion(ctx context.Context, id, into string) error {
	return c.do(ctx, put("version/{version}/mergeto/{other}", id, into), nil)
}

// Where MoveVersion moves a version among its project's.
const (
	VersionFirst   = "First"
	VersionLast    = "Last"
	VersionEarlier = "Earlier"
	VersionLater   = "Later"
)

// MoveVersion moves a version to the beginning or the end of its project's list, or one place up or down.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/version-moveVersion
func (c *Client) MoveVersion(ctx context.Context, id, position string) error {
	return c.do(ctx, post("version/{version}/move", id).carrying(map[string]string{"position": position}), nil)
}

// MoveVersionAfter moves a version behind another one of its project.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/version-moveVersion
func (c *Client) MoveVersionAfter(ctx context.Context, id, other string) error {
	return c.do(ctx, post("version/{version}/move", id).carrying(map[string]string{"after": c.versionAddress(other)}), nil)
}

// A VersionSwap tells which versions, by ID, issues get in place of one that is deleted: for the versions that fix them,
// for those affected, and in custom fields, by the fields' IDs. Where none is given, the version just goes.
type VersionSwap struct {
	Fix      string
	Affected string
	Custom   map[string]string
}

func (s VersionSwap) wire() (map[string]any, error) {
	body := map[string]any{}
	for name, id := range map[string]string{"moveFixIssuesTo": s.Fix, "moveAffectedIssuesTo": s.Affected} {
		if id == "" {
			continue
		}
		n, err := numeric(id)
		if err != nil {
			return nil, fmt.Errorf("the ID of a version %w", err)
		}
		body[name] = n
	}
	var custom []map[string]int64
	for _, field := range slices.Sorted(maps.Keys(s.Custom)) {
		n, err := numeric(strings.TrimPrefix(field, "customfield_"))
		if err != nil {
			return nil, fmt.Errorf("the ID of a custom field %w", err)
		}
		to, err := numeric(s.Custom[field])
		if err != nil {
			return nil, fmt.Errorf("the ID of a version %w", err)
		}
		custom = append(custom, map[string]int64{"customFieldId": n, "moveTo": to})
	}
	if custom != nil {
		body["customFieldReplacementList"] = custom
	}
	return body, nil
}

// DeleteVersion deletes a version.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/version-delete
func (c *Client) DeleteVersion(ctx context.Context, id string, swap VersionSwap) error {
	body, err := swap.wire()
	if err != nil {
		return fmt.Errorf("delete version %s: %w", id, err)
	}
	return c.do(ctx, post("version/{version}/removeAndSwap", id).carrying(body), nil)
}
