package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
)

// Cluster makes one bot of several machines. All but node and advertise is the same on all of them.
type Cluster struct {
	Name      string   `yaml:"name,required" doc:"The cluster's name, the same on all machines."`
	Node      string   `yaml:"node" doc:"This machine's name, unlike all others'; the host's name by default. Remembered in the data directory."`
	Listen    string   `yaml:"listen,required" doc:"Address and port for the other machines, such as 0.0.0.0:6222."`
	Advertise string   `yaml:"advertise" doc:"Address and port under which the other machines find this one, if it is not listen."`
	Peers     []string `yaml:"peers,required" doc:"Addresses and ports of all machines, this one among them: three, or five."`
	TLS       *TLS     `yaml:"tls" doc:"How the machines know each other; both sides show a certificate."`
	Secret    Secret   `yaml:"secret" doc:"What the machines prove themselves with, the same on all of them."`
	Replicas  int      `yaml:"replicas" doc:"On how many machines each record is kept; 3 by default."`
}

// TLS names files in PEM form.
type TLS struct {
	Cert string `yaml:"cert" doc:"File of this machine's certificate."`
	Key  string `yaml:"key" doc:"File of its private key."`
	CA   string `yaml:"ca" doc:"File of the authority whose certificates are believed, and no other's."`
}

// NATS is a cluster that exists. The bot takes an account of it for its own.
type NATS struct {
	URL         string `yaml:"url,required" doc:"nats://host:4222 or tls://host:4222; several are separated by commas."`
	Node        string `yaml:"node" doc:"This machine's name, unlike all others'; the host's name by default. Remembered in the data directory."`
	Credentials string `yaml:"credentials" doc:"File of credentials (.creds)."`
	Token       Secret `yaml:"token" doc:"A token, in place of credentials."`
	TLS         *TLS   `yaml:"tls" doc:"Certificates, where the servers want one or have one of an authority of their own."`
	Replicas    int    `yaml:"replicas" doc:"On how many servers each record is kept; 3 by default."`
}

func (c *Config) validateCluster(v *complaints) {
	v.when(c.Cluster != nil && c.NATS != nil, "cluster: a cluster of its own, or nats for one that exists, but not both")
	if c.Cluster != nil {
		c.Cluster.validate(v, c.Insecure)
	}
	if c.NATS != nil {
		c.NATS.validate(v, c.Insecure)
	}
}

func (c *Cluster) validate(v *complaints, insecure bool) {
	v.when(c.Name == "", "cluster.name: is missing; all machines have the same")
	v.when(strings.ContainsAny(c.Name, " \t"), "cluster.name: %q has blanks", c.Name)
	address(v, "cluster.listen", c.Listen, "0.0.0.0:6222")
	if c.Advertise != "" {
		address(v, "cluster.advertise", c.Advertise, "bot-1.example.com:6222")
	}
	for _, p := range c.Peers {
		address(v, "cluster.peers", p, "bot-1.example.com:6222")
	}
	v.when(len(c.Peers) < 3, "cluster.peers: fewer than three machines store nothing when one is away; name all of them, this one among them")
	v.when(len(c.Peers) == 4, "cluster.peers: four machines bear no more than three do; take three, or five")
	replicas(v, "cluster.replicas", c.Replicas)
	v.when(c.Replicas > len(c.Peers), "cluster.replicas: %d copies on %d machines", c.Replicas, len(c.Peers))
	v.when(!insecure && (c.TLS == nil || !c.Secret.Given()),
		"cluster: whoever reaches cluster.listen could read and change everything; set tls and secret, or insecure: true for trying out")
	if c.TLS != nil {
		v.when(c.TLS.Cert == "" || c.TLS.Key == "" || c.TLS.CA == "", "cluster.tls: cert, key and ca are all needed: both sides show a certificate")
		c.TLS.validate(v, "cluster.tls")
	}
	node(v, "cluster.node", c.Node)
}

func (n *NATS) validate(v *complaints, insecure bool) {
	for _, one := range strings.Split(n.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || u.Host == "" || (u.Scheme != "nats" && u.Scheme != "tls") {
			v.add("nats.url: want something like nats://nats.example.com:4222")
			continue
		}
		_, password := u.User.Password()
		v.when(password && !insecure, "nats.url: the secret stands in the file itself; use credentials or token")
	}
	v.when(n.Credentials != "" && n.Token.Given(), "nats: credentials or token, but not both")
	v.when(!insecure && n.Credentials == "" && !n.Token.Given() && (n.TLS == nil || n.TLS.Cert == ""),
		"nats: anybody could read and change everything; set credentials, token or tls with a certificate, or insecure: true for trying out")
	replicas(v, "nats.replicas", n.Replicas)
	if n.TLS != nil {
		n.TLS.validate(v, "nats.tls")
	}
	node(v, "nats.node", n.Node)
}

func replicas(v *complaints, key string, n int) {
	v.when(n != 0 && n != 1 && n != 3 && n != 5, "%s: must be 1, 3 or 5", key)
}

func node(v *complaints, key, name string) {
	v.when(strings.ContainsAny(name, " \t.*>"), "%s: %q has blanks, dots or wildcards", key, name)
}

func address(v *complaints, key, value, example string) {
	if _, port, err := net.SplitHostPort(value); err != nil || port == "" || port == "0" {
		v.add("%s: %q is no address with a port, such as %s", key, value, example)
	}
}

func (t *TLS) validate(v *complaints, key string) {
	if _, err := t.Config(); err != nil {
		v.add("%s: %v", key, err)
	}
}

// Config reads the files.
func (t *TLS) Config() (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if (t.Cert == "") != (t.Key == "") {
		return nil, errors.New("a certificate needs its key, and a key its certificate")
	}
	if t.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("read the certificate: %w", err)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	if t.CA != "" {
		data, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("read the authority: %w", err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("there is no certificate in %s", t.CA)
		}
	}
	return out, nil
}
