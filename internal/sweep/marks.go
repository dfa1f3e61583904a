package sweep

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Memory keeps small values across restarts. Recall gives nil, nil for what was never remembered.
type Memory interface {
	Recall(ctx context.Context, key string) ([]byte, error)
	Remember(ctx context.Context, key string, data []byte) error
}

const (
	memoryKey = "sweep"
	// everywhere is the mark of all projects, while some rule waits for those of all.
	everywhere = "*"
)

// A mark is how far a project is swept, by Jira's clock.
type mark struct {
	// From: what happened before is dealt with.
	From time.Time `json:"from"`
	// Reached belongs to a sweep that is not finished: issues that were last updated before it have been looked at.
	Reached time.Time `json:"reached,omitzero"`
	// Lag is how far Jira's index was seen to be behind.
	Lag time.Duration `json:"lag,omitempty"`
}

func (m mark) equal(o mark) bool {
	return m.From.Equal(o.From) && m.Reached.Equal(o.Reached) && m.Lag == o.Lag
}

// overlap is how far a sweep looks back before the one before: what happened shortly before that was perhaps not yet in
// the index.
func (m mark) overlap(least time.Duration) time.Duration { return min(max(least, 2*m.Lag), maxOverlap) }

type marks map[string]mark

// recall reads how far was swept. Where another machine has swept meanwhile, what this one remembers of its own last sweep
// says nothing any more.
func (s *Sweeper) recall(ctx context.Context) error {
	data, err := s.opts.Memory.Recall(ctx, memoryKey)
	if err != nil {
		return fmt.Errorf("recall how far was swept: %w", err)
	}
	now := marks{}
	if data != nil {
		if err := json.Unmarshal(data, &now); err != nil {
			// Without the memory the past is not swept, which is better than never to sweep again.
			s.opts.Log.Error().Err(err).Msg("the memory of how far was swept is unreadable; the sweeps begin anew")
			now = marks{}
		}
	}
	if !maps.EqualFunc(s.marks, now, mark.equal) {
		s.marks, s.seen, s.looked = now, map[string]seen{}, map[string]time.Time{}
	}
	return nil
}

// set moves marks and remembers them.
func (s *Sweeper) set(ctx context.Context, next marks) error {
	if maps.EqualFunc(s.marks, next, mark.equal) {
		return nil
	}
	data, err := json.Marshal(next)
	if err == nil {
		err = s.opts.Memory.Remember(ctx, memoryKey, data)
	}
	if err != nil {
		return fmt.Errorf("remember how far was swept: %w", err)
	}
	s.marks = next
	return nil
}

// move gives some projects another mark.
func (s *Sweeper) move(ctx context.Context, projects []string, change func(mark) mark) error {
	next := maps.Clone(s.marks)
	for _, p := range projects {
		next[p] = change(next[p])
	}
	return s.set(ctx, next)
}

// adopt gives marks to projects that are new in the rules' scope, and takes those away that are no longer in it. A new
// project begins now, unless it was swept until now as one of all.
func (s *Sweeper) adopt(ctx context.Context, scope Scope, now time.Time) error {
	wanted := scope.Projects
	if scope.All {
		wanted = []string{everywhere}
	}
	next := marks{}
	for _, p := range wanted {
		m, had := s.marks[p]
		if !had {
			m, had = s.marks[everywhere]
		}
		if !had {
			m = mark{From: now}
		}
		next[p] = m
	}
	if scope.All {
		// Those that had marks of their own are swept once more on their own: the mark of all begins now.
		all := next[everywhere]
		maps.Copy(next, s.marks)
		next[everywhere] = all
	}
	for p, m := range next {
		if oldest := now.Add(-s.opts.Remembers); m.From.Before(oldest) {
			s.opts.Log.Warn().Str("project", p).Time("from", m.From).Time("to", oldest).Msg("too long ago to be swept: the bot does not remember what it did then")
			m.From = oldest
			next[p] = m
		}
	}
	return s.set(ctx, next)
}

// groups are the projects that can be asked for together, since they stand at the same mark. Jira is asked for a hundred
// at most.
func (s *Sweeper) groups() [][]string {
	var groups [][]string
	for _, p := range slices.Sorted(maps.Keys(s.marks)) {
		i := slices.IndexFunc(groups, func(g []string) bool {
			return len(g) < 100 && g[0] != everywhere && p != everywhere && s.marks[g[0]].equal(s.marks[p])
		})
		if i < 0 {
			groups = append(groups, []string{p})
			continue
		}
		groups[i] = append(groups[i], p)
	}
	return groups
}
