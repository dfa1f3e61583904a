package jiraclient_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jirabot/jiraclient"
)

func TestAttach(t *testing.T) {
	for _, tt := range []struct {
		name   string
		file   jiraclient.File
		length bool
	}{
		{"a file of unknown size comes in chunks", jiraclient.File{Name: "log.txt", Content: strings.NewReader("all went well")}, false},
		{"a file of known size announces it", jiraclient.File{Name: `no "luck" ü.txt`, Content: strings.NewReader("all went well"), Size: 13}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, func(w http.ResponseWriter, r *http.Request) {
				file, header, err := r.FormFile("file")
				if err != nil {
					t.Error(err)
					return
				}
				if content, err := io.ReadAll(file); string(content) != "all went well" || header.Filename != tt.file.Name {
					t.Errorf("%q came as %q, %v", content, header.Filename, err)
				}
				if (r.ContentLength > 0) != tt.length {
					t.Errorf("length %d", r.ContentLength)
				}
				reply(200, `[{"id":"10100","filename":"log.txt","size":13,"mimeType":"text/plain","author":{"name":"bot"},"created":"2026-03-01T09:30:00.000+0100"}]`)(w, r)
			})
			a, err := client(t, f).Attach(t.Context(), "PAY-7", tt.file)
			if err != nil || a.ID != "10100" || a.Name != "log.txt" || a.Size != 13 || a.Author.Name != "bot" || a.Created.IsZero() {
				t.Errorf("got %+v, %v", a, err)
			}
			sent := f.seen()[0]
			if sent.header.Get("X-Atlassian-Token") != "no-check" || sent.uri != "/jira/rest/api/2/issue/PAY-7/attachments" {
				t.Errorf("sent to %s with %v", sent.uri, sent.header)
			}
		})
	}
}

// TestAttachErrors: what is wrong with the file is not the network's fault, and no reason to try again.
func TestAttachErrors(t *testing.T) {
	f := serve(t, reply(200, `[]`))
	for _, tt := range []struct {
		name string
		file jiraclient.File
		want string
	}{
		{"a file needs a name", jiraclient.File{Content: strings.NewReader("x")},
			"POST /rest/api/2/issue/PAY-7/attachments: a file needs a name and a content, and its size is at least 0"},
		{"a file that cannot be read", jiraclient.File{Name: "x", Content: io.MultiReader(strings.NewReader("x"), iotestErr{})},
			"POST /rest/api/2/issue/PAY-7/attachments: read what is to be sent: the disk is gone"},
		{"a file that shrinks", jiraclient.File{Name: "x", Content: strings.NewReader("x"), Size: 3},
			"POST /rest/api/2/issue/PAY-7/attachments: read what is to be sent: the file does not have the 3 bytes that were announced"},
		{"a file that grows", jiraclient.File{Name: "x", Content: strings.NewReader("xxxx"), Size: 3},
			"POST /rest/api/2/issue/PAY-7/attachments: read what is to be sent: the file does not have the 3 bytes that were announced"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := client(t, f).Attach(t.Context(), "PAY-7", tt.file)
			if err == nil || err.Error() != tt.want {
				t.Fatalf("got  %v\nwant %s", err, tt.want)
			}
			if _, again := jiraclient.Temporary(err); again || jiraclient.Uncertain(err) {
				t.Error("counts as worth another try")
			}
		})
	}
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestDownload(t *testing.T) {
	whole := jiraclient.Attachment{ID: "10100", Name: "a b.html", Size: 5}
	for _, tt := range []struct {
		name  string
		give  http.HandlerFunc
		cloud bool
		from  jiraclient.Attachment
		to    io.Writer
		uri   string
		want  string
		is    error
	}{
		{name: "Data Center has it beside the REST API", give: reply(200, "hello", "Content-Type", "image/png"), from: whole, uri: "/jira/secure/attachment/10100/a%20b.html"},
		{name: "Cloud has it within", give: reply(200, "hello", "Content-Type", "image/png"), from: whole, cloud: true, uri: "/jira/rest/api/2/attachment/content/10100?redirect=false"},
		{name: "a name that no path can hold", give: reply(200, "hello"), from: jiraclient.Attachment{ID: "10100", Name: "../x"}, uri: "/jira/secure/attachment/10100/file"},
		{name: "a web page may be attached", give: reply(200, "hello", "Content-Type", "text/html", "Content-Disposition", "attachment"), from: whole, uri: "/jira/secure/attachment/10100/a%20b.html"},
		{name: "a log-in page is none", give: reply(200, "<title>Log in</title>", "Content-Type", "text/html"), from: whole, uri: "/jira/secure/attachment/10100/a%20b.html",
			want: "GET /secure/attachment/10100/a b.html: 200: Log in (a web page came instead of JSON: is jira.url the address of Jira itself, and not of a login page or a proxy?)"},
		{name: "half of it is not it", give: reply(200, "hel", "Content-Type", "image/png"), from: whole, uri: "/jira/secure/attachment/10100/a%20b.html",
			want: "download attachment 10100: 3 bytes came instead of 5"},
		{name: "a full disk is ours", give: reply(200, "hello", "Content-Type", "image/png"), from: whole, to: fullDisk{}, uri: "/jira/secure/attachment/10100/a%20b.html",
			want: "GET /secure/attachment/10100/a b.html: keep what came: the disk is full"},
		{name: "who may not see it is sent to the log-in, logged in or not", from: whole, uri: "/jira/secure/attachment/10100/a%20b.html", is: jiraclient.ErrDenied,
			give: reply(302, "", "Location", "https://jira.example.com/login.jsp?permissionViolation=true", "X-AUSERNAME", "bot"),
			want: "GET /secure/attachment/10100/a b.html: 302: found (not visible to the bot user)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, tt.give)
			c := client(t, f)
			if tt.cloud {
				c = client(t, f, cloud)
			}
			var got bytes.Buffer
			if tt.to == nil {
				tt.to = &got
			}
			err := c.Download(t.Context(), tt.from, tt.to)
			if tt.want == "" && (err != nil || got.String() != "hello") || tt.want != "" && (err == nil || err.Error() != tt.want) {
				t.Errorf("got  %q, %v\nwant %s", got.String(), err, tt.want)
			}
			if tt.is != nil && !errors.Is(err, tt.is) || c.LoginRefused() != nil {
				t.Errorf("%v is not %v, or closed the login: %v", err, tt.is, c.LoginRefused())
			}
			if f.seen()[0].uri != tt.uri {
				t.Errorf("asked %s", f.seen()[0].uri)
			}
		})
	}
}

