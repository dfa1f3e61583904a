package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"jirabot/config"
	"jirabot/internal/app"
	"jirabot/internal/freeport"
	"jirabot/jiraclient/jiratest"
)

const clusterRules = `
rules:
  - name: echo
    on: [{issue_updated: {changed: summary}}]
    recheck: false
    do: [{comment: {body: "${change('summary').to}"}}]
  - name: bystander
    on: [issue_deleted]
    do: [{comment: {issue: PAY-1, body: "tick"}}]
`

// three starts three bots that are one. What the third reads as its rules is told by the test.
func three(t *testing.T, jira *jiratest.Jira, jiraURL string, rules [3]string) (bots [3]*app.App, urls [3]string) {
	t.Helper()
	dir := t.TempDir()
	peers, err := freeport.Addresses(3)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range bots {
		all.Go(func() {
			c := config.Default()
			c.Listen, c.Data, c.Rules = "127.0.0.1:0", filepath.Join(dir, fmt.Sprint(i)), []string{filepath.Join(dir, fmt.Sprint(i, ".yaml"))}
			c.Inbox.Lanes = 8
			c.Jira.URL, c.Jira.Auth.Token, c.Webhook.Secret = jiraURL, config.NewSecret(token), config.NewSecret(secret)
			c.Cluster = &config.Cluster{Name: "bots", Node: fmt.Sprintf("bot-%d", i+1), Listen: peers[i], Peers: peers, Secret: config.NewSecret("among ourselves")}
			if err := os.WriteFile(c.Rules[0], []byte(rules[i]), 0o600); err != nil {
				t.Error(err)
				return
			}
			a, err := app.New(t.Context(), app.Options{Config: c, Log: zerolog.Nop()})
			if err != nil {
				t.Error(err)
				return
			}
			bots[i], urls[i] = a, "http://"+a.Addr().String()
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	for _, a := range bots {
		running.Go(func() {
			if err := a.Run(ctx); err != nil {
				t.Errorf("run: %v", err)
			}
			if err := a.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	return bots, urls
}

func TestThreeBotsAreOne(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute")
	}
	jira := jiratest.New(jiratest.Options{})
	jiraURL, err := jira.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = jira.Close() })
	jira.AddUser(jiratest.User{Name: "ann"})
	jira.AddUser(jiratest.User{Name: "bot", Token: token})
	jira.AddProject(jiratest.Project{Key: "PAY", Lead: "ann"})
	other := strings.Replace(clusterRules, "tick", "tock", 1)
	_, urls := three(t, jira, jiraURL, [3]string{clusterRules, clusterRules, other})
	if _, err := jira.Webhook(jiratest.Registration{Name: "bot", URL: urls[0] + "/webhooks/jira", Secret: secret, RecordOnly: true}); err != nil {
		t.Fatal(err)
	}
	key, err := jira.As("ann").CreateIssue("PAY", "Bug", "begin")
	if err != nil {
		t.Fatal(err)
	}
	// Every delivery comes to all three, as it does when Jira has three webhooks: the effect comes once.
	var want []string
	for n := range 10 {
		summary := fmt.Sprintf("summary %d", n)
		if err := jira.As("ann").Edit(key, jiratest.Fields{"summary": summary}); err != nil {
			t.Fatal(err)
		}
		want = append(want, summary)
		all := jira.Deliveries()
		for i := range urls {
			b := bench{url: urls[(n+i)%3], client: http.DefaultClient}
			if status := b.post(t, all[len(all)-1]); i == 0 && status != 202 || i > 0 && status != 200 {
				t.Errorf("%s to the bot %d: status %d", summary, i, status)
			}
		}
	}
	var got []string
	eventually(t, "all comments", func() bool {
		got = nil
		issue, _ := jira.Issue(key)
		for _, c := range issue.Comments {
			got = append(got, c.Body)
		}
		return len(got) >= len(want)
	})
	if !slices.Equal(got, want) {
		t.Errorf("comments %q", got)
	}
	// Different rules are told.
	var ready string
	eventually(t, "the difference is told", func() bool {
		answer, err := http.Get(urls[0] + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var body struct {
			Ready   bool
			Checks  []app.Check
			Members []struct {
				Name  string
				Alive bool
			}
		}
		if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
			t.Fatal(err)
		}
		for _, c := range body.Checks {
			if c.What == "agreement" {
				ready = c.Why
			}
		}
		return body.Ready && len(body.Members) == 3 && strings.Contains(ready, "rules differ") && strings.HasSuffix(ready, "on bot-3")
	})
	eventually(t, "the metrics say so", func() bool {
		answer, err := http.Get(urls[1] + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var metrics bytes.Buffer
		if _, err := metrics.ReadFrom(answer.Body); err != nil {
			t.Fatal(err)
		}
		return strings.Contains(metrics.String(), "bot_cluster_members 3\n") && strings.Contains(metrics.String(), "bot_cluster_differs 1\n")
	})
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); !is(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}
