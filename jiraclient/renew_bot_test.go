package jiraclient_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"jirabot/jiraclient"
)

// TestMain makes the test binary a bot, or what renews its token, where it is started as one: what survives a kill can
// only be seen with processes.
func TestMain(m *testing.M) {
	as := ""
	if len(os.Args) > 1 {
		as = os.Args[1]
	}
	switch as {
	case "play-a-bot":
		playBot()
	case "renew-the-token":
		o, credential := played()
		if err := jiraclient.RenewOAuth2(context.Background(), o, credential, os.Args[2]); err != nil {
			os.Exit(1)
		}
	default:
		os.Exit(m.Run())
	}
}

// played is what the test tells a process by its environment.
func played() (jiraclient.Options, jiraclient.OAuth2Credential) {
	o := jiraclient.Options{URL: os.Getenv("PLAY_URL")}
	if die := os.Getenv("PLAY_DIE"); die != "" {
		o.HTTP = &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			return &fatal{Conn: c, die: die}, err
		}}
	}
	credential := jiraclient.OAuth2Credential{ClientID: "app", ClientSecret: "s3cr3t=of&app", RedirectURI: elsewhere, TokenFile: os.Getenv("PLAY_FILE")}
	if member := os.Getenv("PLAY_MEMBER"); member != "" {
		credential.Share = shelf{os.Getenv("PLAY_SHELF"), member}
	}
	return o, credential
}

// A fatal connection kills its process around the question for a token.
type fatal struct {
	net.Conn
	die   string // "unsent" or "unread"
	mu    sync.Mutex
	asked bool
}

func (f *fatal) Write(b []byte) (int, error) {
	asks := bytes.Contains(b, []byte("/oauth2/latest/token"))
	if asks && f.die == "unsent" {
		dieNow()
	}
	f.mu.Lock()
	f.asked = f.asked || asks
	f.mu.Unlock()
	return f.Conn.Write(b)
}

func (f *fatal) Read(b []byte) (int, error) {
	n, err := f.Conn.Read(b)
	f.mu.Lock()
	asked := f.asked
	f.mu.Unlock()
	if asked && n > 0 && f.die == "unread" {
		dieNow()
	}
	return n, err
}

func dieNow() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		os.Exit(9)
	}
	select {}
}

// playBot makes calls, eight at once, whenever it is told to, and says what came of them.
func playBot() {
	o, credential := played()
	if os.Getenv("PLAY_RENEW") != "" {
		credential.Renew = jiraclient.RenewalProcess(os.Args[0], "renew-the-token")
	}
	o.Auth = jiraclient.OAuth2(credential)
	c, err := jiraclient.New(o)
	if err != nil {
		fmt.Println(err)
		return
	}
	for told := bufio.NewScanner(os.Stdin); told.Scan(); {
		errs := make([]error, 8)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { _, errs[i] = c.Myself(context.Background()) })
		}
		all.Wait()
		said := "good"
		for _, err := range errs {
			if err != nil {
				said = strings.ReplaceAll(err.Error(), "\n", " ")
			}
		}
		fmt.Println(said)
	}
	if err := c.Close(context.Background()); err != nil {
		fmt.Println(err)
	}
}

// A bot is such a process.
type bot struct {
	*exec.Cmd
	tell io.WriteCloser
	said *bufio.Scanner
	gone *os.File // ends when it and its children are gone
}

// start starts a bot. The test ends only when it and all that it has started are gone.
func (p *provider) start(t *testing.T, environment ...string) *bot {
	t.Helper()
	here, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	b := &bot{Cmd: exec.Command(os.Args[0], "play-a-bot"), gone: here}
	b.Env = append(os.Environ(), "PLAY_URL="+p.url, "PLAY_FILE="+p.file, "PLAY_SHELF="+filepath.Dir(p.file),
		"GORACE=atexit_sleep_ms=0") // the race detector's second at the end of each process
	b.Env = append(b.Env, environment...)
	b.Stderr = os.Stderr
	b.ExtraFiles = []*os.File{theirs} // which it hands on to its children
	if b.tell, err = b.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := b.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	b.said = bufio.NewScanner(out)
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	t.Cleanup(func() {
		b.tell.Close()
		b.wait()
		here.Close()
		_ = b.Wait()
	})
	return b
}

// kill is SIGKILL, at once.
func (b *bot) kill() { _ = b.Process.Kill() }

// wait returns when the bot is gone, and its children.
func (b *bot) wait() { _, _ = io.Copy(io.Discard, b.gone) }

// work has the bot make its calls and returns "good", the error of one of them, or nothing if it was killed.
func (b *bot) work() string {
	if _, err := io.WriteString(b.tell, "work\n"); err != nil {
		return ""
	}
	b.said.Scan()
	return b.said.Text()
}
