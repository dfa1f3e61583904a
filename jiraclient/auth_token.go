package jiraclient

import (
	"errors"
	"net/http"
	"strings"
)

// Token signs with a personal access token (Data Center 8.14 and later).
// https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html
func Token(secret string) Auth {
	a := Auth{name: "token", secrets: []string{secret}}
	switch {
	case secret == "":
		a.err = errors.New("the personal access token is empty")
	case strings.ContainsFunc(secret, notInHeader):
		a.err = errors.New("the personal access token holds a blank or a line break: is there one at the end of its file?")
	}
	a.wrap = func(l link) http.RoundTripper {
		return header{l.next, "Bearer " + secret}
	}
	return a
}

func notInHeader(r rune) bool { return r <= ' ' || r == 0x7f }
