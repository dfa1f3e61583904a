package config

import (
	"fmt"
	"os"
	"strings"

	yaml "github.com/goccy/go-yaml/ast"

	"jirabot/internal/strictyaml"
)

// A Secret is a credential. However it is printed, logged or encoded, it shows as •••; only Reveal gives it away.
type Secret struct {
	// held is behind a pointer because fmt ignores every Format method inside a value of which it complains that the verb
	// does not fit; of a pointer it then prints the address.
	held    *string
	literal bool // it stands in the file in so many words
}

const hidden = "•••"

// NewSecret makes a secret out of its text.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{held: &value}
}

// Reveal is the secret itself, for the one line that hands it to a transport.
func (s Secret) Reveal() string {
	if s.held == nil {
		return ""
	}
	return *s.held
}

// Given tells whether there is one.
func (s Secret) Given() bool { return s.held != nil }

// String hides the secret.
func (s Secret) String() string {
	if !s.Given() {
		return ""
	}
	return hidden
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// Format hides the secret from every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) }

// MarshalText hides the secret from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// DecodeYAML reads {env: NAME} or {file: PATH}. A literal is remembered as one and refused later, unless the file says
// insecure: true, which may stand below.
func (s *Secret) DecodeYAML(src *strictyaml.Source, node yaml.Node) {
	if text, ok := strictyaml.Text(node); ok {
		*s = NewSecret(text)
		s.literal = true
		return
	}
	entries, ok := src.Entries(node)
	if !ok || len(entries) != 1 {
		src.Wrong(node, s.Describe())
		return
	}
	where, ok := strictyaml.Text(src.Resolve(entries[0].Value))
	if !ok {
		src.Wrong(entries[0].Value, "text")
		return
	}
	switch entries[0].Name {
	case "env":
		value, set := os.LookupEnv(where)
		if !set || value == "" {
			src.Problem(entries[0].Value, "the environment variable %s is not set", where)
			return
		}
		*s = NewSecret(value)
	case "file":
		data, err := os.ReadFile(where)
		if err != nil {
			src.Problem(entries[0].Value, "the secret's file cannot be read: %v", err)
			return
		}
		if *s = NewSecret(strings.TrimRight(string(data), "\r\n")); !s.Given() {
			src.Problem(entries[0].Value, "the secret's file %s is empty", where)
		}
	default:
		src.Problem(entries[0].Key, "unknown key %q%s", entries[0].Name, strictyaml.Suggest(entries[0].Name, []string{"env", "file"}))
	}
}

// Describe says what is wanted where a secret stands.
func (s Secret) Describe() string { return "a secret as {env: NAME} or {file: PATH}" }
