package journal

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
)

// Run with -benchtime 3s on an idle machine, on the disk that will be used: TMPDIR says which.

func benchAt(b *testing.B, o Options) *Journal {
	o.Dir, o.Log = b.TempDir(), zerolog.Nop()
	j, err := Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { closeIt(b, j) })
	return j
}

func BenchmarkAppend(b *testing.B) {
	body := strings.Repeat("x", 6700)
	for _, writers := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			j := benchAt(b, Options{MaxBytes: 100 << 30, MaxWaiting: 1 << 40})
			appendAll(b, j, writers, body)
		})
	}
}

func appendAll(b *testing.B, j *Journal, writers int, body string) {
	var n atomic.Int64
	b.SetParallelism(max(1, writers/2))
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			id := strconv.FormatInt(n.Add(1), 10)
			put(b, j, id, id, body)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

// BenchmarkSyncAlways is what the server itself offers, for comparison: every message synced before its answer.
func BenchmarkSyncAlways(b *testing.B) {
	srv, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true, NoLog: true, JetStream: true,
		StoreDir: b.TempDir(), JetStreamMaxStore: 1 << 60, SyncAlways: true})
	if err != nil {
		b.Fatal(err)
	}
	srv.Start()
	b.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := js.CreateStream(b.Context(), jetstream.StreamConfig{Name: "IN", Subjects: []string{"in.*"}}); err != nil {
		b.Fatal(err)
	}
	body := []byte(strings.Repeat("x", 6700))
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := js.Publish(b.Context(), "in.1", body); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

// BenchmarkEvent is the whole way of an event: Append, handed out, two notes, Finish.
func BenchmarkEvent(b *testing.B) {
	body := strings.Repeat("x", 6700)
	note := []byte(strings.Repeat("n", 200))
	for _, notes := range []int{0, 2} {
		b.Run(fmt.Sprintf("notes=%d", notes), func(b *testing.B) {
			j := benchAt(b, Options{MaxBytes: 100 << 30})
			work(b, j, func(ctx context.Context, task *Task) Verdict {
				for range notes {
					if err := task.Note(ctx, note); err != nil {
						b.Error(err)
					}
				}
				return Finish(note)
			})
			appendAll(b, j, 64, body)
			until(b, "handled", j.isIdle)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	b.Run("empty", func(b *testing.B) {
		for b.Loop() {
			dir, err := os.MkdirTemp(b.TempDir(), "")
			if err != nil {
				b.Fatal(err)
			}
			j, err := Open(b.Context(), Options{Dir: dir, Log: zerolog.Nop()})
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			closeIt(b, j)
			b.StartTimer()
		}
	})
	b.Run("again with all lanes in use", func(b *testing.B) {
		o := Options{Dir: b.TempDir(), Log: zerolog.Nop(), TrimEvery: time.Hour}
		j, err := Open(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		for i := range 1000 {
			put(b, j, strconv.Itoa(i), strconv.Itoa(i), "x")
		}
		for b.Loop() {
			b.StopTimer()
			closeIt(b, j)
			b.StartTimer()
			if j, err = Open(b.Context(), o); err != nil {
				b.Fatal(err)
			}
		}
		closeIt(b, j)
	})
}
