package webhook

import (
	"strings"
	"testing"
)

// The example is computed by hand with: printf '%s' '{"a":"ü"}' | openssl dgst -sha256 -hmac 'key'
func TestVerifyAgreesWithAnotherImplementation(t *testing.T) {
	mac, err := parseSignature([]string{"sha256=15fcbfd04d562289f4edb7d436fd54776178d39f51b7900fb68696088f85a2b2"})
	if err != nil {
		t.Fatal(err)
	}
	if err := verify([]byte("key"), []byte(`{"a":"ü"}`), mac); err != nil {
		t.Error(err)
	}
	if err := verify([]byte("key"), []byte("{\"a\":\"\\u00fc\"}"), mac); err == nil {
		t.Error("the same text in other bytes was accepted")
	}
}

// FuzzVerify says what a signature is, in other words than the code: exactly the line that the sender would have written,
// with digits of either case.
func FuzzVerify(f *testing.F) {
	right := strings.TrimPrefix(sign(secret, update), "X-Hub-Signature: ")
	for _, header := range []string{right, strings.ToUpper(right), right[:len(right)-1], right + " ", "sha1=" + right[7:], "", "sha256=", "sha256=" + strings.Repeat("g", 64)} {
		f.Add(secret, header, []byte(update))
	}
	f.Add("", strings.TrimPrefix(sign("", ""), "X-Hub-Signature: "), []byte(nil))
	f.Fuzz(func(t *testing.T, secret, header string, body []byte) {
		mac, err := parseSignature([]string{header})
		if err == nil {
			err = verify([]byte(secret), body, mac)
		}
		written := strings.TrimPrefix(sign(secret, string(body)), "X-Hub-Signature: ")
		digits, isScheme := strings.CutPrefix(header, "sha256=")
		want := isScheme && strings.EqualFold(digits, written[len("sha256="):])
		if (err == nil) != want {
			t.Errorf("secret %q, header %q, body %q: got %v", secret, header, body, err)
		}
		// What the sender writes is always accepted.
		if mac, err = parseSignature([]string{written}); err == nil {
			err = verify([]byte(secret), body, mac)
		}
		if err != nil {
			t.Errorf("secret %q, body %q: %v", secret, body, err)
		}
	})
}
