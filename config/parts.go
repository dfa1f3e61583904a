package config

import (
	"fmt"
	"os"

	"jirabot/internal/strictyaml"
)

// RulePatterns are the rule files that a configuration names. Nothing else of it is checked, so that rules can be
// checked where the secrets are not.
func RulePatterns(path string) ([]string, error) {
	c, err := part(path, os.Environ(), "rules")
	return c.Rules, err
}

// ListenAddress is where a configuration makes the bot listen.
func ListenAddress(path string, environ []string) (string, error) {
	c, err := part(path, environ, "listen")
	return c.Listen, err
}

// DataDirectory is where a configuration has the bot keep its data.
func DataDirectory(path string, environ []string) (string, error) {
	c, err := part(path, environ, "data")
	return c.Data, err
}

// part reads one key of a configuration.
func part(path string, environ []string, key string) (Config, error) {
	c := Default()
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return c, fmt.Errorf("configuration: %w", err)
	}
	s := strictyaml.ParseDiscreet(path, data)
	if s.Root != nil {
		entries, _ := s.Entries(s.Root)
		for _, e := range entries {
			if e.Name != key {
				continue
			}
			switch key {
			case "rules":
				s.Decode(e.Value, &c.Rules)
			case "listen":
				s.Decode(e.Value, &c.Listen)
			case "data":
				s.Decode(e.Value, &c.Data)
			}
		}
	}
	if err := s.Err(); err != nil {
		return c, err
	}
	if wrong := fromEnvironment(&c, environ); len(wrong) > 0 {
		return c, wrong[0]
	}
	return c, nil
}