// drip gives a byte a second, as long as there are any.
type drip struct{ left int }

func (d *drip) Read(p []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	d.left--
	time.Sleep(time.Second) // of the bubble's time
	p[0] = 'x'
	return 1, nil
}

// stuck gives nothing and does not end.
type stuck struct{ ctx context.Context }

func (s stuck) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

// TestAStreamHasTimeAsLongAsItFlows: ten minutes are fine where something moves, and half a minute of nothing is not.
func TestAStreamHasTimeAsLongAsItFlows(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(context.Context, *jiraclient.Client) error
		took time.Duration
		want string
	}{
		{"an upload that flows", func(ctx context.Context, c *jiraclient.Client) error {
			_, err := c.Attach(ctx, "PAY-7", jiraclient.File{Name: "x", Content: &drip{600}})
			return err
		}, 10 * time.Minute, ""},
		{"a download that flows", func(ctx context.Context, c *jiraclient.Client) error {
			return c.Download(ctx, jiraclient.Attachment{ID: "1", Name: "flows"}, io.Discard)
		}, 10 * time.Minute, ""},
		{"an upload that stops", func(ctx context.Context, c *jiraclient.Client) error {
			_, err := c.Attach(ctx, "PAY-7", jiraclient.File{Name: "x", Content: io.MultiReader(&drip{10}, stuck{ctx})})
			return err
		}, 40 * time.Second, "POST /rest/api/2/issue/PAY-7/attachments: nothing moved for 30s"},
		{"a download that stops", func(ctx context.Context, c *jiraclient.Client) error {
			return c.Download(ctx, jiraclient.Attachment{ID: "1", Name: "stops"}, io.Discard)
		}, 40 * time.Second, "GET /secure/attachment/1/stops: nothing moved for 30s"},
		{"a plain call, however it drips", func(ctx context.Context, c *jiraclient.Client) error {
			_, err := c.Myself(ctx)
			return err
		}, 30 * time.Second, "GET /rest/api/2/myself: no answer within 30s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				c := inMemory(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					if r.Method == http.MethodPost {
						_, _ = io.WriteString(w, `[{"id":"1"}]`)
						return
					}
					body := io.Reader(&drip{600})
					if strings.HasSuffix(r.URL.Path, "stops") {
						body = io.MultiReader(&drip{10}, stuck{r.Context()})
					}
					w.Header().Set("Content-Type", "application/octet-stream")
					one := make([]byte, 1)
					for {
						if _, err := body.Read(one); err != nil {
							return
						}
						if _, err := w.Write(one); err != nil {
							return
						}
						_ = http.NewResponseController(w).Flush()
					}
				}))
				began := time.Now()
				err := tt.do(ctx, c)
				if took := time.Since(began).Round(time.Second); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != tt.want) {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				cancel()
			})
		})
	}
}

