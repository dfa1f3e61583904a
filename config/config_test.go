package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"jirabot/config"
	"jirabot/internal/strictyaml"
)

// needed is the least that a file must say.
const needed = "jira: {url: \"https://jira.example.com\", auth: {token: {env: JIRA_TOKEN}}}\nwebhook: {secret: {env: HOOK_SECRET}}\n"

func setSecrets(t *testing.T) {
	t.Helper()
	t.Setenv("JIRA_TOKEN", "jira-token")
	t.Setenv("HOOK_SECRET", "hook-secret")
}

func TestTheExampleFileIsTheDefaultsAndWhatIsNeeded(t *testing.T) {
	t.Setenv("JIRA_TOKEN", "jira-token")
	t.Setenv("BOT_WEBHOOK_SECRET", "hook-secret")
	text, err := os.ReadFile("../bot.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Parse("bot.example.yaml", text, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	want.Jira.URL = "https://jira.example.com/jira"
	want.Jira.Auth.Token = config.NewSecret("jira-token")
	want.Webhook.Secret = config.NewSecret("hook-secret")
	want.Webhook.Sources, want.Webhook.TrustedProxies, want.Hooks = []string{}, []string{}, map[string]config.Hook{}
	want.Bounds = config.Bounds{Projects: []string{}, Actions: config.ActionBounds{Allow: []string{}, Deny: []string{}}, Fields: config.FieldBounds{Deny: []string{}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// paths lists the keys of a configuration: "jira.auth.token".
func paths(typ reflect.Type, prefix string, visit func(path string, f strictyaml.Field)) {
	for _, f := range strictyaml.Fields(typ) {
		inner := f.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Map {
			inner = inner.Elem()
		}
		visit(prefix+f.Name, f)
		if inner.Kind() == reflect.Struct && inner != reflect.TypeFor[config.Secret]() {
			paths(inner, prefix+f.Name+".", visit)
		}
	}
}

func TestEveryKeyStandsInTheExampleFileAndIsDocumented(t *testing.T) {
	data, err := os.ReadFile("../bot.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	paths(reflect.TypeFor[config.Config](), "", func(path string, f strictyaml.Field) {
		count++
		if !strings.Contains(string(data), f.Name+":") {
			t.Errorf("%s is missing", path)
		}
		if f.Doc == "" {
			t.Errorf("%s has no documentation", path)
		}
	})
	if count < 35 {
		t.Errorf("only %d keys were found", count)
	}
}

func TestTheLeastThatIsNeeded(t *testing.T) {
	setSecrets(t)
	got, err := config.Parse("bot.yaml", []byte(needed), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Listen != "127.0.0.1:8080" || got.Jira.Auth.Token.Reveal() != "jira-token" || got.Webhook.Secret.Reveal() != "hook-secret" {
		t.Errorf("%+v", got)
	}
}

func TestEveryEnvironmentVariableSetsItsKey(t *testing.T) {
	setSecrets(t)
	values := map[string]string{
		"listen": "0.0.0.0:9", "data": "/d", "rules": "a.yaml, b.yaml", "insecure": "true", "jira.url": "https://other.example.com", "jira.deployment": "cloud",
		"jira.auth.token": "t", "jira.auth.basic.user": "u", "jira.auth.basic.password": "p",
		"jira.auth.cookie.user": "u", "jira.auth.cookie.password": "p", "jira.auth.oauth1.consumer_key": "k", "jira.auth.oauth1.key_file": "/k.pem",
		"jira.auth.oauth2.client_id": "c", "jira.auth.oauth2.client_secret": "s", "jira.auth.oauth2.redirect_uri": "https://bot.example.com/", "jira.auth.oauth2.scope": "READ",
		"jira.allow_admin": "true", "jira.max_concurrent": "3", "jira.timeout": "9s",
		"webhook.secret": "s1", "webhook.path_token": "s2", "webhook.query_token": "s3", "webhook.sources": "10.0.0.0/8,192.0.2.0/24", "webhook.trusted_proxies": "10.1.0.0/16", "webhook.max_body": "2048",
		"bounds.projects": "PAY,CHK", "bounds.actions.allow": "comment", "bounds.actions.deny": "create", "bounds.fields.deny": "Security Level",
		"inbox.max_waiting": "5", "inbox.max_bytes": "67108864", "inbox.lanes": "7", "sweep.enabled": "false", "sweep.every": "45s", "sweep.overlap": "3m", "retry.first": "2s", "retry.max": "3m", "retry.attempts": "4", "retry.settle": "8s",
		"retention.runs": "10d", "retention.deliveries": "2w", "retention.max_bytes": "67108864", "log.level": "debug", "log.format": "text",
		"cluster.name": "bots", "cluster.node": "bot-1", "cluster.listen": "0.0.0.0:6222", "cluster.advertise": "bot-1:6222", "cluster.peers": "bot-1:6222,bot-2:6222",
		"cluster.tls.cert": "c.pem", "cluster.tls.key": "k.pem", "cluster.tls.ca": "a.pem", "cluster.secret": "s", "cluster.replicas": "5",
		"nats.url": "nats://nats.example.com:4222", "nats.node": "bot-1", "nats.credentials": "bot.creds", "nats.token": "t",
		"nats.tls.cert": "c.pem", "nats.tls.key": "k.pem", "nats.tls.ca": "a.pem", "nats.replicas": "1",
	}
	seen := map[string]bool{}
	paths(reflect.TypeFor[config.Config](), "", func(path string, f strictyaml.Field) {
		if f.Type.Kind() == reflect.Map || strings.HasPrefix(path, "hooks.") {
			return
		}
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner != reflect.TypeFor[config.Secret]() {
			return
		}
		seen[path] = true
		value, ok := values[path]
		if !ok {
			t.Errorf("no value for %s", path)
			return
		}
		name := "BOT_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
		got, _ := config.Parse("bot.yaml", []byte(needed), []string{"PATH=/bin", name + "=" + value, "BOT_NOT_A_KEY=x"})
		if text := written(at(reflect.ValueOf(got), path)); text != strings.ReplaceAll(value, ", ", ",") {
			t.Errorf("%s=%s gives %s", name, value, text)
		}
	})
	for path := range values {
		if !seen[path] {
			t.Errorf("there is no key %s", path)
		}
	}
}

// at follows a path of keys.
func at(v reflect.Value, path string) reflect.Value {
	for _, name := range strings.Split(path, ".") {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		for _, f := range strictyaml.Fields(v.Type()) {
			if f.Name == name {
				v = v.FieldByIndex(f.Index)
				break
			}
		}
	}
	return v
}

// written is a value as an environment variable would say it.
func written(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case config.Secret:
		return value.Reveal()
	case []string:
		return strings.Join(value, ",")
	case time.Duration:
		for _, text := range []string{"9s", "2s", "3m", "10d", "2w"} {
			if d, err := strictyaml.ParseDuration(text); err == nil && d == value {
				return text
			}
		}
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	case int:
		return strconv.Itoa(value)
	}
	return v.String()
}

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	setSecrets(t)
	_, err := config.Parse("bot.yaml", []byte(`listen: 8080
data: ""
rules: []
jira: {url: "jira.example.com", deployment: server, auth: {}, max_concurrent: 0, timeout: 1ms}
webhook: {sources: [10.0.0.1, 10.0.0.0/8], trusted_proxies: [proxy], max_body: 10}
hooks: {deploy: {}, "a b": {token: {env: JIRA_TOKEN}}}
inbox: {max_waiting: 0, max_bytes: 1, lanes: 5000}
sweep: {every: 1s, overlap: 2h}
retry: {first: 0s, max: 0s, attempts: 0}
retention: {runs: 1m, deliveries: 1h}
log: {level: loud, format: xml}
`), nil)
	if err == nil {
		t.Fatal("no error")
	}
	got := strings.Split(err.Error(), "\n")
	want := strings.Split(strings.TrimSpace(everything), "\n")
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("missing: %s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("not expected: %s", line)
		}
	}
}

const everything = `
bot.yaml:1:9: wanted text, got a number; write it in quotes
data: a directory is needed
rules: at least one file or pattern is needed, such as rules/*.yaml
jira.url: want something like https://jira.example.com/jira
jira.deployment: "server" is none of its values; there are: auto, cloud, data_center
jira.auth: is missing; give a token ({env: JIRA_TOKEN}), or one of basic, cookie, oauth1, oauth2
jira.max_concurrent: must be at least 1
jira.timeout: must be at least 1s
webhook: anybody could post deliveries; set secret (Jira 10 and later, Cloud), path_token or query_token, or insecure: true for trying out
webhook.sources: "10.0.0.1" is no network, such as 10.0.0.0/8 or 192.0.2.7/32
webhook.trusted_proxies: "proxy" is no network, such as 10.0.0.0/8 or 192.0.2.7/32
webhook.max_body: must be at least 1024
hooks.deploy: anybody could call it; set token or secret
hooks: "a b" cannot stand in an address; use letters, digits and hyphens
inbox.max_waiting: must be at least 1
inbox.max_bytes: must be at least 67108864 (64 MB), room for two of the largest deliveries
inbox.lanes: must be between 1 and 1024
sweep.every: must be at least 10s
sweep.overlap: must be between 1m and 1h
retry.first: must be at least 1ms
retry.attempts: must be at least 1
retention.runs: must be at least 1h
retention.deliveries: must be at least 3h, longer than a repeat of a delivery can take
log.level: "loud" is none of its values; there are: debug, error, info, warn
log.format: "xml" is none of its values; there are: json, text`

func TestSingleMistakes(t *testing.T) {
	setSecrets(t)
	dir := t.TempDir()
	for _, name := range []string{"empty", "blank"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat("\n", len(name)-5+1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		file    string
		environ []string
		want    string // what the error begins with
	}{
		"nothing given":               {"", nil, "jira.url: is missing; it is Jira's base address, such as https://jira.example.com/jira\njira.auth: is missing;"},
		"an unknown key":              {needed + "lsten: x\n", nil, `bot.yaml:3:1: unknown key "lsten"; did you mean "listen"?`},
		"an unknown key deep down":    {"jira: {auth: {tokn: x}}\n", nil, `bot.yaml:1:15: unknown key "tokn"; did you mean "token"?`},
		"no YAML":                     {"jira: [", nil, `bot.yaml:1:7: not valid YAML: sequence end token ']' not found`},
		"a list at the top":           {"- a", nil, `bot.yaml:1:1: wanted a mapping with the keys listen,`},
		"a secret in the file":        {strings.Replace(needed, "{env: HOOK_SECRET}", "hush", 1), nil, "webhook.secret: the secret stands in the file itself; write {env: NAME} or {file: PATH}, or set insecure: true for trying out"},
		"a hook's secret in the file": {needed + "hooks: {deploy: {token: hush}}\n", nil, "hooks.deploy.token: the secret stands in the file itself;"},
		"a variable that is not set":  {strings.Replace(needed, "HOOK_SECRET", "NOT_SET_AT_ALL", 1), nil, "bot.yaml:2:25: the environment variable NOT_SET_AT_ALL is not set"},
		"a secret's file missing":     {strings.Replace(needed, "{env: HOOK_SECRET}", "{file: /not/there}", 1), nil, "bot.yaml:2:26: the secret's file cannot be read: open /not/there: no such file or directory"},
		"a secret's file empty":       {strings.Replace(needed, "{env: HOOK_SECRET}", "{file: "+dir+"/empty}", 1), nil, "bot.yaml:2:26: the secret's file " + dir + "/empty is empty"},
		"an unknown kind of secret":   {strings.Replace(needed, "{env: HOOK_SECRET}", "{vault: x}", 1), nil, `bot.yaml:2:20: unknown key "vault"; there are: env, file`},
		"a number for a secret":       {strings.Replace(needed, "{env: HOOK_SECRET}", "5", 1), nil, "bot.yaml:2:19: wanted a secret as {env: NAME} or {file: PATH}, got a number"},
		"two ways to log in":          {strings.Replace(needed, "auth: {", "auth: {basic: {user: bot, password: {env: HOOK_SECRET}}, ", 1), nil, "jira.auth: exactly one way to log in, not token and basic"},
		"a scope that does not exist": {strings.Replace(needed, "token: {env: JIRA_TOKEN}", "oauth2: {client_id: a, client_secret: {env: HOOK_SECRET}, redirect_uri: \"bot.example.com\", scope: ALL}", 1), nil,
			`jira.auth.oauth2.scope: "ALL" is none of its values; there are: ADMIN, READ, SYSTEM_ADMIN, WRITE` + "\n" + `jira.auth.oauth2.redirect_uri: "bot.example.com" is no address, such as https://bot.example.com/`},
		"a password missing":                   {"jira: {auth: {basic: {user: bot}}}\n", nil, `bot.yaml:1:22: "password" is missing: a secret as {env: NAME} or {file: PATH}`},
		"a bad number in the environment":      {needed, []string{"BOT_INBOX_LANES=many"}, `BOT_INBOX_LANES (inbox.lanes): "many" is no whole number`},
		"a bad truth value in the environment": {needed, []string{"BOT_INSECURE=maybe"}, `BOT_INSECURE (insecure): "maybe" is neither true nor false`},
		"a bad duration in the environment":    {needed, []string{"BOT_RETRY_MAX=soon"}, `BOT_RETRY_MAX (retry.max): "soon" is no duration, such as 90s or 7d`},
		"a body limit beyond what there is":    {needed, []string{"BOT_WEBHOOK_MAX_BODY=30000000"}, "webhook.max_body: must be at most 26214400 (25 MB), the largest delivery there is"},
		"waits that shrink":                    {needed, []string{"BOT_RETRY_MAX=1ms"}, "retry.max: must not be less than retry.first"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Parse("bot.yaml", []byte(tt.file), tt.environ)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "is missing") && strings.Contains(tt.file, "hush") {
				t.Errorf("a follow-up: %v", err)
			}
		})
	}
}

func TestLoadSaysWhichFileIsMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.yaml")
	want := "there is no " + path + "; bot.example.yaml is a commented one to begin with, and --config names another"
	if _, err := config.Load(path); err == nil || err.Error() != want {
		t.Error(err)
	}
	if _, err := config.Load(t.TempDir()); err == nil || !strings.HasPrefix(err.Error(), "configuration: ") {
		t.Error(err)
	}
}

func TestPrefixes(t *testing.T) {
	got := config.Prefixes([]string{"10.0.0.0/8", "2001:db8::/32"})
	if len(got) != 2 || got[0].String() != "10.0.0.0/8" || got[1].String() != "2001:db8::/32" {
		t.Error(got)
	}
}
