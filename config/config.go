// Package config is the operator's file, bot.yaml: strict, with every mistake reported at once, with secrets that do not
// print, and with each key open to an environment variable (jira.url is BOT_JIRA_URL).
//
//	c, err := config.Load("bot.yaml")
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"jirabot/internal/strictyaml"
)

// A Config is all that an operator decides.
type Config struct {
	Listen    string          `yaml:"listen" doc:"Address and port of the HTTP server."`
	Data      string          `yaml:"data" doc:"Directory of the journal and of all that must survive; created with mode 0700."`
	Rules     []string        `yaml:"rules" doc:"Rule files, with wildcards. They are watched: a changed set is swapped in whole, or refused whole."`
	Insecure  bool            `yaml:"insecure" doc:"Allows secrets in this file and a receiver that anybody may post to. For trying out only."`
	Jira      Jira            `yaml:"jira" doc:"The Jira to work on."`
	Webhook   Webhook         `yaml:"webhook" doc:"How Jira proves that a delivery is its own."`
	Hooks     map[string]Hook `yaml:"hooks" doc:"Who may call /hooks/NAME, by name."`
	Bounds    Bounds          `yaml:"bounds" doc:"What rules may do at most: narrower than the bot user's permissions; nothing here can widen them."`
	Inbox     Inbox           `yaml:"inbox" doc:"How much may wait before deliveries are refused with 503."`
	Sweep     Sweep           `yaml:"sweep" doc:"How events are found whose webhook never came."`
	Retry     Retry           `yaml:"retry" doc:"How a step that failed for a passing reason is tried again."`
	Retention Retention       `yaml:"retention" doc:"How long handled things are kept."`
	Cluster   *Cluster        `yaml:"cluster" doc:"Several machines that are one bot."`
	NATS      *NATS           `yaml:"nats" doc:"A NATS cluster that exists, for several machines that are one bot."`
	Log       Log             `yaml:"log" doc:"What is logged, and how."`

	file string
}

// File is the path of the file that was loaded; empty where there was none.
func (c Config) File() string { return c.file }

// Jira says which Jira, as whom, how gently.
type Jira struct {
	URL           string        `yaml:"url" doc:"Base address, context path and all: https://jira.example.com/jira."`
	Deployment    string        `yaml:"deployment" doc:"auto (asks serverInfo), data_center or cloud."`
	Auth          Auth          `yaml:"auth" doc:"Exactly one way to log in."`
	MaxConcurrent int           `yaml:"max_concurrent" doc:"Requests under way at once, for the whole bot."`
	Timeout       time.Duration `yaml:"timeout" doc:"How long one request may take."`
	AllowAdmin    bool          `yaml:"allow_admin" doc:"Work also as a Jira administrator. Whoever writes a rule can then do what an administrator can."`
}

// Auth is exactly one way to log in.
type Auth struct {
	Token  Secret  `yaml:"token" doc:"Personal access token (Data Center 8.14 and later)."`
	Basic  *Basic  `yaml:"basic" doc:"User and password; on Cloud e-mail address and API token."`
	Cookie *Basic  `yaml:"cookie" doc:"User and password, sent once for a session's cookies."`
	OAuth1 *OAuth1 `yaml:"oauth1" doc:"OAuth 1.0a; bot login makes the key, says what to enter in Jira, and fetches the token."`
	OAuth2 *OAuth2 `yaml:"oauth2" doc:"OAuth 2.0 of Data Center; bot login fetches the token."`
}

// Basic is a user with a password.
type Basic struct {
	User     string `yaml:"user,required" doc:"User name; on Cloud the e-mail address."`
	Password Secret `yaml:"password,required" doc:"Password; on Cloud the API token."`
}

// OAuth1 is an application link of the old kind. The token is kept in the data directory.
type OAuth1 struct {
	ConsumerKey string `yaml:"consumer_key,required" doc:"Name under which Jira's application link knows the bot."`
	KeyFile     string `yaml:"key_file" doc:"Private key in PEM form; oauth1.pem in the data directory by default, made by bot login. Machines of a cluster need the same one."`
}

// OAuth2 is an incoming application link. The token is kept in the data directory.
type OAuth2 struct {
	ClientID     string `yaml:"client_id,required" doc:"Client ID that Jira's application link shows."`
	ClientSecret Secret `yaml:"client_secret,required" doc:"Client secret that Jira's application link shows."`
	RedirectURI  string `yaml:"redirect_uri,required" doc:"Redirect address, exactly as entered in Jira's application link."`
	Scope        string `yaml:"scope" doc:"READ, WRITE (the default), ADMIN or SYSTEM_ADMIN."`
}

