package jiraclient

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// A Permission is one of Jira's, by its key.
type Permission string

// Global permissions.
const (
	Administer                     Permission = "ADMINISTER"
	SystemAdmin                    Permission = "SYSTEM_ADMIN"
	BulkChange                     Permission = "BULK_CHANGE"
	CreateSharedObjects            Permission = "CREATE_SHARED_OBJECTS"
	ManageGroupFilterSubscriptions Permission = "MANAGE_GROUP_FILTER_SUBSCRIPTIONS"
	UserPicker                     Permission = "USER_PICKER"
)

// Permissions in a project.
const (
	AdministerProjects    Permission = "ADMINISTER_PROJECTS"
	BrowseProjects        Permission = "BROWSE_PROJECTS"
	ViewReadOnlyWorkflow  Permission = "VIEW_READONLY_WORKFLOW"
	ViewDevTools          Permission = "VIEW_DEV_TOOLS"
	ManageSprints         Permission = "MANAGE_SPRINTS_PERMISSION"
	AssignableUser        Permission = "ASSIGNABLE_USER"
	AssignIssues          Permission = "ASSIGN_ISSUES"
	CloseIssues           Permission = "CLOSE_ISSUES"
	CreateIssues          Permission = "CREATE_ISSUES"
	DeleteIssues          Permission = "DELETE_ISSUES"
	EditIssues            Permission = "EDIT_ISSUES"
	LinkIssues            Permission = "LINK_ISSUES"
	ModifyReporter        Permission = "MODIFY_REPORTER"
	MoveIssues            Permission = "MOVE_ISSUES"
	ResolveIssues         Permission = "RESOLVE_ISSUES"
	ScheduleIssues        Permission = "SCHEDULE_ISSUES"
	SetIssueSecurity      Permission = "SET_ISSUE_SECURITY"
	TransitionIssues      Permission = "TRANSITION_ISSUES"
	ManageWatchers        Permission = "MANAGE_WATCHERS"
	ViewVotersAndWatchers Permission = "VIEW_VOTERS_AND_WATCHERS"
	AddComments           Permission = "ADD_COMMENTS"
	EditAllComments       Permission = "EDIT_ALL_COMMENTS"
	EditOwnComments       Permission = "EDIT_OWN_COMMENTS"
	DeleteAllComments     Permission = "DELETE_ALL_COMMENTS"
	DeleteOwnComments     Permission = "DELETE_OWN_COMMENTS"
	CreateAttachments     Permission = "CREATE_ATTACHMENTS"
	DeleteAllAttachments  Permission = "DELETE_ALL_ATTACHMENTS"
	DeleteOwnAttachments  Permission = "DELETE_OWN_ATTACHMENTS"
	WorkOnIssues          Permission = "WORK_ON_ISSUES"
	EditAllWorklogs       Permission = "EDIT_ALL_WORKLOGS"
	EditOwnWorklogs       Permission = "EDIT_OWN_WORKLOGS"
	DeleteAllWorklogs     Permission = "DELETE_ALL_WORKLOGS"
	DeleteOwnWorklogs     Permission = "DELETE_OWN_WORKLOGS"
)

// Permissions lists all of the above.
func Permissions() []Permission {
	return []Permission{
		Administer, SystemAdmin, BulkChange, CreateSharedObjects, ManageGroupFilterSubscriptions, UserPicker,
		AdministerProjects, BrowseProjects, ViewReadOnlyWorkflow, ViewDevTools, ManageSprints, AssignableUser, AssignIssues,
		CloseIssues, CreateIssues, DeleteIssues, EditIssues, LinkIssues, ModifyReporter, MoveIssues, ResolveIssues,
		ScheduleIssues, SetIssueSecurity, TransitionIssues, ManageWatchers, ViewVotersAndWatchers, AddComments,
		EditAllComments, EditOwnComments, DeleteAllComments, DeleteOwnComments, CreateAttachments, DeleteAllAttachments,
		DeleteOwnAttachments, WorkOnIssues, EditAllWorklogs, EditOwnWorklogs, DeleteAllWorklogs, DeleteOwnWorklogs,
	}
}

// String is Jira's key: EDIT_ISSUES.
func (p Permission) String() string { return string(p) }

