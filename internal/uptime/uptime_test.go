package uptime

import (
	"encoding/json"
	"testing"
	"time"
)

func TestOnlyReadingsOfOneStartAreCompared(t *testing.T) {
	first, later := Reading{"a", time.Second}, Reading{"a", 3 * time.Second}
	if passed, told := later.Since(first); !told || passed != 2*time.Second {
		t.Error(passed, told)
	}
	for _, other := range []Reading{{"b", time.Second}, {}} {
		if passed, told := later.Since(other); told {
			t.Errorf("%v since %v", passed, other)
		}
	}
	if _, told := (Reading{}).Since(Reading{}); told {
		t.Error("nothing is known, and yet it is told")
	}
}

func TestAReadingIsStillOneWhenItWasKept(t *testing.T) {
	first := Now()
	if first == (Reading{}) {
		t.Skip("this system does not tell how long it has been up")
	}
	data, err := json.Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	var kept Reading
	if err := json.Unmarshal(data, &kept); err != nil || kept != first {
		t.Fatal(kept, err)
	}
	if passed, told := Now().Since(kept); !told || passed < 0 || passed > time.Minute {
		t.Error(passed, told)
	}
}
