package speed

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// connections is how many senders there are.
const connections = 64

// A sender is one connection of Jira's to the bot. It is written by hand so that the load takes as little as possible of the
// processors that it shares with what it measures.
type sender struct {
	conn    net.Conn
	answers *bufio.Reader
	request []byte
}

func dial(ctx context.Context, addr string, u *update) (*sender, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	return &sender{conn, bufio.NewReader(conn), bytes.Clone(u.request)}, nil
}

// post sends one event and reads the answer.
func (s *sender) post(b *batch, i int) error {
	b.fill(s.request, i)
	if _, err := s.conn.Write(s.request); err != nil {
		return err
	}
	status, err := readAnswer(s.answers)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if status < 200 || status > 299 {
		return fmt.Errorf("an event was answered with status %d; want 2xx", status)
	}
	return nil
}

// readAnswer reads an answer whose length is announced, and throws its body away.
func readAnswer(r *bufio.Reader) (status int, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("%q is no status line", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, fmt.Errorf("%q is no status line", line)
	}
	length, err := readHead(r)
	if err != nil {
		return 0, err
	}
	_, err = r.Discard(length)
	return status, err
}

// readHead reads the header of a message and returns the length of what follows.
func readHead(r *bufio.Reader) (length int, err error) {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return 0, err
		}
		name, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		switch {
		case len(name) == 0:
			return length, nil
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, fmt.Errorf("content length %q is no number", value)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			return 0, fmt.Errorf("transfer encoding %q: only announced lengths are understood", value)
		}
	}
}

// flood posts the batch as fast as the answers come, and tells when it began and how long it took.
func flood(ctx context.Context, addr string, b *batch) (began time.Time, took time.Duration, err error) {
	senders, end, err := dialAll(ctx, addr, b.update)
	if err != nil {
		return time.Time{}, 0, err
	}
	defer end()
	var next atomic.Int64
	var group errgroup.Group
	began = time.Now()
	for _, s := range senders {
		group.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= b.n {
					return nil
				}
				if err := s.post(b, i); err != nil {
					return err
				}
			}
		})
	}
	err = group.Wait()
	return began, time.Since(began), err
}

func dialAll(ctx context.Context, addr string, u *update) (all []*sender, end func(), err error) {
	ctx, end = context.WithCancel(ctx)
	for range connections {
		s, err := dial(ctx, addr, u)
		if err != nil {
			end()
			return nil, nil, err
		}
		all = append(all, s)
	}
	return all, end, nil
}

// steady posts the batch at a steady rate, whether answers come or not. Due is when each event was to be sent; latencies count
// from there, so that an answer that keeps the next event waiting is not forgotten.
func steady(ctx context.Context, addr string, b *batch, rate int) (due []time.Time, took []time.Duration, err error) {
	senders, end, err := dialAll(ctx, addr, b.update)
	if err != nil {
		return nil, nil, err
	}
	defer end()
	due, took = make([]time.Time, b.n), make([]time.Duration, b.n)
	turns := make(chan int, b.n)
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range senders {
		group.Go(func() error {
			for i := range turns {
				if err := s.post(b, i); err != nil {
					return err
				}
				took[i] = time.Since(due[i])
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(turns)
		alarm, err := newAlarm()
		if err != nil {
			return err
		}
		defer alarm.close()
		began := time.Now()
		for i := range b.n {
			due[i] = began.Add(time.Duration(i) * time.Second / time.Duration(rate))
			if wait := time.Until(due[i]); wait > 0 {
				if err := alarm.sleep(wait); err != nil {
					return err
				}
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			turns <- i
		}
		return nil
	})
	return due, took, group.Wait()
}