// Ways names the ways to log in that are given.
func (a Auth) Ways() []string {
	var ways []string
	for _, w := range []struct {
		name  string
		given bool
	}{
		{"token", a.Token.Given()}, {"basic", a.Basic != nil}, {"cookie", a.Cookie != nil}, {"oauth1", a.OAuth1 != nil}, {"oauth2", a.OAuth2 != nil},
	} {
		if w.given {
			ways = append(ways, w.name)
		}
	}
	return ways
}

// Webhook says how Jira proves itself.
type Webhook struct {
	Secret         Secret   `yaml:"secret" doc:"Checks X-Hub-Signature (Data Center 10 and later, Cloud)."`
	PathToken      Secret   `yaml:"path_token" doc:"Last part of the address: /webhooks/jira/TOKEN (Jira before 10)."`
	QueryToken     Secret   `yaml:"query_token" doc:"?token=TOKEN in the address (Jira before 10)."`
	Sources        []string `yaml:"sources" doc:"Networks that Jira may post from, such as 10.0.0.0/8; none means all."`
	TrustedProxies []string `yaml:"trusted_proxies" doc:"Networks of proxies whose X-Forwarded-For is believed."`
	MaxBody        int      `yaml:"max_body" doc:"Largest body in bytes."`
}

// Hook says how a caller of /hooks/NAME proves itself.
type Hook struct {
	Token  Secret `yaml:"token" doc:"As Authorization: Bearer TOKEN, or X-Hook-Token."`
	Secret Secret `yaml:"secret" doc:"Checks X-Hub-Signature-256 or X-Hub-Signature."`
}

// Bounds are what rules may do at most.
type Bounds struct {
	Projects []string     `yaml:"projects" doc:"The only projects that are written to; empty means all."`
	Actions  ActionBounds `yaml:"actions" doc:"Which actions there are."`
	Fields   FieldBounds  `yaml:"fields" doc:"Which fields are left alone."`
}

// ActionBounds are lists of actions by name.
type ActionBounds struct {
	Allow []string `yaml:"allow" doc:"The only actions; empty means all."`
	Deny  []string `yaml:"deny" doc:"Never these."`
}

// FieldBounds are lists of fields by name or ID.
type FieldBounds struct {
	Deny []string `yaml:"deny" doc:"Never these, whatever they are called."`
}

// Inbox limits what may wait.
type Inbox struct {
	MaxWaiting int `yaml:"max_waiting" doc:"Deliveries."`
	MaxBytes   int `yaml:"max_bytes" doc:"Bytes on disk, handled deliveries that are still kept included."`
	Lanes      int `yaml:"lanes" doc:"How many issues are worked on at once. Fixed when the data directory is created."`
}

// Sweep says how Jira is searched for events whose webhook never came.
type Sweep struct {
	Enabled bool          `yaml:"enabled" doc:"Whether the bot looks by itself, at its start and every now and then; bot sweep works in any case."`
	Every   time.Duration `yaml:"every" doc:"Pause between two looks."`
	Overlap time.Duration `yaml:"overlap" doc:"How far each look reaches back before the one before, as Jira's search index is behind."`
}

// Retry says how often and how patiently.
type Retry struct {
	First    time.Duration `yaml:"first" doc:"Wait before the second attempt; doubles each time."`
	Max      time.Duration `yaml:"max" doc:"Longest wait between two attempts."`
	Attempts int           `yaml:"attempts" doc:"After so many a delivery becomes a dead letter."`
	Settle   time.Duration `yaml:"settle" doc:"How long Jira is given to finish a request that it has not answered, before the bot looks whether it was carried out."`
}

// Retention says how long handled things are kept.
type Retention struct {
	Runs       time.Duration `yaml:"runs" doc:"Records of runs."`
	Deliveries time.Duration `yaml:"deliveries" doc:"Deliveries that are handled."`
	MaxBytes   int           `yaml:"max_bytes" doc:"Of the run records in the journal, and of the history that is searched; the oldest go first."`
}

// Log says what is logged.
type Log struct {
	Level  string `yaml:"level" doc:"debug, info, warn or error."`
	Format string `yaml:"format" doc:"json, or text for people."`
}

