package chaos

import (
	"bufio"
	"net"
	"testing"
	"time"
)

// Two bots say hello to each other through the network; the second answers line by line.
func TestWhatIsCutOffHearsNothingUntilItIsMended(t *testing.T) {
	for _, bot := range []int{1, 2} {
		target, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer target.Close()
		n := newNetwork()
		defer n.close()
		if err := n.door(2, "127.0.0.1:0", target.Addr().String()); err != nil {
			t.Fatal(err)
		}
		caller, err := net.Dial("tcp", n.doors[0].Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer caller.Close()
		callee, err := target.Accept()
		if err != nil {
			t.Fatal(err)
		}
		heard := bufio.NewReader(callee)
		say := func(line string) {
			if _, err := caller.Write([]byte(line)); err != nil {
				t.Fatal(err)
			}
		}
		hear := func(within time.Duration) (string, error) {
			if err := callee.SetReadDeadline(time.Now().Add(within)); err != nil {
				t.Fatal(err)
			}
			return heard.ReadString('\n')
		}
		say(`INFO {"server_name":"bot-1"}` + "\n")
		if _, err := hear(5 * time.Second); err != nil {
			t.Fatal(err)
		}
		n.cut(bot)
		say("lost?\n")
		if line, err := hear(100 * time.Millisecond); err == nil {
			t.Errorf("bot %d is cut off, and %q came through", bot, line)
		}
		n.mend(bot)
		if line, err := hear(5 * time.Second); err != nil || line != "lost?\n" {
			t.Errorf("the cut of bot %d is mended, and what came is %q, %v", bot, line, err)
		}
	}
}
