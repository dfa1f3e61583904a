package speed

import (
	"os"
	"testing"
	"time"
)

func TestAProcessIsMeasured(t *testing.T) {
	before, err := processorTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < time.Second; { // as long as it takes on a busy machine
		if now, err := processorTime(os.Getpid()); err != nil || now-before > 5*time.Millisecond {
			break
		}
	}
	after, err := processorTime(os.Getpid())
	if err != nil || after <= before {
		t.Errorf("after some work: %v, %v; want more than %v", after, err, before)
	}
	now, peak, err := memory(os.Getpid())
	if err != nil || now < 1<<20 || peak < now/2 {
		t.Errorf("memory %d, at most %d, %v", now, peak, err)
	}
}
