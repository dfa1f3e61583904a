//go:build linux

package chaos

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// play runs the real bot, built from this source, under a light load.
func play(t *testing.T, o Options) Report {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes and takes some seconds")
	}
	o.Dir = t.TempDir()
	report, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func text(r Report) string {
	var out strings.Builder
	r.Table(&out)
	return out.String()
}

func TestAKilledBotKeepsItsPromises(t *testing.T) {
	report := play(t, Options{Seed: 1, Kills: 8, Rate: 30})
	if !report.Good() || report.Kills != 8 || report.Verdict.Accepted == 0 || report.Verdict.Effects == 0 {
		t.Error(text(report))
	}
}

func TestABotWhoseMachineLosesPowerKeepsItsPromises(t *testing.T) {
	report := play(t, Options{Seed: 1, Rounds: 8, Rate: 30, Faults: []Fault{Power}})
	if len(report.Skipped) > 0 {
		t.Skip(report.Skipped)
	}
	if !report.Good() || report.Verdict.Accepted == 0 || report.Verdict.Effects == 0 || len(report.Rounds) != 8 || report.Kills != 0 {
		t.Error(text(report))
	}
}

func TestABotThatForgetsIsFoundOut(t *testing.T) {
	report := play(t, Options{Seed: 1, Kills: 4, Rate: 60, between: func(b *bot) error {
		return os.RemoveAll(filepath.Join(b.dir, "data"))
	}})
	if len(report.Verdict.Lost) == 0 || report.Good() {
		t.Error("its data was thrown away under it, and nothing is said to be lost:\n" + text(report))
	}
	if _, err := os.Stat(filepath.Join(report.Evidence, "events.json")); err != nil {
		t.Errorf("no evidence: %v", err)
	}
}

func TestTwoBotsThatKnowNothingOfEachOtherAreFoundOut(t *testing.T) {
	report := play(t, Options{Seed: 1, Length: 4 * time.Second, Nodes: 2, Rate: 60, Faults: []Fault{Freeze}, apart: true})
	if len(report.Verdict.Doubled) == 0 {
		t.Error("what was accepted twice was not done twice:\n" + text(report))
	}
}
