package measure

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A Latency collects durations from 100 ns to a minute with three digits. Not
// safe for concurrent use.
type Latency struct {
	h    *hdrhistogram.Histogram
	rows int64 // rows answered, all together
}

// NewLatency returns an empty Latency.
func NewLatency() *Latency {
	return &Latency{h: hdrhistogram.New(100, int64(time.Minute), 3)}
}

// Record adds one answer of so many rows.
func (l *Latency) Record(d time.Duration, rows int) error {
	if err := l.h.RecordValue(int64(d)); err != nil {
		return fmt.Errorf("record a latency of %v: %w", d, err)
	}
	l.rows += int64(rows)
	return nil
}

// Report writes count, rows an answer, p50, p99, p99.9 and the greatest, in
// microseconds, under a name.
func (l *Latency) Report(m Metrics, name string) {
	n := l.h.TotalCount()
	if n == 0 {
		return
	}
	us := func(v int64) float64 { return float64(v) / 1000 }
	m[name+".count"] = float64(n)
	m[name+".rows"] = float64(l.rows) / float64(n)
	m[name+".p50_us"] = us(l.h.ValueAtQuantile(50))
	m[name+".p99_us"] = us(l.h.ValueAtQuantile(99))
	m[name+".p999_us"] = us(l.h.ValueAtQuantile(99.9))
	m[name+".max_us"] = us(l.h.Max())
}
