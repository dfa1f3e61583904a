package strictyaml

import "reflect"

// A Schemer gives its own JSON Schema where reflection could not tell.
type Schemer interface{ Schema() map[string]any }

var schemerType = reflect.TypeFor[Schemer]()

// Schema is the JSON Schema (draft 2020-12) of what Decode accepts for a type.
func Schema(t reflect.Type) map[string]any {
	if reflect.PointerTo(t).Implements(schemerType) {
		return reflect.New(t).Interface().(Schemer).Schema()
	}
	if t == durationType {
		return map[string]any{"type": "string", "pattern": `^(\d+w)?(\d+d)?((\d+(\.\d+)?(h|m|s|ms|us|ns))+|0)?$`, "examples": []string{"15m", "12h", "7d"}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return Schema(t.Elem())
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": Schema(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": Schema(t.Elem())}
	case reflect.Struct:
		return structSchema(t)
	}
	return map[string]any{}
}

func structSchema(t reflect.Type) map[string]any {
	properties := map[string]any{}
	var required []string
	for _, f := range Fields(t) {
		p := Schema(f.Type)
		if f.Doc != "" {
			p["description"] = f.Doc
		}
		properties[f.Name] = p
		if f.Required {
			required = append(required, f.Name)
		}
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		out["required"] = required
	}
	return out
}

// SchemaOf is Schema of a type parameter.
func SchemaOf[T any]() map[string]any { return Schema(reflect.TypeFor[T]()) }
