package expression

import (
	"reflect"
	"regexp"
	"strings"
	"sync"

	"github.com/expr-lang/expr/builtin"
)

var (
	ownTypes = sync.OnceValue(structTypes)
	topLevel = sync.OnceValue(func() []string { return append(exprNames(reflect.TypeFor[Env]()), builtin.Names...) })
	anyTypes = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:\*|\[\]|map\[string\])*(?:\b(?:event|expression|time)\.[A-Z]\w*|interface \{\})|\bfunc\(.*\).*`)
	})
)

// typeWord is what people call a Go type.
func typeWord(t string) string {
	t = strings.TrimPrefix(strings.TrimSpace(t), "*")
	switch t {
	case "string":
		return "text"
	case "bool":
		return "true or false"
	case "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "float32", "float64":
		return "a number"
	case "time.Duration":
		return "a duration"
	case "nil", "<nil>":
		return "nothing"
	case "unknown", "any", "interface {}":
		return "a value of any kind"
	case "[]string":
		return "a list of texts"
	}
	switch {
	case strings.HasPrefix(t, "[]"), t == "array":
		return "a list"
	case strings.HasPrefix(t, "map"):
		return "a mapping"
	case strings.HasPrefix(t, "func"):
		return "a function"
	}
	name := strings.ToLower(spaced(t[strings.LastIndexByte(t, '.')+1:]))
	if strings.ContainsAny(name[:min(1, len(name))], "aeio") {
		return "an " + name
	}
	return "a " + name
}

// spaced takes a name apart: IssueLink is an issue link.
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func structTypes() map[string]reflect.Type {
	found := map[string]reflect.Type{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Slice, reflect.Pointer:
			walk(t.Elem())
		case reflect.Func:
			for i := range t.NumOut() {
				walk(t.Out(i))
			}
		case reflect.Struct:
			if _, known := found[t.String()]; known || t.PkgPath() == "time" {
				return
			}
			found[t.String()] = t
			for i := range t.NumField() {
				walk(t.Field(i).Type)
			}
		}
	}
	walk(reflect.TypeFor[Env]())
	return found
}

// exprNames are the names by which expressions reach a struct's fields.
func exprNames(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			out = append(out, exprNames(f.Type)...)
			continue
		}
		if name := f.Tag.Get("expr"); name != "" && !strings.ContainsAny(name[:1], "-$") {
			out = append(out, name)
		}
	}
	return out
}
