package jiraclient_test

import "github.com/getkin/kin-openapi/openapi3"

// A defect is something in the descriptions that is not so, and that therefore is not held against the client or the
// simulator. One that is no longer needed fails the test.
type defect struct {
	document string // or how its name begins: dc for both of Data Center's
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

func knownDefects() []defect {
	const dc, cloud = "dc", "cloud-v3"
	return []defect{
		// Lists and pages.
		{dc, "GET /rest/api/2/field", "", list, "a list is described as its item"},
		{dc, "GET /rest/api/2/issuetype", "", list, "a list is described as its item"},
		{dc, "GET /rest/api/2/priority", "", list, "a list is described as its item"},
		{dc, "GET /rest/api/2/status", "", list, "a list is described as its item"},
		{dc, "POST /rest/api/2/issue/{key}/attachments", "", list, "a list is described as its item"},
		{dc, "GET /rest/api/2/issue/createmeta/{project}/issuetypes", "", page, "a page is described as its item"},
		{dc, "GET /rest/api/2/issue/createmeta/{project}/issuetypes/{type}", "", page, "a page is described as its item"},

		// Values that may be more than is said.
		{dc, "*", `.*: is described as Object only`, nil, "what became of Java's Object: any value, null too"},
		{dc, "GET /rest/api/2/issue/{key}/properties/{property}", "answer/value: value must be a string", nil, "a property holds any JSON; the description means its text"},
		{dc, "PUT /rest/api/2/issue/{key}/properties/{property}", "body: value must be a string", nil, "a property holds any JSON; the description means its text"},
		{dc, "PUT /rest/api/2/issue/{key}/assignee", "body/name: is null", nil, "null takes the assignee away; the description knows no null anywhere"},
		{cloud, "PUT /rest/api/2/issue/{key}/assignee", "body/accountId: is null", nil, "null takes the assignee away, as the call's own text says"},
		{dc, "*", `answer.*/changelog/histories/\*/items/\*/(from|to)(String)?: is null`, nil, "one of the two sides of a change may be empty; the description knows no null anywhere"},
		{dc, "*", `answer.*/created: string doesn't match the format "date-time".*`, nil, "Jira writes +0000 where RFC 3339 wants +00:00"},
		{cloud, "POST /rest/api/2/issue/{key}/worklog", `body/started: string doesn't match the format "date-time".*`, nil, "Jira writes +0000 where RFC 3339 wants +00:00, and so does the description's own example"},

		// Members and parameters that were forgotten.
		{dc, "*", `body/update/\w+/\*/(add|remove|set): not described`, nil, "operations are described by how Jira keeps them, not by how it reads them: {add: value}"},
		{dc, "GET /rest/api/2/mypermissions", `answer/permissions/\w+/havePermission: not described`, nil, "it is in the description's own example, and the purpose of the call"},
		{dc, "GET /rest/api/2/mypermissions", "query permissions: not described", nil, "Cloud demands it, Data Center answers with all permissions, whatever it is asked"},
		{dc, "GET /rest/api/2/myself", `answer/(groups|applicationRoles)/items: not described`, nil, "the lists of groups and roles are described without what they list"},
		{dc, "GET /rest/api/2/project/{project}", `answer/(projectTypeKey|lead|assigneeType|components|versions|issueTypes|roles): not described`, nil, "a project is described as other answers mention it: no lead, components, versions, issue types"},
		{dc, "GET /rest/api/2/issue/{key}/transitions", "answer/expand: not described", nil, "recorded answers have it"},
		{dc, "GET /rest/api/2/issue/{key}/transitions", "query expand: not described", nil, "transitions.fields is in the older description, and brings the fields"},
		{dc, "GET /rest/api/2/issue/{key}/worklog", "query expand: not described", nil, "brings the properties on Cloud; Data Center's worklogs have none"},
		{dc, "GET /rest/api/2/issue/{key}/worklog", "query startAt: not described", nil, "pages on Cloud; Data Center sends all at once"},

		// Answers that were forgotten.
		{dc, "PUT /rest/api/2/issue/{key}", "answer: status 404 is not described", nil, "an issue that the user may not see is not found"},
		{dc, "POST /rest/api/2/issue/{key}/comment", "answer: status 404 is not described", nil, "an issue that the user may not see is not found"},
		{dc, "POST /rest/api/2/issue/{key}/worklog", "answer: status 404 is not described", nil, "an issue that the user may not see is not found"},
		{dc, "DELETE /rest/api/2/attachment/{attachment}", "answer: status 404 is not described", nil, "an attachment that the user may not see is not found"},

		// Calls that were forgotten, or belong to something else than the REST API described.
		{dc, "GET|POST|PUT|DELETE /rest/jira-webhook/1.0/webhooks*", undescribed, nil, "registration of webhooks belongs to a plugin of Jira's"},
		{cloud, "GET|POST|PUT|DELETE /rest/webhooks/1.0/webhook*", undescribed, nil, "registration of webhooks is not part of the platform's description"},
		{dc, "GET /secure/attachment/{attachment}/{name}", undescribed, nil, "the content of attachments is no part of the REST API before Cloud"},
		{dc, "GET|PUT /rest/api/2/issue/{key}/worklog/{worklog}/properties/{property}", undescribed, nil, "tried where Data Center may have it, and done without where it has not"},
	}
}

// undescribed is the complaint about a request that the document does not have.
const undescribed = "call: not described"

// otherRequests are the functions that make requests without call, and why.
func otherRequests() map[string]string {
	return map[string]string{"send": "it sends what call built"}
}
