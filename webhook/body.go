package webhook

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
)

// atOnce is the largest body for which memory is set aside because somebody announced it.
const atOnce = 1 << 20

// readBody reads the whole body, or fails without part of it: half a delivery is none. Bodies of the usual size are read
// into a buffer that fits; of larger ones memory follows the bytes that have arrived, as a stranger may announce 25 MB
// and send nothing.
func readBody(req *http.Request, limit int64) ([]byte, *refusal) {
	announced := req.ContentLength // -1 when the body comes in chunks
	if announced > limit {
		return nil, tooLarge(limit)
	}
	if announced >= 0 && announced <= atOnce {
		body := make([]byte, announced)
		if _, err := io.ReadFull(req.Body, body); err != nil {
			return nil, unfinished(err)
		}
		return body, nil
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(io.LimitReader(req.Body, limit+1)); err != nil {
		return nil, unfinished(err)
	}
	if int64(body.Len()) > limit {
		return nil, tooLarge(limit)
	}
	return body.Bytes(), nil
}

func unfinished(err error) *refusal {
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		return &refusal{http.StatusRequestTimeout, "the body did not arrive in time", err.Error()}
	}
	return &refusal{http.StatusBadRequest, "the body ended early", "the body ended early: " + err.Error()}
}

// unreadableKind refuses a body that calls itself something other than JSON. What claims nothing is accepted, and so is
// an empty body, whatever it claims: Jira sends one where a webhook excludes the body, and that is explained later, to the
// people who can change it.
func unreadableKind(req *http.Request) *refusal {
	if coding := req.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return &refusal{http.StatusUnsupportedMediaType, "send the body without Content-Encoding", "content encoding"}
	}
	if req.ContentLength == 0 {
		return nil
	}
	kind, _, _ := strings.Cut(req.Header.Get("Content-Type"), ";")
	switch kind = strings.ToLower(strings.TrimSpace(kind)); {
	case kind == "", kind == "application/json", kind == "text/json":
		return nil
	case strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json"):
		return nil
	}
	return &refusal{http.StatusUnsupportedMediaType, "send JSON, as Content-Type: application/json", "content type"}
}
