package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"jirabot/jiraclient/jiratest"
)

// A world is all that one story plays with.
type world struct {
	dir     string
	jira    *jiratest.Jira
	front   *http.Server // where the bot finds Jira; it can be taken away and comes back at the same address
	address string
	plots   plots
	secrets map[string]string // by the environment variable that holds them, or what it is made of
	webhook string            // ID of the bot's registration
	silent  bool              // Jira does not post by itself

	mu      sync.Mutex
	process *process
	log     logbook // of all processes of the story
	printed bytes.Buffer
}

type worldKey struct{}

func theWorld(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// usual is the configuration of a story that brings none.
const usual = `rules: [rules.yaml]
jira: {auth: {token: {env: JIRA_TOKEN}}}
webhook: {secret: {env: WEBHOOK_SECRET}}
hooks: {deploy-finished: {token: {env: HOOK_TOKEN}}}
retry: {first: 20ms, max: 100ms, attempts: 5, settle: 20ms}
`

// begin makes a world: a Jira with three people, the bot user and three projects; no bot yet.
func begin(env *testscript.Env) error {
	w := &world{dir: env.WorkDir, secrets: map[string]string{}, log: logbook(filepath.Join(env.WorkDir, "bot.log"))}
	env.Values[worldKey{}] = w
	for _, name := range []string{"JIRA_TOKEN", "JIRA_PASSWORD", "JIRA_SECRET", "WEBHOOK_SECRET", "PATH_TOKEN", "HOOK_TOKEN"} {
		w.secrets[name] = rand.Text()
		env.Setenv(name, w.secrets[name])
	}
	w.secrets["JIRA_PASSWORD as Basic"] = base64.StdEncoding.EncodeToString([]byte("bot:" + w.secrets["JIRA_PASSWORD"]))
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	w.address = socket.Addr().String()
	url := "http://" + w.address + "/jira"
	env.Setenv("BOT_JIRA_URL", url) // which saves it in every bot.yaml
	env.Setenv("BOT_LISTEN", "127.0.0.1:0")
	w.jira = jiratest.New(jiratest.Options{BaseURL: url})
	for _, name := range []string{"ann", "bob", "carl"} {
		w.jira.AddUser(jiratest.User{Name: name})
	}
	w.jira.AddUser(jiratest.User{Name: "bot", Token: w.secrets["JIRA_TOKEN"], Password: w.secrets["JIRA_PASSWORD"]})
	for _, key := range []string{"PAY", "CHK", "OPS"} {
		w.jira.AddProject(jiratest.Project{Key: key, Lead: "bob"})
	}
	w.open(socket)
	env.Defer(func() {
		w.end()
		if t, ok := env.T().(interface{ Failed() bool }); ok && t.Failed() {
			env.T().Log("the log of the story's bots:\n" + string(w.log.bytes()))
		}
		for _, shame := range []string{"WARNING: DATA RACE", "panic: ", "a request ended in a panic"} {
			if bytes.Contains(w.log.bytes(), []byte(shame)) {
				env.T().Fatal("the log says: " + shame)
			}
		}
		if leaks := w.leaks(); len(leaks) > 0 {
			env.T().Fatal("a secret is shown: " + strings.Join(leaks, "; "))
		}
	})
	config := filepath.Join(w.dir, "bot.yaml")
	if _, err := os.Stat(config); errors.Is(err, fs.ErrNotExist) {
		return os.WriteFile(config, []byte(usual), 0o600)
	}
	return nil
}

// open lets the bot find Jira.
func (w *world) open(socket net.Listener) {
	w.front = &http.Server{Handler: w.plots.around(w.jira.Handler())}
	go func(s *http.Server) { _ = s.Serve(socket) }(w.front)
}

// end takes everything down that is still up.
func (w *world) end() {
	if p := w.running(); p != nil {
		p.kill()
	}
	_ = w.front.Close()
	_ = w.jira.Close()
}

// register has Jira post to the bot that runs now; its port is another one after each start.
func (w *world) register(bot string) error {
	w.jira.RemoveWebhook(w.webhook)
	id, err := w.jira.Webhook(jiratest.Registration{
		Name: "bot", URL: bot + "/webhooks/jira", Secret: w.secrets["WEBHOOK_SECRET"], RecordOnly: w.silent,
	})
	w.webhook = id
	return err
}

// leaks looks for secrets in everything that the story's bots have written: logs, output, answers, and the data directory.
func (w *world) leaks() []string {
	places := map[string][]byte{"the log": w.log.bytes(), "output or an answer": w.printed.Bytes()}
	err := filepath.WalkDir(filepath.Join(w.dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
			return nil
		}
		if err != nil {
			return err
		}
		places[path], err = os.ReadFile(path)
		return err
	})
	out := leaks(places, w.secrets)
	if err != nil {
		out = append(out, err.Error())
	}
	return out
}

func leaks(places map[string][]byte, secrets map[string]string) (out []string) {
	for place, text := range places {
		for name, secret := range secrets {
			if at := bytes.Index(text, []byte(secret)); at >= 0 {
				line := text[bytes.LastIndexByte(text[:at], '\n')+1:]
				line, _, _ = bytes.Cut(line, []byte("\n"))
				out = append(out, fmt.Sprintf("%s in %s: %.300q", name, place, line))
			}
		}
	}
	return out
}
