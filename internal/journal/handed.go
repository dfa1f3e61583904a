package journal

import (
	"slices"
	"strconv"

	"github.com/nats-io/nats.go"

	"jirabot/internal/event"
)

// A delivery that is handed on may hold work beside its body: what was done about it before it was handed on, or given up.
// It lies behind the body, since a header holds 64 kB at most. Such a message has a format of its own, so that a bot that
// knows of neither leaves it alone, instead of taking the work for a part of the body and running every rule.
const (
	formatHanded = "2"
	workHeader   = "Bot-Work" // how many bytes it has
)

// First is the ID of the delivery as it had arrived, before it was handed on for the first time.
func (e Entry) First() string {
	if e.Only.First != "" {
		return e.Only.First
	}
	return e.ID
}

// Arrived is the place of the delivery in the order of arrival, however often it was handed on since.
func (e Entry) Arrived() uint64 { return sequenceOf(e.First()) }

func addWork(m *nats.Msg, only event.Only, work []byte) {
	if len(work) == 0 && only == (event.Only{}) {
		return
	}
	m.Header[formatHeader] = []string{formatHanded}
	if len(work) == 0 {
		return
	}
	m.Header[workHeader] = []string{strconv.Itoa(len(work))}
	m.Data = append(slices.Clip(m.Data), work...)
}

// splitWork takes the data of a message apart. Where only headers were asked for there is nothing to take apart.
func splitWork(h nats.Header, data []byte) (body, work []byte) {
	n, err := strconv.Atoi(h.Get(workHeader))
	if err != nil || n <= 0 || n > len(data) {
		return data, nil
	}
	at := len(data) - n
	return data[:at:at], data[at:]
}
