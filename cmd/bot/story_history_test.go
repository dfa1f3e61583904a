package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"

	"jirabot/internal/history"
)

// found N FLAG…: bot runs finds so many with these flags.
func found(w *world, args []string) error {
	page, err := w.runs(args[1:])
	if err == nil && strconv.Itoa(len(page.Runs)) != args[0] {
		err = fmt.Errorf("%d runs: %+v", len(page.Runs), page.Runs)
	}
	return err
}

// runs asks bot runs.
func (w *world) runs(flags []string) (page history.Page, err error) {
	out, err := w.botSays(append([]string{"runs", "--output", "json"}, flags...)...)
	if err == nil {
		err = json.Unmarshal(out, &page)
	}
	return page, err
}

// botSays runs a command of the bot that needs no secrets.
func (w *world) botSays(args ...string) ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0], cmd.Dir = "bot", w.dir
	out, err := cmd.CombinedOutput()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.printed.Write(out)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	return out, nil
}

// isShown RULE ISSUE PATTERN…: bot runs show says all this of the newest such run, or of its delivery.
func isShown(w *world, args []string) error {
	page, err := w.runs([]string{"--rule", args[0], "--issue", args[1]})
	if err != nil {
		return err
	}
	if len(page.Runs) == 0 {
		return errors.New("there is no such run")
	}
	out, err := w.botSays("runs", "show", page.Runs[0].ID)
	if err != nil {
		return err
	}
	delivery, err := w.botSays("runs", "show", page.Runs[0].Delivery)
	if err != nil {
		return err
	}
	out = append(out, delivery...)
	for _, pattern := range args[2:] {
		fits, err := regexp.Match(pattern, out)
		if err != nil {
			return err
		}
		if !fits {
			return fmt.Errorf("%s is not in what it says:\n%s", pattern, out)
		}
	}
	return nil
}
