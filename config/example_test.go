package config_test

import (
	"fmt"

	"jirabot/config"
)

func Example() {
	file := []byte(`
jira:
  url: https://jira.example.com/jira
insecure: true
`)
	c, err := config.Parse("bot.yaml", file, []string{"BOT_JIRA_AUTH_TOKEN=from-the-environment", "BOT_LOG_LEVEL=debug"})
	fmt.Println(err, c.Listen, c.Log.Level, c.Jira.Auth.Token)

	_, err = config.Parse("bot.yaml", []byte("insecure: true\nlisen: :80\njira: {url: \"https://jira.example.com\", auth: {token: x}}\n"), nil)
	fmt.Println(err)
	// Output:
	// <nil> 127.0.0.1:8080 debug •••
	// bot.yaml:2:1: unknown key "lisen"; did you mean "listen"?
}
