// Package chaos proves the bot's first three promises by destruction: nothing accepted is lost, nothing is done twice, and
// what happens to an issue is done in order. It starts the real program on loopback, against a simulated Jira with people
// at work in it, kills and stops and starves it at moments that a seed decides, and in the end reads off the simulated Jira
// what was done.
//
// What should have been done is derived from the events alone: each carries a token that must come back in the effects
// which the deeds' table lists. None of that knows how the bot decides. Check compares the two, and says what was lost, done
// twice, out of order, or done without anybody having asked.
//
// What is done to a bot: SIGKILL while it starts, at work, and before, after and during a write to Jira, which in the last case
// is done when the next process may have begun; SIGSTOP for a while; a loss of power, with which all is lost that was not synced;
// a disk that is full, or slow to sync, for a while; a clock that is set, by up to 100 s either way; in a cluster, a network that
// is cut, and in the end two bots of three away. What Jira does: 503, 429, slow answers, connections dropped before and after it
// has done what was asked, a rate limit, a search that lags, and all of it down. What senders do: they repeat, at once or late,
// and some give up.
//
// Slow syncs, the clock, and that the machine of a single bot was started anew are the bot's own doing, which is built for it
// with the tag chaos: package hardship. A bot's disk is an ext4 of its own in a file in memory. It loses its power by an order
// that ext4 has for that: from one moment to the next nothing is written any more, and what comes back is what was synced, or
// happened to be written.
//
// A plan of faults is replayed by its seed; what comes of it is not, since processes do not run twice alike. So a broken promise
// leaves its evidence: logs, data, plan, and every event, effect and request.
//
//	report, err := chaos.Run(ctx, chaos.Options{Seed: 1, Kills: 500})
package chaos
