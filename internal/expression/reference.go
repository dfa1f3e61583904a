package expression

import (
	"reflect"
	"strings"
)

// An Entry is one name that expressions know.
type Entry struct {
	Name   string   `json:"name"`
	Doc    string   `json:"doc"`
	Fields []string `json:"fields,omitempty"`
}

// Reference lists all names that expressions know beside expr's own functions.
func Reference() []Entry {
	var out []Entry
	t := reflect.TypeFor[Env]()
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("expr")
		if name == "" || strings.HasPrefix(name, "$") { // what only our own patches call
			continue
		}
		e := Entry{Name: name, Doc: f.Tag.Get("doc")}
		if f.Type.Kind() == reflect.Struct {
			e.Fields = exprNames(f.Type)
		}
		out = append(out, e)
	}
	return out
}
