//go:build linux

package chaos

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"jirabot/jiraclient/jiratest"
)

// keepEvidence writes down everything that helps to find out why a promise was broken. The bots' own directories are there
// already, unless they live on a disk that goes away.
func (r *run) keepEvidence() error {
	r.report.Evidence = r.o.Dir
	var bots []jiratest.Request
	for _, request := range r.jira.Requests() {
		if request.User == botUser || request.User == "" {
			bots = append(bots, request)
		}
	}
	var errs []error
	for name, value := range map[string]any{
		"events.json": r.events, "effects.json": r.effects, "plan.json": r.report.Rounds, "report.json": r.report, "requests.json": bots,
	} {
		data, err := json.MarshalIndent(value, "", " ")
		if err == nil {
			err = os.WriteFile(filepath.Join(r.o.Dir, name), data, 0o600)
		}
		errs = append(errs, err)
	}
	for _, b := range r.bots {
		if b.disk != nil {
			errs = append(errs, command("cp", "-a", b.dir, b.dir+"-as-it-was")) // with its sockets
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("keep the evidence: %w", err)
	}
	return nil
}
