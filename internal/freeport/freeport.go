// Package freeport finds addresses for servers that are started, ended and started again by tests and measurements.
package freeport

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports below those that systems give to outgoing connections: one of these might take the port while its server is down.
const lowest, beyond = 20_000, 32_000

// Addresses are n addresses of this machine alone that nobody listens at now.
func Addresses(n int) (out []string, err error) {
	for range 100 + n {
		if len(out) == n {
			return out, nil
		}
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+rand.IntN(beyond-lowest)))
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		defer l.Close() // when all are found, so that none is found twice
		out = append(out, address)
	}
	return nil, errors.New("find free ports: a hundred are taken")
}
