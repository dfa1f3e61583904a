package chaos

import (
	"math/rand/v2"
	"time"
)

// A Fault is one way to treat a bot badly.
type Fault string

// The faults that a plan is made of.
const (
	Kill   Fault = "kill"
	Freeze Fault = "stop"  // SIGSTOP, and SIGCONT later
	Full   Fault = "disk"  // no room on the disk for a while
	Cut    Fault = "cut"   // off from the other bots; only where there are several
	Slow   Fault = "sync"  // each sync takes longer for a while
	Jump   Fault = "jump"  // the clock is set, and stays so until the next jump
	Power  Fault = "power" // the machine is without it: what was not synced is lost
)

var faults = []Fault{Kill, Freeze, Full, Cut, Slow, Jump, Power}

// More moments of a death: these are told by the clock.
const (
	Booting Moment = "while starting"
	Working Moment = "at work"
)

// A Round is one fault. For a death, After is counted from the start of the process where it dies while starting, else from
// when it answers.
type Round struct {
	Fault  Fault         `json:"fault"`
	Moment Moment        `json:"moment,omitempty"`
	After  time.Duration `json:"after"`
	Length time.Duration `json:"length,omitempty"` // of a stop or a full disk; of the time until the next life, or of how late a write during the death is done
	Writes int           `json:"writes,omitempty"` // how many writes of the bot go by before
	Left   int64         `json:"left,omitempty"`   // bytes that a full disk has left
	Each   time.Duration `json:"each,omitempty"`   // what a sync takes longer
	Clock  time.Duration `json:"clock,omitempty"`  // how much later the clock is than it should be
	Bot    int           `json:"bot"`
}

// A planner makes rounds out of a seed. What comes of them is another matter: processes do not run twice alike.
type planner struct {
	rand   *rand.Rand
	faults map[Fault]bool
	bots   int
}

func newPlanner(seed uint64, faults []Fault, bots int) *planner {
	p := &planner{rand: rand.New(rand.NewPCG(seed, 3)), faults: map[Fault]bool{}, bots: bots}
	for _, f := range faults {
		p.faults[f] = true
	}
	return p
}

func (p *planner) upTo(d time.Duration) time.Duration { return time.Duration(p.rand.Int64N(int64(d))) }

func (p *planner) next() Round {
	r := Round{Bot: p.rand.IntN(p.bots)}
	// The dice are thrown alike whatever is switched on, so that a plan with fewer faults is the same plan without them.
	kind := p.rand.Float64()
	freeze := Round{Fault: Freeze, Bot: r.Bot, After: p.upTo(100 * time.Millisecond), Length: p.length()}
	full := Round{Fault: Full, Bot: r.Bot, After: p.upTo(100 * time.Millisecond), Length: 200*time.Millisecond + p.upTo(time.Second), Left: p.left()}
	kill := p.kill(r.Bot)
	power := Round{Fault: Power, Moment: Working, Bot: r.Bot, After: kill.After, Length: kill.Length}
	if kill.Moment == Booting {
		power.Moment = Booting
	}
	if p.bots > 1 {
		return p.ofSeveral(kind, freeze, kill, power)
	}
	machine := p.rand.Float64()
	slow := Round{Fault: Slow, Bot: r.Bot, Each: p.upTo(500 * time.Millisecond), Length: 500*time.Millisecond + p.upTo(2*time.Second)}
	jump := Round{Fault: Jump, Bot: r.Bot, Clock: p.upTo(2*mostJump) - mostJump}
	switch {
	case p.faults[Slow] && machine < 0.03:
		return slow
	case p.faults[Power] && machine < 0.1:
		return power
	case p.faults[Jump] && machine > 0.96:
		return jump
	case p.faults[Freeze] && (kind < 0.12 || kind < 0.5 && !p.faults[Kill]):
		return freeze
	case p.faults[Full] && (kind > 0.96 || !p.faults[Kill] && !p.faults[Power]):
		return full
	case p.faults[Power] && !p.faults[Kill]:
		return power
	}
	return kill
}

// ofSeveral is a round of a cluster: one of the bots is away for so long that the others may, or may not, take over.
func (p *planner) ofSeveral(kind float64, freeze, kill, power Round) Round {
	away := p.upTo(6 * time.Second)
	if kill.Moment != DuringWrite { // where it is how late Jira is
		kill.Length = away
	}
	freeze.Length = p.upTo(9 * time.Second)
	switch {
	case kind < 0.3 && p.faults[Freeze]:
		return freeze
	case kind < 0.6 && p.faults[Cut]:
		freeze.Fault = Cut
		return freeze
	case p.faults[Power] && (kind < 0.75 || !p.faults[Kill]):
		power.Length = away
		return power
	}
	return kill
}

// mostJump is how far the clock is off at most, either way.
const mostJump = 100 * time.Second

// length of a stop is mostly short, and now and then longer than the journal waits for a sign of life.
func (p *planner) length() time.Duration {
	if p.rand.Float64() < 0.05 {
		return 5*time.Second + p.upTo(2*time.Second)
	}
	return 20*time.Millisecond + p.upTo(1500*time.Millisecond)
}

// left is nothing at all, less than one delivery, or less than the journal wants to have.
func (p *planner) left() int64 {
	return []int64{0, 4 << 10, 1 << 20, 100 << 20}[p.rand.IntN(4)]
}

func (p *planner) kill(bot int) Round {
	r := Round{Fault: Kill, Bot: bot, After: p.upTo(350 * time.Millisecond), Length: p.upTo(30 * time.Millisecond), Writes: 1 + p.rand.IntN(15)}
	boot, late := p.upTo(200*time.Millisecond), p.upTo(800*time.Millisecond)
	switch dice := p.rand.Float64(); {
	case dice < 0.20:
		r.Moment, r.After = Booting, boot
	case dice < 0.60:
		r.Moment = Working
	case dice < 0.73:
		r.Moment = BeforeWrite
	case dice < 0.86:
		r.Moment = AfterWrite
	default:
		r.Moment, r.Length = DuringWrite, late
	}
	if r.Moment == Booting || r.Moment == Working {
		r.Writes = 0
	}
	return r
}
