package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestABlockIsSyncedUnderTheNameItHas(t *testing.T) {
	dir := t.TempDir()
	b := newBlocks(dir)
	t.Cleanup(b.close)
	var synced []string
	sync := func(f *os.File) error {
		data, unread := os.ReadFile(f.Name())
		here, unknown := f.Stat()
		there, gone := os.Stat(f.Name())
		if err := errors.Join(unread, unknown, gone); err != nil {
			return err
		}
		if !os.SameFile(here, there) {
			return fmt.Errorf("%s is another file by now", f.Name())
		}
		synced = append(synced, filepath.Base(f.Name())+" "+string(data))
		return nil
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		what string
		do   func()
		want []string
	}{
		{"the first", func() { write("1.blk", "a") }, []string{"1.blk a"}},
		{"more of it", func() { write("1.blk", "ab") }, []string{"1.blk ab"}},
		{"something that is no block", func() { write("index.db", "x"); write("1.blk", "abc") }, []string{"1.blk abc"}},
		{"a compacted copy", func() {
			write("1.tmp", "c")
			if err := os.Rename(filepath.Join(dir, "1.tmp"), filepath.Join(dir, "1.blk")); err != nil {
				t.Fatal(err)
			}
			write("1.blk", "cd")
		}, []string{"1.blk cd"}},
		{"two that were begun", func() { write("1.blk", "cde"); write("2.blk", "f"); write("3.blk", "g") }, []string{"1.blk cde", "2.blk f", "3.blk g"}},
		{"more of the last", func() { write("3.blk", "gh") }, []string{"3.blk gh"}},
		{"the last is gone and another there", func() {
			for _, name := range []string{"1.blk", "2.blk", "3.blk"} {
				if err := os.Remove(filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			write("4.blk", "i")
		}, []string{"4.blk i"}},
	} {
		step.do()
		synced = nil
		if _, err := b.sync(sync); err != nil || !slices.Equal(synced, step.want) {
			t.Errorf("%s: synced %q, %v; want %q", step.what, synced, err, step.want)
		}
	}
}
