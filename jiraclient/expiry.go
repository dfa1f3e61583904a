package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// TokenExpiry is when the personal access token that the client uses ends. It is not known where the client uses none,
// the token has no end, or this Jira does not say.
// https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html
func (c *Client) TokenExpiry(ctx context.Context) (ends time.Time, known bool, err error) {
	if c.auth.name != "token" || c.isCloud() {
		return time.Time{}, false, nil
	}
	var tokens []struct {
		ExpiringAt     Time `json:"expiringAt"`
		LastAccessedAt Time `json:"lastAccessedAt"`
	}
	err = c.do(ctx, get("/rest/pat/latest/tokens").nicety(), &tokens)
	if e, ok := errors.AsType[*Error](err); ok && blocked(e) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("ask when the token ends: %w", err)
	}
	// Jira lists all tokens of our user and not which of them asks: that is the one used last, which is now.
	var used time.Time
	for i, t := range tokens {
		if i == 0 || t.LastAccessedAt.After(used) {
			used, ends = t.LastAccessedAt.Time, t.ExpiringAt.Time
		}
	}
	return ends, !ends.IsZero(), nil
}
