//go:build linux

package chaos

import (
	"errors"
	"io/fs"
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
	mayMount(t)
	report := play(t, Options{Seed: 1, Rounds: 8, Rate: 30, Faults: []Fault{Power}})
	if !report.Good() || report.Verdict.Accepted == 0 || report.Verdict.Effects == 0 || len(report.Rounds) != 8 || report.Kills != 0 {
		t.Error(text(report))
	}
}

// mayMount skips the test where nothing can be mounted.
func mayMount(t *testing.T) *disk {
	t.Helper()
	d, err := mountDisk(filepath.Join(t.TempDir(), "image"), filepath.Join(t.TempDir(), "disk"))
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := d.unmount(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestADiskWithoutPowerLosesWhatWasNotSynced(t *testing.T) {
	d := mayMount(t)
	write := func(name string) {
		if err := os.WriteFile(filepath.Join(d.path, name), []byte("content"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("synced")
	if err := d.sync(); err != nil {
		t.Fatal(err)
	}
	write("not synced")
	if err := errors.Join(d.powerOff(), d.powerOn()); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(d.path, "synced")); string(got) != "content" {
		t.Errorf("what was synced is %q, %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(d.path, "not synced")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was not synced: %v", err)
	}
}

func TestWhatCannotBePlayedIsNoSuccess(t *testing.T) {
	for _, x := range []struct {
		o    Options
		want string
	}{
		{Options{Rounds: 3, Nodes: 1, Faults: []Fault{Cut}}, "none of these faults can be played here: [\"cut\"]"},
		{Options{Kills: 3, Faults: []Fault{Freeze}}, "it would never end"},
		{Options{Rounds: 3, Faults: []Fault{"thunder"}}, "no such fault: \"thunder\""},
		{Options{}, "when shall it end?"},
	} {
		if testing.Short() && x.o.Nodes > 0 {
			continue // it starts a bot
		}
		x.o.Dir = t.TempDir()
		if _, err := Run(t.Context(), x.o); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%+v: %v", x.o, err)
		}
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
