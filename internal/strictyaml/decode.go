package strictyaml

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// A Decoder decodes itself from a node; it notes what is wrong at the source and returns nothing.
type Decoder interface {
	DecodeYAML(s *Source, node ast.Node)
}

var (
	decoderType  = reflect.TypeFor[Decoder]()
	durationType = reflect.TypeFor[time.Duration]()
)

// Decode fills target, a pointer, from a node. Struct fields are named by their `yaml` tag; `yaml:"name,required"`
// makes a missing one a mistake. What is absent keeps the value that target came with, so begin with the defaults.
func (s *Source) Decode(node ast.Node, target any) {
	s.decode(node, reflect.ValueOf(target).Elem())
}

func (s *Source) decode(node ast.Node, v reflect.Value) {
	original := node
	if node = s.Resolve(node); node == nil {
		return
	}
	if v.CanAddr() && v.Addr().Type().Implements(decoderType) {
		v.Addr().Interface().(Decoder).DecodeYAML(s, node)
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		s.decode(node, v.Elem())
		return
	}
	if _, null := node.(*ast.NullNode); null && v.Kind() != reflect.Interface {
		s.Problem(original, "no value is given here, wanted %s", describe(v.Type()))
		return
	}
	if v.Type() == durationType {
		s.duration(node, v)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		s.structure(node, v)
	case reflect.Slice:
		s.list(node, v)
	case reflect.Map:
		s.mapping(node, v)
	case reflect.Interface:
		if value := s.Any(node); value != nil {
			v.Set(reflect.ValueOf(value))
		}
	default:
		s.scalar(node, v)
	}
}

func (s *Source) scalar(node ast.Node, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if text, ok := Text(node); ok {
			v.SetString(text)
			return
		}
	case reflect.Bool:
		if n, ok := node.(*ast.BoolNode); ok {
			v.SetBool(n.Value)
			return
		}
	case reflect.Int, reflect.Int64:
		if n, ok := node.(*ast.IntegerNode); ok {
			if i, err := strconv.ParseInt(n.GetToken().Value, 0, 64); err == nil && !v.OverflowInt(i) {
				v.SetInt(i)
				return
			}
		}
	case reflect.Float64:
		switch n := node.(type) {
		case *ast.FloatNode:
			v.SetFloat(n.Value)
			return
		case *ast.IntegerNode:
			if f, err := strconv.ParseFloat(n.GetToken().Value, 64); err == nil {
				v.SetFloat(f)
				return
			}
		}
	}
	s.wrong(node, describe(v.Type()))
}

func (s *Source) list(node ast.Node, v reflect.Value) {
	n, ok := node.(*ast.SequenceNode)
	if text, single := Text(node); single && v.Type().Elem().Kind() == reflect.String && !strings.ContainsAny(text, "\n,[]{}") && text != "" {
		s.Problem(node, "wanted a list, got one text; in brackets it is a list of one: %s", s.oneIn(text))
		return
	}
	if !ok {
		s.wrong(node, describe(v.Type()))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.Values), len(n.Values))
	for i, item := range n.Values {
		if at := out.Index(i); at.Kind() == reflect.Pointer {
			at.Set(reflect.New(at.Type().Elem())) // also for an alias that leads nowhere: no item is nil
		}
		s.decode(item, out.Index(i))
	}
	v.Set(out)
}

func (s *Source) oneIn(text string) string {
	if s.discreet {
		text = "…"
	}
	return "[" + text + "]"
}

func (s *Source) mapping(node ast.Node, v reflect.Value) {
	entries, ok := s.Entries(node)
	if !ok {
		s.wrong(node, describe(v.Type()))
		return
	}
	out := reflect.MakeMapWithSize(v.Type(), len(entries))
	for _, e := range entries {
		value := reflect.New(v.Type().Elem()).Elem()
		s.decode(e.Value, value)
		out.SetMapIndex(reflect.ValueOf(e.Name).Convert(v.Type().Key()), value)
	}
	v.Set(out)
}

func (s *Source) structure(node ast.Node, v reflect.Value) {
	fields := Fields(v.Type())
	entries, ok := s.Entries(node)
	if !ok {
		s.wrong(node, describe(v.Type()))
		return
	}
	seen := map[string]bool{}
	for _, e := range entries {
		field, known := find(fields, e.Name)
		if !known {
			s.Problem(e.Key, "unknown key %q%s", e.Name, Suggest(e.Name, names(fields)))
			seen[nearest(e.Name, names(fields))] = true // a misspelt key is not missing on top
			continue
		}
		seen[e.Name] = true
		s.decode(e.Value, v.FieldByIndex(field.Index))
	}
	for _, f := range fields {
		if f.Required && !seen[f.Name] {
			s.Problem(node, "%q is missing: %s", f.Name, describe(v.FieldByIndex(f.Index).Type()))
		}
	}
}

