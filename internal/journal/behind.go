package journal

import "context"

// maxBehind is how many deliveries Behind looks at.
const maxBehind = 1000

// Behind tells whether a delivery waits in the lane behind the task's that is as wanted.
func (t *Task) Behind(ctx context.Context, wanted func(Entry) bool) (bool, error) {
	n := t.journal.node.Load()
	seq := t.Seq
	for range maxBehind {
		m, err := n.next(ctx, in, seq+1, laneSubject(t.Lane))
		if err != nil || m == nil {
			return false, err
		}
		e, err := t.journal.entry(m.Subject, m.Sequence, m.Time, m.Header, m.Data)
		if err != nil {
			return false, err
		}
		if wanted(e) {
			return true, nil
		}
		seq = m.Sequence
	}
	return false, nil
}
