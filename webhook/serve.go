package webhook

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"jirabot/internal/event"
)

// A claim is a request that may go on to its body: what it would deliver, and the signature that is still to be checked.
type claim struct {
	delivery    event.Delivery
	secret, mac []byte // no mac: nothing to check
}

func (asks claim) signed(secret []byte, signature []string) (claim, *refusal) {
	mac, err := parseSignature(signature)
	if err != nil {
		return claim{}, unauthorised(err.Error())
	}
	asks.secret, asks.mac = secret, mac
	return asks, nil
}

// serve is the way of every request. What costs nothing is decided first; the body is read only for those who showed the
// right token or something that looks like a signature.
func (r *Receiver) serve(admit func(*gin.Context) (claim, *refusal)) gin.HandlerFunc {
	return func(c *gin.Context) {
		began := r.opts.Now()
		if r.opts.Observe != nil {
			defer func() { r.opts.Observe(c.FullPath(), c.Writer.Status(), r.opts.Now().Sub(began)) }()
		}
		if c.Request.Method != http.MethodPost {
			c.Header("Allow", http.MethodPost)
			c.JSON(http.StatusMethodNotAllowed, failure{"this address takes POST"})
			return
		}
		d, refused := r.delivery(c, admit)
		if refused != nil {
			r.refuse(c, refused)
			return
		}
		d.Received = began
		r.store(c, d)
	}
}

func (r *Receiver) delivery(c *gin.Context, admit func(*gin.Context) (claim, *refusal)) (event.Delivery, *refusal) {
	asks, refused := admit(c)
	if refused != nil {
		return event.Delivery{}, refused
	}
	if refused := unreadableKind(c.Request); refused != nil {
		return event.Delivery{}, refused
	}
	body, refused := readBody(c.Request, r.opts.MaxBody)
	if refused != nil {
		return event.Delivery{}, refused
	}
	if asks.mac != nil {
		if err := verify(asks.secret, body, asks.mac); err != nil {
			return event.Delivery{}, unauthorised(err.Error())
		}
	}
	asks.delivery.Body = body
	return asks.delivery, nil
}

func (r *Receiver) refuse(c *gin.Context, refused *refusal) {
	client := "unknown"
	if addr, err := r.client(c.Request); err == nil {
		client = addr.String()
	}
	r.opts.Log.Warn().Str("path", c.FullPath()).Str("client", client).Int("status", refused.status).
		Str("reason", refused.logged).Msg("refused")
	switch refused.status {
	case http.StatusUnauthorized:
		c.Header("WWW-Authenticate", "Bearer") // the same for everybody: it is no hint
	case http.StatusRequestEntityTooLarge:
		c.Header("Connection", "close") // or the server would read on, to be able to use the connection again
	}
	c.JSON(refused.status, failure{refused.told})
}

// store hands the delivery over and answers. Once the whole body is here, a caller who hangs up changes nothing: Data
// Center would not send it again.
func (r *Receiver) store(c *gin.Context, d event.Delivery) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), acceptWithin)
	defer cancel()
	receipt, err := r.opts.Inbox.Accept(ctx, d)
	if err != nil {
		r.notStored(c, err)
		return
	}
	status := http.StatusAccepted
	if receipt.Repeat {
		status = http.StatusOK
	}
	r.opts.Log.Debug().Str("delivery", receipt.Delivery).Bool("repeat", receipt.Repeat).Msg("stored")
	c.JSON(status, stored(receipt))
}

func (r *Receiver) notStored(c *gin.Context, err error) {
	var full interface{ RetryAfter() time.Duration }
	switch {
	case errors.As(err, &full):
		wait := max(1, int(math.Ceil(full.RetryAfter().Seconds())))
		r.opts.Log.Warn().Str("path", c.FullPath()).Int("retry_after", wait).Err(err).Msg("not stored")
		c.Header("Retry-After", strconv.Itoa(wait))
		c.JSON(http.StatusServiceUnavailable, failure{"not now, try again"})
	case errors.Is(err, context.DeadlineExceeded):
		// It may be stored after all; if so, the next try is found to be a repeat.
		r.opts.Log.Error().Str("path", c.FullPath()).Err(err).Msg("not stored in time")
		c.Header("Retry-After", strconv.Itoa(int(acceptWithin.Seconds())))
		c.JSON(http.StatusServiceUnavailable, failure{"not now, try again"})
	default:
		r.opts.Log.Error().Str("path", c.FullPath()).Err(err).Msg("not stored")
		c.JSON(http.StatusInternalServerError, failure{"the delivery could not be stored"})
	}
}

type failure struct {
	Error string `json:"error"`
}

type stored struct {
	Delivery string `json:"delivery"`
	Repeat   bool   `json:"repeat,omitempty"`
}
