package schedule

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

func TestACrashBeforeTheTickIsRememberedMakesTheSameTickAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start(w.line("tidy", "0 * * * *", All))
		w.with(func() { w.forget = errors.New("disk is sick") })
		w.pass(61 * time.Minute)
		w.want("tidy 01 01:00")
		w.wantLog("remember the last ticks: disk is sick")
		w.halt()
		w.with(func() { w.forget = nil })
		w.start(w.line("tidy", "0 * * * *", All))
		w.want("tidy 01 01:00 again")
	})
}

func TestAMemoryThatFailsForAWhileIsMadeUpFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start(w.line("tidy", "0 * * * *", All))
		w.with(func() { w.forget = errors.New("disk is sick") })
		w.pass(61 * time.Minute)
		w.with(func() { w.forget = nil })
		w.pass(time.Minute)
		w.halt()
		w.start(w.line("tidy", "0 * * * *", All))
		w.want("tidy 01 01:00")
	})
}

func TestAStopInTheMiddleRemembersWhatIsStored(t *testing.T) {
	inWorld(t, func(w *world) {
		tidy := w.line("tidy", "0 * * * *", All)
		w.start(tidy)
		w.halt()
		w.pass(4*time.Hour + 30*time.Minute)
		n := 0
		second, goOn := make(chan struct{}), make(chan struct{})
		w.accept = func() {
			if n++; n == 2 {
				close(second)
				<-goOn
			}
		}
		w.start(tidy)
		<-second
		ended := make(chan error)
		go func() { ended <- w.stop() }()
		synctest.Wait()
		close(goOn)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		w.want("tidy 01 01:00", "tidy 01 02:00")
		w.start(tidy)
		w.want("tidy 01 03:00", "tidy 01 04:00")
	})
}

func TestTheClockIsSet(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start(w.line("tidy", "0 * * * *", All))
		w.pass(90 * time.Minute)
		w.want("tidy 01 01:00")

		w.with(func() { w.ahead = 2 * time.Hour }) // 03:30
		w.pass(time.Minute)
		w.want("tidy 01 02:00", "tidy 01 03:00")

		w.with(func() { w.ahead = 0 }) // back: 01:31
		w.pass(119 * time.Minute)      // 03:30
		w.want()
		w.pass(time.Hour)
		w.want("tidy 01 04:00")
	})
}

func TestAClockThatWasWrongByMonthsIsForgotten(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start(w.line("tidy", "0 * * * *", Last))
		w.with(func() { w.ahead = 200 * 24 * time.Hour })
		w.pass(time.Minute)
		w.want("tidy 19 00:00")
		w.with(func() { w.ahead = 0 })
		w.pass(time.Hour)
		w.want("tidy 01 01:00")
		w.wantLog("the clock was wrong")
	})
}

func TestTheMemory(t *testing.T) {
	t.Run("is written only when there is something new", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.start(w.line("tidy", "0 12 * * *", All))
			w.pass(11 * time.Hour)
			w.wantWrites(1) // the new line
			w.pass(2 * time.Hour)
			w.wantWrites(2) // its tick
		})
	})
	t.Run("is left alone until the lines are known", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.start(w.line("tidy", "0 * * * *", All))
			w.halt()
			w.start()
			w.pass(150 * time.Minute)
			w.running.Set([]Line{w.line("tidy", "0 * * * *", All)})
			synctest.Wait()
			w.want("tidy 01 01:00", "tidy 01 02:00")
		})
	})
	t.Run("that cannot be read ends Run", func(t *testing.T) {
		inWorld(t, func(w *world) {
			sick := errors.New("disk is sick")
			w.recall = sick
			s := New(Options{Inbox: w, Memory: w, Log: zerolog.Nop()})
			if err := s.Run(t.Context()); !errors.Is(err, sick) || err.Error() != "recall the last ticks: disk is sick" {
				t.Errorf("got %v", err)
			}
		})
	})
	t.Run("that is no JSON is as good as none", func(t *testing.T) {
		inWorld(t, func(w *world) {
			w.kept[memoryKey] = []byte(`{"tidy/0":`)
			w.pass(3 * time.Hour)
			w.start(w.line("tidy", "0 * * * *", All))
			w.want()
			w.wantLog("the memory of the last ticks is unreadable")
			w.pass(time.Hour)
			w.want("tidy 01 04:00")
		})
	})
}
