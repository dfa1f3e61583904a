package webhook

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"jirabot/internal/event"
)

// A hook is an address that other programs post to.
type hook struct {
	open   bool // anybody may call it: Insecure, and nothing configured
	token  key
	signed bool   // a signature is demanded
	secret []byte // random where none is demanded, so that checking one takes the same time
}

func newHook(auth HookAuth) hook {
	h := hook{
		open:   auth == HookAuth{},
		token:  newKey(auth.Token),
		signed: auth.Secret != "",
		secret: []byte(auth.Secret),
	}
	if !h.signed {
		h.secret = []byte(rand.Text())
	}
	return h
}

// fromCaller decides about a call of a hook by all that is known before its body is read.
//
// A stranger must not be able to find out which hooks exist, so a name that does not exist is treated as one whose token
// and secret nobody knows: same work, same answer. Only who shows the token of some other hook is told that the name is
// wrong; such a caller is one of ours with a typing error.
func (r *Receiver) fromCaller(c *gin.Context) (claim, *refusal) {
	name := c.Param("name")
	h, known := r.hooks[name]
	if !known {
		h = r.stranger
	}
	tokens := shownTokens(c.Request.Header)
	if len(tokens) > 2 { // each costs work, and nobody needs more than one
		return claim{}, unauthorised("there are several tokens; want one")
	}
	repeatable := c.GetHeader("Idempotency-Key")
	if word(repeatable) != repeatable {
		told := fmt.Sprintf("Idempotency-Key: want at most %d printable characters", longest)
		return claim{}, &refusal{http.StatusBadRequest, told, "idempotency key"}
	}
	signature := shownSignature(c.Request.Header)
	right := len(tokens) > 0
	for _, token := range tokens {
		right = h.token.fits(token) && right
	}
	elsewhere := r.anyHookTakes(tokens)

	asks := claim{delivery: event.Delivery{Source: event.Hook, Name: name, Key: repeatable}}
	switch {
	case h.open:
		return asks, nil
	case !known && (elsewhere || r.opts.Insecure):
		return claim{}, &refusal{http.StatusNotFound, fmt.Sprintf("there is no hook %q", name), "no such hook"}
	case len(tokens) > 0 && !right:
		return claim{}, unauthorised("the token is wrong, or the hook does not exist")
	case len(tokens) == 0 && len(signature) == 0:
		return claim{}, unauthorised("neither a token nor a signature")
	case len(signature) > 0:
		return asks.signed(h.secret, signature)
	case h.signed:
		return claim{}, unauthorised("the signature is missing: the hook has a secret")
	}
	return asks, nil
}

// shownTokens lists the tokens in a request; all of them must be right.
func shownTokens(header http.Header) (tokens []string) {
	for _, value := range header.Values("Authorization") {
		if scheme, token, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "Bearer") {
			tokens = append(tokens, strings.TrimSpace(token))
		}
	}
	return append(tokens, header.Values("X-Hook-Token")...)
}

// shownSignature prefers the header with the better algorithm: callers such as GitHub send an old SHA-1 beside it.
func shownSignature(header http.Header) []string {
	if values := header.Values("X-Hub-Signature-256"); len(values) > 0 {
		return values
	}
	return header.Values("X-Hub-Signature")
}

// anyHookTakes looks at every hook for every token, whatever it finds on the way, to take the same time for all callers.
func (r *Receiver) anyHookTakes(tokens []string) (takes bool) {
	for _, token := range tokens {
		for _, h := range r.hooks {
			takes = h.token.fits(token) || takes
		}
	}
	return takes
}
