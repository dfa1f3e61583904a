package record

import (
	"strings"
	"testing"
	"time"
)

func TestFinalsOfEveryFormatAreRead(t *testing.T) {
	for _, x := range []struct{ name, data, err string }{
		{"the first format, as it was written", `{"version":1,"runs":[{"id":"x","rule":"r","revision":"1","mode":"live","delivery":"d","identity":"i","kind":"issue_created","started":"2026-01-05T09:00:00Z","finished":"2026-01-05T09:00:01Z","attempts":1,"outcome":"done","steps":[{"path":"1","outcome":"done","sentence":"comment on PAY-1: Hi"}]}]}`, ""},
		{"one that was too large to keep", "", ""},
		{"one of a later bot", `{"version":99}`, "newer bot"},
		{"damage", `{"version":`, "run record"},
	} {
		t.Run(x.name, func(t *testing.T) {
			f, err := Read([]byte(x.data))
			if x.err != "" {
				if err == nil || !strings.Contains(err.Error(), x.err) {
					t.Errorf("error %v, want one with %q", err, x.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if x.data != "" && (f.Runs[0].Outcome != Done || f.Runs[0].Steps[0].Sentence == "" || f.Runs[0].Finished.Sub(f.Runs[0].Started) != time.Second) {
				t.Errorf("%+v", f)
			}
		})
	}
}
