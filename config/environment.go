package config

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	"jirabot/internal/strictyaml"
)

// prefix begins the name of every environment variable that overrides a key.
const prefix = "BOT_"

var (
	secretType   = reflect.TypeFor[Secret]()
	durationType = reflect.TypeFor[time.Duration]()
)

// fromEnvironment sets what the environment says: BOT_JIRA_URL is jira.url, a list is separated by commas, a secret's
// variable holds the secret itself. What begins with BOT_ and is no key is left alone: secrets that the file refers to
// are often named so.
func fromEnvironment(c *Config, environ []string) []error {
	given := map[string]string{}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, prefix) {
			given[name] = value
		}
	}
	var wrong []error
	walk(reflect.ValueOf(c).Elem(), nil, func(path []string, v reflect.Value) {
		name := prefix + strings.ToUpper(strings.Join(path, "_"))
		value, ok := given[name]
		if !ok {
			return
		}
		if err := set(v, value); err != nil {
			wrong = append(wrong, fmt.Errorf("%s (%s): %w", name, strings.Join(path, "."), err))
		}
	}, func(path []string) bool {
		// A pointer to a section is only made if the environment says something about it.
		start := prefix + strings.ToUpper(strings.Join(path, "_")) + "_"
		for name := range given {
			if strings.HasPrefix(name, start) {
				return true
			}
		}
		return false
	})
	return wrong
}

// walk visits every single value of a configuration by its path; maps are left out, since their keys are not known.
func walk(v reflect.Value, path []string, visit func([]string, reflect.Value), wanted func([]string) bool) {
	for _, f := range strictyaml.Fields(v.Type()) {
		field := v.FieldByIndex(f.Index)
		here := append(append([]string{}, path...), f.Name)
		switch {
		case field.Kind() == reflect.Pointer:
			if field.IsNil() {
				if !wanted(here) {
					continue
				}
				field.Set(reflect.New(field.Type().Elem()))
			}
			walk(field.Elem(), here, visit, wanted)
		case field.Kind() == reflect.Struct && field.Type() != secretType:
			walk(field, here, visit, wanted)
		case field.Kind() != reflect.Map:
			visit(here, field)
		}
	}
}

func set(v reflect.Value, text string) error {
	switch {
	case v.Type() == secretType:
		v.Set(reflect.ValueOf(NewSecret(text)))
	case v.Type() == durationType:
		d, err := strictyaml.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is no duration, such as 90s or 7d", text)
		}
		v.SetInt(int64(d))
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		v.SetBool(b)
	case v.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is no whole number", text)
		}
		v.SetInt(int64(n))
	case v.Kind() == reflect.Slice:
		parts := strings.Split(text, ",")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		v.Set(reflect.ValueOf(parts))
	}
	return nil
}

// secrets are all secrets of a configuration by their path.
func secrets(c *Config) map[string]Secret {
	out := map[string]Secret{}
	walk(reflect.ValueOf(c).Elem(), nil, func(path []string, v reflect.Value) {
		if v.Type() == secretType {
			out[strings.Join(path, ".")] = v.Interface().(Secret)
		}
	}, func([]string) bool { return false })
	for name, h := range c.Hooks {
		out["hooks."+name+".token"] = h.Token
		out["hooks."+name+".secret"] = h.Secret
	}
	return out
}

// Secrets are the texts of all secrets, longest first: what must never be printed.
func (c *Config) Secrets() []string {
	var out []string
	for _, s := range secrets(c) {
		if s.Given() {
			out = append(out, s.Reveal())
		}
	}
	sort.Slice(out, func(i, j int) bool { return len(out[i]) > len(out[j]) })
	return out
}
