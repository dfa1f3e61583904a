package event

import "errors"

// A Failure is a run of a rule that failed, as other rules see it.
type Failure struct {
	Rule     string `expr:"rule"`
	Error    string `expr:"error"`
	Step     string `expr:"step"`    // the path of the step, such as 2 or 3.then.1; empty where no step failed
	Issue    string `expr:"issue"`   // the issue's key
	Outcome  string `expr:"outcome"` // failed or denied
	Kind     string `expr:"kind"`    // of the event on which the rule ran
	Run      string `expr:"run"`
	Letter   string `expr:"letter"`   // the dead letter: bot dead show LETTER
	Delivery string `expr:"delivery"` // on which the rule ran
}

func (e *Event) fromFailure(d Delivery) error {
	var body FailureBody
	if err := readOwn(d.Body, &body); err != nil {
		return err
	}
	if body.Rule == "" || body.Letter == "" {
		return errors.New("the body names no rule, or no dead letter")
	}
	e.Kind = "failed"
	e.Failure = Failure{Rule: body.Rule, Error: body.Error, Step: body.Step, Issue: body.Issue.Key, Outcome: body.Outcome,
		Kind: body.Kind, Run: body.Run, Letter: body.Letter, Delivery: body.Delivery}
	e.Time, e.Timed = body.Time.UTC(), true
	e.Issue = Issue{ID: body.Issue.ID, Key: body.Issue.Key}
	e.Issue.Short = e.Issue.ref() != "" && body.Kind != "issue_deleted" // of a deleted one nothing more can be known
	if e.Lane = e.Issue.ref(); e.Lane == "" {
		e.Lane = "rule:" + body.Rule
	}
	e.Identity = join("failed", short(body.Run), short(body.Letter))
	return nil
}
