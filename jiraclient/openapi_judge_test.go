package jiraclient_test

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

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
	methods, route, all := strings.Cut(k.call, " ")
	return strings.HasPrefix(d.name, k.document) &&
		(!all || slices.Contains(strings.Split(methods, "|"), x.method) && like(route, x.site.route))
}

// like is path.Match whose * also stands for slashes.
func like(pattern, text string) bool {
	flat := strings.NewReplacer("/", "\x01", "[", "\x02", "?", "\x03").Replace
	ok, err := path.Match(flat(pattern), flat(text))
	return ok && err == nil
}

func (j *judge) add(d *document, x exchange, line string) {
	for i, known := range j.defects {
		if known.correct == nil && known.about(d, x) && regexp.MustCompile("^(?:"+known.what+")$").MatchString(line) {
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
