package webhook

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/rs/zerolog"

	"jirabot/internal/event"
)

// drain is an inbox without a bottom.
type drain struct{}

func (drain) Accept(context.Context, event.Delivery) (Receipt, error) {
	return Receipt{Delivery: "issue_updated/10042/changelog/99817"}, nil
}

// BenchmarkReceive shows what the receiver adds to a handler that only reads the body and answers, for a delivery of
// the usual 6.7 kB. Without the network, to see it at all.
func BenchmarkReceive(b *testing.B) {
	body := `{"webhookEvent":"jira:issue_updated","text":"` + strings.Repeat("a", 6650) + `"}`
	signature := strings.TrimPrefix(sign(secret, body), "X-Hub-Signature: ")
	bare := gin.New()
	bare.POST("/webhooks/jira", func(c *gin.Context) {
		if _, err := io.ReadAll(c.Request.Body); err != nil {
			b.Error(err)
		}
		c.JSON(http.StatusAccepted, stored{Delivery: "issue_updated/10042/changelog/99817"})
	})
	for _, test := range []struct {
		name   string
		path   string
		engine *gin.Engine
	}{
		{"bare gin", "/webhooks/jira", bare},
		{"path token", "/webhooks/jira/" + pathToken, engine(b, Options{PathToken: pathToken})},
		{"signature", "/webhooks/jira?user_id=ann&user_key=ann", engine(b, Options{Secret: secret})},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				req := httptest.NewRequest(http.MethodPost, test.path, strings.NewReader(body))
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("X-Hub-Signature", signature)
				w := httptest.NewRecorder()
				test.engine.ServeHTTP(w, req)
				if w.Code != http.StatusAccepted {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}

func engine(b *testing.B, o Options) *gin.Engine {
	b.Helper()
	o.Inbox, o.Log = drain{}, zerolog.Nop()
	r, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	e := gin.New()
	r.Register(e)
	return e
}
