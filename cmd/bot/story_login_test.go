package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"

	"jirabot/jiraclient/jiratest"
)

// redirectURI is where the application link for OAuth 2.0 sends the browser. Nobody is there.
const redirectURI = "https://bot.example.com/back"

// login [deny]: bot login, with a person before it who does what it says, as administrator and in the browser.
func login(ts *testscript.TestScript, w *world, args []string) error {
	w.jira.Consent("bot", len(args) == 0)
	w.jira.AddApplication(jiratest.Application{ID: "jirabot", Secret: w.secrets["JIRA_SECRET"], RedirectURI: redirectURI})
	cmd, err := program(ts, "bot", "login", "-c", "bot.yaml")
	if err != nil {
		return err
	}
	keyboard, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	var problem bytes.Buffer
	screen := &screen{world: w, keyboard: keyboard}
	cmd.Stdout, cmd.Stderr = screen, &problem
	err = cmd.Run()
	w.printed.Write(problem.Bytes())
	if screen.err != nil {
		return fmt.Errorf("%w:\n%s", screen.err, &screen.text)
	}
	if len(args) > 0 {
		if err == nil || !strings.Contains(problem.String(), "denied") {
			return fmt.Errorf("it went through: %v, %s", err, &problem)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %s\n%s", err, &problem, &screen.text)
	}
	return nil
}

// A screen is what the person reads; each question is answered once.
type screen struct {
	world    *world
	keyboard io.WriteCloser
	text     bytes.Buffer
	read     int
	err      error
}

var (
	publicKey = regexp.MustCompile(`(?s)-----BEGIN PUBLIC KEY-----.*-----END PUBLIC KEY-----\n`)
	address   = regexp.MustCompile(`(?m)^  (http\S+)$`)
	verifier  = regexp.MustCompile(`code is '([^']*)'`)
)

// Write is the program's. It never fails, as the program would not know what to make of it.
func (s *screen) Write(b []byte) (int, error) {
	s.text.Write(b)
	fresh := s.text.String()[s.read:]
	var typed string
	var err error
	switch {
	case strings.Contains(fresh, "Press Enter"):
		err = s.world.jira.AddConsumer(jiratest.Consumer{Key: "jirabot", PublicKey: publicKey.FindString(fresh)})
	case strings.Contains(fresh, "The verification code that Jira shows: "):
		typed, err = s.browse(fresh, func(body, _ string) string {
			if m := verifier.FindStringSubmatch(body); m != nil {
				return m[1]
			}
			return "nothing"
		})
	case strings.Contains(fresh, "The address to which the browser was sent: "):
		typed, err = s.browse(fresh, func(_, location string) string { return location })
	default:
		return len(b), nil
	}
	s.read = s.text.Len()
	if err == nil {
		_, err = io.WriteString(s.keyboard, typed+"\n")
	}
	s.err = errors.Join(s.err, err)
	if err != nil {
		s.keyboard.Close()
	}
	return len(b), nil
}

// browse opens the first page that was named, where whoever uses the browser clicks, and returns what that leads to.
func (s *screen) browse(text string, leads func(body, location string) string) (string, error) {
	page := address.FindStringSubmatch(text)
	if page == nil {
		return "", errors.New("no page is named")
	}
	request, err := http.NewRequest(http.MethodGet, page[1], nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return leads(string(body), answer.Header.Get("Location")), err
}

// expire lets what a login has brought run out, or takes it away.
func (w *world) expire(what string) error {
	switch what {
	case "sessions":
		w.jira.EndSessions()
	case "oauth1":
		w.jira.ExpireOAuth1()
	case "oauth2":
		w.jira.ExpireOAuth2()
	case "consent":
		w.jira.RevokeOAuth1()
		w.jira.RevokeOAuth2()
	default:
		return fmt.Errorf("jira expire %s: sessions, oauth1, oauth2 or consent", what)
	}
	return nil
}

// hangUp sends SIGHUP: somebody has seen to the cause of a refused login.
func hangUp(_ *testscript.TestScript, w *world, _ []string) error {
	return w.running().cmd.Process.Signal(syscall.SIGHUP)
}

// sessions N: so many have not ended in Jira.
func sessions(w *world, args []string) error {
	if got := strconv.Itoa(w.jira.Sessions()); len(args) != 1 || got != args[0] {
		return fmt.Errorf("there are %s sessions", got)
	}
	return nil
}
