package jiraclient_test

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// A defect is something in the descriptions that is not so, and that therefore is not held against the client or the
// simulator. One that is no longer needed fails the test.
type defect struct {
	document string // or how its name begins: dc for both of Data Center's, nothing for all
	call     string // methods and route as the client has them; * stands for anything
	what     string // the complaint, a regular expression for the whole of it
	// correct, in the place of what, says how the body of the answer looks in truth.
	correct func(*openapi3.Schema) *openapi3.Schema
	why     string
}

// list: the description has the schema of an item in the place of a list of them.
func list(item *openapi3.Schema) *openapi3.Schema {
	return openapi3.NewArraySchema().WithItems(item)
}

// page: the same for a page.
func page(item *openapi3.Schema) *openapi3.Schema {
	return openapi3.NewObjectSchema().WithoutAdditionalProperties().
		WithProperty("startAt", openapi3.NewIntegerSchema()).WithProperty("maxResults", openapi3.NewIntegerSchema()).
		WithProperty("total", openapi3.NewIntegerSchema()).WithProperty("isLast", openapi3.NewBoolSchema()).
		WithProperty("values", list(item))
}

// results: the same for what a search finds.
func results(item *openapi3.Schema) *openapi3.Schema {
	return openapi3.NewObjectSchema().WithoutAdditionalProperties().WithProperty("expand", openapi3.NewStringSchema()).
		WithProperty("startAt", openapi3.NewIntegerSchema()).WithProperty("maxResults", openapi3.NewIntegerSchema()).
		WithProperty("total", openapi3.NewIntegerSchema()).WithProperty("issues", list(item))
}

