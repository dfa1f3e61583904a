package journal

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"jirabot/internal/event"
)

// Every message has its format and one header of JSON that says what it is. JSON, because a header cannot hold a line
// break and loses the space around its value.
const (
	format         = "1"
	formatHeader   = "Bot-Format"
	deliveryHeader = "Bot-Delivery"
	recordHeader   = "Bot-Record"
	letterHeader   = "Bot-Letter"
	keyHeader      = "Bot-Key"
)

const idleSubject = "in.idle"

func laneSubject(n int) string  { return "in.lane." + strconv.Itoa(n) }
func noteSubject(n int) string  { return "run." + strconv.Itoa(n) + ".note" }
func finalSubject(n int) string { return "run." + strconv.Itoa(n) + ".final" }
func holdSubject(n int) string  { return "run." + strconv.Itoa(n) + ".hold" }
func logSubject(n int) string   { return "run." + strconv.Itoa(n) + ".*" } // all of them

// deliveryMeta is what a stored delivery says beside its body. Its JSON names are on disks: they never change their
// meaning, and new ones are optional.
type deliveryMeta struct {
	Source    event.Source `json:"source"`
	Received  time.Time    `json:"received"`
	UserKey   string       `json:"user_key,omitempty"`
	UserID    string       `json:"user_id,omitempty"`
	Name      string       `json:"name,omitempty"`
	Recovered bool         `json:"recovered,omitempty"`
	Depth     int          `json:"depth,omitempty"`
	Cause     string       `json:"cause,omitempty"`
	Lane      string       `json:"lane,omitempty"`
	Key       string       `json:"key,omitempty"`
	Only      *event.Only  `json:"only,omitempty"`
}

// recordMeta is what a record of the lane log says beside its data.
type recordMeta struct {
	Delivery string   `json:"delivery,omitempty"` // its ID
	Try      bool     `json:"try,omitempty"`
	Claims   []string `json:"claims,omitempty"`
	Hold     *hold    `json:"hold,omitempty"`
}

// hold says which machine works on a lane from here on, and where the lane stands.
type hold struct {
	Member  string `json:"member,omitempty"`  // empty: nobody
	Session uint64 `json:"session,omitempty"` // which of its lives
	Floor   uint64 `json:"floor"`
	First   uint64 `json:"first,omitempty"`   // the first record about the delivery that is under way
	Suspect uint64 `json:"suspect,omitempty"` // see lane.suspect
}

func metaOf(d event.Delivery, lane string) deliveryMeta {
	m := deliveryMeta{Source: d.Source, Received: d.Received, UserKey: d.UserKey, UserID: d.UserID, Name: d.Name,
		Recovered: d.Recovered, Depth: d.Depth, Cause: d.Cause, Lane: lane, Key: d.Key}
	if d.Only != (event.Only{}) {
		m.Only = &d.Only
	}
	return m
}

func (m deliveryMeta) delivery(body []byte) event.Delivery {
	d := event.Delivery{Source: m.Source, Body: body, Received: m.Received, UserKey: m.UserKey, UserID: m.UserID,
		Name: m.Name, Recovered: m.Recovered, Depth: m.Depth, Cause: m.Cause, Key: m.Key}
	if m.Only != nil {
		d.Only = *m.Only
	}
	return d
}

// message makes a message of this format with the headers given as pairs of name and value.
func message(subject string, data []byte, headers ...any) (*nats.Msg, error) {
	m := &nats.Msg{Subject: subject, Data: data, Header: nats.Header{formatHeader: {format}}}
	for i := 0; i+1 < len(headers); i += 2 {
		name, _ := headers[i].(string)
		value, err := json.Marshal(headers[i+1])
		if err != nil {
			return nil, fmt.Errorf("encode header %s: %w", name, err)
		}
		m.Header[name] = []string{string(value)}
	}
	return m, nil
}

// header decodes one header of a message of this format.
func header(h nats.Header, name string, into any) error {
	if f := h.Get(formatHeader); f != format && f != formatHanded {
		return fmt.Errorf("a message of format %q, and this version of the bot knows only %q and %q", f, format, formatHanded)
	}
	if err := json.Unmarshal([]byte(h.Get(name)), into); err != nil {
		return fmt.Errorf("header %s: %w", name, err)
	}
	return nil
}

// hashSize is how many bytes of a hash make a message ID: 96 bits, since the IDs of two hours are kept in memory.
const hashSize = 12

var hashLetters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding) //nolint:gochecknoglobals // a constant

// shortHash is the message ID for a store ID.
func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hashLetters.EncodeToString(sum[:hashSize])
}

// idOf is a message's ID for people and for marks: its sequence, and six letters so that it is not mistaken for
// another journal's message with the same sequence.
func idOf(seq uint64, hash string) string {
	return strconv.FormatUint(seq, 10) + "-" + hash[:min(6, len(hash))]
}

// sequenceOf is the sequence within an ID; 0 if it is none.
func sequenceOf(id string) uint64 {
	number, _, _ := strings.Cut(id, "-")
	seq, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return 0
	}
	return seq
}

// laneOf finds the lane for a key.
func laneOf(key string, lanes int) int {
	h := fnv.New64a()
	h.Write([]byte(key))
	return int(h.Sum64() % uint64(lanes))
}
