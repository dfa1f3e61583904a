package webhook

import (
	"net/http"
	"strings"
	"testing"

	"jirabot/internal/event"
)

func TestJiraHasToProveItself(t *testing.T) {
	all := Options{Secret: secret, PathToken: pathToken, QueryToken: queryToken}
	inPath, inQuery := "/webhooks/jira/"+pathToken, "/webhooks/jira?token="+queryToken
	for name, test := range map[string]struct {
		options Options
		path    string
		headers []string
		want    int
		logged  string
	}{
		"a right signature":                          {Options{Secret: secret}, "/webhooks/jira", []string{sign(secret, update)}, 202, ""},
		"the header in lower case":                   {Options{Secret: secret}, "/webhooks/jira", []string{strings.Replace(sign(secret, update), "X-Hub-Signature", "x-hub-signature", 1)}, 202, ""},
		"the digits in upper case":                   {Options{Secret: secret}, "/webhooks/jira", []string{"X-Hub-Signature: sha256=" + strings.ToUpper(sign(secret, update)[len("X-Hub-Signature: sha256="):])}, 202, ""},
		"no signature":                               {Options{Secret: secret}, "/webhooks/jira", nil, 401, "no X-Hub-Signature"},
		"an empty signature":                         {Options{Secret: secret}, "/webhooks/jira", []string{"X-Hub-Signature: "}, 401, "not of the form"},
		"a signature with another secret":            {Options{Secret: secret}, "/webhooks/jira", []string{sign("guess", update)}, 401, "does not fit the body"},
		"a signature of another body":                {Options{Secret: secret}, "/webhooks/jira", []string{sign(secret, update+" ")}, 401, "does not fit the body"},
		"a signature made with no secret":            {Options{Secret: secret}, "/webhooks/jira", []string{sign("", update)}, 401, "does not fit the body"},
		"another algorithm":                          {Options{Secret: secret}, "/webhooks/jira", []string{"X-Hub-Signature: sha1=" + strings.Repeat("0", 40)}, 401, "not of the form"},
		"two signatures, one right":                  {Options{Secret: secret}, "/webhooks/jira", []string{sign(secret, update), sign("guess", update)}, 401, "several signatures"},
		"the newer header is not Jira's":             {Options{Secret: secret}, "/webhooks/jira", []string{strings.Replace(sign(secret, update), "Signature", "Signature-256", 1)}, 401, "no X-Hub-Signature"},
		"a token is no substitute for a signature":   {all, inPath, nil, 401, "no X-Hub-Signature"},
		"nor is a token in the query":                {all, inQuery, nil, 401, "no X-Hub-Signature"},
		"a signature without any token":              {all, "/webhooks/jira", []string{sign(secret, update)}, 202, ""},
		"a signature with both tokens":               {all, inPath + "?token=" + queryToken, []string{sign(secret, update)}, 202, ""},
		"a signature with a wrong path token":        {all, "/webhooks/jira/guess", []string{sign(secret, update)}, 401, "path token is wrong"},
		"a signature with a wrong query token":       {all, "/webhooks/jira?token=guess", []string{sign(secret, update)}, 401, "query token is wrong"},
		"a signature with a path token nobody set":   {Options{Secret: secret}, "/webhooks/jira/guess", []string{sign(secret, update)}, 401, "path token is wrong"},
		"a right path token":                         {Options{PathToken: pathToken}, inPath, nil, 202, ""},
		"a wrong path token":                         {Options{PathToken: pathToken}, "/webhooks/jira/guess", nil, 401, "path token is wrong"},
		"the beginning of the path token":            {Options{PathToken: pathToken}, inPath[:len(inPath)-1], nil, 401, "path token is wrong"},
		"no path token":                              {Options{PathToken: pathToken}, "/webhooks/jira", nil, 401, "neither a path token nor a query token"},
		"the path token in the query":                {Options{PathToken: pathToken}, "/webhooks/jira?token=" + pathToken, nil, 401, "neither a path token nor a query token"},
		"a signature that nobody can check":          {Options{PathToken: pathToken}, inPath, []string{sign("guess", update)}, 202, ""},
		"a right query token":                        {Options{QueryToken: queryToken}, inQuery, nil, 202, ""},
		"a wrong query token":                        {Options{QueryToken: queryToken}, "/webhooks/jira?token=guess", nil, 401, "query token is wrong"},
		"an empty query token":                       {Options{QueryToken: queryToken}, "/webhooks/jira?token=", nil, 401, "query token is wrong"},
		"one of two tokens is enough":                {Options{PathToken: pathToken, QueryToken: queryToken}, inQuery, nil, 202, ""},
		"but the other must not be wrong":            {Options{PathToken: pathToken, QueryToken: queryToken}, inPath + "?token=guess", nil, 401, "query token is wrong"},
		"insecure takes everybody":                   {Options{Insecure: true}, "/webhooks/jira", nil, 202, ""},
		"insecure still demands what is configured":  {Options{Insecure: true, Secret: secret}, "/webhooks/jira", nil, 401, "no X-Hub-Signature"},
		"from a source":                              {Options{Secret: secret, Sources: networks("127.0.0.0/8")}, "/webhooks/jira", []string{sign(secret, update)}, 202, ""},
		"from elsewhere, though signed":              {Options{Secret: secret, Sources: networks("10.0.0.0/8")}, "/webhooks/jira", []string{sign(secret, update)}, 401, "none of the sources"},
		"from elsewhere, pretending":                 {Options{Secret: secret, Sources: networks("10.0.0.0/8")}, "/webhooks/jira", []string{sign(secret, update), "X-Forwarded-For: 10.1.2.3"}, 401, "none of the sources"},
		"through a proxy that is trusted":            {Options{Secret: secret, Sources: networks("10.0.0.0/8"), TrustedProxies: networks("127.0.0.1/32")}, "/webhooks/jira", []string{sign(secret, update), "X-Forwarded-For: 10.1.2.3"}, 202, ""},
		"through a proxy that says nothing sensible": {Options{Secret: secret, Sources: networks("10.0.0.0/8"), TrustedProxies: networks("127.0.0.1/32")}, "/webhooks/jira", []string{sign(secret, update), "X-Forwarded-For: jira"}, 401, "the sender is unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, test.options)
			status, answer, _ := h.post(t, test.path, update, test.headers...)
			if status != test.want {
				t.Errorf("want %d, got %d %s\n%s", test.want, status, answer, h.log)
			}
			if stored := len(h.shelf.all()); (stored == 1) != (test.want == http.StatusAccepted) {
				t.Errorf("%d deliveries were stored", stored)
			}
			if want := `{"error":"not authorised"}`; test.want == 401 && answer != want {
				t.Errorf("want no hint but %s, got %s", want, answer)
			}
			if !strings.Contains(h.log.String(), test.logged) {
				t.Errorf("want a log with %q, got %s", test.logged, h.log)
			}
			if strings.Contains(h.log.String(), "sesame") || strings.Contains(h.log.String(), "guess") {
				t.Errorf("a token reached the log: %s", h.log)
			}
		})
	}
}

func TestADeliveryHoldsTheBytesAndTheActor(t *testing.T) {
	body := "{\"summary\": \"Gr\u00fc\u00dfe\",\r\n \"a\":1, \"a\":2}"
	for name, test := range map[string]struct{ query, key, id string }{
		"both":                      {"?user_id=ann&user_key=JIRAUSER10100", "JIRAUSER10100", "ann"},
		"none":                      {"", "", ""},
		"escaped":                   {"?user_key=ann%40example.com", "ann@example.com", ""},
		"what would forge a header": {"?user_id=ann%0D%0ASource:%20manual&user_key=bob", "bob", ""},
		"what is no text":           {"?user_key=%ff", "", ""},
		"what is far too long":      {"?user_key=" + strings.Repeat("a", 256), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, Options{Secret: secret})
			if status, answer, _ := h.post(t, "/webhooks/jira"+test.query, body, sign(secret, body)); status != 202 {
				t.Fatalf("%d %s", status, answer)
			}
			got := h.shelf.all()[0]
			if got.Source != event.Webhook || string(got.Body) != body || got.UserKey != test.key || got.UserID != test.id || got.Received.IsZero() {
				t.Errorf("stored %+v", got)
			}
		})
	}
}
