package inventory

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
)

// What was recorded by a moment is told exactly, so no stamp may be rounded,
// and one stamp has one form, so that equal rows are equal bytes.
func TestStampIsExactAndHasOneForm(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		of := events.Instant(rapid.Int64Range(int64(EarliestTime), int64(LatestTime)).Draw(rt, "of"))
		recorded := events.Instant(rapid.Int64Range(int64(EarliestTime), int64(LatestTime)).Draw(rt, "recorded"))
		switch rapid.IntRange(0, 2).Draw(rt, "how") {
		case 0:
			recorded = of + events.Instant(rapid.Int64Range(-1e9, 1e9).Draw(rt, "delay"))
		case 1:
			recorded -= recorded % microsPerMs
		}
		b := AppendStamp(nil, recorded, of)
		v, n := binary.Uvarint(b)
		got, ok := StampOf(v, of)
		if n != len(b) || !ok || got != recorded {
			rt.Fatalf("%d of %d came back as %d, %v", recorded, of, got, ok)
		}
	})
}

func FuzzStamp(f *testing.F) {
	f.Add(uint64(1), int64(0))
	f.Add(uint64(3), int64(-1))
	f.Fuzz(func(t *testing.T, v uint64, of int64) {
		o := events.Instant(of % int64(LatestTime))
		if got, ok := StampOf(v, o); ok && stampOf(got, o) != v {
			t.Fatalf("%d of %d has two forms", v, o)
		}
	})
}

// Backfilled events are recorded together: their stamps must look alike, and
// what arrives at once must stay short.
func TestStampLength(t *testing.T) {
	now := events.Instant(1_795_000_000_000_000)
	for _, c := range []struct {
		delay events.Instant
		most  int
	}{{0, 1}, {15_000, 1}, {2_000_000, 2}, {200_000_000, 3}, {90 * 86_400_000_000, 6}, {4000 * 86_400_000_000, 6}} {
		if n := len(AppendStamp(nil, now, now-c.delay)); n > c.most {
			t.Errorf("%d bytes for a delay of %d microseconds, want at most %d", n, c.delay, c.most)
		}
	}
}