// Label is the name that people see in a permission scheme: Edit Issues.
func (p Permission) Label() string {
	switch p {
	case Administer:
		return "Jira Administrators"
	case SystemAdmin:
		return "Jira System Administrators"
	case UserPicker:
		return "Browse Users"
	case ManageSprints:
		return "Manage Sprints"
	case ViewDevTools:
		return "View Development Tools"
	case ViewReadOnlyWorkflow:
		return "View Read-Only Workflow"
	case ViewVotersAndWatchers:
		return "View Voters and Watchers"
	}
	words := strings.Split(strings.ToLower(string(p)), "_")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// A PermissionQuery says where the permissions are asked for: in a project, for an issue, or, when zero, anywhere. Only
// the answer for an issue is exact: in a project, what depends on being reporter or assignee counts as granted.
type PermissionQuery struct {
	Project string // key
	Issue   string // key
}

// MyPermissions tells which of the permissions our user has; without keys, all that are known. One that this Jira does
// not know is missing from the map. ErrUnavailable means that Jira does not have the call. Workflow conditions and screens are
// not covered: see Transitions and EditMeta.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/mypermissions-getPermissions
func (c *Client) MyPermissions(ctx context.Context, q PermissionQuery, keys ...Permission) (map[Permission]bool, error) {
	if len(keys) == 0 {
		keys = Permissions()
	}
	have, err := c.myPermissions(ctx, q, keys)
	if !withheld(err) {
		return have, err
	}
	// A Jira that has the call answers it anywhere; without a context nothing can be missing or denied.
	if q != (PermissionQuery{}) {
		if _, anywhere := c.myPermissions(ctx, PermissionQuery{}, keys); !withheld(anywhere) {
			return nil, err
		}
	}
	return nil, untold(err)
}

// madeUp is a permission that no Jira has.
const madeUp Permission = "JIRABOT_MADE_UP"

// Administrator tells which administrator's permissions our user has. Whoever grants even a permission that there is not,
// as a simple stand-in for a Jira may, is not believed.
func (c *Client) Administrator(ctx context.Context) ([]Permission, error) {
	have, err := c.MyPermissions(ctx, PermissionQuery{}, Administer, SystemAdmin)
	if err != nil {
		return nil, err
	}
	var too []Permission
	for _, p := range []Permission{SystemAdmin, Administer} {
		if have[p] {
			too = append(too, p)
		}
	}
	if too == nil {
		return nil, nil
	}
	// Cloud refuses to be asked for what there is not, and Data Center does not name it.
	if all, err := c.myPermissions(ctx, PermissionQuery{}, []Permission{madeUp}); err == nil && all[madeUp] {
		c.log.Warn().Msg("this jira grants every permission, even one that there is not, so it is not believed that the bot user is an administrator")
		return nil, nil
	}
	return too, nil
}

func withheld(err error) bool { return errors.Is(err, ErrNotFound) || errors.Is(err, ErrDenied) }

// untold says that this Jira does not have the call.
func untold(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.kind, e.Hint = ErrUnavailable, "this Jira does not tell permissions"
	}
	return err
}

func (c *Client) myPermissions(ctx context.Context, q PermissionQuery, keys []Permission) (map[Permission]bool, error) {
	var names []string
	for _, p := range keys {
		names = append(names, p.String())
	}
	var answer struct {
		Permissions map[string]struct {
			Key        string `json:"key"`
			Have       bool   `json:"havePermission"`
			Deprecated bool   `json:"deprecatedKey"`
		} `json:"permissions"`
	}
	r := get("mypermissions").with("projectKey", q.Project).with("issueKey", q.Issue)
	// Cloud demands the list; Data Center answers with all, whatever it is asked.
	r = r.with("permissions", strings.Join(names, ",")).nicety()
	err := c.do(ctx, r, &answer)
	if err == nil && len(answer.Permissions) == 0 {
		// Not "none of them": whoever knows them names them.
		err = &Error{Status: http.StatusOK, Method: r.method, Path: r.path, kind: ErrUnavailable}
	}
	if e, ok := errors.AsType[*Error](err); ok && (errors.Is(e, ErrUnavailable) || e.Status == http.StatusNotFound && !e.json) {
		return nil, untold(err)
	}
	if err != nil {
		return nil, err
	}
	have := map[Permission]bool{}
	for key, p := range answer.Permissions {
		// The legacy twins have keys of their own: EDIT_ISSUE beside EDIT_ISSUES.
		if !p.Deprecated && slices.Contains(keys, Permission(key)) {
			have[Permission(key)] = p.Have
		}
	}
	return have, nil
}
