//go:build linux

package chaos

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"jirabot/internal/freeport"
)

// A world is all that one run plays with.
type world struct {
	dir     string
	jira    *jira
	relay   *relay
	load    *load
	weather *weather
	bots    []*bot
	disks   string   // where the bots' disks are; empty where they live on the machine's own
	network *network // between several bots
	machine *machine // nil where the bots live on it as it is
	skipped []string // faults that this machine does not allow
}

// configuration is a bot's bot.yaml. A delivery is tried so often that a bad day of Jira makes no dead letter. There is no
// sweep: it would have what no bot accepted done after all, and later than what came after it.
const configuration = `rules: [rules.yaml]
listen: %s
jira: {url: %s, auth: {token: {env: JIRA_TOKEN}}, timeout: 5s}
webhook: {secret: {env: WEBHOOK_SECRET}}
hooks: {deployed: {token: {env: HOOK_TOKEN}}, ticket: {token: {env: HOOK_TOKEN}}}
retry: {first: 20ms, max: 500ms, attempts: 1000, settle: 2s}
sweep: {enabled: false}
`

// clustered is added where several bots are one. They find each other through the network's doors.
const clustered = `insecure: true
cluster: {name: bots, node: bot-%d, listen: "%s", advertise: "%s", peers: [%s]}
`

// build makes the program that is put to the test.
func build(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "bot")
	out, err := exec.CommandContext(ctx, "go", "build", "-tags", tag, "-o", program, "jirabot/cmd/bot").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the bot: %w\n%s", err, out)
	}
	return program, nil
}

// create furnishes a world; no bot runs yet.
func create(o Options, program string) (w *world, err error) {
	w = &world{dir: o.Dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.relay, err = openRelay(o.Seed, w.addresses); err != nil {
		return w, err
	}
	if w.jira, err = openJira(w.relay.url); err != nil {
		return w, err
	}
	hooks := rand.Text()
	w.load = newLoad(o.Seed, w.jira, w.relay, hooks, o.Rate)
	w.weather = newWeather(o.Seed, w.jira)
	switch {
	case o.Nodes > 1 || !slices.ContainsFunc(o.Faults, func(f Fault) bool { return f == Slow || f == Jump || f == Power }):
	case !bears(program):
		w.skipped = append(w.skipped, "slow syncs, a clock that jumps, and a loss of power: the program was not built with -tags "+tag)
	default:
		if w.machine, err = newMachine(o.Dir); err != nil {
			return w, err
		}
	}
	for n := range o.Nodes {
		w.bots = append(w.bots, &bot{number: n + 1, program: program, dir: filepath.Join(o.Dir, "bots", fmt.Sprint(n+1)),
			log: filepath.Join(o.Dir, fmt.Sprintf("bot-%d.log", n+1)), environ: append(os.Environ(),
				"JIRA_TOKEN="+w.jira.token, "WEBHOOK_SECRET="+w.jira.signed, "HOOK_TOKEN="+hooks)})
	}
	if w.machine != nil {
		w.bots[0].environ = append(w.bots[0].environ, "BOT_HARDSHIP="+w.machine.file)
	}
	if slices.Contains(o.Faults, Power) || o.Nodes == 1 && slices.Contains(o.Faults, Full) {
		// Not everybody may mount; the other faults are worth playing all the same.
		if err := w.mountDisks(); err != nil {
			w.skipped = append(w.skipped, fmt.Sprintf("a full disk, and a loss of power: %v", err))
		}
	}
	if err := w.house(o.apart); err != nil {
		return w, err
	}
	return w, w.sync() // what is there before the bot must stay
}

// mountDisks gives each bot a disk of its own, or none any. They are in memory: a slow disk is another fault.
func (w *world) mountDisks() (err error) {
	dir := filepath.Join(w.dir, "disks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := unix.Mount("chaos", dir, "tmpfs", 0, "mode=0700"); err != nil {
		return fmt.Errorf("mount %s: %w", dir, err)
	}
	w.disks = dir
	for _, b := range w.bots {
		if b.disk, err = mountDisk(filepath.Join(dir, fmt.Sprint(b.number)), b.dir); err != nil {
			return errors.Join(err, w.removeDisks())
		}
	}
	return nil
}

func (w *world) removeDisks() (err error) {
	if w.disks == "" {
		return nil
	}
	for _, b := range w.bots {
		if b.disk != nil {
			err = errors.Join(err, b.disk.unmount())
			b.disk = nil
		}
	}
	err = errors.Join(err, unix.Unmount(w.disks, unix.MNT_DETACH))
	w.disks = ""
	return err
}

func (w *world) sync() (err error) {
	for _, b := range w.bots {
		if b.disk != nil {
			err = errors.Join(err, b.disk.sync())
		}
	}
	return err
}

// house gives the bots their addresses, and what they need to start. Several are one cluster, unless they are to be apart.
func (w *world) house(apart bool) error {
	free, err := freeport.Addresses(3 * len(w.bots))
	if err != nil {
		return err
	}
	own, doors := free[:len(w.bots)], free[len(w.bots):2*len(w.bots)]
	for i, b := range w.bots {
		b.address = free[2*len(w.bots)+i]
	}
	together := len(w.bots) > 1 && !apart
	if together {
		w.network = newNetwork()
	}
	for i, b := range w.bots {
		cluster := ""
		if together {
			if err := w.network.door(b.number, doors[i], own[i]); err != nil {
				return err
			}
			cluster = fmt.Sprintf(clustered, b.number, own[i], doors[i], `"`+strings.Join(doors, `", "`)+`"`)
		}
		if err := b.settle(w.jira.url, cluster); err != nil {
			return err
		}
	}
	if together {
		w.relay.patient(patienceOfSeveral)
	}
	return nil
}

// settle writes what a bot needs to start.
func (b *bot) settle(jiraURL, cluster string) error {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(b.dir, "bot.yaml"), fmt.Appendf(nil, configuration+cluster, b.address, jiraURL), 0o600),
		os.WriteFile(filepath.Join(b.dir, "rules.yaml"), []byte(rules), 0o600),
	)
}

func (w *world) addresses() []string {
	var out []string
	for _, b := range w.bots {
		out = append(out, b.url())
	}
	return out
}

// close ends everything that still runs.
func (w *world) close() error {
	for _, b := range w.bots {
		b.kill()
	}
	if w.relay != nil {
		w.relay.close()
	}
	if w.jira != nil {
		w.jira.close()
	}
	if w.network != nil {
		w.network.close()
	}
	return w.removeDisks()
}
