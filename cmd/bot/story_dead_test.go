package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"jirabot/internal/letters"
)

// letters N: there are N dead letters; $LETTER1, $LETTER2 … are their IDs from now on, oldest first.
func knowLetters(ts *testscript.TestScript, w *world, args []string) error {
	cmd, err := program(ts, "bot", "dead", "--output", "json")
	if err != nil {
		return err
	}
	printed, err := cmd.Output()
	w.printed.Write(printed)
	var list []letters.Letter
	if err = errors.Join(err, json.Unmarshal(printed, &list)); err != nil {
		return err
	}
	if strconv.Itoa(len(list)) != args[0] {
		return fmt.Errorf("there are %d: %+v", len(list), list)
	}
	for i, l := range list {
		ts.Setenv("LETTER"+strconv.Itoa(i+1), l.ID)
	}
	return nil
}
