package journal

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The functions of the server that are called directly are not its API. Here they are compared with what the API answers, so
// that a new version which changes them does not pass.
func TestTheServerCalledDirectlyIsTheServerOverAConnection(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 2})
	n := j.node.Load()
	over := &node{srv: n.srv, nc: n.nc, js: n.js, streams: n.streams, answersIn: n.answersIn, gone: n.gone}
	began := time.Now()
	knowing := n.streams[in].CachedInfo().Config
	knowing.Duplicates = window // of the inbox we know repeats ourselves; of other streams it is the server
	if _, err := n.js.UpdateStream(t.Context(), knowing); err != nil {
		t.Fatal(err)
	}

	// Stored by a call, stored over the connection, by turns.
	for i := range 20 {
		m, err := message(laneSubject(i%2), fmt.Appendf(nil, "body %d", i), deliveryHeader, deliveryMeta{Lane: "ä \"1\"\n"})
		if err != nil {
			t.Fatal(err)
		}
		m.Header.Set(jetstream.MsgIDHeader, fmt.Sprint("id-", i))
		if i%3 == 0 {
			if _, err := n.js.PublishMsg(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			continue
		}
		seq, at, err := n.direct[in].put(m)
		if err != nil || seq != uint64(i+1) || at.Before(began.Add(-time.Millisecond)) || at.After(time.Now()) {
			t.Fatalf("stored as %d at %v, %v; want %d", seq, at, err, i+1)
		}
		if _, _, err := n.direct[in].put(m); !errors.Is(err, errKnownID) {
			t.Errorf("stored twice: %v", err)
		}
		ack, err := n.js.PublishMsg(t.Context(), m)
		if err != nil || !ack.Duplicate || ack.Sequence != seq {
			t.Errorf("over the connection the repeat of %d is %+v, %v", seq, ack, err)
		}
	}
	if err := n.streams[in].DeleteMsg(t.Context(), 5); err != nil {
		t.Fatal(err)
	}

	for seq := range uint64(23) {
		alike(t, fmt.Sprint("at ", seq), func(n *node) (*jetstream.RawStreamMsg, error) { return plain(n.at(t.Context(), in, seq+1)) }, n, over)
		for _, subject := range []string{laneSubject(0), laneSubject(1), "in.lane.*", "in.>", "in.lane.7"} {
			alike(t, fmt.Sprint("next ", seq, subject), func(n *node) (*jetstream.RawStreamMsg, error) {
				return plain(n.next(t.Context(), in, seq, subject))
			}, n, over)
		}
	}
	for _, subject := range []string{laneSubject(0), laneSubject(1), idleSubject} {
		alike(t, "last "+subject, func(n *node) (*jetstream.RawStreamMsg, error) { return plain(n.last(t.Context(), in, subject)) }, n, over)
	}
	later := time.Now().Add(time.Hour)
	for _, b := range []batch{
		{subject: "in.>", count: 100}, {subject: laneSubject(1), seq: 4, count: 3}, {subject: "in.lane.*", seq: 21, count: 3},
		{subject: "in.>", since: &began, count: 7}, {subject: "in.>", since: &later, count: 7}, {subject: idleSubject, count: 7},
		{subject: "in.>", count: 100, brief: true},
	} {
		alike(t, fmt.Sprintf("batch %+v", b), func(n *node) ([]stored, error) {
			var all []stored
			_, err := n.fetch(t.Context(), in, b, func(m stored) bool {
				m.header, m.data = tidy(m.header), bytes.Clone(m.data)
				all = append(all, m)
				return true
			})
			return all, err
		}, n, over)
	}
}

func TestTheFilesOfAStreamAreSmall(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 1})
	body := strings.Repeat("x", 100_000)
	for i := range 40 {
		put(t, j, fmt.Sprint(i), "lane", body)
	}
	put(t, j, "large", "lane", strings.Repeat(body, 30)) // has a file of its own
	files, err := filepath.Glob(filepath.Join(j.node.Load().sync[in].dir, "*.blk"))
	if err != nil || len(files) < 5 {
		t.Errorf("7 MB lie in %d files, %v; want 1 MB in each", len(files), err)
	}
}

func alike[T any](t *testing.T, what string, ask func(*node) (T, error), direct, over *node) {
	t.Helper()
	got, err := ask(direct)
	want, wrong := ask(over)
	if err != nil || wrong != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, %v; over the connection %+v, %v", what, got, err, want, wrong)
	}
}

func plain(m *jetstream.RawStreamMsg, err error) (*jetstream.RawStreamMsg, error) {
	if m != nil {
		m.Header = tidy(m.Header)
	}
	return m, err
}

// tidy takes out what an answer over the connection says about itself.
func tidy(h map[string][]string) map[string][]string {
	for _, name := range []string{
		jetstream.StreamHeader, jetstream.SubjectHeader, jetstream.SequenceHeader, jetstream.TimeStampHeaer, jetstream.LastSequenceHeader,
		"Nats-Num-Pending", "Nats-UpTo-Sequence",
	} {
		delete(h, name)
	}
	return h
}

func TestAMessageDoesNotKeepTheRoomOfALargerOne(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir(), Lanes: 2})
	n := j.node.Load()
	for i, size := range []int{10, 600_000, 10} {
		m, err := message([]string{laneSubject(0), idleSubject, laneSubject(0)}[i], make([]byte, size))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := n.direct[in].put(m); err != nil {
			t.Fatal(err)
		}
	}
	m, err := n.direct[in].next(2, laneSubject(0))
	if err != nil || m == nil || m.Sequence != 3 || cap(m.Data) > 100_000 {
		t.Errorf("got %v with room for %d bytes, %v", m, cap(m.Data), err)
	}
}
