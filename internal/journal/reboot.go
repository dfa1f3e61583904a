package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// suspectAfterReboot marks what may have been under way when the machine went down: the first delivery of each lane. The death of
// the process alone loses nothing that was written; but what was suspect then and is not handled yet is still so afterwards.
func (j *Journal) suspectAfterReboot() error {
	end, same, err := suspectUntil(j.opts, j.seen[in].Load())
	if err != nil {
		return err
	}
	for _, l := range j.lanes {
		l.suspectUntil(end)
	}
	if same {
		return nil
	}
	if err := writeSynced(bootFile(j.opts), fmt.Appendf(nil, "%s %d\n", j.opts.boot(), end)); err != nil {
		return fmt.Errorf("remember since when the machine is up: %w", err)
	}
	return nil
}

func (l *lane) suspectUntil(end uint64) {
	l.mu.Lock()
	l.suspect = end
	l.mu.Unlock()
}

// bootFile says during which start of the machine a single bot ran here, and up to which delivery it suspected then.
func bootFile(o Options) string { return filepath.Join(o.Dir, "boot") }

// suspectUntil is up to which delivery, of those up to newest, the first of each lane is suspect; same tells whether the machine is
// up since the journal was last opened.
func suspectUntil(o Options, newest uint64) (end uint64, same bool, err error) {
	boot := o.boot()
	kept, err := os.ReadFile(bootFile(o))
	if err != nil && !os.IsNotExist(err) {
		return 0, false, fmt.Errorf("look whether the machine went down: %w", err)
	}
	before, until, _ := strings.Cut(strings.TrimSpace(string(kept)), " ")
	if boot == "" || before != boot {
		return newest, false, nil
	}
	// Older versions have not kept it. What cannot be read is as if the machine had gone down.
	if n, err := strconv.ParseUint(until, 10, 64); err == nil || until == "" {
		newest = min(n, newest)
	}
	return newest, true, nil
}
