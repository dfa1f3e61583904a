package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// post FILE [signed|misigned|signed-for FILE] [to PATH] [as TYPE] [bearer TOKEN] -> STATUS. The answer is there for stdout.
func post(ts *testscript.TestScript, w *world, args []string) error {
	if len(args) < 3 || args[len(args)-2] != "->" {
		return errors.New("post FILE … -> STATUS")
	}
	want, words := args[len(args)-1], args[1:len(args)-2]
	body := []byte(ts.ReadFile(args[0]))
	path, header := "/webhooks/jira", http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(words); i++ {
		word := words[i]
		next := func() string { i++; return words[min(i, len(words)-1)] }
		switch word {
		case "signed":
			header.Set("X-Hub-Signature", signature(w.secrets["WEBHOOK_SECRET"], body))
		case "misigned":
			header.Set("X-Hub-Signature", signature("another secret", body))
		case "signed-for":
			header.Set("X-Hub-Signature", signature(w.secrets["WEBHOOK_SECRET"], []byte(ts.ReadFile(next()))))
		case "to":
			path = next()
		case "as":
			header.Set("Content-Type", next())
		case "bearer":
			header.Set("Authorization", "Bearer "+next())
		default:
			return fmt.Errorf("post: what is %q?", word)
		}
	}
	return w.post(ts, path, header, body, want)
}

func signature(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// redeliver EVENT [to PATH] -> STATUS: posts Jira's newest delivery of that event by a person again, byte for byte.
func redeliver(ts *testscript.TestScript, w *world, args []string) error {
	if len(args) < 3 || args[len(args)-2] != "->" {
		return errors.New("redeliver EVENT [to PATH] -> STATUS")
	}
	for _, d := range slices.Backward(w.jira.Deliveries()) {
		u, err := url.Parse(d.URL)
		if err != nil {
			return err
		}
		if d.Event != args[0] || u.Query().Get("user_id") == "bot" {
			continue
		}
		path := u.RequestURI()
		if args[1] == "to" {
			path = args[2]
		}
		return w.post(ts, path, d.Header, d.Body, args[len(args)-1])
	}
	return fmt.Errorf("no %s has happened", args[0])
}

func (w *world) post(ts *testscript.TestScript, path string, header http.Header, body []byte, want string) error {
	request, err := http.NewRequest(http.MethodPost, w.running().url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = header
	status, answer, err := w.ask(request)
	if err != nil {
		return err
	}
	_, _ = ts.Stdout().Write(answer)
	if strconv.Itoa(status) != want {
		return fmt.Errorf("status %d, not %s: %s", status, want, answer)
	}
	return nil
}

// ask sends a request to the bot; what it answers must hold no secret either.
func (w *world) ask(request *http.Request) (status int, body []byte, err error) {
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = answer.Header.Write(&w.printed)
	w.printed.Write(body)
	return answer.StatusCode, body, err
}

func (w *world) get(path string) (status int, body []byte, err error) {
	p := w.running()
	if p == nil {
		return 0, nil, errors.New("there is no bot")
	}
	request, err := http.NewRequest(http.MethodGet, p.url+path, nil)
	if err != nil {
		return 0, nil, err
	}
	return w.ask(request)
}

func reachable(base string) error {
	u, err := url.Parse(base)
	if err != nil {
		return err
	}
	connection, err := net.Dial("tcp", u.Host)
	if err != nil {
		return err
	}
	return connection.Close()
}

// metric reads one number of /metrics.
func (w *world) metric(name string) (float64, error) {
	_, body, err := w.get("/metrics")
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(name)+`(?:\{.*\})? (\S+)$`).FindAllSubmatch(body, -1)
	if found == nil {
		return 0, fmt.Errorf("no metric %s", name)
	}
	sum := 0.0
	for _, line := range found { // of all labels together
		n, err := strconv.ParseFloat(string(line[1]), 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// write FROM TO: replaces a file at once, as a person's editor does.
func write(ts *testscript.TestScript, _ *world, args []string) error {
	if len(args) != 2 {
		return errors.New("write FROM TO")
	}
	to := ts.MkAbs(args[1])
	if err := os.WriteFile(to+".new", []byte(ts.ReadFile(args[0])), 0o600); err != nil {
		return err
	}
	return os.Rename(to+".new", to)
}

// garbage FILE N: so many bytes that mean nothing.
func garbage(ts *testscript.TestScript, _ *world, args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	data := make([]byte, n)
	_, _ = rand.Read(data)
	return os.WriteFile(ts.MkAbs(args[0]), data, 0o600)
}

func opposite(err error) error {
	if err != nil {
		return nil
	}
	return errors.New("it still holds")
}
