package journal_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/events/journal/journaltest"
)

// BenchmarkAppend saves batches of 1024 events from one caller.
func BenchmarkAppend(b *testing.B) {
	l := eventLog(b, open(b, journal.Config{Dir: b.TempDir()}))
	evs := journaltest.Events(0, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i += 1024 {
		if _, err := l.Append(ctx, evs[i:min(i+1024, b.N)], 0, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	s := l.Stats()
	b.ReportMetric(float64(s.AppendSum.Microseconds())/float64(s.Frames), "us/frame")
	b.ReportMetric(float64(s.Bytes)/float64(s.Records), "bytes/event")
}

// BenchmarkCallers saves single events from 256 callers.
func BenchmarkCallers(b *testing.B) {
	l := eventLog(b, open(b, journal.Config{Dir: b.TempDir()}))
	evs := journaltest.Events(0, b.N)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range 256 {
		wg.Go(func() {
			for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
				if _, err := l.Append(ctx, evs[n-1:n], 0, 1); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	s := l.Stats()
	b.ReportMetric(float64(s.AppendSum.Microseconds())/float64(s.Frames), "us/frame")
	b.ReportMetric(float64(s.Records)/float64(s.Frames), "events/frame")
}
