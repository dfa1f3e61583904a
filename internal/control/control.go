// Package control is how commands speak to the bot that runs on the same machine: HTTP over a Unix socket in the bot's data
// directory, which nobody else may enter (mode 0700). Who can reach the socket could read and change all that the bot
// stores anyway, so there is no other authentication.
//
//	server, err := control.Listen(dataDirectory)
//	control.Handle(server, "sweep", func(ctx context.Context, r sweep.Request) (sweep.Report, error) { … })
//	err = server.Run(ctx)
//
//	report, err := control.Call[sweep.Report](ctx, dataDirectory, "sweep", sweep.Request{Since: 2 * time.Hour})
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const (
	// socketName is the socket's in the data directory.
	socketName = "bot.sock"
	maxRequest = 1 << 20
	maxAnswer  = 64 << 20
	// stopWithin bounds how long a request under way may take to end; its context has ended then.
	stopWithin = 5 * time.Second
)

// A Server answers commands.
type Server struct {
	listener net.Listener
	mux      *http.ServeMux
}

// Listen opens the socket in a data directory that belongs to this process alone: what a killed bot left is taken away.
func Listen(data string) (*Server, error) {
	path := filepath.Join(data, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("take away the socket of an earlier bot: %w", err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for commands: %w (the path of a socket has about 100 characters at most)", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("listen for commands: %w", err), listener.Close())
	}
	return &Server{listener: listener, mux: http.NewServeMux()}, nil
}

// Handle has a command answered. Call it before Run. The context ends when the caller goes away or the bot stops.
func Handle[Q, A any](s *Server, command string, answer func(context.Context, Q) (A, error)) {
	s.mux.HandleFunc("POST /"+command, func(w http.ResponseWriter, r *http.Request) {
		var question Q
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
		decoder.DisallowUnknownFields() // a newer command than the bot: better a refusal than half an answer
		if err := decoder.Decode(&question); err != nil {
			reply(w, http.StatusBadRequest, failure{fmt.Sprintf("the running bot does not understand the command: %v", err)})
			return
		}
		a, err := answer(r.Context(), question)
		if err != nil {
			reply(w, http.StatusUnprocessableEntity, failure{err.Error()})
			return
		}
		reply(w, http.StatusOK, a)
	})
}

// failure is the answer of a command that could not be carried out.
type failure struct {
	Error string `json:"error"`
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the caller went away
}

// Run answers until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	server := &http.Server{Handler: s.mux, ReadHeaderTimeout: stopWithin, BaseContext: func(net.Listener) context.Context { return ctx }}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(s.listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err := server.Shutdown(stop)
	<-failed
	return err
}

// Close takes the socket away. After Run there is nothing left to do.
func (s *Server) Close() error {
	if err := s.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
