package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unsafe" // for go:linkname, and for what has no name here

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A direct is a stream of the server in our own process, reached by a call. Over a connection each record that is stored or
// read goes through four goroutines and is copied as often: that was half of the processor time of an event. It is the very
// function that the server's own loop calls for what came over a connection, under the same locks.
//
// None of it is exported. A test fails when a new server version has it no more, or does something else.
type direct struct {
	stream unsafe.Pointer // of the server's type stream
	store  server.StreamStore
}

//go:linkname lookupStream github.com/nats-io/nats-server/v2/server.(*Account).lookupStream
func lookupStream(account *server.Account, name string) (unsafe.Pointer, error)

//go:linkname storeOf github.com/nats-io/nats-server/v2/server.(*stream).Store
func storeOf(stream unsafe.Pointer) server.StreamStore

//go:linkname processMessage github.com/nats-io/nats-server/v2/server.(*stream).processJetStreamMsg
func processMessage(stream unsafe.Pointer, subject, reply string, header, data []byte, seq uint64, at int64, trace unsafe.Pointer, sourced, isolate bool) error

//go:linkname errKnownID github.com/nats-io/nats-server/v2/server.errMsgIdDuplicate
var errKnownID error

//go:linkname errDeleted github.com/nats-io/nats-server/v2/server.errDeletedMsg
var errDeleted error

// openDirect finds the streams. Call it when they are open.
func (n *node) openDirect(now time.Time) (err error) {
	account := n.srv.GlobalAccount()
	for s := range streams {
		stream, err := lookupStream(account, s.String())
		if err != nil {
			return fmt.Errorf("open stream %s: %w", s, err)
		}
		n.direct[s] = &direct{stream, storeOf(stream)}
		smallBlocks(n.direct[s].store)
	}
	if n.repeats, err = n.direct[in].readRepeats(now); err != nil {
		return fmt.Errorf("read the inbox for repeats: %w", err)
	}
	return nil
}

// blockSize is the size of a file of a stream. Each that was lately read or written is in memory as a whole.
const blockSize = 1 << 20

// smallBlocks makes a stream's new files small. The server chooses 8 MB by itself and can be told otherwise only for encrypted
// streams: ten files that were touched in the last seconds took most of the memory. Nothing is read or written yet when it is called.
// Where a new version of the server has no such field, the files are as large as it likes.
func smallBlocks(store server.StreamStore) {
	v := reflect.ValueOf(store)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return
	}
	config := v.Elem().FieldByName("fcfg")
	if config.Kind() != reflect.Struct || config.Type() != reflect.TypeFor[server.FileStoreConfig]() {
		return
	}
	(*server.FileStoreConfig)(unsafe.Pointer(config.UnsafeAddr())).BlockSize = blockSize
}

// put stores a message and tells its sequence, and when that was. Whether an earlier one has the same message ID is the server's to say: then
// the error is errKnownID. Only the committer may call it.
func (d *direct) put(m *nats.Msg) (seq uint64, at time.Time, err error) {
	if err := processMessage(d.stream, m.Subject, "", headerOf(m), m.Data, 0, 0, nil, false, true); err != nil {
		return 0, at, err
	}
	var state server.StreamState
	d.store.FastState(&state)
	return state.LastSeq, state.LastTime, nil
}

// headerOf is a message's header as the server keeps it. Our values are JSON and IDs, which hold no line breaks.
func headerOf(m *nats.Msg) []byte {
	const begin, between, end = "NATS/1.0\r\n", ": ", "\r\n"
	size := len(begin) + len(end)
	for name, values := range m.Header {
		for _, v := range values {
			size += len(name) + len(between) + len(v) + len(end)
		}
	}
	out := append(make([]byte, 0, size), begin...)
	for name, values := range m.Header {
		for _, v := range values {
			out = append(append(append(append(out, name...), between...), v...), end...)
		}
	}
	return append(out, end...)
}

// at is the message with a sequence; nil if it is gone.
func (d *direct) at(seq uint64) (*jetstream.RawStreamMsg, error) {
	var read server.StoreMsg
	m, err := d.store.LoadMsg(seq, &read)
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return lasting(readMessage(m)), nil
}

func gone(err error) bool {
	return errors.Is(err, server.ErrStoreMsgNotFound) || errors.Is(err, server.ErrStoreEOF) || errors.Is(err, errDeleted)
}

// next is the first message at or behind seq that matches a subject; nil if there is none.
func (d *direct) next(seq uint64, subject string) (*jetstream.RawStreamMsg, error) {
	m, err := d.nextIn(seq, subject, &server.StoreMsg{})
	if m != nil {
		m = lasting(m)
	}
	return m, err
}

