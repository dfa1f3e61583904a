package journal

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Letter is a delivery, or one run of it, that was given up. It holds the whole delivery and stays until discarded.
type Letter struct {
	Entry
	ID       string // the letter's own, not the delivery's: set by Bury
	Rule     string // empty where the delivery itself could not be read
	Run      string
	Reason   string
	Attempts int
	Buried   time.Time // set by Bury
}

// letterMeta is what a letter says beside the delivery. Its JSON names are on disks.
type letterMeta struct {
	Delivery string    `json:"delivery"`
	Stored   time.Time `json:"stored"`
	Lane     int       `json:"lane"`
	Idle     bool      `json:"idle,omitempty"`
	Rule     string    `json:"rule,omitempty"`
	Run      string    `json:"run,omitempty"`
	Reason   string    `json:"reason"`
	Attempts int       `json:"attempts,omitempty"`
	Buried   time.Time `json:"buried"`
}

// Bury stores a dead letter and returns it with its ID. The same delivery, rule and run within two hours is one letter:
// a crash between Bury and Finish makes no second one.
func (j *Journal) Bury(ctx context.Context, l Letter) (Letter, error) {
	l.Buried = j.opts.Now()
	meta := letterMeta{Delivery: l.Entry.ID, Stored: l.Stored, Lane: l.Lane, Idle: l.Idle, Rule: l.Rule, Run: l.Run,
		Reason: l.Reason, Attempts: l.Attempts, Buried: l.Buried}
	msg, err := message("dead."+strconv.Itoa(l.Lane), l.Body,
		deliveryHeader, metaOf(l.Delivery, l.LaneKey), letterHeader, meta)
	if err != nil {
		return Letter{}, fmt.Errorf("bury delivery %s: %w", l.Entry.ID, err)
	}
	hash := shortHash(l.Entry.ID + "\x00" + l.Rule + "\x00" + l.Run)
	a, err := j.write(ctx, &write{stream: dead, msg: msg, id: hash, spare: true})
	if err != nil {
		return Letter{}, fmt.Errorf("bury delivery %s: %w", l.Entry.ID, err)
	}
	l.ID = idOf(a.seq, hash)
	return l, nil
}

// Dead lists the dead letters, oldest first.
func (j *Journal) Dead(ctx context.Context) iter.Seq2[Letter, error] {
	return func(yield func(Letter, error) bool) {
		for m, err := range j.scan(ctx, dead, "dead.*", Filter{}) {
			if err != nil {
				yield(Letter{}, err)
				return
			}
			l, err := letter(m.seq, m.header, m.data)
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}

// Letter finds a dead letter by its ID.
func (j *Journal) Letter(ctx context.Context, id string) (Letter, error) {
	m, err := j.byID(ctx, dead, id)
	if err != nil {
		return Letter{}, fmt.Errorf("dead letter %q: %w", id, err)
	}
	return letter(m.Sequence, m.Header, m.Data)
}

// Discard removes a dead letter for good.
func (j *Journal) Discard(ctx context.Context, id string) error {
	m, err := j.byID(ctx, dead, id)
	if err == nil {
		_, err = j.write(ctx, &write{stream: dead, remove: m.Sequence, spare: true})
	}
	if err != nil {
		return fmt.Errorf("discard dead letter %q: %w", id, err)
	}
	return nil
}

func letter(seq uint64, h nats.Header, body []byte) (Letter, error) {
	l := Letter{ID: idOf(seq, h.Get(jetstream.MsgIDHeader))}
	var d deliveryMeta
	if err := header(h, deliveryHeader, &d); err != nil {
		return Letter{}, fmt.Errorf("read dead letter %s: %w", l.ID, err)
	}
	var m letterMeta
	if err := header(h, letterHeader, &m); err != nil {
		return Letter{}, fmt.Errorf("read dead letter %s: %w", l.ID, err)
	}
	l.Entry = Entry{Delivery: d.delivery(body), ID: m.Delivery, Seq: sequenceOf(m.Delivery), Lane: m.Lane,
		LaneKey: d.Lane, Idle: m.Idle, Stored: m.Stored}
	l.Rule, l.Run, l.Reason, l.Attempts, l.Buried = m.Rule, m.Run, m.Reason, m.Attempts, m.Buried
	return l, nil
}
