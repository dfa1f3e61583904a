package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
)

// ErrNoBot tells that no bot runs on the data directory.
var ErrNoBot = errors.New("no bot runs here")

// Call gives a command to the bot that runs on a data directory, and waits for its answer for as long as it takes.
func Call[A any](ctx context.Context, data, command string, question any) (answer A, err error) {
	body, err := json.Marshal(question)
	if err != nil {
		return answer, fmt.Errorf("%s: write the command: %w", command, err)
	}
	path := filepath.Join(data, socketName)
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if err != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("%w: start it with bot serve; asked at %s: %w", ErrNoBot, path, err)
		}
		return c, err
	}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://bot/"+command, bytes.NewReader(body))
	if err != nil {
		return answer, fmt.Errorf("%s: %w", command, err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return answer, fmt.Errorf("%s: %w", command, err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch {
	case err != nil:
		return answer, fmt.Errorf("%s: read the bot's answer: %w", command, err)
	case response.StatusCode == http.StatusNotFound:
		return answer, fmt.Errorf("%s: the bot that runs here is an older one and has no such command", command)
	case response.StatusCode != http.StatusOK:
		var f failure
		if json.Unmarshal(content, &f) != nil || f.Error == "" {
			f.Error = response.Status
		}
		return answer, fmt.Errorf("%s: %s", command, f.Error)
	}
	if err := json.Unmarshal(content, &answer); err != nil {
		return answer, fmt.Errorf("%s: read the bot's answer: %w", command, err)
	}
	return answer, nil
}
