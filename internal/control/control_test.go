package control_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jirabot/internal/control"
)

type question struct {
	Name string `json:"name"`
}

type answer struct {
	Greeting string `json:"greeting"`
}

// short is a directory with a name that a socket can bear.
func short(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "control")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// serve answers commands until the test ends; the function that it returns stops it before.
func serve(t *testing.T, data string) (stop func()) {
	t.Helper()
	s, err := control.Listen(data)
	if err != nil {
		t.Fatal(err)
	}
	control.Handle(s, "greet", func(ctx context.Context, q question) (answer, error) {
		switch q.Name {
		case "":
			return answer{}, errors.New("whom?")
		case "for ever":
			<-ctx.Done()
			return answer{}, ctx.Err()
		}
		return answer{"hello, " + q.Name}, nil
	})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := errors.Join(<-ended, s.Close()); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func TestACommandIsAnswered(t *testing.T) {
	t.Parallel()
	data := short(t)
	serve(t, data)
	for _, x := range []struct {
		name, command string
		question      any
		want, err     string
	}{
		{name: "with what was asked for", command: "greet", question: question{"ann"}, want: "hello, ann"},
		{name: "with why it cannot be done", command: "greet", question: question{}, err: "greet: whom?"},
		{name: "with a refusal where it says more than the bot knows", command: "greet", question: map[string]string{"nmae": "ann"}, err: `unknown field "nmae"`},
		{name: "with a word about its age where the bot does not have it", command: "dance", question: question{}, err: "an older one"},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := control.Call[answer](t.Context(), data, x.command, x.question)
			if got.Greeting != x.want || (err == nil) != (x.err == "") || err != nil && !strings.Contains(err.Error(), x.err) {
				t.Errorf("%q, %v, want %q, %s", got.Greeting, err, x.want, x.err)
			}
		})
	}
}

func TestWithoutABotThereIsAClearWord(t *testing.T) {
	t.Parallel()
	if _, err := control.Call[answer](t.Context(), short(t), "greet", question{"ann"}); !errors.Is(err, control.ErrNoBot) {
		t.Errorf("%v, want %v", err, control.ErrNoBot)
	}
}

func TestTheSocketOfAKilledBotIsNoHindranceAndNobodyElsesToUse(t *testing.T) {
	t.Parallel()
	data := short(t)
	if err := os.WriteFile(filepath.Join(data, "bot.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	serve(t, data)
	if _, err := control.Call[answer](t.Context(), data, "greet", question{"bob"}); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(filepath.Join(data, "bot.sock"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode().Perm(), err)
	}
}

func TestStoppingEndsACommandUnderWay(t *testing.T) {
	t.Parallel()
	data := short(t)
	stop := serve(t, data)
	ended := make(chan error, 1)
	go func() {
		_, err := control.Call[answer](context.WithoutCancel(t.Context()), data, "greet", question{"for ever"})
		ended <- err
	}()
	if _, err := control.Call[answer](t.Context(), data, "greet", question{"ann"}); err != nil { // it listens
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err == nil {
		t.Error("the command has an answer, and should have been broken off")
	}
	if _, err := os.Stat(filepath.Join(data, "bot.sock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}
