package webhook

import (
	"net/http"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"jirabot/internal/event"
)

// fromJira decides about a delivery of Jira's by all that is known before its body is read.
func (r *Receiver) fromJira(c *gin.Context) (claim, *refusal) {
	if refused := r.fromElsewhere(c.Request); refused != nil {
		return claim{}, refused
	}
	inPath, hasPath := c.Params.Get("token")
	inQuery, hasQuery := c.GetQuery("token")
	hasQuery = hasQuery && r.query.set
	guarded := r.opts.Secret != "" || r.path.set || r.query.set
	switch {
	case hasPath && !r.path.fits(inPath):
		return claim{}, unauthorised("the path token is wrong")
	case hasQuery && !r.query.fits(inQuery):
		return claim{}, unauthorised("the query token is wrong")
	case r.opts.Secret == "" && guarded && !hasPath && !hasQuery:
		return claim{}, unauthorised("neither a path token nor a query token")
	}
	asks := claim{delivery: event.Delivery{
		Source:  event.Webhook,
		UserKey: word(c.Query("user_key")),
		UserID:  word(c.Query("user_id")),
	}}
	if r.opts.Secret == "" {
		// Jira may sign although nobody told us the secret: there is nothing to compare with.
		return asks, nil
	}
	signature := c.Request.Header.Values("X-Hub-Signature")
	if len(signature) == 0 {
		return claim{}, unauthorised("there is no X-Hub-Signature: Jira's webhook has no secret, or a proxy drops the header")
	}
	return asks.signed([]byte(r.opts.Secret), signature)
}

func (r *Receiver) fromElsewhere(req *http.Request) *refusal {
	if len(r.opts.Sources) == 0 {
		return nil
	}
	addr, err := r.client(req)
	if err != nil {
		return unauthorised("the sender is unknown: " + err.Error())
	}
	if !within(r.opts.Sources, addr) {
		return unauthorised("the sender is in none of the sources")
	}
	return nil
}

// longest is the longest of Jira's user names and keys, and of a caller's idempotency key.
const longest = 255

// word drops what cannot be a name: it will stand in headers and logs.
func word(s string) string {
	if len(s) > longest || !utf8.ValidString(s) {
		return ""
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return ""
		}
	}
	return s
}
