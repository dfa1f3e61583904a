package speed

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// ServeJira is the process that stands for Jira: it takes comments as fast as it can, and remembers when it took which. It
// prints its address and serves until ctx ends. HTTP is written by hand, for the same reason as in the load.
func ServeJira(ctx context.Context, out io.Writer) error {
	listener, err := listen(ctx, out)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	j := &stub{arrived: make([]atomic.Int64, maxEvents)}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return ended(ctx, err)
		}
		go j.serve(conn)
	}
}

func listen(ctx context.Context, out io.Writer) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintln(out, listener.Addr())
	return listener, err
}

func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// A stub is what stands for Jira.
type stub struct {
	delay   atomic.Int64 // before a comment is answered
	away    atomic.Bool
	arrived []atomic.Int64 // when the comment on each issue came first, in nanoseconds of the clock
	doubled atomic.Int64   // comments on issues that had one
}

var (
	answerComment = answer("201 Created", `{"id":"10000","body":"seen","created":"2026-01-05T10:15:30.250+0100"}`)
	answerNone    = answer("200 OK", `{"startAt":0,"maxResults":100,"total":0,"comments":[]}`)
	answerAway    = answer("503 Service Unavailable", "")
	answerOdd     = answer("404 Not Found", `{"errorMessages":["the speed run's Jira has no such call"]}`)
	answerMyself  = answer("200 OK", `{"name":"bot","key":"bot","displayName":"Bot","active":true}`)
	answerInfo    = answer("200 OK", `{"version":"10.3.0","versionNumbers":[10,3,0],"deploymentType":"Server"}`)
	answerMay     = answer("200 OK", `{"permissions":{}}`)
	answerList    = answer("200 OK", `[]`)
)

func answer(status, body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nX-AUSERNAME: bot\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

func (j *stub) serve(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		method, rest, _ := bytes.Cut(line, []byte(" "))
		target, _, _ := bytes.Cut(rest, []byte(" "))
		post, path := string(method) == http.MethodPost, string(target)
		length, err := readHead(r)
		if err != nil {
			return
		}
		if _, err := r.Discard(length); err != nil {
			return
		}
		if _, err := conn.Write(j.answer(post, path)); err != nil {
			return
		}
	}
}

// commentPath is a comment's address, up to the number of the issue.
const commentPath = "/rest/api/2/issue/" + string(Wanted) + "-"

func (j *stub) answer(post bool, path string) []byte {
	if tail, ok := bytes.CutPrefix([]byte(path), []byte("/run/")); ok {
		return j.steer(string(tail))
	}
	if j.away.Load() {
		return answerAway
	}
	if number, ok := bytes.CutPrefix([]byte(path), []byte(commentPath)); ok {
		number, _, _ = bytes.Cut(number, []byte("/"))
		return j.comment(string(number), post)
	}
	u, err := url.Parse(path)
	if err != nil {
		return answerOdd
	}
	switch u.Path {
	case "/rest/api/2/myself":
		return answerMyself
	case "/rest/api/2/serverInfo":
		return answerInfo
	case "/rest/api/2/mypermissions":
		return answerMay
	case "/rest/api/2/field", "/rest/api/2/status", "/rest/api/2/project":
		return answerList
	}
	return answerOdd
}

// comment takes a comment, or tells that there is none. It keeps no marks: where there is a comment, the question is not
// understood, and the run will miss an effect rather than see one twice.
func (j *stub) comment(number string, post bool) []byte {
	now := time.Now().UnixNano()
	n, err := strconv.Atoi(number)
	if err != nil || n < firstNumber || n >= firstNumber+maxEvents {
		return answerOdd
	}
	arrived := &j.arrived[n-firstNumber]
	if !post {
		if arrived.Load() != 0 {
			return answerOdd
		}
		return answerNone
	}
	if d := time.Duration(j.delay.Load()); d > 0 {
		time.Sleep(d)
	}
	if !arrived.CompareAndSwap(0, now) {
		j.doubled.Add(1)
	}
	return answerComment
}

// steer is for the run itself: /run/be?delay=20ms&away=true, and /run/effects?first=0&n=10, which answers with how many came twice
// at all, how many of those asked for there are, and, once that is all of them, when each came.
func (j *stub) steer(what string) []byte {
	u, err := url.Parse(what)
	if err != nil {
		return answerOdd
	}
	q := u.Query()
	switch u.Path {
	case "be":
		delay, _ := time.ParseDuration(q.Get("delay"))
		j.delay.Store(int64(delay))
		j.away.Store(q.Get("away") == "true")
		return answer("204 No Content", "")
	case "effects":
		first, _ := strconv.Atoi(q.Get("first"))
		n, _ := strconv.Atoi(q.Get("n"))
		asked := j.arrived[min(max(first, 0), maxEvents):min(max(first+n, 0), maxEvents)]
		there := 0
		for i := range asked {
			if asked[i].Load() != 0 {
				there++
			}
		}
		body := binary.LittleEndian.AppendUint64(nil, uint64(j.doubled.Load()))
		body = binary.LittleEndian.AppendUint64(body, uint64(there))
		for i := 0; i < len(asked) && there == len(asked); i++ {
			body = binary.LittleEndian.AppendUint64(body, uint64(asked[i].Load()))
		}
		return answer("200 OK", string(body))
	}
	return answerOdd
}