// An Entry is one key of a mapping with its value.
type Entry struct {
	Name  string
	Key   ast.Node
	Value ast.Node
}

// Entries are a mapping's keys in their order, merge keys (<<) resolved; a key given twice is a mistake.
func (s *Source) Entries(node ast.Node) ([]Entry, bool) {
	return s.entries(node, 0)
}

func (s *Source) entries(node ast.Node, depth int) ([]Entry, bool) {
	values, ok := mappingValues(s.Resolve(node))
	if !ok || depth > maxMerges {
		return nil, false
	}
	var own, merged []Entry
	lines := map[string]int{}
	for _, value := range values {
		if _, merge := value.Key.(*ast.MergeKeyNode); merge {
			merged = append(merged, s.merged(value.Value, depth)...)
			continue
		}
		name, ok := keyName(s.Resolve(value.Key))
		if !ok {
			s.Problem(value.Key, "a key is a text, this is %s", s.got(value.Key))
			continue
		}
		line, _ := Position(value.Key)
		if first, twice := lines[name]; twice {
			s.Problem(value.Key, "key %q stands twice in this mapping, first in line %d", name, first)
			continue
		}
		lines[name] = line
		own = append(own, Entry{Name: name, Key: value.Key, Value: value.Value})
	}
	for _, m := range merged {
		if _, overridden := lines[m.Name]; !overridden {
			lines[m.Name], _ = Position(m.Key)
			own = append(own, m)
		}
	}
	return own, true
}

// merged are the entries that << brings in: those of a mapping, or of several in a list, where the first one wins.
func (s *Source) merged(node ast.Node, depth int) []Entry {
	from := []ast.Node{node}
	if list, ok := s.Resolve(node).(*ast.SequenceNode); ok {
		from = list.Values
	}
	var out []Entry
	for _, n := range from {
		resolved := s.Resolve(n)
		if resolved == nil {
			continue
		}
		more, ok := s.entries(resolved, depth+1)
		switch {
		case depth >= maxMerges:
			s.Problem(n, "<< merges a mapping into itself")
			return nil
		case !ok:
			s.Problem(n, "<< takes over the keys of a mapping; this is %s", s.got(n))
		}
		out = append(out, more...)
	}
	return out
}

// maxMerges bounds mappings that merge one another.
const maxMerges = 20

// keyName is the text of a key. A number or a truth value is taken as it is written: as a key it can mean nothing else.
func keyName(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return Text(node)
}

func mappingValues(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// Text is the text of a scalar that YAML takes for text: quoted, plain, or a block.
func Text(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

// Any is the plain Go value of a node: string, bool, int, float64, nil, []any, map[string]any.
func (s *Source) Any(node ast.Node) any {
	switch n := s.Resolve(node).(type) {
	case nil, *ast.NullNode:
		return nil
	case *ast.BoolNode:
		return n.Value
	case *ast.IntegerNode:
		if i, err := strconv.ParseInt(n.GetToken().Value, 0, 64); err == nil {
			return int(i)
		}
		f, _ := strconv.ParseFloat(n.GetToken().Value, 64)
		return f
	case *ast.FloatNode:
		return n.Value
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, item := range n.Values {
			list[i] = s.Any(item)
		}
		return list
	default:
		if text, ok := Text(n); ok {
			return text
		}
		if entries, ok := s.Entries(n); ok {
			out := make(map[string]any, len(entries))
			for _, e := range entries {
				out[e.Name] = s.Any(e.Value)
			}
			return out
		}
		s.Problem(n, "%s is not used here; write it in quotes if it is meant as text", n.GetToken().Value)
		return nil
	}
}

// Wrong notes that a node is not what was wanted.
func (s *Source) Wrong(node ast.Node, wanted string) { s.wrong(node, wanted) }

func (s *Source) wrong(node ast.Node, wanted string) {
	hint := ""
	switch s.unwrap(node).(type) {
	case *ast.AliasNode, *ast.TagNode:
		return // what they lead to is not known, and that is noted
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		if strings.HasPrefix(wanted, "text") {
			hint = "; write it in quotes"
		}
	}
	s.Problem(node, "wanted %s, got %s%s", wanted, s.got(node), hint)
}

func (s *Source) got(node ast.Node) string {
	switch n := s.unwrap(node).(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.BoolNode:
		return "the truth value " + n.GetToken().Value
	case *ast.IntegerNode, *ast.FloatNode:
		if s.discreet {
			return "a number"
		}
		return "the number " + n.GetToken().Value
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	default:
		if text, ok := Text(n); ok {
			if s.discreet {
				return "a text"
			}
			if r := []rune(text); len(r) > 40 {
				text = string(r[:40]) + "…"
			}
			return "the text " + strconv.Quote(text)
		}
		return n.GetToken().Value
	}
}