// Default is what holds where the file says nothing.
func Default() Config {
	return Config{
		Listen:    "127.0.0.1:8080",
		Data:      "./data",
		Rules:     []string{"rules/*.yaml"},
		Jira:      Jira{Deployment: "auto", MaxConcurrent: 16, Timeout: 30 * time.Second},
		Webhook:   Webhook{MaxBody: 25 << 20},
		Inbox:     Inbox{MaxWaiting: 1_000_000, MaxBytes: 10 << 30, Lanes: 64},
		Sweep:     Sweep{Enabled: true, Every: 5 * time.Minute, Overlap: 10 * time.Minute},
		Retry:     Retry{First: time.Second, Max: 5 * time.Minute, Attempts: 16, Settle: 5 * time.Second},
		Retention: Retention{Runs: 90 * 24 * time.Hour, Deliveries: 7 * 24 * time.Hour, MaxBytes: 10 << 30},
		Log:       Log{Level: "info", Format: "json"},
	}
}

// Load reads the file, then the environment, and checks everything.
func Load(path string) (Config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, fmt.Errorf("there is no %s; bot.example.yaml is a commented one to begin with, and --config names another", path)
	}
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	c, err := Parse(path, data, os.Environ())
	c.file = path
	return c, err
}

// Parse is Load without the file system: the environment is a list of NAME=value.
func Parse(name string, data []byte, environ []string) (Config, error) {
	c := Default()
	s := strictyaml.ParseDiscreet(name, data)
	if s.Root == nil && s.Count() > 0 {
		return c, s.Err()
	}
	if s.Root != nil {
		s.Decode(s.Root, &c)
	}
	var wrong []error
	if err := s.Err(); err != nil {
		wrong = append(wrong, err)
	}
	fromOutside := fromEnvironment(&c, environ)
	wrong = append(wrong, fromOutside...)
	// What was given with a mistake must not be missed on top.
	mistaken := sections(s)
	for _, err := range fromOutside {
		_, rest, _ := strings.Cut(err.Error(), " (")
		mistaken[section(rest)] = true
	}
	for _, err := range c.validate() {
		if !mistaken[section(err.Error())] {
			wrong = append(wrong, err)
		}
	}
	return c, errors.Join(wrong...)
}

// sections are the sections of the file (listen, jira, webhook …) in which there are mistakes.
func sections(s *strictyaml.Source) map[string]bool {
	out := map[string]bool{}
	entries, _ := s.Entries(s.Root)
	for _, p := range s.Problems() {
		in := ""
		for _, e := range entries {
			if line, column := strictyaml.Position(e.Key); line < p.Line || line == p.Line && column <= p.Column {
				in = e.Name
			}
		}
		out[in] = true
	}
	return out
}

// section is the one of which a complaint speaks: it begins with the key.
func section(complaint string) string {
	return complaint[:max(0, strings.IndexAny(complaint, ".:)"))]
}

// Validate finds every value that cannot work.
func (c *Config) Validate() error { return errors.Join(c.validate()...) }

func (c *Config) validate() []error {
	v := &complaints{}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		v.add("listen: %q is no address with a port, such as 127.0.0.1:8080", c.Listen)
	}
	v.when(c.Data == "", "data: a directory is needed")
	v.when(len(c.Rules) == 0, "rules: at least one file or pattern is needed, such as rules/*.yaml")
	c.Jira.validate(v)
	c.validateReceiver(v)
	v.when(c.Inbox.MaxWaiting < 1, "inbox.max_waiting: must be at least 1")
	v.when(c.Inbox.MaxBytes < 64<<20, "inbox.max_bytes: must be at least 67108864 (64 MB), room for two of the largest deliveries")
	v.when(c.Inbox.Lanes < 1 || c.Inbox.Lanes > 1024, "inbox.lanes: must be between 1 and 1024")
	v.when(c.Sweep.Every < 10*time.Second, "sweep.every: must be at least 10s")
	v.when(c.Sweep.Overlap < time.Minute || c.Sweep.Overlap > time.Hour, "sweep.overlap: must be between 1m and 1h")
	v.when(c.Retry.First < time.Millisecond, "retry.first: must be at least 1ms")
	v.when(c.Retry.Max < c.Retry.First, "retry.max: must not be less than retry.first")
	v.when(c.Retry.Attempts < 1, "retry.attempts: must be at least 1")
	v.when(c.Retry.Settle < 0, "retry.settle: must not be negative")
	v.when(c.Retention.Runs < time.Hour, "retention.runs: must be at least 1h")
	v.when(c.Retention.Deliveries < 3*time.Hour, "retention.deliveries: must be at least 3h, longer than a repeat of a delivery can take")
	v.when(c.Retention.MaxBytes < 64<<20, "retention.max_bytes: must be at least 67108864 (64 MB)")
	c.validateCluster(v)
	v.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	v.oneOf("log.format", c.Log.Format, "json", "text")
	if !c.Insecure {
		all := secrets(c)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			v.when(all[name].literal, "%s: the secret stands in the file itself; write {env: NAME} or {file: PATH}, or set insecure: true for trying out", name)
		}
	}
	return v.errs
}

