package journal

import (
	"sync/atomic"
	"time"
)

// LatencyBounds are the upper bounds of the buckets of Stats.Append.
var LatencyBounds = [...]time.Duration{
	250 * time.Microsecond, 500 * time.Microsecond, time.Millisecond, 2 * time.Millisecond, 4 * time.Millisecond,
	8 * time.Millisecond, 16 * time.Millisecond, 32 * time.Millisecond, 64 * time.Millisecond, 128 * time.Millisecond,
	256 * time.Millisecond, 512 * time.Millisecond, time.Second, 4 * time.Second,
}

// Stats are counts of one log since it was opened, and its state now.
type Stats struct {
	Frames, Records, Bytes uint64 // saved
	Duplicates             uint64 // events recognised as repeats
	Retries                uint64 // attempts to save a frame after the first
	Pending                int    // records handed over and not yet saved
	Remembered             int    // events in the table of repeats
	// Append[i] counts frames whose saving took at most LatencyBounds[i]; the
	// last element counts all.
	Append    [len(LatencyBounds) + 1]uint64
	AppendSum time.Duration
	Last      time.Duration // of the latest frame
	// Behind is how far the clock stood behind the last recorded time at the
	// latest frame: more than zero means that the clock was put back.
	Behind time.Duration
}

// counters are the live form of Stats. All fields are atomic.
type counters struct {
	frames, records, bytes, duplicates, retries atomic.Uint64
	append                                      [len(LatencyBounds) + 1]atomic.Uint64
	sum, last, behind                           atomic.Int64
}

func (c *counters) saved(records, bytes int, took time.Duration) {
	c.frames.Add(1)
	c.records.Add(uint64(records))
	c.bytes.Add(uint64(bytes))
	c.sum.Add(int64(took))
	c.last.Store(int64(took))
	for i, b := range LatencyBounds {
		if took <= b {
			c.append[i].Add(1)
		}
	}
	c.append[len(LatencyBounds)].Add(1)
}

func (c *counters) stats() Stats {
	s := Stats{
		Frames: c.frames.Load(), Records: c.records.Load(), Bytes: c.bytes.Load(),
		Duplicates: c.duplicates.Load(), Retries: c.retries.Load(),
		AppendSum: time.Duration(c.sum.Load()), Last: time.Duration(c.last.Load()),
		Behind: time.Duration(c.behind.Load()),
	}
	for i := range c.append {
		s.Append[i] = c.append[i].Load()
	}
	return s
}
