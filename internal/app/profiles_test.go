package app

import (
	"strings"
	"testing"
)

func TestProfilesAreForThisMachineOnly(t *testing.T) {
	for addr, want := range map[string]string{
		"":                    "",
		"127.0.0.1:0":         "",
		"[::1]:0":             "", // fails to listen where there is no IPv6, and says so
		"0.0.0.0:6060":        "want a loopback address",
		":6060":               "want a loopback address",
		"10.0.0.7:6060":       "want a loopback address",
		"bot.example.com:443": "want a loopback address",
	} {
		a := &App{}
		err := a.listenProfiles(addr)
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		if want == "" && err != nil && !strings.Contains(err.Error(), "cannot assign") || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", addr, err, want)
		}
	}
}
