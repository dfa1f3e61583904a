package jiraclient

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

func TestTheGuardKeepsWritesBackAndLetsReadsThrough(t *testing.T) {
	var mu sync.Mutex
	var arrived []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		arrived = append(arrived, r.Method)
		mu.Unlock()
		w.Header().Set("X-AUSERNAME", "bot")
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	}))
	defer server.Close()
	type key struct{}
	lost := errors.New("this machine no longer holds the lane")
	c, err := New(Options{URL: server.URL, Auth: Token("token-of-the-bot"), Guard: func(ctx context.Context) error {
		if ctx.Value(key{}) == "lost" {
			return lost
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	held, gone := t.Context(), context.WithValue(t.Context(), key{}, "lost")
	body := map[string]string{"body": "text"}
	for _, x := range []struct {
		name string
		ctx  context.Context
		r    request
		want error
	}{
		{"a write that may leave", held, post("issue/{key}/comment", "PAY-1").carrying(body), nil},
		{"a write on the connection that is open by now", gone, post("issue/{key}/comment", "PAY-2").carrying(body), lost},
		{"a write on a new connection", gone, put("issue/{key}", "PAY-3").carrying(body), lost},
		{"a write without a body", gone, remove("issue/{key}", "PAY-4"), lost},
		{"a read", gone, get("issue/{key}", "PAY-5"), nil},
		{"a write afterwards", held, put("issue/{key}", "PAY-6").carrying(body), nil},
	} {
		mu.Lock()
		before := len(arrived)
		mu.Unlock()
		err := c.do(x.ctx, x.r, nil)
		if !errors.Is(err, x.want) {
			t.Errorf("%s: %v", x.name, err)
		}
		mu.Lock()
		if came := len(arrived) - before; (x.want == nil) != (came == 1) {
			t.Errorf("%s: %d requests arrived", x.name, came)
		}
		mu.Unlock()
		if Uncertain(err) {
			t.Errorf("%s: it is called uncertain, and nothing left", x.name)
		}
	}
}

// A machine that cannot be sure of its lane waits until it is. That may take longer than a request may: the write has not left,
// and nobody gave it up.
func TestAWriteThatTheGuardKeepsBackForTooLongIsWorthAnotherTry(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the write arrived") }))
	defer server.Close()
	c, err := New(Options{URL: server.URL, Auth: Token("token-of-the-bot"), Timeout: 20 * time.Millisecond, Guard: func(ctx context.Context) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}})
	if err != nil {
		t.Fatal(err)
	}
	err = c.do(t.Context(), put("issue/{key}", "PAY-3").carrying(map[string]string{}), nil)
	if _, again := Temporary(err); !again || Uncertain(err) {
		t.Errorf("%v: temporary %t, uncertain %t; want temporary and certain", err, again, Uncertain(err))
	}
}
