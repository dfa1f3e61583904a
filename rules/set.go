package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"jirabot/internal/event"
	"jirabot/internal/strictyaml"
)

// A Set is all rules of a bot, compiled. It is never changed: a reload makes a new one.
type Set struct {
	Rules []*Rule
	// Revision changes whenever any rule file does.
	Revision string

	byName map[string]*Rule
	byKind map[string]*shelf
}

// A shelf holds the rules that wait for one kind of event, by project, so that the number of other rules does not
// matter to an event.
type shelf struct {
	everywhere candidates
	byProject  map[string]*candidates
	all        candidates // for events that do not say in which project they happened; without glances, since nothing is refused then
}

// Candidates are rules that wait for one kind of event. What can be told of them at a glance stands apart, so that among thousands of
// rules few have to be looked into.
type candidates struct {
	predicates
	glances []glance
	rules   []candidate
}

func (cs *candidates) add(c candidate) {
	cs.glances = append(cs.glances, cs.glanceAt(c.rule, c.trigger))
	cs.rules = append(cs.rules, c)
}

type candidate struct {
	rule *Rule
	// trigger is the rule's only one; nil if it has several.
	trigger *Trigger
	// fires is set where the only trigger fires on every event of the kind.
	fires bool
}

// A File is a rule file's name and content.
type File struct {
	Name string
	Data []byte
}

// Read finds the rule files that the patterns name. A pattern that finds nothing is a mistake: a rule that silently does
// nothing is what people fear most.
func Read(patterns []string) ([]File, error) {
	var files []File
	seen := map[string]bool{}
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("rule files %q: %w", pattern, err)
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("rule files %q: there are none", pattern)
		}
		sort.Strings(names)
		for _, name := range names {
			if seen[name] {
				continue
			}
			seen[name] = true
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("rule file: %w", err)
			}
			files = append(files, File{Name: name, Data: data})
		}
	}
	return files, nil
}

// Load reads and compiles the rule files that the patterns name.
func Load(patterns []string) (*Set, error) {
	files, err := Read(patterns)
	if err != nil {
		return nil, err
	}
	return Compile(files)
}

type document struct {
	Rules []*Rule `yaml:"rules,required"`
}

// Compile makes a set of files. The error holds every mistake of every file (strictyaml.Problems).
func Compile(files []File) (*Set, error) {
	set := &Set{byName: map[string]*Rule{}, byKind: map[string]*shelf{}}
	var sources []*strictyaml.Source
	sum := sha256.New()
	for _, f := range files {
		fmt.Fprintf(sum, "%s %d\n", f.Name, len(f.Data))
		sum.Write(f.Data)
		source := strictyaml.Parse(f.Name, f.Data)
		var doc document
		switch {
		case source.Root != nil:
			source.Decode(source.Root, &doc)
		case source.Count() == 0:
			source.ProblemAt(1, 1, "the file is empty; it begins with \"rules:\"")
		}
		for _, r := range doc.Rules {
			if r == nil {
				continue
			}
			if first, twice := set.byName[r.Name]; twice && r.Name != "" {
				source.Problem(r.nameAt, "a rule named %q stands already in %s:%d", r.Name, first.File, first.Line)
				continue
			}
			r.place = len(set.Rules)
			r.nameAt = nil // a node holds on to the whole file
			set.byName[r.Name] = r
			r.source = source
			set.Rules = append(set.Rules, r)
		}
		sources = append(sources, source)
	}
	for _, r := range set.Rules {
		set.checkFailed(r)
		r.source = nil
	}
	var problems strictyaml.Problems
	for _, source := range sources {
		problems = append(problems, source.Problems()...)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	set.Revision = hex.EncodeToString(sum.Sum(nil)[:6])
	for _, r := range set.Rules {
		set.index(r)
	}
	return set, nil
}

// Problems are the single mistakes of an error from Load or Compile.
func Problems(err error) strictyaml.Problems {
	var p strictyaml.Problems
	errors.As(err, &p)
	return p
}

func (s *Set) index(r *Rule) {
	if r.Mode == Off {
		return
	}
	done := map[string]bool{}
	for i := range r.On {
		t := &r.On[i]
		if done[t.Kind] || t.Kind == "schedule" {
			continue
		}
		done[t.Kind] = true
		sh := s.byKind[t.Kind]
		if sh == nil {
			sh = &shelf{byProject: map[string]*candidates{}}
			s.byKind[t.Kind] = sh
		}
		c := candidate{rule: r}
		if len(r.On) == 1 {
			c.trigger, c.fires = t, t.Kind != "hook" && t.Kind != "moved" && t.Kind != "failed" && len(t.fields()) == 0
		}
		sh.all.rules = append(sh.all.rules, c)
		if len(r.Projects) == 0 {
			sh.everywhere.add(c)
		}
		for _, p := range r.Projects {
			if sh.byProject[p] == nil {
				sh.byProject[p] = &candidates{}
			}
			sh.byProject[p].add(c)
		}
	}
}

// Rule finds a rule by its name.
func (s *Set) Rule(name string) (*Rule, bool) {
	r, ok := s.byName[name]
	return r, ok
}

// ProjectOf is the key of the project in which an event happened, as far as the event says.
func ProjectOf(ev *event.Event) string {
	if ev.Issue.Project.Key != "" {
		return ev.Issue.Project.Key
	}
	if i := strings.LastIndexByte(ev.Issue.Key, '-'); i > 0 {
		return ev.Issue.Key[:i]
	}
	return ev.Project.Key
}

// A Line is one schedule of one rule.
type Line struct {
	Rule    string
	Trigger int
	Schedule
}

// Schedules are the schedules of all rules that are on.
func (s *Set) Schedules() []Line {
	var out []Line
	for _, r := range s.Rules {
		for i, t := range r.On {
			if t.Kind == "schedule" && r.Mode != Off {
				out = append(out, Line{Rule: r.Name, Trigger: i, Schedule: t.Schedule})
			}
		}
	}
	return out
}