// inMemory connects a client to a handler without a network, so that a bubble's time can pass.
func inMemory(t *testing.T, h http.Handler) *jiraclient.Client {
	t.Helper()
	return inMemoryAs(t, h, "http://jira.example.com", jiraclient.Token(secret))
}

func inMemoryAs(t *testing.T, h http.Handler, address string, auth jiraclient.Auth) *jiraclient.Client {
	t.Helper()
	l := &pipes{next: make(chan net.Conn), done: make(chan struct{})}
	var answering sync.WaitGroup
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answering.Add(1)
		defer answering.Done()
		h.ServeHTTP(w, r)
	})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l)
	}()
	transport := &http.Transport{DialContext: l.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		<-served
		answering.Wait()
	})
	c, err := jiraclient.New(jiraclient.Options{URL: address, Auth: auth, HTTP: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pipes is a listener whose connections are in memory.
type pipes struct {
	next chan net.Conn
	done chan struct{}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.next <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.next:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.done)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

const large = 200 << 20

// zeros is a file that exists nowhere, and looks how much memory is in use while it is read.
type zeros struct {
	left int64
	peak *memory
}

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	clear(p[:n])
	if z.left>>23 != (z.left-n)>>23 { // every 8 MB
		z.peak.look()
	}
	z.left -= n
	return int(n), nil
}

func (z *zeros) Write(p []byte) (int, error) {
	_, err := z.Read(p)
	return len(p), err
}

// memory is the most that was in use above what was in use before.
type memory struct{ heap, resident, heapPeak, residentPeak int64 }

func measure() *memory {
	runtime.GC()
	m := &memory{}
	m.heap, m.resident = inUse()
	return m
}

func (m *memory) look() {
	heap, resident := inUse()
	m.heapPeak, m.residentPeak = max(m.heapPeak, heap-m.heap), max(m.residentPeak, resident-m.resident)
}

// inUse is the heap's size and, on Linux, how much memory the process has of the machine.
func inUse() (heap, resident int64) {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	pages, err := os.ReadFile("/proc/self/statm")
	if fields := strings.Fields(string(pages)); err == nil && len(fields) > 1 {
		n, _ := strconv.ParseInt(fields[1], 10, 64) // 0 on a kernel that says nothing
		resident = n * int64(os.Getpagesize())
	}
	return int64(stats.HeapAlloc), resident
}

// largeServer throws away what comes, and gives as much.
func largeServer(tb testing.TB) *jiraclient.Client {
	tb.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `[{"id":"1","size":`+strconv.Itoa(large)+`}]`)
			return
		}
		w.Header().Set("Content-Type", "application/zip")
		_, _ = io.Copy(w, &zeros{left: large, peak: &memory{}})
	}))
	tb.Cleanup(s.Close)
	c, err := jiraclient.New(jiraclient.Options{URL: s.URL, Auth: jiraclient.Token(secret)})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// TestLargeFilesNeedLittleMemory: 200 MB up and 200 MB down, each with less than 30 MB more than before.
func TestLargeFilesNeedLittleMemory(t *testing.T) {
	c := largeServer(t)
	for _, tt := range []struct {
		name string
		do   func(*memory) error
	}{
		{"up", func(m *memory) error {
			_, err := c.Attach(t.Context(), "PAY-7", jiraclient.File{Name: "dump.zip", Content: &zeros{large, m}, Size: large})
			return err
		}},
		{"down", func(m *memory) error {
			return c.Download(t.Context(), jiraclient.Attachment{ID: "1", Name: "dump.zip", Size: large}, &zeros{large, m})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := measure()
			if err := tt.do(m); err != nil {
				t.Fatal(err)
			}
			t.Logf("200 MB %s with %.1f MB more on the heap and %.1f MB more resident", tt.name, float64(m.heapPeak)/(1<<20), float64(m.residentPeak)/(1<<20))
			if m.heapPeak > 30<<20 || m.residentPeak > 30<<20 {
				t.Error("that is more than 30 MB")
			}
		})
	}
}

func BenchmarkAttach200MB(b *testing.B) {
	c := largeServer(b)
	b.SetBytes(large)
	b.ReportAllocs()
	for b.Loop() {
		m := measure()
		if _, err := c.Attach(b.Context(), "PAY-7", jiraclient.File{Name: "dump.zip", Content: &zeros{large, m}, Size: large}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(m.heapPeak)/(1<<20), "heap-MB")
	}
}
