package speed

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"jirabot/internal/freeport"
)

// A setup is how a bot is to be.
type setup struct {
	name  string // of its directory
	rules string // beside the one that comments
	// wide lets the bot work on more issues at once than it does by default: with a Jira that takes 20 ms, 16 requests at a
	// time could never be more than 800 effects a second, whatever the bot does.
	wide bool
}

// commentRule is the one rule that matches.
const commentRule = `rules:
  - name: comment
    projects: [PAY]
    on: [issue_updated]
    if: issue.type == "Bug" and changed("status")
    recheck: false
    do: [{comment: {body: "${actor.displayName} moved ${issue.key} to ${issue.status}"}}]
`

// A bot is the real binary as a process.
type bot struct {
	*process
	run     *run
	addr    string
	profile string // address of its profiles; empty where they are not open
	began   time.Time
}

// startBot starts a bot in its directory. What an earlier one of the same name left there is its journal.
func (r *run) startBot(ctx context.Context, s setup) (*bot, error) {
	dir := filepath.Join(r.dir, s.name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	free, err := freeport.Addresses(2)
	if err != nil {
		return nil, err
	}
	b := &bot{run: r, addr: free[0]}
	more := ""
	if s.wide {
		more = "inbox: {lanes: 128}\n"
	}
	config := fmt.Sprintf(`listen: %s
data: %s
rules: [%s]
jira: {url: "http://%s", auth: {token: {env: JIRA_TOKEN}}, max_concurrent: %d}
webhook: {secret: {env: WEBHOOK_SECRET}}
%s`, b.addr, filepath.Join(dir, "data"), filepath.Join(dir, "rules.yaml"), r.jira.addr, map[bool]int{true: 128, false: 16}[s.wide], more)
	for name, text := range map[string]string{"bot.yaml": config, "rules.yaml": commentRule + s.rules} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	args := []string{"serve", "--config", filepath.Join(dir, "bot.yaml")}
	if r.opts.Profile != "" {
		b.profile = free[1]
		args = append(args, "--profiles", b.profile)
	}
	cmd := exec.CommandContext(ctx, r.opts.Bot, args...)
	cmd.Env = []string{"JIRA_TOKEN=token", "WEBHOOK_SECRET=" + secret}
	for _, name := range []string{"GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	b.began = time.Now()
	b.process, err = startProcess(cmd, filepath.Join(dir, "bot.log"), nil)
	return b, err
}

// startWarm starts a bot and has it work a little, so that what happens once is over.
func (r *run) startWarm(ctx context.Context, s setup) (*bot, error) {
	b, err := r.startBot(ctx, s)
	if err != nil {
		return nil, err
	}
	warm := r.batch(Wanted, r.opts.size(1000))
	if _, err := b.firstAccepted(ctx, warm); err != nil {
		return nil, err
	}
	warm = r.batch(Wanted, r.opts.size(1000))
	if _, _, err := flood(ctx, b.addr, warm); err != nil {
		return nil, fmt.Errorf("warm %s up: %w", s.name, err)
	}
	_, err = r.effectsOf(ctx, warm)
	return b, err
}

// firstAccepted posts the batch's first event as soon as the bot listens, and tells how long after its start the answer came.
func (b *bot) firstAccepted(ctx context.Context, events *batch) (time.Duration, error) {
	tick := time.NewTicker(500 * time.Microsecond)
	defer tick.Stop()
	for {
		if s, err := dial(ctx, b.addr, events.update); err == nil {
			defer s.conn.Close()
			if err := s.post(events, 0); err != nil {
				return 0, err
			}
			return time.Since(b.began), nil
		}
		select {
		case <-tick.C:
		case <-b.exited:
			return 0, fmt.Errorf("the bot ended before it listened; see %s: %w", b.log, b.failed)
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// manyRules are n rules that never match, each of a shape.
func manyRules(n int, shape func(i int) string) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "  - name: rule-%d\n    %s\n    do: [{comment: {body: \"never\"}}]\n", i, shape(i))
	}
	return text.String()
}

// elsewhere are rules that name another project or another event.
func elsewhere(i int) string {
	if i%2 == 0 {
		return fmt.Sprintf("projects: [OTHER%d]\n    on: [issue_updated]\n    if: issue.type == \"Bug\"", i%200)
	}
	return fmt.Sprintf("on: [%s]\n    if: issue.type == \"Bug\"", []string{"issue_created", "commented", "version_released"}[i/2%3])
}

// everywhere are rules of which each has to be looked at for each event.
func everywhere(i int) string {
	switch i % 3 {
	case 0:
		return fmt.Sprintf("on: [issue_updated]\n    if: issue.type == \"Type %d\"", i)
	case 1:
		return fmt.Sprintf("on: [issue_updated]\n    if: issue.type == \"Bug\" and issue.priority in [\"Low\", \"Lowest\"] and \"%d\" in issue.labels", i)
	}
	return fmt.Sprintf("on: [{transitioned: {to: \"Status %d\"}}]", i)
}
