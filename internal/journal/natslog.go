package journal

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"
)

// natsLog passes on what the server says. It is talkative: what it notices at start is of no interest here.
type natsLog struct{ log zerolog.Logger }

func (l natsLog) Noticef(f string, v ...any) { l.log.Debug().Msgf(f, v...) }

func (l natsLog) Warnf(f string, v ...any) {
	text := fmt.Sprintf(f, v...)
	for _, usual := range []string{
		"Maximum payloads over", // by design: a delivery can have 25 MB
		"Plaintext passwords",   // ours was made for this process, and is nowhere in the clear
		"Waiting for routing",   // at each start of a cluster, like the next
		"JetStream has not established contact",
		"Metalayer blocking snapshot", // at each stop
		"Catchup for stream",          // by a machine that was away
	} {
		if strings.HasPrefix(text, usual) {
			l.log.Debug().Msg(text)
			return
		}
	}
	l.log.Warn().Msg(text)
}

func (l natsLog) Errorf(f string, v ...any) {
	if strings.HasPrefix(f, "Error trying to connect to route") {
		l.log.Debug().Msgf(f, v...) // once a second for each machine that is away; the crew says who is
		return
	}
	l.log.Error().Msgf(f, v...)
}

func (l natsLog) Fatalf(f string, v ...any) { l.log.Error().Msgf(f, v...) }

func (l natsLog) Debugf(f string, v ...any) { l.log.Debug().Msgf(f, v...) }

func (l natsLog) Tracef(f string, v ...any) { l.log.Trace().Msgf(f, v...) }
