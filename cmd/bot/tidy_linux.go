package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// letGo gives back the memory of the program's own file, which the start has read a good part of and most of the bot never needs
// again. What is needed is there again at its next use, from the system's cache or from the file.
func letGo() {
	name, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, r := range untouched(maps, name) {
		// An error means that the memory stays, as it did before.
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, r.from, r.to-r.from, syscall.MADV_DONTNEED)
	}
}

// A region is memory from an address up to another.
type region struct{ from, to uintptr }

// untouched are the regions of a file that cannot be written to and hold just what the file holds: what was written to before, as a
// loader does to move a program, would be lost.
func untouched(smaps []byte, name string) (out []region) {
	var now region
	ours := false
	for lines := bufio.NewScanner(bytes.NewReader(smaps)); lines.Scan(); {
		fields := bytes.Fields(lines.Bytes())
		switch {
		case len(fields) == 6 && bytes.IndexByte(fields[0], '-') > 0:
			_, err := fmt.Sscanf(string(fields[0]), "%x-%x", &now.from, &now.to)
			ours = err == nil && string(fields[5]) == name && fields[1][1] == '-'
		case len(fields) == 3 && ours && string(fields[0]) == "Anonymous:":
			if string(fields[1]) == "0" {
				out = append(out, now)
			}
			ours = false
		}
	}
	return out
}
