package chaos

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"sync"
)

// A network is what the bots of a cluster reach each other through: a proxy before each. A bot that is cut off keeps its
// connections, as with a switch that has died, but nothing goes through them; what was on its way arrives when the cut is
// mended, or never, if either side has given up by then.
type network struct {
	mu      sync.Mutex
	away    map[int]bool
	changed chan struct{} // closed and replaced with each cut and mend
	closed  chan struct{}
	doors   []net.Listener
	open    map[net.Conn]bool
	pumps   sync.WaitGroup
}

func newNetwork() *network {
	return &network{away: map[int]bool{}, changed: make(chan struct{}), closed: make(chan struct{}), open: map[net.Conn]bool{}}
}

// door opens a way to a bot that will listen at target.
func (n *network) door(bot int, address, target string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("open a way to bot %d: %w", bot, err)
	}
	n.doors = append(n.doors, l)
	n.pumps.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return // closed
			}
			out, err := net.Dial("tcp", target)
			if err != nil {
				_ = in.Close() // the bot is down
				continue
			}
			n.join(&route{to: bot, in: in, out: out})
		}
	})
	return nil
}

// A route is one connection between two bots. Who made it is known when its first words have gone by.
type route struct {
	to      int
	in, out net.Conn
	mu      sync.Mutex
	from    int // 0 while nobody knows
	said    []byte
}

func (n *network) join(r *route) {
	n.mu.Lock()
	defer n.mu.Unlock()
	select {
	case <-n.closed:
		_ = errors.Join(r.in.Close(), r.out.Close())
		return
	default:
	}
	n.open[r.in], n.open[r.out] = true, true
	n.pumps.Go(func() { n.pump(r, r.in, r.out, true) })
	n.pumps.Go(func() { n.pump(r, r.out, r.in, false) })
}

// pump carries what one side says to the other.
func (n *network) pump(r *route, from, to net.Conn, caller bool) {
	defer func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		_ = errors.Join(from.Close(), to.Close()) // the other pump may have been first
		delete(n.open, from)
		delete(n.open, to)
	}()
	buffer := make([]byte, 64<<10)
	for {
		size, err := from.Read(buffer)
		if caller {
			r.listen(buffer[:size])
		}
		if !n.pass(r) {
			return
		}
		if _, wrong := to.Write(buffer[:size]); wrong != nil || err != nil {
			return
		}
	}
}

// serverName is how a bot introduces itself to another.
var serverName = regexp.MustCompile(`"server_name":"bot-(\d+)"`)

// enough of what is said to know who speaks, or never to know.
const enough = 16 << 10

func (r *route) listen(said []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.from != 0 || len(r.said) > enough {
		return
	}
	r.said = append(r.said, said...)
	if found := serverName.FindSubmatch(r.said); found != nil {
		r.from, _ = strconv.Atoi(string(found[1])) // digits
	}
}

// pass waits while either end is cut off. It is false when the network is closed.
func (n *network) pass(r *route) bool {
	for {
		r.mu.Lock()
		from := r.from
		r.mu.Unlock()
		n.mu.Lock()
		cut := n.away[r.to] || n.away[from] || from == 0 && len(n.away) > 0
		changed := n.changed
		n.mu.Unlock()
		if !cut {
			return true
		}
		select {
		case <-changed:
		case <-n.closed:
			return false
		}
	}
}

// cut takes a bot off the network, and mend puts it back.
func (n *network) cut(bot int)  { n.set(bot, true) }
func (n *network) mend(bot int) { n.set(bot, false) }

func (n *network) set(bot int, away bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if away {
		n.away[bot] = true
	} else {
		delete(n.away, bot)
	}
	close(n.changed)
	n.changed = make(chan struct{})
}

func (n *network) close() {
	n.mu.Lock()
	close(n.closed)
	for _, l := range n.doors {
		_ = l.Close()
	}
	for c := range n.open {
		_ = c.Close()
	}
	n.mu.Unlock()
	n.pumps.Wait()
}
