package journal

import (
	"runtime"
	"time"
)

// Waiting for company. Callers that have just been answered usually come back
// at once; a frame that leaves without them costs a whole fsync for the few that
// were quicker, and its way to the disk and back then stands in the same queue
// for the processor as those who are still on theirs. The wait goes on while they
// come at least half as fast as frames have carried them lately. It ends when all
// are there, when nobody new has come for a small part of what a frame takes (a
// smaller one where nobody came the last times), and after half a frame in any
// case. A caller that is alone never waits.
const (
	companyMost  = time.Millisecond
	companyPause = 20 * time.Microsecond
	companyShare = 8 // of what a frame takes, if that is a longer pause
	companyPace  = 2
)

// gather lets the open frame fill.
func (t *tape) gather() {
	t.mu.Lock()
	f, full := t.open, len(t.queue) > 0 || t.open.b.Count() == 0
	t.mu.Unlock()
	if full {
		return
	}
	if t.limits.flushEvery > 0 {
		t.pause(f)
		return
	}
	began := time.Now()
	pause := max(companyPause, t.took/companyShare>>min(t.vain, 4))
	most := min(max(t.took/2, pause), companyMost)
	if t.company <= 1 || began.Sub(t.answered) > most {
		return
	}
	first := f.callers.Load()
	seen, since := first, began
	for {
		runtime.Gosched()
		callers := f.callers.Load()
		now := time.Now()
		if callers > seen {
			seen, since = callers, now
		}
		waited := now.Sub(began)
		slow := companyPace*time.Duration(callers-first)*t.took < time.Duration(t.company)*waited
		if callers >= t.company || t.waiting.Load() || now.Sub(since) > pause || waited > most || slow && waited > pause {
			t.vain++
			if seen > first {
				t.vain = 0
			}
			return
		}
	}
}

// pause waits until the frame is flushEvery old or full.
func (t *tape) pause(f *frame) {
	t.mu.Lock()
	left := t.limits.flushEvery - time.Since(f.began)
	t.mu.Unlock()
	timer := time.NewTimer(left)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case <-t.closing:
			return
		case <-t.ready:
		}
		t.mu.Lock()
		full := len(t.queue) > 0
		t.mu.Unlock()
		if full {
			return
		}
	}
}
