package jiratest

import "net/http"

// mostRetries is how often Cloud sends a webhook again.
const mostRetries = 5

// mayRetry tells whether Cloud gives a webhook another try after this answer.
func mayRetry(status int, err error) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return err != nil || status >= 500
}

// RetryWebhooks sends again what failed on Cloud, which a real one does some minutes later, up to five times, under the same
// X-Atlassian-Webhook-Identifier. It returns how many are sent.
func (j *Jira) RetryWebhooks() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	o := &j.hooks
	o.mu.Lock()
	due := o.failed
	o.failed = nil
	o.mu.Unlock()
	for _, d := range due {
		o.add(d)
	}
	return len(due)
}
