package webhook

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestWhatMayBeSent(t *testing.T) {
	const limit = 3 << 20
	for name, test := range map[string]struct {
		body    io.Reader
		headers []string
		want    int
		stored  int // bytes; -1 nothing
	}{
		"JSON":                                  {strings.NewReader("{}"), []string{"Content-Type: application/json"}, 202, 2},
		"JSON with its charset":                 {strings.NewReader("{}"), []string{"Content-Type: Application/JSON; charset=UTF-8"}, 202, 2},
		"JSON with a profile":                   {strings.NewReader("{}"), []string{"Content-Type: application/cloudevents+json"}, 202, 2},
		"something that does not say what":      {strings.NewReader("{}"), nil, 202, 2},
		"something that only claims to be JSON": {strings.NewReader("no json"), []string{"Content-Type: application/json"}, 202, 7},
		"nothing":                               {http.NoBody, nil, 202, 0},
		"nothing, whatever it is called":        {http.NoBody, []string{"Content-Type: text/plain"}, 202, 0},
		"text":                                  {strings.NewReader("{}"), []string{"Content-Type: text/plain"}, 415, -1},
		"a form, as curl -d sends it":           {strings.NewReader("{}"), []string{"Content-Type: application/x-www-form-urlencoded"}, 415, -1},
		"packed JSON":                           {strings.NewReader("{}"), []string{"Content-Encoding: gzip"}, 415, -1},
		"JSON that is not packed":               {strings.NewReader("{}"), []string{"Content-Encoding: identity"}, 202, 2},
		"chunks":                                {io.MultiReader(strings.NewReader("{"), strings.NewReader("}")), nil, 202, 2},
		"more than fits a buffer at once":       {strings.NewReader(strings.Repeat("a", 2<<20)), nil, 202, 2 << 20},
		"exactly the limit":                     {strings.NewReader(strings.Repeat("a", limit)), nil, 202, limit},
		"exactly the limit, in chunks":          {io.MultiReader(strings.NewReader(strings.Repeat("a", limit))), nil, 202, limit},
		"one byte too many":                     {strings.NewReader(strings.Repeat("a", limit+1)), nil, 413, -1},
		"one byte too many, in chunks":          {io.MultiReader(strings.NewReader(strings.Repeat("a", limit+1))), nil, 413, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, Options{Insecure: true, MaxBody: limit})
			status, answer, _ := h.send(t, http.MethodPost, "/webhooks/jira", test.body, test.headers...)
			if status != test.want {
				t.Errorf("want %d, got %d %s", test.want, status, answer)
			}
			stored := -1
			for _, d := range h.shelf.all() {
				stored = len(d.Body)
			}
			if stored != test.stored {
				t.Errorf("want %d bytes stored, got %d", test.stored, stored)
			}
		})
	}
}

func TestTheDefaultLimitIsJiraCloudsLargestDelivery(t *testing.T) {
	h := open(t, Options{Insecure: true})
	conn := h.dial(t)
	fmt.Fprintf(conn, "POST /webhooks/jira HTTP/1.1\r\nHost: bot\r\nContent-Length: %d\r\n\r\n", 25<<20+1)
	if got := statusOf(t, conn); got != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d before a byte of the body was sent", got)
	}
}

func TestHalfADeliveryIsNone(t *testing.T) {
	for name, half := range map[string]string{
		"shorter than announced":       "Content-Length: 100\r\n\r\n" + update[:20],
		"large, shorter than that":     "Content-Length: 2000000\r\n\r\n" + update,
		"chunks without an end":        "Transfer-Encoding: chunked\r\n\r\n10\r\n" + update[:16] + "\r\n",
		"a chunk shorter than it says": "Transfer-Encoding: chunked\r\n\r\n40\r\n" + update[:16],
	} {
		t.Run(name, func(t *testing.T) {
			answered := make(chan int, 1)
			h := open(t, Options{Insecure: true, Observe: func(_ string, status int, _ time.Duration) { answered <- status }})
			conn := h.dial(t)
			fmt.Fprint(conn, "POST /webhooks/jira HTTP/1.1\r\nHost: bot\r\n"+half)
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
			if got := <-answered; got != http.StatusBadRequest {
				t.Errorf("got %d", got)
			}
			if stored := h.shelf.all(); len(stored) != 0 {
				t.Errorf("stored %s", stored[0].Body)
			}
		})
	}
}

func TestABodyThatTakesTooLongIsNotStored(t *testing.T) {
	h := openBehind(t, Options{Insecure: true}, func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0)); err != nil {
			t.Error(err)
		}
	})
	conn := h.dial(t)
	fmt.Fprint(conn, "POST /webhooks/jira HTTP/1.1\r\nHost: bot\r\nContent-Length: 10\r\n\r\n{")
	if got := statusOf(t, conn); got != http.StatusRequestTimeout {
		t.Errorf("got %d", got)
	}
	if len(h.shelf.all()) != 0 {
		t.Error("something was stored")
	}
}

func TestAStrangersBodyIsNotEvenRead(t *testing.T) {
	h := open(t, Options{Secret: secret, PathToken: pathToken, Hooks: hooks()})
	for _, path := range []string{"/webhooks/jira", "/webhooks/jira/guess", "/hooks/deploy"} {
		conn := h.dial(t)
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: bot\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n", path)
		if got := statusOf(t, conn); got != http.StatusUnauthorized {
			t.Errorf("%s: got %d; want a 401 and no 100", path, got)
		}
	}
}

func (h house) dial(t *testing.T) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return conn.(*net.TCPConn)
}

func statusOf(t *testing.T, conn net.Conn) int {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}
