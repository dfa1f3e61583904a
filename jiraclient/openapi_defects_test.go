package jiraclient_test

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A defect is something in the descriptions that is not so, and that therefore is not held against the client or the
// simulator. One that is no longer needed fails the test.
type defect struct {
	document string // or how its name begins: dc for both of Data Center's
	call     string // method and route as the client has them; * stands for anything
	what     string // the complaint; * stands for anything
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
		{dc, "*", "*: is described as Object only", nil, "what became of Java's Object: any value, null too"},
		{dc, "GET /rest/api/2/issue/{key}/properties/{property}", "answer/value: value must be a string", nil, "a property holds any JSON; the description means its text"},
		{dc, "PUT /rest/api/2/issue/{key}/properties/{property}", "body: value must be a string", nil, "a property holds any JSON; the description means its text"},
		{dc, "PUT /rest/api/2/issue/{key}/assignee", "body/name: is null", nil, "null takes the assignee away; the description knows no null anywhere"},
		{cloud, "PUT /rest/api/2/issue/{key}/assignee", "body/accountId: is null", nil, "null takes the assignee away, as the call's own text says"},
		{dc, "*", "answer*/changelog/histories/*/items/*: is null", nil, "one of the two sides of a change may be empty; the description knows no null anywhere"},
		{dc, "*", "answer*/created: string doesn't match the format*", nil, "Jira writes +0000 where RFC 3339 wants +00:00"},
		{cloud, "POST /rest/api/2/issue/{key}/worklog", "body/started: string doesn't match the format*", nil, "Jira writes +0000 where RFC 3339 wants +00:00, and so does the description's own example"},

		// Members and parameters that were forgotten.
		{dc, "*", "body/update/*/*/add: not described", nil, "operations are described by how Jira keeps them, not by how it reads them: {add: value}"},
		{dc, "GET /rest/api/2/mypermissions", "answer/permissions/*/havePermission: not described", nil, "it is in the description's own example, and the purpose of the call"},
		{dc, "GET /rest/api/2/mypermissions", "query permissions: not described", nil, "Cloud demands it, Data Center answers with all permissions, whatever it is asked"},
		{dc, "GET /rest/api/2/myself", "answer/*/items: not described", nil, "the lists of groups and roles are described without what they list"},
		{dc, "GET /rest/api/2/project/{project}", "answer/*: not described", nil, "a project is described as other answers mention it: no lead, components, versions, issue types"},
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
		{dc, "* /rest/jira-webhook/1.0/webhooks*", undescribed, nil, "registration of webhooks belongs to a plugin of Jira's"},
		{cloud, "* /rest/webhooks/1.0/webhook*", undescribed, nil, "registration of webhooks is not part of the platform's description"},
		{dc, "GET /secure/attachment/{attachment}/{name}", undescribed, nil, "the content of attachments is no part of the REST API before Cloud"},
		{dc, "* /rest/api/2/issue/{key}/worklog/{worklog}/properties/{property}", undescribed, nil, "tried where Data Center may have it, and done without where it has not"},
	}
}

// undescribed is the complaint about a request that the document does not have.
const undescribed = "call: not described"

// otherRequests are the functions that make requests without call, and why.
func otherRequests() map[string]string {
	return map[string]string{"send": "it sends what call built"}
}

// A judge holds exchanges against documents and keeps what is wrong and no known defect.
type judge struct {
	defects []defect
	needed  map[int]bool
	wrong   map[string]int
}

func newJudge() *judge {
	return &judge{knownDefects(), map[int]bool{}, map[string]int{}}
}

// exchange tells whether the document describes it.
func (j *judge) exchange(d *document, x exchange, answers bool) bool {
	if d == nil {
		return false
	}
	in, described := d.find(x)
	if !described {
		j.add(d, x, undescribed)
		return false
	}
	for _, line := range d.request(x, in) {
		j.add(d, x, line)
	}
	if !answers {
		return true
	}
	wrong := d.answer(x, in, nil)
	for i, known := range j.defects {
		if known.correct != nil && len(wrong) > 0 && x.status < 300 && known.about(d, x) {
			j.needed[i] = true
			wrong = d.answer(x, in, known.correct)
		}
	}
	for _, line := range wrong {
		j.add(d, x, line)
	}
	return true
}

func (k defect) about(d *document, x exchange) bool {
	return strings.HasPrefix(d.name, k.document) && like(k.call, x.site.String())
}

// like is path.Match whose * also stands for slashes.
func like(pattern, text string) bool {
	flat := strings.NewReplacer("/", "\x01", "[", "\x02", "?", "\x03").Replace
	ok, err := path.Match(flat(pattern), flat(text))
	return ok && err == nil
}

func (j *judge) add(d *document, x exchange, line string) {
	for i, known := range j.defects {
		if known.correct == nil && known.about(d, x) && like(known.what, line) {
			j.needed[i] = true
			return
		}
	}
	j.wrong[fmt.Sprintf("%s: %s: %s", d.name, x.site, line)]++
}

// left are the complaints that remain, and the defects that nothing needed.
func (j *judge) left() (lines []string) {
	for _, line := range slices.Sorted(maps.Keys(j.wrong)) {
		lines = append(lines, fmt.Sprintf("%s (%d times)", line, j.wrong[line]))
	}
	for i, known := range j.defects {
		if !j.needed[i] {
			lines = append(lines, fmt.Sprintf("no longer needed: %s: %s: %s", known.document, known.call, known.what))
		}
	}
	return lines
}
