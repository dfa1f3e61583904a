package config_test

import (
	"strings"
	"testing"

	"jirabot/config"
)

func TestMistakesInACluster(t *testing.T) {
	setSecrets(t)
	const three = "peers: ['a:1', 'b:1', 'c:1']"
	for name, x := range map[string]struct{ section, want string }{
		"nobody is kept out":       {"cluster: {name: bots, listen: ':6222', " + three + "}", "cluster: whoever reaches cluster.listen could read and change everything; set tls and secret, or insecure: true"},
		"two machines":             {"cluster: {name: bots, listen: ':6222', peers: ['a:1', 'b:1']}", "cluster.peers: fewer than three machines store nothing when one is away"},
		"four machines":            {"cluster: {name: bots, listen: ':6222', peers: ['a:1', 'b:1', 'c:1', 'd:1']}", "cluster.peers: four machines bear no more than three do"},
		"a peer without a port":    {"cluster: {name: bots, listen: ':6222', peers: [a, 'b:1', 'c:1']}", `cluster.peers: "a" is no address with a port, such as bot-1.example.com:6222`},
		"a port that nobody finds": {"cluster: {name: bots, listen: ':0', " + three + "}", `cluster.listen: ":0" is no address with a port`},
		"too many copies":          {"cluster: {name: bots, listen: ':1', replicas: 5, " + three + "}", "cluster.replicas: 5 copies on 3 machines"},
		"half of the certificates": {"cluster: {name: bots, listen: ':1', tls: {ca: ca.pem}, " + three + "}", "cluster.tls: cert, key and ca are all needed"},
		"a file that is not there": {"nats: {url: 'tls://n:4222', tls: {ca: ca.pem}}", "nats.tls: read the authority: open ca.pem"},
		"a name with a dot":        {"cluster: {name: bots, node: a.b, listen: ':1', " + three + "}", `cluster.node: "a.b" has blanks, dots or wildcards`},
		"nats for everybody":       {"nats: {url: 'nats://n:4222'}", "nats: anybody could read and change everything"},
		"a password in the url":    {"nats: {url: 'nats://bot:hush@n:4222', token: {env: JIRA_TOKEN}}", "nats.url: the secret stands in the file itself"},
		"no url":                   {"nats: {url: 'n:4222', token: {env: JIRA_TOKEN}}", "nats.url: want something like nats://nats.example.com:4222"},
		"both":                     {"cluster: {name: bots, listen: ':1', " + three + "}\nnats: {url: 'nats://n:1'}", "not both"},
		"a secret in the file":     {"cluster: {name: bots, listen: ':1', secret: hush, " + three + "}", "cluster.secret: the secret stands in the file itself"},
		"no name":                  {"cluster: {listen: ':1', " + three + "}", `"name" is missing`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Parse("bot.yaml", []byte(needed+x.section+"\n"), nil)
			if err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("got  %v\nwant %s", err, x.want)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("the secret is shown: %v", err)
			}
		})
	}
	if _, err := config.Parse("bot.yaml", []byte(needed+"insecure: true\ncluster: {name: bots, listen: ':6222', "+three+"}\n"), nil); err != nil {
		t.Errorf("insecure, to try it out: %v", err)
	}
}
