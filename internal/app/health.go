package app

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"
)

// A Check is one thing that must be well for the bot to be of use.
type Check struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Why  string `json:"why,omitempty"`
}

// healthz says that the process lives. It says nothing about Jira: restarting the bot would not bring Jira back.
func (a *App) healthz(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

// readyz says whether deliveries can be stored, and what else is not well. Only a bot that cannot store is not ready:
// while Jira is away, deliveries are still to be taken. A refused login is not ready either, since it takes a person. Nor is one of
// several machines that has just started and does not have yet what it missed: who replaces them one by one waits for it.
func (a *App) readyz(c *gin.Context) {
	ready, checks := a.Ready()
	status := http.StatusOK
	if !ready {
		status = http.StatusServiceUnavailable
	}
	answer := gin.H{"ready": ready, "checks": checks}
	if members := a.journal.Members(); members != nil {
		answer["members"] = members
	}
	c.JSON(status, answer)
}

// Ready tells whether the bot is ready, and every check.
func (a *App) Ready() (bool, []Check) {
	checks := []Check{
		check("journal", a.journal.Well()),
		check("login", a.jira.LoginRefused()),
	}
	whole, copies := a.journal.Copies()
	ready := checks[0].OK && checks[1].OK && whole
	connected, err := a.connection.state()
	switch {
	case a.runner.Away():
		err = fmt.Errorf("jira does not answer; deliveries are stored and wait")
	case !connected && err == nil:
		err = fmt.Errorf("not connected yet")
	}
	checks = append(checks, check("jira", err), check("rules", a.rules.problem()))
	var lacking, unknown error
	missing, bad := a.contract.lacking()
	if len(missing) > 0 {
		lacking = fmt.Errorf("%d permissions are missing, such as: %s", len(missing), missing[0].Text)
	}
	if len(bad) > 0 {
		unknown = fmt.Errorf("%d names are not Jira's, such as: %s", len(bad), bad[0].Text)
	}
	checks = append(checks, check("permissions", lacking), check("names", unknown), check("token", errors.Join(a.connection.ending(a.opts.Now()), a.jira.LoginWorry())), check("history", a.indexing()))
	if members := a.journal.Members(); members != nil {
		checks = append(checks, check("copies", copies), check("machines", absent(members)), check("agreement", disagreement(members)))
	}
	return ready, checks
}

func check(what string, err error) Check {
	if err != nil {
		return Check{What: what, Why: err.Error()}
	}
	return Check{What: what, OK: true}
}
