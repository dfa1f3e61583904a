package jiraclient_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// request is what the description has against the request.
func (d *document) request(x exchange, in openapi3filter.RequestValidationInput) (wrong []string) {
	op := in.Route.Operation
	known := map[string]bool{}
	for _, ref := range slices.Concat(op.Parameters, in.Route.PathItem.Parameters) {
		p := ref.Value
		known[p.In+p.Name] = true
		if err := openapi3filter.ValidateParameter(in.Request.Context(), &in, p); err != nil {
			wrong = append(wrong, fmt.Sprintf("%s %s: %s", p.In, p.Name, reason(err)))
		}
	}
	for name := range x.query {
		if !known["query"+name] {
			wrong = append(wrong, fmt.Sprintf("query %s: not described", name))
		}
	}
	described := openapi3.Content(nil)
	if op.RequestBody != nil {
		described = op.RequestBody.Value.Content
	}
	switch kind := x.header.Get("Content-Type"); {
	case len(x.body) == 0 && op.RequestBody != nil && op.RequestBody.Value.Required:
		wrong = append(wrong, "body: missing")
	case len(x.body) > 0 && op.RequestBody == nil:
		wrong = append(wrong, "body: none is described")
	case len(x.body) > 0 && described.Get(kind) == nil:
		wrong = append(wrong, "body: "+essence(kind)+" is not described")
	case len(x.body) > 0 && essence(kind) == "application/json":
		wrong = append(wrong, body("body", described.Get(kind).Schema, x.body, openapi3.VisitAsRequest())...)
	}
	return wrong
}

// answer is what the description has against the answer. Correct changes what it says of the body.
func (d *document) answer(x exchange, in openapi3filter.RequestValidationInput, correct func(*openapi3.Schema) *openapi3.Schema) []string {
	ref := in.Route.Operation.Responses.Status(x.status)
	if ref == nil {
		ref = in.Route.Operation.Responses.Default()
	}
	kind := essence(x.answered.Get("Content-Type"))
	switch {
	case ref == nil:
		return []string{fmt.Sprintf("answer: status %d is not described", x.status)}
	case len(x.answer) == 0 && x.status != http.StatusNoContent && describesBody(ref):
		return []string{fmt.Sprintf("answer: %d without a body", x.status)}
	case len(x.answer) == 0:
		return nil
	case len(ref.Value.Content) == 0 && x.status >= 300 && kind == "application/json":
		return body("answer", errorBody(), x.answer, openapi3.VisitAsResponse())
	case len(ref.Value.Content) == 0 && x.status >= 300:
		return nil // a page of the log-in layer
	case len(ref.Value.Content) == 0:
		return []string{fmt.Sprintf("answer: %d has a body, and none is described", x.status)}
	case ref.Value.Content.Get(kind) == nil:
		return []string{"answer: " + kind + " is not described"}
	}
	schema := ref.Value.Content.Get(kind).Schema
	if schema == nil || kind != "application/json" {
		return nil
	}
	if correct != nil {
		schema = openapi3.NewSchemaRef("", correct(schema.Value))
	}
	return body("answer", schema, x.answer, openapi3.VisitAsResponse())
}

// errorBody is how errors look where the description leaves it to prose.
func errorBody() *openapi3.SchemaRef {
	text := openapi3.NewStringSchema()
	return openapi3.NewObjectSchema().WithoutAdditionalProperties().
		WithProperty("errorMessages", list(text)).
		WithProperty("errors", openapi3.NewObjectSchema().WithAdditionalProperties(text)).
		WithProperty("status", openapi3.NewIntegerSchema()).NewRef()
}

// describesBody: some descriptions say JSON and nothing of what stands in it, which is how they describe none.
func describesBody(r *openapi3.ResponseRef) bool {
	for _, m := range r.Value.Content {
		if m.Schema != nil && (m.Schema.Value.Type != nil || len(m.Schema.Value.AllOf) > 0) {
			return true
		}
	}
	return false
}

func essence(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.TrimSpace(kind)
}

// body holds JSON against a schema.
func body(where string, schema *openapi3.SchemaRef, data []byte, as openapi3.SchemaValidationOption) []string {
	if schema == nil {
		return nil
	}
	var v any
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&v); err != nil {
		return []string{fmt.Sprintf("%s: no JSON: %v", where, err)}
	}
	return complaints(where, schema.Value.VisitJSON(v, as, openapi3.MultiErrors()))
}

// complaints turns the library's error into lines like "answer /issues/*/fields: is null".
func complaints(where string, err error) (lines []string) {
	//nolint:errorlint // errors.As would look into the list for the first of its kind
	switch e := err.(type) {
	case nil:
		return nil
	case openapi3.MultiError:
		for _, part := range e {
			for _, line := range complaints(where, part) {
				if !slices.Contains(lines, line) {
					lines = append(lines, line)
				}
			}
		}
		return lines
	case *openapi3.SchemaError:
		if parts := (openapi3.MultiError)(nil); e.SchemaField == "allOf" && errors.As(e.Origin, &parts) {
			return complaints(where, parts)
		}
		for _, step := range e.JSONPointer() {
			if _, err := strconv.Atoi(step); err == nil {
				step = "*"
			}
			where += "/" + step
		}
		if undescribed := unsupported.FindStringSubmatch(e.Reason); undescribed != nil {
			return []string{where + "/" + undescribed[1] + ": not described"}
		}
		return []string{where + ": " + told(e)}
	}
	return []string{where + ": " + err.Error()}
}

var unsupported = regexp.MustCompile(`^property "(.*)" is unsupported$`)

// told says what is wrong with a value, in few words. A schema that is no more than "object" is what became of Java's
// Object, which is anything.
func told(e *openapi3.SchemaError) string {
	s := e.Schema
	switch {
	case s.Type.Is("object") && len(s.Properties) == 0 && s.AdditionalProperties.Schema == nil:
		return "is described as Object only"
	case e.Value == nil:
		return "is null"
	}
	return e.Reason
}

// reason is the innermost text of an error about a parameter.
func reason(err error) string {
	if e := (*openapi3.SchemaError)(nil); errors.As(err, &e) {
		return e.Reason
	}
	if e := (*openapi3filter.RequestError)(nil); errors.As(err, &e) && e.Reason != "" {
		return e.Reason
	}
	return err.Error()
}
