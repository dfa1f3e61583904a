package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestOnlyWhatIsAsInTheFileIsGivenBack(t *testing.T) {
	smaps := `00400000-01a00000 r-xp 00000000 fe:00 7 /opt/bot
Size:              22528 kB
Rss:               12000 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
01a00000-02a00000 r--p 01600000 fe:00 7 /opt/bot
Anonymous:             0 kB
02a00000-02a80000 r--p 02600000 fe:00 7 /opt/bot
Anonymous:             4 kB
Swap:                  0 kB
02a80000-02b00000 r--p 02680000 fe:00 7 /opt/bot
Anonymous:             0 kB
Swap:                  4 kB
02b00000-02c00000 rw-p 02700000 fe:00 7 /opt/bot
Anonymous:             0 kB
02c00000-02d00000 rw-p 00000000 00:00 0
Anonymous:             0 kB
7f0000000000-7f0000100000 r-xp 00000000 fe:00 9 /lib/other.so
Anonymous:             0 kB
`
	want := []region{{0x400000, 0x1a00000}, {0x1a00000, 0x2a00000}}
	if got := untouched([]byte(smaps), "/opt/bot"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestTheProgramsFileIsGivenBack(t *testing.T) {
	resident := func() (kB int) {
		name, smaps, err := mapped()
		if err != nil {
			t.Skip("this system does not tell what is in memory: ", err)
		}
		for _, r := range untouched(smaps, name) {
			head := fmt.Sprintf("%08x-%08x ", r.from, r.to)
			_, about, found := strings.Cut(string(smaps), head)
			_, about, told := strings.Cut(about, "\nRss:")
			if !found || !told {
				t.Fatal("no Rss of ", head)
			}
			n, err := strconv.Atoi(strings.Fields(about)[0])
			if err != nil {
				t.Fatal(err)
			}
			kB += n
		}
		return kB
	}
	before := resident()
	letGo()
	if after := resident(); before == 0 || after > before*3/4 {
		t.Errorf("%d kB of the program's file in memory, %d kB before", after, before)
	}
}
