package rules_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"jirabot/internal/strictyaml"
	"jirabot/rules"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := json.Marshal(rules.Schema())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("rules.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("rules.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// instance is a rule file as an editor sees it.
func instance(t *testing.T, name string) (any, bool) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s := strictyaml.Parse(name, data)
	if s.Root == nil || s.Err() != nil {
		return nil, false
	}
	encoded, err := json.Marshal(s.Any(s.Root))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return doc, true
}

func TestTheExampleFileFitsTheSchema(t *testing.T) {
	doc, ok := instance(t, "../rules.example.yaml")
	if !ok {
		t.Fatal("it cannot be read")
	}
	if err := schema(t).Validate(doc); err != nil {
		t.Error(err)
	}
}

func TestTheSchemaKnowsUnknownKeysAndWrongTypes(t *testing.T) {
	s := schema(t)
	for _, pattern := range []string{"unknown-key*", "unknown-trigger*", "unknown-action*", "misspelt*", "wrong-types*", "missing-*", "bad-mode", "bad-catch-up", "filter-where*", "if-without-then", "two-actions*", "rule-as-text", "no-rules-key"} {
		names, err := filepath.Glob("testdata/bad/" + pattern + ".yaml")
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range names {
			doc, ok := instance(t, name)
			if !ok {
				t.Errorf("%s cannot be read", name)
				continue
			}
			if s.Validate(doc) == nil {
				t.Errorf("%s fits the schema", name)
			}
		}
	}
}
