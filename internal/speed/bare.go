package speed

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// ServeBare is the process that everything is compared with: Gin, a handler that reads the body and answers 204, and nothing
// else. It prints its address and serves until ctx ends.
func ServeBare(ctx context.Context, out io.Writer) error {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.POST("/webhooks/jira", func(c *gin.Context) {
		if _, err := io.ReadAll(c.Request.Body); err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		c.Status(http.StatusNoContent)
	})
	listener, err := listen(ctx, out)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: router, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { server.Close() })
	return ended(ctx, server.Serve(listener))
}
