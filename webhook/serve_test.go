package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

type full time.Duration

func (f full) Error() string             { return "the inbox is full" }
func (f full) RetryAfter() time.Duration { return time.Duration(f) }

func TestTheAnswerSaysWhatBecameOfTheDelivery(t *testing.T) {
	for name, test := range map[string]struct {
		err    error
		status int
		answer string
		retry  string
	}{
		"stored":                       {nil, 202, `{"delivery":"d-1"}`, ""},
		"full":                         {fmt.Errorf("append: %w", full(7*time.Second)), 503, `{"error":"not now, try again"}`, "7"},
		"full for less than a second":  {full(time.Millisecond), 503, `{"error":"not now, try again"}`, "1"},
		"full for a part of a second":  {full(1500 * time.Millisecond), 503, `{"error":"not now, try again"}`, "2"},
		"the disk does not answer":     {fmt.Errorf("append: %w", context.DeadlineExceeded), 503, `{"error":"not now, try again"}`, "20"},
		"an error that says too much":  {errors.New("open /data/in.blk: sesame"), 500, `{"error":"the delivery could not be stored"}`, ""},
		"an inbox that hangs up on us": {context.Canceled, 500, `{"error":"the delivery could not be stored"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, Options{Secret: secret})
			h.shelf.err = test.err
			status, answer, header := h.post(t, "/webhooks/jira", update, sign(secret, update))
			if status != test.status || answer != test.answer || header.Get("Retry-After") != test.retry {
				t.Errorf("want %d %s %q, got %d %s %q", test.status, test.answer, test.retry, status, answer, header.Get("Retry-After"))
			}
			if test.err != nil && !strings.Contains(h.log.String(), test.err.Error()) {
				t.Errorf("the log does not say why: %s", h.log)
			}
		})
	}
}

func TestARepeatIsSaidToBeOne(t *testing.T) {
	h := open(t, Options{Secret: secret})
	h.post(t, "/webhooks/jira", update, sign(secret, update))
	status, answer, _ := h.post(t, "/webhooks/jira", update, sign(secret, update))
	if want := `{"delivery":"d-1","repeat":true}`; status != http.StatusOK || answer != want {
		t.Errorf("want 200 %s, got %d %s", want, status, answer)
	}
}

func TestOtherMethodsAreToldToPost(t *testing.T) {
	h := open(t, Options{Secret: secret, Hooks: hooks()})
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		for _, path := range []string{"/webhooks/jira", "/webhooks/jira/guess", "/hooks/deploy", "/hooks/nowhere"} {
			status, answer, header := h.send(t, method, path, http.NoBody)
			if status != 405 || answer != `{"error":"this address takes POST"}` || header.Get("Allow") != "POST" {
				t.Errorf("%s %s: %d %s %v", method, path, status, answer, header)
			}
		}
	}
}

func TestACallerWhoHangsUpAfterTheBodyChangesNothing(t *testing.T) {
	storing, answered := make(chan struct{}), make(chan struct{})
	gone := make(chan context.Context, 1)
	var fate error
	h := openBehind(t, Options{
		Observe: func(string, int, time.Duration) { close(answered) },
		Inbox: &shelf{accept: func(ctx context.Context) error {
			close(storing)
			<-(<-gone).Done() // the server has seen that the caller is away
			fate = ctx.Err()
			return fate
		}},
		Insecure: true,
	}, func(_ http.ResponseWriter, req *http.Request) { gone <- req.Context() })
	conn := h.dial(t)
	fmt.Fprint(conn, "POST /webhooks/jira HTTP/1.1\r\nHost: bot\r\nContent-Length: 2\r\n\r\n{}")
	<-storing
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	<-answered
	if fate != nil {
		t.Errorf("the inbox was told to stop: %v", fate)
	}
}
