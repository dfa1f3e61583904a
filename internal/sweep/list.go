package sweep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"jirabot/jiraclient"
)

// found is a changed issue as a search shows it.
type found struct {
	id, key string
	updated time.Time
}

// query asks for issues of the projects (none: all) updated since lower and, unless it is zero, before upper.
//
// The moments are given as minutes before now, by Jira's own clock. A date would be read in the time zone of the bot's
// user, and would be wrong whenever the two clocks differ. As such a moment has whole minutes, the lower one is rounded
// down, and the upper one up: an issue more does no harm.
func query(projects []string, lower, upper, now time.Time) string {
	var b strings.Builder
	if len(projects) > 0 {
		fmt.Fprintf(&b, `project in ("%s") AND `, strings.Join(projects, `", "`))
	}
	fmt.Fprintf(&b, "updated >= -%dm", int(max(0, now.Sub(lower))/time.Minute)+2)
	if ago := int(now.Sub(upper) / time.Minute); !upper.IsZero() && ago > 0 {
		fmt.Fprintf(&b, " AND updated < -%dm", ago)
	}
	return b.String() + " ORDER BY key ASC"
}

// errRestless tells that a search never held still.
var errRestless = errors.New("the list of changed issues shifts faster than it can be read")

// list finds the changed issues from lower on. Where there are more than can be held at once, it lists those that were
// updated before the moment it returns, and the rest is for later; the zero moment says that this was all.
func (p *pass) list(ctx context.Context, lower time.Time) (issues []found, upper time.Time, err error) {
	if p.s.cloud() {
		issues, err = p.listCloud(ctx, lower)
		return issues, time.Time{}, err
	}
	for {
		page, err := p.page(ctx, lower, upper, 0)
		if err != nil {
			return nil, time.Time{}, err
		}
		end := p.clock.now()
		if !upper.IsZero() {
			end = upper
		}
		if page.Total <= p.s.sizes.slice || end.Sub(lower) < 2*time.Minute {
			issues, err = p.rest(ctx, page, lower, upper)
			return issues, upper, err
		}
		upper = lower.Add(end.Sub(lower) / 2).Truncate(time.Minute)
	}
}

// margin is by how many issues two pages overlap.
const margin = 10

// rest reads all pages behind the first. Issues come and go while it reads, and the pages shift. But their order, by key,
// does not change; so nothing was passed over if a page begins with an issue of the page before. If it does not, issues
// before it went away, and the reading goes back.
func (p *pass) rest(ctx context.Context, page jiraclient.SearchPage, lower, upper time.Time) ([]found, error) {
	var all []found
	listed := map[string]bool{}
	take := func(page jiraclient.SearchPage) (overlaps bool) {
		for _, i := range page.Issues {
			if listed[i.ID] {
				overlaps = true
				continue
			}
			listed[i.ID] = true
			all = append(all, foundIn(i))
		}
		return overlaps
	}
	take(page)
	budget := 20 + 4*max(page.Total, 0)/p.s.sizes.page
	start := 0
	for !page.Last {
		if budget--; budget < 0 {
			return nil, errRestless
		}
		ahead := max(1, len(page.Issues)-margin)
		start += ahead
		var err error
		if page, err = p.page(ctx, lower, upper, start); err != nil {
			return nil, err
		}
		for !take(page) && start > 0 {
			if budget--; budget < 0 {
				return nil, errRestless
			}
			start = max(0, start-ahead)
			if page, err = p.page(ctx, lower, upper, start); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func (p *pass) page(ctx context.Context, lower, upper time.Time, start int) (page jiraclient.SearchPage, err error) {
	err = p.s.patiently(ctx, func() (err error) {
		page, err = p.s.opts.Jira.SearchPage(ctx, query(p.projects, lower, upper, p.clock.now()), p.searchQuery(), start)
		return err
	})
	if err != nil {
		return page, fmt.Errorf("search for changed issues: %w", err)
	}
	return page, nil
}

func (p *pass) searchQuery() jiraclient.SearchQuery {
	return jiraclient.SearchQuery{Fields: []string{"updated"}, PageSize: p.s.sizes.page}
}

// listCloud follows Cloud's tokens, which stay at their place.
func (p *pass) listCloud(ctx context.Context, lower time.Time) ([]found, error) {
	var all []found
	for i, err := range p.s.opts.Jira.Search(ctx, query(p.projects, lower, time.Time{}, p.clock.now()), p.searchQuery()) {
		if err != nil {
			return nil, fmt.Errorf("search for changed issues: %w", err)
		}
		all = append(all, foundIn(i))
	}
	return all, nil
}

func foundIn(i jiraclient.Issue) found {
	f := found{id: i.ID, key: i.Key}
	var t jiraclient.Time
	if raw := i.Fields["updated"]; raw != nil && t.UnmarshalJSON(raw) == nil {
		f.updated = t.Time
	}
	return f
}
