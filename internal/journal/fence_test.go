package journal

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

func TestALeaseRunsOutByWhicheverClockSawMore(t *testing.T) {
	start := instant{awake: time.Hour, wall: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	for _, x := range []struct {
		name        string
		awake, wall time.Duration
		want        bool
	}{
		{"a moment later", time.Millisecond, time.Millisecond, true},
		{"when it has run out", 3 * time.Second, 3 * time.Second, false},
		{"the machine was stopped as a whole", time.Millisecond, time.Minute, false},
		{"somebody set the clock back", 4 * time.Second, -time.Hour, false},
		{"somebody set the clock back, and it has not run out", time.Second, -time.Hour, true},
	} {
		at := start
		l := &lease{lasts: 3 * time.Second, renewed: make(chan struct{}), now: func() instant { return at }}
		if valid, _ := l.valid(); valid {
			t.Errorf("%s: a lease that nobody gave is valid", x.name)
		}
		l.renew(start)
		at = instant{start.awake + x.awake, start.wall.Add(x.wall)}
		if valid, _ := l.valid(); valid != x.want {
			t.Errorf("%s: valid %t, want %t", x.name, valid, x.want)
		}
	}
}

func TestHoldingWaitsForARenewalAndAnswersALoss(t *testing.T) {
	s := &session{lease: newLease(time.Hour)}
	s.ctx, s.over = context.WithCancelCause(t.Context())
	g := &grip{session: s, lost: s.ctx}
	ctx := context.WithValue(t.Context(), gripKey{}, g)
	if err := Holding(t.Context()); err != nil {
		t.Errorf("outside of a lane: %v", err)
	}
	answers := make(chan error, 1)
	go func() { answers <- Holding(ctx) }()
	s.lease.renew(now())
	if err := get(t, answers, "an answer after the renewal"); err != nil {
		t.Errorf("renewed: %v", err)
	}
	s.lease.renew(instant{}) // long ago
	go func() { answers <- Holding(ctx) }()
	s.over(ErrLost)
	if err := get(t, answers, "an answer after the loss"); !errors.Is(err, ErrLost) {
		t.Errorf("lost: %v", err)
	}
}

// A machine that was taken to be gone, and does not know it, can write nothing more about a delivery.
func TestAMachineThatWasOvertakenCannotWrite(t *testing.T) {
	f := newFleet(t)
	f.start(t, 0, 1, 2)
	held, overtaken := make(chan *Task, 1), make(chan struct{})
	results := make(chan error, 2)
	stop := work(t, f.nodes[0], func(ctx context.Context, task *Task) Verdict {
		held <- task
		<-overtaken
		results <- task.Note(context.WithoutCancel(ctx), []byte("too late"))
		results <- Holding(ctx)
		return Finish(nil)
	})
	until(t, "one holds all lanes", func() bool { return f.nodes[0].crew.holding.Load() == 8 })
	// In a lane that goes to the second machine while the first is still there, or again.
	turns, lane := deal([]string{"bot-1", "bot-2"}, 8), "PAY-0"
	for i := 0; turns[laneOf(lane, 8)] != "bot-2"; i++ {
		lane = fmt.Sprintf("PAY-%d", i)
	}
	put(t, f.nodes[1], "a", lane, "a")
	get(t, held, "the first machine has it")
	// The others end its session, as they do when it gives no sign of life.
	c := f.nodes[1].crew
	until(t, "its session is ended", func() bool {
		if err := c.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.mu.Lock()
		o := c.others["bot-1"]
		c.mu.Unlock()
		_, err := c.writeMember(t.Context(), memberRecord{Name: o.Name, Session: o.Session, Gone: true}, o.seq)
		return err == nil
	})
	tasks := make(chan *Task, 1)
	work(t, f.nodes[1], func(_ context.Context, task *Task) Verdict {
		tasks <- task
		return Finish([]byte("by the second"))
	})
	if task := get(t, tasks, "the second machine has it"); len(task.Notes) != 0 || string(task.Body) != "a" {
		t.Errorf("it came with %q", task.Notes)
	}
	close(overtaken)
	for range 2 {
		if err := get(t, results, "what the first machine may do"); err == nil {
			t.Error("the machine that was overtaken could go on")
		}
	}
	stop()
	until(t, "the second machine's final", func() bool {
		n := 0
		for final, err := range f.nodes[2].Finals(t.Context(), Filter{}) {
			if err != nil || !bytes.Equal(final.Data, []byte("by the second")) {
				t.Fatalf("final %+v, %v", final, err)
			}
			n++
		}
		return n == 1
	})
}

func TestWithTwoMachinesAwayNothingIsTakenAndAllIsWellWhenOneReturns(t *testing.T) {
	f := newFleet(t)
	f.start(t, 0, 1, 2)
	put(t, f.nodes[0], "before", "PAY-1", "x")
	f.stop(t, 1)
	f.stop(t, 2)
	_, err := f.nodes[0].Append(t.Context(), delivery("x"), "while", "PAY-1", false)
	var wait interface{ RetryAfter() time.Duration }
	if !errors.As(err, &wait) || wait.RetryAfter() <= 0 {
		t.Fatalf("alone: %v", err)
	}
	until(t, "it says so", func() bool { return f.nodes[0].Well() != nil })
	n := f.nodes[0].node.Load()
	for s := range streams {
		until(t, fmt.Sprintf("nobody leads %s", s), func() bool {
			info, err := n.streams[s].Info(t.Context())
			return err == nil && info.Cluster != nil && info.Cluster.Leader == ""
		})
		if n.has(t.Context(), s) {
			t.Errorf("alone, it takes its copy of %s to have all that is stored", s)
		}
	}
	if _, err := f.nodes[0].Copies(); err == nil {
		t.Error("alone, it says that its copies have all that is stored")
	}
	f.start(t, 1)
	until(t, "it is well", func() bool { return f.nodes[0].Well() == nil })
	put(t, f.nodes[0], "while", "PAY-1", "x") // stored now, or found to have been stored
	if r := put(t, f.nodes[1], "before", "PAY-1", "x"); !r.Repeat {
		t.Error("what was stored before is forgotten")
	}
}

func TestALockIsHeldByOneMachineAtATimeAndPassesOn(t *testing.T) {
	f := newFleet(t)
	f.start(t, 0, 1, 2)
	var inside, most atomic.Int32
	results := make(chan error, 9)
	for _, j := range f.nodes {
		for range 3 {
			go func() {
				results <- j.Exclusive(t.Context(), "oauth", func(ctx context.Context) error {
					most.Store(max(most.Load(), inside.Add(1)))
					defer inside.Add(-1)
					if err := Holding(ctx); err != nil {
						return err
					}
					return j.Update(ctx, "token", func(old []byte) ([]byte, error) { return append(old, 'x'), nil })
				})
			}()
		}
	}
	for range 9 {
		if err := get(t, results, "a holder"); err != nil {
			t.Error(err)
		}
	}
	if most.Load() != 1 {
		t.Errorf("%d were inside at once", most.Load())
	}
	until(t, "all have written", func() bool {
		got, err := f.nodes[1].Recall(t.Context(), "token")
		return err == nil && string(got) == "xxxxxxxxx"
	})
	// Whoever dies with it does not keep it.
	entered := make(chan struct{})
	go func() {
		_ = f.nodes[2].Exclusive(t.Context(), "oauth", func(ctx context.Context) error {
			close(entered)
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	get(t, entered, "the third machine has it")
	f.nodes[2].node.Load().nc.Close() // it can say nothing any more
	go func() {
		results <- f.nodes[0].Exclusive(t.Context(), "oauth", func(context.Context) error { return nil })
	}()
	if err := get(t, results, "the next holder"); err != nil {
		t.Error(err)
	}
}

func TestMachinesKnowEachOtherByTheirCertificates(t *testing.T) {
	f := newFleet(t)
	ours, theirs := authority(t), authority(t)
	for i := range f.options {
		f.options[i].Cluster.TLS = ours
	}
	stranger := f.options[2]
	cluster := *stranger.Cluster
	cluster.TLS, stranger.Cluster = theirs, &cluster
	two := make(chan struct{})
	go func() {
		defer close(two)
		f.start(t, 0, 1)
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if j, err := Open(ctx, stranger); err == nil {
		closeIt(t, j)
		t.Fatal("a machine with another authority's certificate is let in")
	}
	stranger = f.options[2]
	stranger.Dir = t.TempDir()
	f.options[2] = stranger
	f.start(t, 2)
	get(t, two, "the other two")
	put(t, f.nodes[2], "a", "PAY-1", "x")
}

// authority makes certificates for 127.0.0.1 of an authority of their own.
func authority(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bots"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	own, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(own)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, RootCAs: pool, MinVersion: tls.VersionTLS13}
}

// The elections are sped up by variables of the server, which a new version may drop or use otherwise.
func TestElectionsAreFast(t *testing.T) {
	electFaster()
	if minElectionTimeout != 1200*time.Millisecond || hbInterval != 300*time.Millisecond {
		t.Fatalf("the server's variables are %v and %v", minElectionTimeout, hbInterval)
	}
}

// Whoever holds a lane knows its last record. A copy of the log that ends before it belongs to a machine that was away, and
// says nothing about what is behind.
func TestFinalsThatACopyLackedAreLookedForAgain(t *testing.T) {
	j := openAt(t, Options{Dir: t.TempDir()})
	work(t, j, func(_ context.Context, task *Task) Verdict { return Finish(nil, "claim "+string(task.Body)) })
	put(t, j, "1", "PAY-1", "1")
	put(t, j, "2", "PAY-1", "2")
	until(t, "both handled", j.isIdle)
	var finals []Final
	for f, err := range j.Finals(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		finals = append(finals, f)
	}
	l := j.lanes[laneOf("PAY-1", len(j.lanes))]
	hold := func(tail uint64) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.grip = &grip{lost: t.Context(), tail: tail}
	}
	defer func() { l.mu.Lock(); l.grip = nil; l.mu.Unlock() }() // before the worker ends with the test's context
	shown := func(last uint64, since time.Time) string {
		var claims []string
		err := j.finalsBehind(t.Context(), l, last, since, func(f Final) bool {
			claims = append(claims, f.Claims...)
			return false
		})
		return fmt.Sprint(claims, err)
	}
	end, future := finals[1].Seq, time.Now().Add(time.Hour)
	for _, x := range []struct {
		name  string
		tail  uint64
		last  uint64
		since time.Time
		want  string
	}{
		{"the copy had all", end, end, time.Time{}, "[] <nil>"},
		{"the copy lacked the second", end, finals[0].Seq, time.Time{}, "[claim 2] <nil>"},
		{"the copy lacked both", end, 0, finals[0].Stored, "[claim 1 claim 2] <nil>"},
		{"all there is is older", end, 0, future, "[] <nil>"},
		{"it holds no lane", 0, 0, time.Time{}, "[] <nil>"},
	} {
		hold(x.tail)
		if got := shown(x.last, x.since); got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
	}
	// The third is written, and no copy that answers has it yet.
	hold(end + 1)
	answers := make(chan string, 1)
	go func() { answers <- shown(end, time.Time{}) }()
	put(t, j, "3", "PAY-1", "3")
	if got := get(t, answers, "the third final"); got != "[claim 3] <nil>" {
		t.Errorf("a copy that comes along: %s", got)
	}
}
