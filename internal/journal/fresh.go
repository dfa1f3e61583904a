package journal

import "sync/atomic"

// fresh are deliveries of a lane that have just been stored and are still in memory: nearly always they are worked on at once,
// and need not be read and understood a second time. They follow one another in the lane without a gap. Its lane guards it.
type fresh struct {
	entries []Entry
	before  uint64        // the delivery of the lane that comes before the first of them
	bytes   *atomic.Int64 // of all lanes
}

const (
	// mostFresh is how many bytes of deliveries are kept in all. What arrives beyond is read when its turn comes.
	mostFresh = 8 << 20
	// fewFresh is up to how many what is known about them is kept as well, which takes more memory than they do.
	fewFresh = 1 << 20
)

// add keeps a delivery that comes behind another, unless something between is not kept, or there is too much.
func (f *fresh) add(e Entry, before uint64) {
	if n := len(f.entries); n > 0 && f.entries[n-1].Seq != before || f.bytes.Load() > mostFresh {
		return
	}
	if len(f.entries) == 0 {
		f.before = before
	}
	if f.bytes.Load() > fewFresh {
		e.Known = nil
	}
	f.entries = append(f.entries, e)
	f.bytes.Add(int64(len(e.Body)))
}

// take takes out the delivery that comes right behind the floor, if it is kept.
func (f *fresh) take(floor uint64) (Entry, bool) {
	for len(f.entries) > 0 && f.entries[0].Seq <= floor {
		f.drop()
	}
	if len(f.entries) == 0 || f.before > floor {
		return Entry{}, false
	}
	return f.drop(), true
}

// drop removes the first.
func (f *fresh) drop() Entry {
	e := f.entries[0]
	f.entries[0] = Entry{} // its body is not needed any more
	if f.entries = f.entries[1:]; len(f.entries) == 0 {
		f.entries = nil
	}
	f.before = e.Seq
	f.bytes.Add(-int64(len(e.Body)))
	return e
}

func (f *fresh) clear() {
	for len(f.entries) > 0 {
		f.drop()
	}
}

// atHand is the next delivery of the lane, if it is in memory.
func (l *lane) atHand() (Entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fresh.take(l.floor)
}
