package jiratest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // OAuth 1.0a in Jira is RSA-SHA1, and nothing else is offered
	"encoding/base64"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A signature is the Authorization header of a request signed with OAuth 1.0a.
type signature map[string]string

// signatureOf reads the header; nil if there is none or it cannot be read.
func signatureOf(r *http.Request) signature {
	scheme, list, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "OAuth") {
		return nil
	}
	s := signature{}
	for pair := range strings.SplitSeq(list, ",") {
		name, quoted, _ := strings.Cut(strings.TrimSpace(pair), "=")
		value, err := url.PathUnescape(strings.Trim(quoted, `"`))
		if _, twice := s[name]; err != nil || twice {
			return nil
		}
		s[name] = value
	}
	return s
}

// verify is "" or the problem, in the words of the protocol. https://www.rfc-editor.org/rfc/rfc5849#section-3.2
func (c *call) verify(s signature, key *rsa.PublicKey) string {
	seconds, err := strconv.ParseInt(s["oauth_timestamp"], 10, 64)
	sum, errSum := base64.StdEncoding.DecodeString(s["oauth_signature"])
	digest := sha1.Sum([]byte(baseString(c.r, c.raw, s))) //nolint:gosec // see the import
	once := strings.Join([]string{s["oauth_consumer_key"], s["oauth_token"], s["oauth_timestamp"], s["oauth_nonce"]}, " ")
	switch skew := time.Unix(seconds, 0).Sub(c.j.now()); {
	case s["oauth_signature_method"] != "RSA-SHA1":
		return "signature_method_rejected"
	case s["oauth_version"] != "" && s["oauth_version"] != "1.0":
		return "version_rejected"
	case s["oauth_nonce"] == "" || err != nil:
		return "parameter_absent"
	case math.Abs(skew.Minutes()) > 5:
		return "timestamp_refused"
	case errSum != nil || rsa.VerifyPKCS1v15(key, crypto.SHA1, digest[:], sum) != nil:
		return "signature_invalid"
	case c.j.logins.nonces[once]:
		return "nonce_used"
	}
	keep(&c.j.logins.nonces, once, true)
	return ""
}

// baseString is what was signed: the method, the address, and every parameter there is, repeated ones as often as they
// stand there. https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1
func baseString(r *http.Request, body []byte, s signature) string {
	type pair struct{ name, value string }
	var pairs []pair
	add := func(values url.Values) {
		for name, list := range values {
			for _, value := range list {
				pairs = append(pairs, pair{percent(name), percent(value)})
			}
		}
	}
	for name, value := range s {
		if name != "realm" && name != "oauth_signature" {
			pairs = append(pairs, pair{percent(name), percent(value)})
		}
	}
	path, query, _ := strings.Cut(r.RequestURI, "?")
	if values, err := url.ParseQuery(query); err == nil {
		add(values)
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "application/x-www-form-urlencoded" {
		if values, err := url.ParseQuery(string(body)); err == nil {
			add(values)
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		if d := strings.Compare(a.name, b.name); d != 0 {
			return d
		}
		return strings.Compare(a.value, b.value)
	})
	var all []string
	for _, p := range pairs {
		all = append(all, p.name+"="+p.value)
	}
	scheme, port := "http", ":80"
	if r.TLS != nil {
		scheme, port = "https", ":443"
	}
	address := scheme + "://" + strings.TrimSuffix(strings.ToLower(r.Host), port) + path
	return strings.Join([]string{r.Method, percent(address), percent(strings.Join(all, "&"))}, "&")
}

// percent escapes all but letters, digits and -._~, byte by byte.
func percent(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
