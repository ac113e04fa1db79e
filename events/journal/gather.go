package journal

import (
	"runtime"
	"time"
)

// Waiting for company. Callers that have just been answered usually come back
// at once; a frame that leaves without them costs a whole fsync for the few
// that were quicker. The wait is a small part of what an fsync has just taken
// and ends as soon as nobody new comes; a caller that is alone never waits.
const (
	companyShare = 8
	companyMost  = time.Millisecond
	companyPause = 20 * time.Microsecond
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
	most := min(t.took/companyShare, companyMost)
	if t.company <= 1 || began.Sub(t.answered) > most {
		return
	}
	seen, since, pause := int32(0), began, max(companyPause, most/4)
	for {
		runtime.Gosched()
		callers := f.callers.Load()
		now := time.Now()
		if callers > seen {
			seen, since = callers, now
		}
		if callers >= t.company || t.waiting.Load() || now.Sub(since) > pause || now.Sub(began) > most {
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