// nextIn is next, and the message's data are in the room, until that is used again.
func (d *direct) nextIn(seq uint64, subject string, room *server.StoreMsg) (*jetstream.RawStreamMsg, error) {
	m, _, err := d.store.LoadNextMsg(subject, strings.ContainsAny(subject, "*>"), max(seq, 1), room)
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return readMessage(m), nil
}

// readMessage takes out of the server's message what it does not show.
func readMessage(m *server.StoreMsg) *jetstream.RawStreamMsg {
	v := reflect.ValueOf(m).Elem()
	return &jetstream.RawStreamMsg{Subject: v.Field(placeOf.subject).String(), Sequence: v.Field(placeOf.seq).Uint(),
		Header: headersIn(v.Field(placeOf.header).Bytes()), Data: v.Field(placeOf.data).Bytes(), Time: time.Unix(0, v.Field(placeOf.at).Int()).UTC()}
}

// headersIn reads a message's header as the server keeps it.
func headersIn(data []byte) nats.Header {
	_, rest, _ := strings.Cut(string(data), "\r\n") // the version
	if rest == "" {
		return nil
	}
	out := make(nats.Header, 4)
	for line := ""; rest != ""; {
		line, rest, _ = strings.Cut(rest, "\r\n")
		if name, value, is := strings.Cut(line, ":"); is {
			out[name] = append(out[name], strings.TrimSpace(value))
		}
	}
	return out
}

// lasting lets go of room that a larger message needed which was read on the way to this one.
func lasting(m *jetstream.RawStreamMsg) *jetstream.RawStreamMsg {
	if cap(m.Data) > 2*len(m.Data)+4<<10 {
		m.Data = bytes.Clone(m.Data)
	}
	return m
}

// placeOf is where the fields of a message lie.
//
//nolint:gochecknoglobals // constants
var placeOf = struct{ subject, header, data, seq, at int }{
	fieldOf("subj"), fieldOf("hdr"), fieldOf("msg"), fieldOf("seq"), fieldOf("ts"),
}

func fieldOf(name string) int {
	f, ok := reflect.TypeFor[server.StoreMsg]().FieldByName(name)
	if !ok {
		panic("journal: this version of nats-server has messages without " + name)
	}
	return f.Index[0]
}

// last is the last message with a subject; nil if there is none.
func (d *direct) last(subject string) (*jetstream.RawStreamMsg, error) {
	state, err := d.store.FilteredState(1, subject)
	if err != nil || state.Msgs == 0 {
		return nil, err
	}
	return d.at(state.Last)
}

// fetch is what a node's fetch does over a connection.
func (d *direct) fetch(ctx context.Context, b batch, show func(stored) bool) (shown int, err error) {
	seq := max(b.seq, 1)
	if b.since != nil {
		if seq = d.store.GetSeqFromTime(*b.since); seq == 0 {
			return 0, nil
		}
	}
	left, _, err := d.store.NumPending(seq, b.subject, false)
	if err != nil {
		return 0, err
	}
	room := &server.StoreMsg{}
	for size := 0; left > 0 && shown < b.count && size < batchBytes; {
		if ctx.Err() != nil {
			return shown, ctx.Err()
		}
		m, err := d.nextIn(seq, b.subject, room)
		if err != nil || m == nil {
			return shown, err
		}
		if !b.brief {
			m, room = lasting(m), &server.StoreMsg{}
		}
		seq, size, left = m.Sequence+1, size+len(m.Data), left-1
		shown++
		if !show(stored{subject: m.Subject, seq: m.Sequence, at: m.Time, header: m.Header, data: m.Data, left: left}) {
			break
		}
	}
	return shown, nil
}

// direct stores the record by a call where that is possible, and says whether it was. What has a condition goes by way of the
// connection, and so does a repeat outside of the inbox, of which only the answer over a connection names the first.
func (w *write) direct(n *node) (done bool, err error) {
	d := n.direct[w.stream]
	if d == nil || w.msg.Header.Get(jetstream.ExpectedLastSubjSeqHeader) != "" {
		return false, nil
	}
	if w.id != "" {
		if w.stream == in {
			if w.result.seq = n.repeats.find(w.id); w.result.seq != 0 {
				w.result.repeat = true
				return true, nil
			}
		}
		w.msg.Header[jetstream.MsgIDHeader] = []string{w.id}
	}
	seq, at, err := d.put(w.msg)
	switch {
	case err == nil:
		w.result.seq, w.result.at = seq, at
		if w.stream == in {
			n.repeats.add(w.id, seq, at)
		}
	case errors.Is(err, errKnownID):
		return false, nil
	case errors.Is(err, server.ErrMaxBytes):
		w.result.err = &Full{Why: "it has reached its size limit", wait: fullWait}
	default:
		return true, fmt.Errorf("store in %s: %w", w.stream, err)
	}
	return true, nil
}
