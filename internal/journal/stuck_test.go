package journal

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/nats-io/nats.go/jetstream"
)

// underWayID is what the server keeps of a message ID; 0 is the sequence of what is not stored yet.
type underWayID struct {
	id  string
	seq uint64
	at  int64
}

//go:linkname keepID github.com/nats-io/nats-server/v2/server.(*stream).storeMsgId
func keepID(stream unsafe.Pointer, id *underWayID)

func TestWhatALeaderHoldsOnToIsStoredAllTheSame(t *testing.T) {
	f := newFleet(t)
	f.start(t, 0, 1, 2)
	f.lead(t, 0)
	known := put(t, f.nodes[1], "known", "PAY-1", "x")
	stream, err := lookupStream(f.nodes[0].node.Load().srv.GlobalAccount(), in.String())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"known", "lost"} { // the first is stored, the second never will be
		keepID(stream, &underWayID{id: shortHash(id), seq: 0, at: time.Now().UnixNano()})
	}
	var all sync.WaitGroup
	receipts := make([]Receipt, len(f.nodes))
	for i, j := range f.nodes {
		all.Go(func() {
			var err error
			if receipts[i], err = j.Append(t.Context(), delivery("x"), "lost", "PAY-1", false); err != nil {
				t.Errorf("append lost: %v", err)
			}
		})
	}
	if r := put(t, f.nodes[2], "known", "PAY-1", "x"); !r.Repeat || r.ID != known.ID {
		t.Errorf("again: %+v, want a repeat of %s", r, known.ID)
	}
	all.Wait()
	first := 0
	for _, r := range receipts {
		if r.ID == "" || r.ID != receipts[0].ID {
			t.Errorf("stored as %q, by another as %q", r.ID, receipts[0].ID)
		}
		if !r.Repeat {
			first++
		}
	}
	if first != 1 {
		t.Errorf("stored %d times", first)
	}
}

func TestWhatIsInProcessIsStuckOnlyAfterAWhile(t *testing.T) {
	inProcess := error(&jetstream.APIError{ErrorCode: codeInProcess})
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	var p process
	for i, x := range []struct {
		answer error
		pass   time.Duration
		want   bool
	}{
		{inProcess, 0, false}, {inProcess, underWay / 2, false}, {errors.New("no answer"), underWay, false},
		{inProcess, 0, false}, {inProcess, underWay - 1, false}, {inProcess, 1, true}, {inProcess, 1, true},
		{&jetstream.APIError{ErrorCode: codeSequence}, 1, false}, {inProcess, 1, false},
	} {
		at = at.Add(x.pass)
		if got := p.stuck(x.answer, at); got != x.want {
			t.Errorf("answer %d: stuck %t, want %t", i, got, x.want)
		}
	}
}

func TestCopiesLeadInTurns(t *testing.T) {
	for _, x := range []struct{ leader, others, want string }{
		{"a", "b= c=", "b"}, {"b", "c= a=", "c"}, {"b", "a= c=", "c"}, {"c", "b= a=", "a"}, {"c", "a= b=", "a"},
		{"a", "b< c=", "c"}, {"b", "a= c<", "a"}, {"b", "a< c<", ""}, {"b", "a= cx", "a"}, {"b", "a= c~", "a"},
	} {
		c := &jetstream.ClusterInfo{Leader: x.leader}
		for _, o := range strings.Fields(x.others) {
			p := &jetstream.PeerInfo{Name: o[:1], Current: o[1] != '<', Offline: o[1] == 'x'}
			if o[1] == '~' {
				p.Active = heardOf
			}
			c.Replicas = append(c.Replicas, p)
		}
		if got := successor(c); got != x.want {
			t.Errorf("after %s of %s: %q, want %q", x.leader, x.others, got, x.want)
		}
	}
}
