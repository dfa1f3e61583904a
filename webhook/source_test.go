package webhook

import "testing"

func TestTheClientIsWhoTheTrustedHopsSayItIs(t *testing.T) {
	for name, test := range map[string]struct {
		remote    string
		forwarded []string
		proxies   []string
		want      string // "" for an error
	}{
		"nobody is trusted":                     {"192.0.2.1:4000", []string{"10.0.0.1"}, nil, "192.0.2.1"},
		"an untrusted peer":                     {"192.0.2.1:4000", []string{"10.0.0.1"}, []string{"10.0.0.0/8"}, "192.0.2.1"},
		"one proxy":                             {"10.0.0.9:4000", []string{"192.0.2.1"}, []string{"10.0.0.0/8"}, "192.0.2.1"},
		"two proxies":                           {"10.0.0.9:4000", []string{"192.0.2.1, 10.0.0.8"}, []string{"10.0.0.0/8"}, "192.0.2.1"},
		"two proxies in two headers":            {"10.0.0.9:4000", []string{"192.0.2.1", "10.0.0.8"}, []string{"10.0.0.0/8"}, "192.0.2.1"},
		"what the client wrote himself":         {"10.0.0.9:4000", []string{"10.0.0.1, 192.0.2.1"}, []string{"10.0.0.0/8"}, "192.0.2.1"},
		"a proxy that added nothing":            {"10.0.0.9:4000", nil, []string{"10.0.0.0/8"}, "10.0.0.9"},
		"only proxies":                          {"10.0.0.9:4000", []string{"10.0.0.7,10.0.0.8"}, []string{"10.0.0.0/8"}, "10.0.0.7"},
		"a hop with its port":                   {"10.0.0.9:4000", []string{"192.0.2.1:99"}, []string{"10.0.0.0/8"}, "192.0.2.1"},
		"a hop that is no address":              {"10.0.0.9:4000", []string{"jira.example.com"}, []string{"10.0.0.0/8"}, ""},
		"an empty hop":                          {"10.0.0.9:4000", []string{""}, []string{"10.0.0.0/8"}, ""},
		"nonsense to the left of the client":    {"10.0.0.9:4000", []string{"nonsense, 192.0.2.1"}, []string{"10.0.0.0/8"}, "192.0.2.1"},
		"IPv4 as a dual-stack socket shows it":  {"[::ffff:10.0.0.9]:4000", []string{"192.0.2.1"}, []string{"10.0.0.0/8"}, "192.0.2.1"},
		"IPv6 with a zone":                      {"[fe80::1%eth0]:4000", nil, nil, "fe80::1"},
		"an IPv6 proxy":                         {"[2001:db8::1]:4000", []string{"2001:db8:1::2"}, []string{"2001:db8::/48"}, "2001:db8:1::2"},
		"a socket without addresses":            {"@", nil, nil, ""},
		"no address at all":                     {"", nil, nil, ""},
		"an address that is only a proxy's net": {"10.0.0.9:4000", []string{"10.0.0.0/8"}, []string{"10.0.0.0/8"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := clientAddress(test.remote, test.forwarded, networks(test.proxies...))
			if test.want == "" {
				if err == nil {
					t.Errorf("want an error, got %s", got)
				}
				return
			}
			if err != nil || got.String() != test.want {
				t.Errorf("want %s, got %s, %v", test.want, got, err)
			}
		})
	}
}
