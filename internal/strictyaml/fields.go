package strictyaml

import (
	"reflect"
	"strings"
)

// A Field is a struct field as files name it.
type Field struct {
	Name     string
	Doc      string
	Required bool
	Index    []int
	Type     reflect.Type
}

// Fields lists a struct's fields that have a `yaml` tag; those of embedded structs count as its own. The `doc` tag is
// what people read about one.
func Fields(t reflect.Type) []Field {
	var out []Field
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			for _, inner := range Fields(f.Type) {
				inner.Index = append([]int{i}, inner.Index...)
				out = append(out, inner)
			}
			continue
		}
		tag, ok := f.Tag.Lookup("yaml")
		if !ok || tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		out = append(out, Field{Name: name, Doc: f.Tag.Get("doc"), Required: options == "required", Index: []int{i}, Type: f.Type})
	}
	return out
}

func find(fields []Field, name string) (Field, bool) {
	for _, f := range fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

func names(fields []Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return out
}

// A Describer says in a few words what its type wants, for messages: "text", "a list of steps".
type Describer interface{ Describe() string }

var describerType = reflect.TypeFor[Describer]()

func describe(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		return describe(t.Elem())
	}
	if t.Implements(describerType) {
		return reflect.New(t).Elem().Interface().(Describer).Describe()
	}
	if reflect.PointerTo(t).Implements(describerType) {
		return reflect.New(t).Interface().(Describer).Describe()
	}
	if t == durationType {
		return `a duration such as "90s", "15m", "12h" or "7d"`
	}
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return "a list of texts"
		}
		return "a list; each item is " + describe(t.Elem())
	case reflect.Struct:
		fields := names(Fields(t))
		return "a mapping with the keys " + strings.Join(fields, ", ")
	case reflect.Map:
		return "a mapping"
	}
	return "a value"
}
