package journal

import (
	"slices"
	"testing"
)

func TestLanesAreDealtEvenlyAndMostlyStay(t *testing.T) {
	three := []string{"bot-1", "bot-2", "bot-3"}
	all := deal(three, 64)
	count := map[string]int{}
	for _, name := range all {
		count[name]++
	}
	for _, name := range three {
		if n := count[name]; n < 20 || n > 22 {
			t.Errorf("%s has %d of 64 lanes", name, n)
		}
	}
	if turned := deal([]string{"bot-3", "bot-1", "bot-2"}, 64); !slices.Equal(turned, all) {
		t.Error("the order of the names matters")
	}
	two := deal(three[:2], 64)
	moved := 0
	for n, name := range all {
		if name != "bot-3" && two[n] != name {
			moved++
		}
	}
	if moved > 12 {
		t.Errorf("when bot-3 goes, %d lanes of the others change hands", moved)
	}
	for n, name := range deal(nil, 3) {
		if name != "" {
			t.Errorf("lane %d goes to %q, and nobody is there", n, name)
		}
	}
}
