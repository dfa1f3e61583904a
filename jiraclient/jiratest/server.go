package jiratest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// A listener is the HTTP server of a Jira that was started.
type listener struct {
	mu     sync.Mutex
	server *http.Server
	done   chan struct{}
}

// Start serves on a free port of the loopback interface and returns the base URL, context path and all.
func (j *Jira) Start() (string, error) { return j.StartAt("127.0.0.1:0") }

// StartAt is Start at an address of one's choice.
func (j *Jira) StartAt(addr string) (string, error) {
	l := &j.serving
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.server != nil {
		return "", errors.New("start jiratest: it already listens")
	}
	socket, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("start jiratest: %w", err)
	}
	url := "http://" + socket.Addr().String() + j.prefix()
	if j.options.BaseURL == "" {
		j.mu.Lock()
		j.base = url
		j.mu.Unlock()
	}
	l.server = &http.Server{Handler: j.handler, ReadHeaderTimeout: 10 * time.Second}
	l.done = make(chan struct{})
	go func() {
		defer close(l.done)
		if err := l.server.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			j.options.Log.Error("jiratest stopped listening", "error", err)
		}
	}()
	return url, nil
}

// Close stops listening, and gives up webhooks that were not sent yet.
func (j *Jira) Close() error {
	l := &j.serving
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	if l.server != nil {
		err = l.server.Close()
		<-l.done
		l.server = nil
	}
	j.hooks.close()
	return err
}
