package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// suspectAfterReboot marks what may have been under way when the machine went down: the first delivery of each lane. The death of
// the process alone loses nothing that was written.
func (j *Journal) suspectAfterReboot() error {
	file, boot := filepath.Join(j.opts.Dir, "boot"), j.opts.boot()
	before, err := os.ReadFile(file)
	if err == nil && boot != "" && strings.TrimSpace(string(before)) == boot {
		return nil
	}
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("look whether the machine went down: %w", err)
	}
	end := j.seen[in].Load()
	for _, l := range j.lanes {
		l.mu.Lock()
		l.suspect = end
		l.mu.Unlock()
	}
	if err := writeSynced(file, []byte(boot+"\n")); err != nil {
		return fmt.Errorf("remember since when the machine is up: %w", err)
	}
	return nil
}
