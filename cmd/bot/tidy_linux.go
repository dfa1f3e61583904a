package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// letGo gives back the memory of the program's own file, which the start has read a good part of and most of the bot never needs
// again. What is needed is there again at its next use, from the system's cache or from the file.
func letGo() {
	name, maps, err := mapped()
	if err != nil {
		return // it stays as it is
	}
	for _, r := range untouched(maps, name) {
		// An error means that the memory stays, as it did before.
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, r.from, r.to-r.from, syscall.MADV_DONTNEED)
	}
}

// mapped tells the name of the program's file and what the memory holds.
func mapped() (name string, smaps []byte, err error) {
	if name, err = os.Readlink("/proc/self/exe"); err != nil {
		return "", nil, err
	}
	smaps, err = os.ReadFile("/proc/self/smaps")
	return name, smaps, err
}

// A region is memory from an address up to another.
type region struct{ from, to uintptr }

// untouched are the regions of a file that cannot be written to and hold just what the file holds: what was written to before, as a
// loader does to move a program, would be lost, in memory or swapped out.
func untouched(smaps []byte, name string) (out []region) {
	ours := false
	for lines := bufio.NewScanner(bytes.NewReader(smaps)); lines.Scan(); {
		fields := bytes.Fields(lines.Bytes())
		if len(fields) < 3 {
			continue
		}
		switch what := string(fields[0]); {
		case len(fields) >= 5 && strings.Contains(what, "-"):
			var r region
			_, err := fmt.Sscanf(what, "%x-%x", &r.from, &r.to)
			if ours = err == nil && len(fields) == 6 && string(fields[5]) == name && fields[1][1] == '-'; ours {
				out = append(out, r)
			}
		case ours && (what == "Anonymous:" || what == "Swap:") && string(fields[1]) != "0":
			out, ours = out[:len(out)-1], false
		}
	}
	return out
}
