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
	return []defect{}
}

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
		j.add(d, x, "call: not described")
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
