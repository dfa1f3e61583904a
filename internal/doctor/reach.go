package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// skewed is from when on clocks are worth a word: schedules and signatures of OAuth depend on them.
	skewed      = 30 * time.Second
	skewedBadly = 5 * time.Minute
	// expiring is how long before its end a certificate is worth a word.
	expiring = 21 * 24 * time.Hour
)

// reach asks Jira, without any credential, for what everybody may ask.
func (p Patient) reach(ctx context.Context) (reached bool, lines []Line) {
	ctx, cancel := context.WithTimeout(ctx, p.Config.Jira.Timeout)
	defer cancel()
	base := strings.TrimRight(p.Config.Jira.URL, "/")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/rest/api/2/serverInfo", nil)
	if err != nil {
		return false, []Line{{What: "reach", Result: Failed, Detail: "jira.url cannot be read", Do: "write it like https://jira.example.com/jira"}}
	}
	request.Header.Set("User-Agent", "jirabot")
	began := p.Now()
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return false, []Line{p.unreachable(err)}
	}
	defer answer.Body.Close()
	took := p.Now().Sub(began)
	lines = append(lines, Line{What: "reach", Result: OK, Detail: fmt.Sprintf("%s answers, in %v", base, took.Round(time.Millisecond))})
	if answer.StatusCode >= 500 {
		lines[0].Result, lines[0].Do = Warning, "Jira, or what stands before it, answers "+answer.Status
	}
	return true, append(lines, p.tls(answer.TLS), p.clock(answer.Header.Get("Date"), took))
}

func (p Patient) unreachable(err error) Line {
	l := Line{What: "reach", Result: Failed, Detail: err.Error(), Do: "check jira.url, the network and proxies between the bot and Jira"}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		l.What = "tls"
		l.Do = "the certificate is not trusted: install the authority's certificate on this machine (or set SSL_CERT_FILE)"
	}
	var address *url.Error
	if errors.As(err, &address) {
		l.Detail = address.Err.Error()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		l.Detail = fmt.Sprintf("no answer within %v", p.Config.Jira.Timeout)
	}
	return l
}

func (p Patient) tls(state *tls.ConnectionState) Line {
	if state == nil {
		return Line{What: "tls", Result: Warning, Detail: "the connection is not encrypted: the credential travels in the clear", Do: "use https in jira.url"}
	}
	l := Line{What: "tls", Result: OK, Detail: tls.VersionName(state.Version)}
	if len(state.PeerCertificates) > 0 {
		ends := state.PeerCertificates[0].NotAfter
		l.Detail += ", certificate until " + ends.Format(time.DateOnly)
		if ends.Sub(p.Now()) < expiring {
			l.Result, l.Do = Warning, "Jira's certificate ends soon; then nothing works"
		}
	}
	return l
}

func (p Patient) clock(date string, took time.Duration) Line {
	there, err := http.ParseTime(date)
	if err != nil {
		return Line{What: "clock", Result: Skipped, Detail: "Jira's answer has no date"}
	}
	skew := p.Now().Add(-took / 2).Sub(there).Round(time.Second)
	l := Line{What: "clock", Result: OK, Detail: fmt.Sprintf("differs from Jira's by %v", skew)}
	switch {
	case skew.Abs() > skewedBadly:
		l.Result, l.Do = Failed, "set both clocks by NTP"
	case skew.Abs() > skewed:
		l.Result, l.Do = Warning, "set both clocks by NTP"
	}
	return l
}

// data looks at the data directory without opening the journal, which a running bot holds.
func (p Patient) data() Line {
	dir, err := filepath.Abs(p.Config.Data)
	if err != nil {
		return Line{What: "data", Result: Failed, Detail: err.Error()}
	}
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return Line{What: "data", Result: OK, Detail: dir + " is made at the first start"}
	}
	if err != nil {
		return Line{What: "data", Result: Failed, Detail: err.Error(), Do: "make it readable for the bot's user"}
	}
	if !info.IsDir() {
		return Line{What: "data", Result: Failed, Detail: dir + " is no directory"}
	}
	probe, err := os.CreateTemp(dir, ".doctor-")
	if err != nil {
		return Line{What: "data", Result: Failed, Detail: err.Error(), Do: "make it writable for the bot's user"}
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return Line{What: "data", Result: Warning, Detail: err.Error()}
	}
	l := Line{What: "data", Result: OK, Detail: dir + " is writable"}
	if open := info.Mode().Perm() & 0o077; open != 0 {
		l.Result, l.Do = Warning, fmt.Sprintf("others can look into it (mode %04o); chmod 700 %s", info.Mode().Perm(), dir)
	}
	return l
}
