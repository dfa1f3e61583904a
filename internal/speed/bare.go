package speed

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// ServeBare is the process that everything is compared with: Gin, a handler that reads the body and answers 204, and nothing
// else. It prints its address and serves until ctx ends.
func ServeBare(ctx context.Context, out io.Writer) error {
	return serveBare(ctx, out, func([]byte) error { return nil })
}

// ServeSynced is the least that a server must do which says of an event that it has it: before the answer, the body is written to a
// file of the current directory, and that to the disk.
func ServeSynced(ctx context.Context, out io.Writer) (err error) {
	file, err := os.Create("synced")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var mu sync.Mutex
	return serveBare(ctx, out, func(body []byte) error {
		mu.Lock()
		defer mu.Unlock()
		if _, err := file.Write(body); err != nil {
			return err
		}
		return datasync(file)
	})
}

func serveBare(ctx context.Context, out io.Writer, keep func(body []byte) error) error {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.POST("/webhooks/jira", func(c *gin.Context) {
		body, err := io.ReadAll(c.Request.Body)
		if err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		if err := keep(body); err != nil {
			c.String(http.StatusInternalServerError, err.Error())
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
