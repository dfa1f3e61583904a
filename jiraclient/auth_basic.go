package jiraclient

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
)

// Basic signs with a user name and password, or on Cloud with an e-mail address and an API token. Jira 11 has it switched
// off by default. Jira sends no challenge, as it permits anonymous access, so the header goes along unasked.
// https://developer.atlassian.com/server/jira/platform/basic-authentication/
func Basic(user, password string) Auth {
	encoded := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	a := Auth{name: "basic", user: user, secrets: []string{password, encoded}}
	switch {
	case user == "" || password == "":
		a.err = errors.New("basic authentication needs both a user and a password")
	case strings.Contains(user, ":"):
		a.err = errors.New("the user name holds a colon, which basic authentication cannot carry")
	case strings.ContainsAny(password, "\r\n"):
		a.err = errors.New("the password holds a line break: is there one at the end of its file?")
	}
	a.wrap = func(l link) http.RoundTripper {
		return header{l.next, "Basic " + encoded}
	}
	return a
}
