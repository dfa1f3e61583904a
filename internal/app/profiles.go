package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"time"
)

// listenProfiles opens the address under which Go's profiles of this process are told. They show what goes through the bot's
// memory, so they are never open by themselves, and only to this machine.
func (a *App) listenProfiles(addr string) (err error) {
	if addr == "" {
		return nil
	}
	if at, err := netip.ParseAddrPort(addr); err != nil || !at.Addr().IsLoopback() {
		return fmt.Errorf("profiles on %q: want a loopback address and a port, such as 127.0.0.1:6060", addr)
	}
	if a.profiles, err = net.Listen("tcp", addr); err != nil {
		return fmt.Errorf("profiles: %w", err)
	}
	a.later("profiles", func() error { return closed(a.profiles.Close()) })
	return nil
}

// closed makes nothing of closing what is closed already.
func closed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// serveProfiles answers until ctx ends.
func (a *App) serveProfiles(ctx context.Context) error {
	if a.profiles == nil {
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(a.profiles); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
