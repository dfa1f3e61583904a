package speed

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

//go:embed update.json
var updateJSON []byte

const (
	secret = "a secret of the speed run"
	// What stands in update.json where each event has its own.
	blankNumber = "77777777"
	blankTime   = "1700000000000"
	// firstNumber gives all numbers the same width, so that a request is made by writing over digits.
	firstNumber = 10_000_000
	maxEvents   = 4_000_000
)

// A Project is where an event happens: the rules of a speed run name it, or do not.
type Project string

// The projects.
const (
	Wanted   Project = "PAY" // one rule waits for its events and comments
	Unwanted Project = "CHK" // no rule does
)

// An update is the request with which Jira tells of a changed issue, with blanks.
type update struct {
	request   []byte
	signature int   // where it stands
	body      int   // where it begins
	numbers   []int // where the event's number stands
	times     []int
}

func newUpdate(p Project) (*update, error) {
	var body bytes.Buffer
	if err := json.Compact(&body, updateJSON); err != nil {
		return nil, fmt.Errorf("update.json: %w", err)
	}
	text := bytes.ReplaceAll(body.Bytes(), []byte(Wanted), []byte(p))
	head := "POST /webhooks/jira HTTP/1.1\r\nHost: bot.example.com\r\nContent-Type: application/json\r\n" +
		"Content-Length: " + strconv.Itoa(len(text)) + "\r\nX-Hub-Signature: sha256="
	u := &update{signature: len(head)}
	u.request = append([]byte(head), bytes.Repeat([]byte{'0'}, hex.EncodedLen(sha256.Size))...)
	u.request = append(u.request, "\r\n\r\n"...)
	u.body = len(u.request)
	u.request = append(u.request, text...)
	u.numbers, u.times = positions(u.request, blankNumber), positions(u.request, blankTime)
	return u, nil
}

func positions(text []byte, blank string) []int {
	var out []int
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(blank))
		if i < 0 {
			return out
		}
		out = append(out, from+i)
		from += i + len(blank)
	}
}

// write fills the blanks of a request of this kind for one event, all but the signature.
func (u *update) write(request []byte, number int, at time.Time) {
	digits := strconv.AppendInt(make([]byte, 0, len(blankNumber)), firstNumber+int64(number), 10)
	for _, i := range u.numbers {
		copy(request[i:], digits)
	}
	stamp := strconv.AppendInt(make([]byte, 0, len(blankTime)), at.UnixMilli(), 10)
	for _, i := range u.times {
		copy(request[i:], stamp)
	}
}

// A batch is a number of events that nobody has posted yet. They are signed beforehand: that is Jira's work, and no part of
// what is measured.
type batch struct {
	*update
	first, n   int
	at         time.Time
	signatures [][2 * sha256.Size]byte
}

func (u *update) batch(first, n int) *batch {
	b := &batch{update: u, first: first, n: n, at: time.Now(), signatures: make([][2 * sha256.Size]byte, n)}
	request := bytes.Clone(u.request)
	mac, sum := hmac.New(sha256.New, []byte(secret)), make([]byte, 0, sha256.Size)
	for i := range n {
		u.write(request, first+i, b.at)
		mac.Reset()
		mac.Write(request[u.body:])
		hex.Encode(b.signatures[i][:], mac.Sum(sum[:0]))
	}
	return b
}

// fill makes the request of the batch's event i.
func (b *batch) fill(request []byte, i int) {
	b.write(request, b.first+i, b.at)
	copy(request[b.signature:], b.signatures[i][:])
}