func knownDefects() []defect {
	const dc, cloud, all = "dc", "cloud-v3", ""
	return slices.Concat(
		// Lists and pages.
		each(dc, []string{
			"GET /rest/api/2/field", "GET /rest/api/2/issuetype", "GET /rest/api/2/priority", "GET /rest/api/2/resolution", "GET /rest/api/2/status",
			"POST /rest/api/2/issue/{key}/attachments", "GET /rest/api/2/project/{project}/components", "GET /rest/api/2/project/{project}/statuses",
			"GET /rest/api/2/project/{project}/versions", "GET /rest/api/2/user/assignable/search", "GET /rest/api/2/user/search",
		}, defect{correct: list, why: "a list is described as its item"}),
		each(dc, []string{
			"GET /rest/api/2/issue/createmeta/{project}/issuetypes", "GET /rest/api/2/issue/createmeta/{project}/issuetypes/{type}", "GET /rest/api/2/group/member",
			"GET /rest/agile/1.0/board", "GET /rest/agile/1.0/board/{board}/sprint",
		}, defect{correct: page, why: "a page is described as its item"}),
		each(dc, []string{"GET /rest/agile/1.0/board/{board}/issue", "GET /rest/agile/1.0/board/{board}/backlog"},
			defect{correct: results, why: "what a search finds is described as one issue, unlike that of a sprint and an epic"}),

		// Ways in.
		each(dc, []string{"POST /plugins/servlet/oauth/*", "POST /rest/oauth2/latest/token", "GET /rest/pat/latest/tokens"},
			defect{what: undescribed, why: "the ways in are described in prose only; those of OAuth 1.0a are tested against another's provider"}),

		// Answers that were forgotten.
		each(dc, []string{
			"PUT /rest/api/2/issue/{key}", "POST /rest/api/2/issue/{key}/comment", "PUT /rest/api/2/issue/{key}/comment/{comment}",
			"DELETE /rest/api/2/issue/{key}/comment/{comment}", "POST /rest/api/2/issue/{key}/worklog", "PUT /rest/api/2/issue/{key}/worklog/{worklog}",
			"DELETE /rest/api/2/issue/{key}/worklog/{worklog}", "POST /rest/api/2/issue/{key}/notify", "POST /rest/api/2/issue/{key}/remotelink",
			"PUT /rest/api/2/issue/{key}/remotelink/{link}", "DELETE /rest/api/2/attachment/{attachment}", "POST /rest/api/2/version",
		}, defect{what: `answer: status 404 is not described`, why: "what the user may not see is not found, as other calls and Cloud's say"}),
		[]defect{
			{dc, "POST /rest/api/2/issue/{key}/remotelink", `answer: status 201 is not described`, nil, "Cloud tells a new link (201) from an old one (200)"},
			{dc, "POST /rest/api/2/issue/{key}/votes", `answer: status 204 is not described`, nil, "what older descriptions and Cloud's say; the client takes both"},
			{dc, "POST /rest/api/2/version/{version}/removeAndSwap", `answer: status 403 is not described`, nil, "who may see the version and not administer it is forgotten; update and merge answer 403"},
			{dc, "GET /rest/api/2/project/{project}/role*", `answer: status 401 is not described`, nil, "who sees the project and does not administer it is forgotten"},
			{dc, "POST /rest/api/2/reindex/issue", `answer: status 403 is not described`, nil, "who is no administrator is forgotten"},
			{dc, "GET /rest/api/2/project/{project}/role", `answer: 200 has a body, and none is described`, nil, "the list of roles and their addresses is described in words"},
			{dc, "PUT /rest/api/2/version/{version}", `answer: 200 has a body, and none is described`, nil, "the version is answered as by Cloud"},
			{cloud, "GET /rest/api/2/attachment/content/{attachment}", `answer: 200 has a body, and none is described`, nil, "the file, of whatever kind it is"},
			{dc, "POST /rest/api/2/issue/bulk", `answer/(issues: not described|errors: value must be an object)`, nil, "where no issue was made, 400 has the same body as 201"},

			// Values that may be more than is said.
			{dc, "*", `.*: is described as Object only`, nil, "what became of Java's Object: any value, null too"},
			{dc, "GET /rest/api/2/issue/{key}/properties/{property}", `answer/value: value must be a string`, nil, "a property holds any JSON; the description means its text"},
			{dc, "GET /rest/api/2/comment/{comment}/properties/{property}", `answer/value: value must be a string`, nil, "a property holds any JSON; the description means its text"},
			{dc, "PUT /rest/api/2/issue/{key}/properties/{property}", `body: value must be a string`, nil, "a property holds any JSON; the description means its text"},
			{dc, "PUT /rest/api/2/issue/{key}/assignee", `body/name: is null`, nil, "null takes the assignee away; the description knows no null anywhere"},
			{cloud, "PUT /rest/api/2/issue/{key}/assignee", `body/accountId: is null`, nil, "null takes the assignee away, as the call's own text says"},
			{all, "*", `answer.*/(changelog/histories|values)/\*/items/\*/(from|to)(String)?: is null`, nil, "one of the two sides of a change may be empty; the descriptions know no null anywhere"},
			{all, "*", `answer.*/created: string doesn't match the format "date-time".*`, nil, "Jira writes +0000 where RFC 3339 wants +00:00"},
			{cloud, "GET|POST|PUT /rest/api/2/issue/{key}/comment*", `answer.*/updated: string doesn't match the format "date-time".*`, nil, "Jira writes +0000 where RFC 3339 wants +00:00"},
			{cloud, "GET|POST|PUT /rest/api/2/issue/{key}/worklog*", `answer.*/(started|updated): string doesn't match the format "date-time".*`, nil, "Jira writes +0000 where RFC 3339 wants +00:00"},
			{cloud, "GET /rest/api/2/serverInfo", `answer/(buildDate|serverTime): string doesn't match the format "date-time".*`, nil, "Jira writes +0000 where RFC 3339 wants +00:00"},
			{cloud, "POST|PUT /rest/api/2/issue/{key}/worklog*", `body/started: string doesn't match the format "date-time".*`, nil, "Jira writes +0000 where RFC 3339 wants +00:00, and so does the description's own example"},
			{dc, "POST /rest/api/2/reindex/issue", `answer/(submitted|start|finish)Time: string doesn't match the format "date-time".*`, nil, "Jira writes +0000 where RFC 3339 wants +00:00"},
			{dc, "POST|PUT /rest/api/2/version*", `(body|answer)/(start|release)Date: string doesn't match the format "date-time".*`, nil, "a day, as Cloud's description says"},

			// Members and parameters that were forgotten.
			{dc, "*", `body/update/\w+/\*/(add|remove|set): not described`, nil, "operations are described by how Jira keeps them, not by how it reads them: {add: value}"},
			{dc, "GET /rest/api/2/mypermissions", `answer/permissions/\w+/havePermission: not described`, nil, "it is in the description's own example, and the purpose of the call"},
			{dc, "GET /rest/api/2/mypermissions", `query permissions: not described`, nil, "Cloud demands it, Data Center answers with all permissions, whatever it is asked"},
			{dc, "GET /rest/api/2/project/{project}/role/{role}", `answer/actors/\*/(id|displayName|type): not described`, nil, "an actor is described without its kind; recorded answers have it"},
			{dc, "GET /rest/api/2/user", `answer/groups/items: not described`, nil, "the list of groups is described without what it lists"},
			{dc, "GET /rest/api/2/myself", `answer/(groups|applicationRoles)/items: not described`, nil, "the lists of groups and roles are described without what they list"},
			{dc, "GET /rest/api/2/user", `query expand: not described`, nil, "groups is in the older description, and brings the groups"},
			{dc, "GET /rest/api/2/user/assignable/search", `query startAt: not described`, nil, "it is in the older description and in Cloud's; the client notices when it is ignored"},
			{dc, "GET /rest/api/2/search", `query fields: .*non primitive type object`, nil, "a list of texts is described as a list of lists of texts"},
			{dc, "GET /rest/agile/1.0/board/{board}/issue", `query fields: .*non primitive type object`, nil, "a list of texts is described as a list of lists of texts"},
			{dc, "GET /rest/api/2/group/member", `path groupname: value is required but missing`, nil, "described as a part of a path that has no place for it"},
			{dc, "GET /rest/api/2/group/member", `query groupname: not described`, nil, "described as a part of a path that has no place for it"},
			{dc, "GET /rest/api/2/project/{project}", `answer/(projectTypeKey|lead|assigneeType|components|versions|issueTypes|roles): not described`, nil, "a project is described as other answers mention it"},
			{dc, "GET|POST|PUT /rest/api/2/component*", `answer/(isAssigneeTypeValid|projectId): not described`, nil, "recorded answers have both"},
			{dc, "GET /rest/api/2/project/{project}/components", `answer/\*/(isAssigneeTypeValid|projectId): not described`, nil, "recorded answers have both"},
			{dc, "GET /rest/api/2/issue/{key}/transitions", `answer/expand: not described`, nil, "recorded answers have it"},
			{dc, "GET /rest/api/2/issue/{key}/transitions", `query expand: not described`, nil, "transitions.fields is in the older description, and brings the fields"},
			{dc, "GET /rest/api/2/issue/{key}/worklog*", `query expand: not described`, nil, "brings the properties on Cloud; Data Center's worklogs have none"},
			{dc, "GET /rest/api/2/issue/{key}/worklog", `query (startAt|maxResults): not described`, nil, "pages on Cloud; Data Center sends all at once"},

			// Calls that were forgotten, or belong to something else than the API described.
			{dc, "GET|POST|PUT|DELETE /rest/jira-webhook/1.0/webhooks*", undescribed, nil, "registration of webhooks belongs to a plugin of Jira's"},
			{cloud, "GET|POST|PUT|DELETE /rest/webhooks/1.0/webhook*", undescribed, nil, "registration of webhooks is not part of the platform's description"},
			{cloud, "GET|POST|PUT|DELETE /rest/agile/1.0/*", undescribed, nil, "boards and sprints are not part of the platform's description"},
			{cloud, "PUT /rest/api/2/issue/{key}/comment/{comment}/pin", undescribed, nil, "Cloud cannot; the client asks, and says so"},
			{dc, "GET /secure/attachment/{attachment}/{name}", undescribed, nil, "the content of attachments is no part of the REST API before Cloud"},
			{dc, "GET|PUT /rest/api/2/issue/{key}/worklog/{worklog}/properties/{property}", undescribed, nil, "tried where Data Center may have it, and done without where it has not"},
		},
	)
}

// each is one defect that several calls have.
func each(document string, calls []string, d defect) (all []defect) {
	for _, call := range calls {
		d.document, d.call = document, call
		all = append(all, d)
	}
	return all
}

// undescribed is the complaint about a request that the document does not have.
const undescribed = "call: not described"

// otherRequests are the functions whose requests, or clients for requests, are none of the contract's business, and why.
func otherRequests() map[string]string {
	return map[string]string{
		"New":                    "its client is the one that send uses",
		"send":                   "it sends what call built",
		"link.ask":               "it sends what call built, for a login",
		"oauth1Signer.RoundTrip": "the client that the library wants is only asked for its transport, which signs what send sends",
		"LoginOAuth1":            "its client sends through servlet, which names its requests by call",
		"link.exchange":          "its client sends through tokenEndpoint, which names its requests by call",
	}
}
