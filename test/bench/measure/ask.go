package measure

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// An Asker answers one footprint by e-mail address and returns its rows.
type Asker func(ctx context.Context, email string) (rows int, err error)

// idleAsks is how many questions are put to an idle system; the first tenth of
// them, or of the time, only warms it.
const idleAsks = 20_000

// AskIdle puts questions one after the other, with nothing else going on.
func AskIdle(ctx context.Context, people []string, ask Asker, limit time.Duration) (*Latency, error) {
	l := NewLatency()
	end := time.Now().Add(limit)
	for i := range idleAsks {
		start := time.Now()
		rows, err := ask(ctx, people[i%len(people)])
		if err != nil {
			return nil, fmt.Errorf("ask an idle system: %w", err)
		}
		if i >= idleAsks/10 || time.Until(end) < limit*9/10 {
			if err := l.Record(time.Since(start), rows); err != nil {
				return nil, err
			}
		}
		if start.After(end) {
			break
		}
	}
	return l, nil
}

// Beside are the answers of one caller while something else goes on.
type Beside struct {
	Latency *Latency
	// CPU is what the caller's own thread used, to be taken off.
	CPU time.Duration
}

// AskBeside puts so many questions a second until done is closed. One caller
// waits for each answer, so a slow answer delays the next question; how long a
// question waited to be put is not counted.
func AskBeside(ctx context.Context, done <-chan struct{}, people []string, perSecond int, ask Asker) (Beside, error) {
	runtime.LockOSThread() // for its clock; the goroutine ends with it
	b := Beside{Latency: NewLatency()}
	began := threadCPU()
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-done:
			b.CPU = threadCPU() - began
			return b, nil
		case <-ctx.Done():
			return b, ctx.Err()
		case <-tick.C:
		}
		start := time.Now()
		rows, err := ask(ctx, people[i%len(people)])
		if err != nil {
			return b, fmt.Errorf("ask beside ingest: %w", err)
		}
		if err := b.Latency.Record(time.Since(start), rows); err != nil {
			return b, err
		}
	}
}
