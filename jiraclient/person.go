package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Person is whoever sits before the terminal while the bot user logs in.
type Person struct {
	// Out is where they read what to do.
	Out io.Writer
	// Ask puts a question and returns the line that they type.
	Ask func(ctx context.Context, question string) (string, error)
	// Callback is the loopback address, such as 127.0.0.1:7999, to which Jira sends their browser back. Without it they
	// type what the browser shows. It is for OAuth1; the address for OAuth2 is that in Jira's application link.
	Callback string
}

// loopback tells whether only this machine can reach the host.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// A callback is a web server for one visit: that of the person's browser, which Jira sends back.
type callback struct {
	address string // for the browser
	visit   chan url.Values
	server  *http.Server
	ended   chan error
}

// await opens the server. Wanted tells whether a visit is the one waited for, as anybody on this machine may come by.
func await(host, path string, wanted func(url.Values) bool) (*callback, error) {
	name, _, err := net.SplitHostPort(host)
	if err != nil || !loopback(name) {
		return nil, fmt.Errorf("callback %q: want a loopback address and a port, such as 127.0.0.1:7999", host)
	}
	listener, err := net.Listen("tcp", host)
	if err != nil {
		return nil, fmt.Errorf("wait for the browser: %w", err)
	}
	if path == "" {
		path = "/"
	}
	c := &callback{address: "http://" + listener.Addr().String() + path, visit: make(chan url.Values, 1), ended: make(chan error, 1)}
	c.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if r.URL.Path != path || !wanted(query) {
			http.NotFound(w, r)
			return
		}
		select {
		case c.visit <- query:
		default: // it has been here before
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "The bot has what it needs. You may close this window.")
	})}
	go func() { c.ended <- c.server.Serve(listener) }()
	return c, nil
}

func (c *callback) values(ctx context.Context) (url.Values, error) {
	select {
	case v := <-c.visit:
		return v, nil
	case err := <-c.ended:
		c.ended <- err
		return nil, fmt.Errorf("wait for the browser: %w", err)
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the browser: %w", gaveUp(ctx))
	}
}

func (c *callback) close() {
	own, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if c.server.Shutdown(own) != nil {
		c.server.Close()
	}
	<-c.ended
}

// typed asks until something is typed.
func (p Person) typed(ctx context.Context, question string) (string, error) {
	if p.Ask == nil {
		return "", errors.New("nobody is there to ask: run bot login in a terminal")
	}
	for {
		line, err := p.Ask(ctx, question)
		if err != nil {
			return "", err
		}
		if line = strings.TrimSpace(line); line != "" {
			return line, nil
		}
	}
}
