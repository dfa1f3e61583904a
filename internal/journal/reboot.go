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
	file, boot := filepath.Join(j.opts.Dir, "boot"), j.opts.boot()
	kept, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("look whether the machine went down: %w", err)
	}
	before, until, _ := strings.Cut(strings.TrimSpace(string(kept)), " ")
	end := j.seen[in].Load()
	same := boot != "" && before == boot
	if same {
		// Older versions have not kept it. What cannot be read is as if the machine had gone down.
		if n, err := strconv.ParseUint(until, 10, 64); err == nil || until == "" {
			end = min(n, end)
		}
	}
	for _, l := range j.lanes {
		l.mu.Lock()
		l.suspect = end
		l.mu.Unlock()
	}
	if same {
		return nil
	}
	if err := writeSynced(file, fmt.Appendf(nil, "%s %d\n", boot, end)); err != nil {
		return fmt.Errorf("remember since when the machine is up: %w", err)
	}
	return nil
}
