package jiraclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// patience ends a context when nothing moved for a while. Calls whose bodies are small never say that something moved,
// so they have that long in all; a stream may take hours, as long as it flows.
func patience(ctx context.Context, while time.Duration) (limited context.Context, moved, cancel func()) {
	limited, stop := context.WithCancel(ctx)
	timer := time.AfterFunc(while, stop)
	return limited, func() { timer.Reset(while) }, func() { timer.Stop(); stop() }
}

// An upload is a multipart form with one file, sent as the file is read: of any file only a few kilobytes are in memory.
type upload struct {
	kind   string
	length int64 // -1 if unknown
	form   io.Reader
	pipe   *io.PipeReader

	size   int64 // of the file; 0 if unknown
	read   int64
	file   io.Reader
	broken atomic.Pointer[error]
}

// open frames the file. Jira wants it as the part named "file".
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/issue/{issueIdOrKey}/attachments-addAttachment
func (f File) open() (*upload, error) {
	if f.Name == "" || f.Content == nil || f.Size < 0 {
		return nil, errors.New("a file needs a name and a content, and its size is at least 0")
	}
	var frame bytes.Buffer
	form := multipart.NewWriter(&frame)
	if _, err := form.CreateFormFile("file", f.Name); err != nil {
		return nil, fmt.Errorf("frame the file: %w", err)
	}
	head := frame.Len()
	if err := form.Close(); err != nil {
		return nil, fmt.Errorf("frame the file: %w", err)
	}
	u := &upload{kind: form.FormDataContentType(), length: -1, size: f.Size, file: f.Content}
	if f.Size > 0 {
		u.length = int64(frame.Len()) + f.Size
	}
	u.form = io.MultiReader(bytes.NewReader(frame.Bytes()[:head]), counted{u}, bytes.NewReader(frame.Bytes()[head:]))
	return u, nil
}

// start lets the form flow. It goes through a pipe, as that can be closed at any time: the transport waits for a Read of
// the body to return, and the file's may not for as long as somebody else's network is stuck.
func (u *upload) start(moved func()) io.ReadCloser {
	ours, theirs := io.Pipe()
	u.pipe = ours
	go func() {
		_, err := io.Copy(&sink{to: theirs, moved: moved}, u.form)
		theirs.CloseWithError(err)
	}()
	return ours
}

// close ends the upload, if it flows.
func (u *upload) close() {
	if u.pipe != nil {
		_ = u.pipe.Close() // never fails
	}
}

// failed is why the file could not be read to its end.
func (u *upload) failed() error {
	if err := u.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// counted is the file within its frame. It keeps what goes wrong with the file apart from what goes wrong on the way.
type counted struct{ *upload }

func (u counted) Read(p []byte) (int, error) {
	n, err := u.file.Read(p)
	u.read += int64(n)
	wrong := err
	switch {
	case u.size > 0 && (u.read > u.size || err == io.EOF && u.read < u.size):
		wrong = fmt.Errorf("the file does not have the %d bytes that were announced", u.size)
	case err == nil || err == io.EOF:
		return n, err
	}
	u.broken.Store(&wrong)
	return 0, wrong
}

// A sink takes bytes as they come and says so. It counts them, and remembers whether it was the receiver who failed.
type sink struct {
	to    io.Writer
	moved func()
	n     int64
	err   error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.to.Write(p)
	s.moved()
	s.n += int64(n)
	s.err = err
	return n, err
}

// page tells an HTML page, which no call of the REST API answers with, from an attachment that is one.
func page(h http.Header) bool {
	return strings.HasPrefix(h.Get("Content-Type"), "text/html") && h.Get("Content-Disposition") == ""
}
