// Package chaos proves the bot's first three promises by destruction: nothing accepted is lost, nothing is done twice, and
// what happens to an issue is done in order. It starts the real program on loopback, against a simulated Jira with people
// at work in it, kills and stops and starves it at moments that a seed decides, and in the end reads off the simulated Jira
// what was done.
//
// What should have been done is derived from the events alone: each carries a token that must come back in the effects
// which the deeds' table lists. None of that knows how the bot decides. Check compares the two, and says what was lost, done
// twice, out of order, or done without anybody having asked.
//
//	report, err := chaos.Run(ctx, chaos.Options{Seed: 1, Kills: 500})
package chaos
