package expression_test

import (
	"testing"

	"jirabot/internal/expression"
)

func TestEveryNameInTheReferenceCanBeUsedAndIsExplained(t *testing.T) {
	entries := expression.Reference()
	if len(entries) < 20 {
		t.Fatalf("only %d names", len(entries))
	}
	for _, e := range entries {
		if e.Doc == "" {
			t.Errorf("%s has no documentation", e.Name)
		}
		use := e.Name
		if len(e.Fields) > 0 {
			use += "." + e.Fields[0]
		}
		if _, mistakes := expression.NewText("${" + use + "}"); len(e.Fields) > 0 && len(mistakes) > 0 {
			t.Errorf("%s: %s", use, mistakes[0].Message)
		}
	}
}
