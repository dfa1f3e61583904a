package webhook

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// client is the address from which a request came. It does not ask Gin, which believes every X-Forwarded-For unless its
// engine is told otherwise, and the engine is not ours.
func (r *Receiver) client(req *http.Request) (netip.Addr, error) {
	return clientAddress(req.RemoteAddr, req.Header.Values("X-Forwarded-For"), r.opts.TrustedProxies)
}

// clientAddress walks from the peer towards the client, as far as each hop is a trusted proxy: what stands to the left of
// an untrusted hop was written by that hop and proves nothing.
func clientAddress(remote string, forwarded []string, proxies []netip.Prefix) (netip.Addr, error) {
	addr, err := parseAddress(remote)
	if err != nil || !within(proxies, addr) {
		return addr, err
	}
	var hops []string
	for _, line := range forwarded {
		hops = append(hops, strings.Split(line, ",")...)
	}
	for _, hop := range slices.Backward(hops) {
		if addr, err = parseAddress(strings.TrimSpace(hop)); err != nil {
			return netip.Addr{}, fmt.Errorf("x-forwarded-for: %w", err)
		}
		if !within(proxies, addr) {
			break
		}
	}
	return addr, nil
}

// parseAddress reads an address with or without a port.
func parseAddress(s string) (netip.Addr, error) {
	if both, err := netip.ParseAddrPort(s); err == nil {
		return plain(both.Addr()), nil
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%.60q is not an ip address", s)
	}
	return plain(addr), nil
}

// plain turns ::ffff:10.0.0.1, which is how a dual-stack socket sees an IPv4 peer, into 10.0.0.1.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

func within(networks []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(addr) })
}
