package freeport

import (
	"net"
	"testing"
)

func TestAddressesAreFreeAndDifferent(t *testing.T) {
	all, err := Addresses(20)
	if err != nil || len(all) != 20 {
		t.Fatal(all, err)
	}
	for _, address := range all {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // a second one with this address would fail
	}
}