func (j *Jira) validate(v *complaints) {
	u, err := url.Parse(j.URL)
	switch {
	case j.URL == "":
		v.add("jira.url: is missing; it is Jira's base address, such as https://jira.example.com/jira")
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		v.add("jira.url: want something like https://jira.example.com/jira")
	}
	v.oneOf("jira.deployment", j.Deployment, "auto", "data_center", "cloud")
	switch ways := j.Auth.Ways(); len(ways) {
	case 0:
		v.add("jira.auth: is missing; give a token ({env: JIRA_TOKEN}), or one of basic, cookie, oauth1, oauth2")
	case 1:
	default:
		v.add("jira.auth: exactly one way to log in, not %s", strings.Join(ways, " and "))
	}
	if o := j.Auth.OAuth2; o != nil {
		if o.Scope != "" {
			v.oneOf("jira.auth.oauth2.scope", o.Scope, "READ", "WRITE", "ADMIN", "SYSTEM_ADMIN")
		}
		back, err := url.Parse(o.RedirectURI)
		v.when(err != nil || back.Scheme == "" || back.Host == "", "jira.auth.oauth2.redirect_uri: %q is no address, such as https://bot.example.com/", o.RedirectURI)
	}
	v.when(j.MaxConcurrent < 1, "jira.max_concurrent: must be at least 1")
	v.when(j.Timeout < time.Second, "jira.timeout: must be at least 1s")
}

func (c *Config) validateReceiver(v *complaints) {
	w := c.Webhook
	v.when(!c.Insecure && !w.Secret.Given() && !w.PathToken.Given() && !w.QueryToken.Given(),
		"webhook: anybody could post deliveries; set secret (Jira 10 and later, Cloud), path_token or query_token, or insecure: true for trying out")
	for _, list := range []struct {
		name     string
		networks []string
	}{{"webhook.sources", w.Sources}, {"webhook.trusted_proxies", w.TrustedProxies}} {
		for _, n := range list.networks {
			if _, err := netip.ParsePrefix(n); err != nil {
				v.add("%s: %q is no network, such as 10.0.0.0/8 or 192.0.2.7/32", list.name, n)
			}
		}
	}
	v.when(w.MaxBody < 1<<10, "webhook.max_body: must be at least 1024")
	v.when(w.MaxBody > 25<<20, "webhook.max_body: must be at most 26214400 (25 MB), the largest delivery there is")
	for _, name := range slices.Sorted(maps.Keys(c.Hooks)) {
		h := c.Hooks[name]
		v.when(!c.Insecure && !h.Token.Given() && !h.Secret.Given(), "hooks.%s: anybody could call it; set token or secret", name)
		v.when(name == "" || strings.ContainsAny(name, "/?# "), "hooks: %q cannot stand in an address; use letters, digits and hyphens", name)
	}
}

// Prefixes are networks that were checked before.
func Prefixes(networks []string) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(networks))
	for _, n := range networks {
		if p, err := netip.ParsePrefix(n); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// complaints collects what is wrong.
type complaints struct{ errs []error }

func (v *complaints) add(format string, args ...any) {
	v.errs = append(v.errs, fmt.Errorf(format, args...))
}

func (v *complaints) when(wrong bool, format string, args ...any) {
	if wrong {
		v.add(format, args...)
	}
}

func (v *complaints) oneOf(key, got string, allowed ...string) {
	for _, a := range allowed {
		if got == a {
			return
		}
	}
	v.add("%s: %q is none of its values%s", key, got, strictyaml.Suggest(got, allowed))
}
