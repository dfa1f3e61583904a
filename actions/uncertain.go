package actions

// Uncertain says what is done about a step of which nobody knows whether it was done: its answer was lost, or the bot was
// killed before it could write the answer down.
type Uncertain string

// What can be done about it.
const (
	Retry Uncertain = "retry" // do it again, without looking
	Ask   Uncertain = "ask"   // look in Jira whether it was done, and do it if not
	Bury  Uncertain = "bury"  // do nothing more; a person looks, and redrives or discards the dead letter
)

// WhenUncertain is what is done where a step says nothing.
func (k *Kind) WhenUncertain() Uncertain {
	if k.Asks == "" {
		return Retry
	}
	return Ask
}
