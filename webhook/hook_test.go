package webhook

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"jirabot/internal/event"
)

func hooks() map[string]HookAuth {
	return map[string]HookAuth{
		"deploy":  {Token: hookToken},
		"nightly": {Token: otherToken},
		"signed":  {Secret: hookSecret},
		"strict":  {Token: hookToken, Secret: hookSecret},
	}
}

func TestCallersHaveToProveThemselves(t *testing.T) {
	bearer := func(token string) string { return "Authorization: Bearer " + token }
	newer := strings.Replace(sign(hookSecret, update), "X-Hub-Signature", "X-Hub-Signature-256", 1)
	for name, test := range map[string]struct {
		hook    string
		headers []string
		want    int
	}{
		"a bearer token":                              {"deploy", []string{bearer(hookToken)}, 202},
		"a bearer token in small letters":             {"deploy", []string{"Authorization: bearer " + hookToken}, 202},
		"a token in its own header":                   {"deploy", []string{"X-Hook-Token: " + hookToken}, 202},
		"both tokens right":                           {"deploy", []string{bearer(hookToken), "X-Hook-Token: " + hookToken}, 202},
		"one token right, one wrong":                  {"deploy", []string{bearer(hookToken), "X-Hook-Token: guess"}, 401},
		"one token wrong, one right":                  {"deploy", []string{bearer("guess"), "X-Hook-Token: " + hookToken}, 401},
		"many tokens, all right":                      {"deploy", []string{bearer(hookToken), "X-Hook-Token: " + hookToken, "X-Hook-Token: " + hookToken}, 401},
		"nothing":                                     {"deploy", nil, 401},
		"a wrong token":                               {"deploy", []string{bearer("guess")}, 401},
		"an empty token":                              {"deploy", []string{"X-Hook-Token: "}, 401},
		"another hook's token":                        {"deploy", []string{bearer(otherToken)}, 401},
		"basic authentication is nothing":             {"deploy", []string{"Authorization: Basic " + hookToken}, 401},
		"Jira's secret opens no hook":                 {"deploy", []string{sign(secret, update)}, 401},
		"a right token with a signature of nobody":    {"deploy", []string{bearer(hookToken), sign(hookSecret, update)}, 401},
		"a signature":                                 {"signed", []string{sign(hookSecret, update)}, 202},
		"a signature in the newer header":             {"signed", []string{newer}, 202},
		"an older algorithm beside a right signature": {"signed", []string{newer, "X-Hub-Signature: sha1=" + strings.Repeat("0", 40)}, 202},
		"a right signature beside a wrong newer one":  {"signed", []string{sign(hookSecret, update), strings.Replace(newer, "=", "=0", 1)}, 401},
		"a wrong signature":                           {"signed", []string{sign("guess", update)}, 401},
		"a signature with no secret":                  {"signed", []string{sign("", update)}, 401},
		"a token where there is none":                 {"signed", []string{sign(hookSecret, update), bearer("guess")}, 401},
		"an empty token where there is none":          {"signed", []string{"X-Hook-Token: "}, 401},
		"both demanded, both shown":                   {"strict", []string{bearer(hookToken), sign(hookSecret, update)}, 202},
		"a signature alone is enough":                 {"strict", []string{sign(hookSecret, update)}, 202},
		"a token alone is not":                        {"strict", []string{bearer(hookToken)}, 401},
		"no such hook and nothing shown":              {"deplyo", nil, 401},
		"no such hook and a wrong token":              {"deplyo", []string{bearer("guess")}, 401},
		"no such hook and a signature":                {"deplyo", []string{sign(hookSecret, update)}, 401},
		"no such hook, asked by one of ours":          {"deplyo", []string{bearer(hookToken)}, 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, Options{Secret: secret, Hooks: hooks()})
			status, answer, _ := h.post(t, "/hooks/"+test.hook, update, test.headers...)
			if status != test.want {
				t.Errorf("want %d, got %d %s\n%s", test.want, status, answer, h.log)
			}
			stored := h.shelf.all()
			if (len(stored) == 1) != (test.want == http.StatusAccepted) {
				t.Fatalf("%d deliveries were stored", len(stored))
			}
			if len(stored) == 1 && (stored[0].Source != event.Hook || stored[0].Name != test.hook || string(stored[0].Body) != update) {
				t.Errorf("stored %+v", stored[0])
			}
			if strings.Contains(h.log.String(), "sesame") || strings.Contains(h.log.String(), "guess") {
				t.Errorf("a token reached the log: %s", h.log)
			}
		})
	}
}

func TestAStrangerCannotTellWhichHooksExist(t *testing.T) {
	h := open(t, Options{Secret: secret, Hooks: hooks()})
	for name, headers := range map[string][]string{
		"nothing shown":         nil,
		"a guessed token":       {"X-Hook-Token: guess"},
		"a guessed signature":   {sign("guess", update)},
		"a malformed signature": {"X-Hub-Signature: sha256=1"},
		"no JSON":               {sign("guess", update), "Content-Type: text/plain"},
		"packed":                {"X-Hook-Token: guess", "Content-Encoding: gzip"},
		"two guesses":           {"X-Hook-Token: guess", sign("guess", update)},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer, header := h.post(t, "/hooks/nowhere", update, headers...)
			for hook := range maps.Keys(hooks()) {
				s, a, hd := h.post(t, "/hooks/"+hook, update, headers...)
				hd.Set("Date", header.Get("Date"))
				if s != status || a != answer || !maps.EqualFunc(hd, header, func(x, y []string) bool { return strings.Join(x, ",") == strings.Join(y, ",") }) {
					t.Errorf("%s: %d %s %v, but a name that does not exist: %d %s %v", hook, s, a, hd, status, answer, header)
				}
			}
		})
	}
}

func TestACallerMayMakeHisCallRepeatable(t *testing.T) {
	for name, test := range map[string]struct {
		key  string
		want int
	}{
		"a key":                       {"build-17", 202},
		"no key":                      {"", 202},
		"the longest key":             {strings.Repeat("k", 255), 202},
		"a key that is too long":      {strings.Repeat("k", 256), 400},
		"a key with control bytes":    {"build\t17", 400},
		"a key that is no UTF-8 text": {"build\xff", 400},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, Options{Secret: secret, Hooks: hooks()})
			status, answer, _ := h.post(t, "/hooks/deploy", update, "X-Hook-Token: "+hookToken, "Idempotency-Key: "+test.key)
			if status != test.want {
				t.Fatalf("want %d, got %d %s", test.want, status, answer)
			}
			for _, d := range h.shelf.all() {
				if status != 202 || d.Key != test.key {
					t.Errorf("stored with key %q", d.Key)
				}
			}
		})
	}
}

func TestInsecureHooksTakeEverybodyButOnlyWhereTheyExist(t *testing.T) {
	h := open(t, Options{Insecure: true, Hooks: map[string]HookAuth{"deploy": {}, "nightly": {Token: otherToken}}})
	for path, want := range map[string]int{"/hooks/deploy": 202, "/hooks/nightly": 401, "/hooks/deplyo": 404} {
		if status, answer, _ := h.post(t, path, update); status != want {
			t.Errorf("%s: want %d, got %d %s", path, want, status, answer)
		}
	}
}
