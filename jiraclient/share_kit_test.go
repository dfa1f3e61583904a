package jiraclient_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"jirabot/jiraclient"
)

// A shelf is where machines share a token that are processes of this test: a directory. What a process holds ends with it.
type shelf struct{ dir, member string }

func (s shelf) Member() string { return s.member }

func (s shelf) Update(ctx context.Context, change func([]byte) ([]byte, error)) error {
	return s.locked(ctx, "change", func() error {
		old, err := os.ReadFile(s.path())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		data, err := change(old)
		if err != nil {
			return err
		}
		if err := os.WriteFile(s.path()+".new", data, 0o600); err != nil {
			return err
		}
		return os.Rename(s.path()+".new", s.path())
	})
}

func (s shelf) Exclusive(ctx context.Context, do func(context.Context) error) error {
	return s.locked(ctx, "turn", func() error { return do(ctx) })
}

func (s shelf) path() string { return filepath.Join(s.dir, "shared") }

func (s shelf) locked(ctx context.Context, name string, do func() error) error {
	file, err := os.OpenFile(s.path()+"."+name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return do()
}

// fileOf is where a machine has its copy of the token.
func (p *provider) fileOf(member string) string {
	return filepath.Join(filepath.Dir(p.file), member, "token.json")
}

// machine starts a bot that is one of several.
func (p *provider) machine(t *testing.T, member string, environment ...string) *bot {
	t.Helper()
	return p.start(t, append(environment, "PLAY_MEMBER="+member, "PLAY_FILE="+p.fileOf(member))...)
}

// member is one of several in this process.
func (p *provider) member(t *testing.T, member string, change ...func(*jiraclient.OAuth2Credential)) *jiraclient.Client {
	t.Helper()
	return p.client(t, append([]func(*jiraclient.OAuth2Credential){func(c *jiraclient.OAuth2Credential) {
		c.TokenFile, c.Share = p.fileOf(member), shelf{filepath.Dir(p.file), member}
	}}, change...)...)
}

// workUntil has a bot make its calls until it says so: it looks once in a second whether what held it back is settled.
func (b *bot) workUntil(t *testing.T, want string) {
	t.Helper()
	said := ""
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if said = b.work(); said == want {
			return
		}
	}
	t.Errorf("it never said %q; in the end %q", want, said)
}
