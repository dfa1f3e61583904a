// Package freeport finds addresses for servers that are started, ended and started again by tests and measurements.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports below those that systems give to outgoing connections: one of these might take the port while its server is down.
const lowest, beyond = 20_000, 32_000

// Addresses are n addresses of this machine alone that nobody listens at now.
func Addresses(n int) (out []string, err error) {
	for taken := 0; len(out) < n; {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+rand.IntN(beyond-lowest)))
		l, err := net.Listen("tcp", address)
		if err != nil {
			if taken++; taken == 100 {
				return nil, fmt.Errorf("find free ports: a hundred are taken: %w", err)
			}
			continue
		}
		defer l.Close() // when all are found, so that none is found twice
		out = append(out, address)
	}
	return out, nil
}
