// Package jirabot holds the example files, so that the binary can show and run them wherever it is.
package jirabot

import _ "embed"

// Rules is rules.example.yaml, the manual of the rule language by example.
//
//go:embed rules.example.yaml
var Rules []byte

// Config is bot.example.yaml, the configuration with every key and its default.
//
//go:embed bot.example.yaml
var Config []byte
