package measure

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// The two sizes that are compared, and their people.
var scales = []struct {
	name           string
	events, people int
}{
	{"small", 500_000, 200_000},
	{"large", 5_000_000, 1_000_000},
}

// scale measures whether what is held already slows down what comes: the same
// end-to-end phase at half a million and at five million events.
func (r *Runner) scale(ctx context.Context, o Options) (Metrics, error) {
	m := Metrics{}
	for _, s := range scales {
		big := o
		big.Events, big.People, big.Dir = s.events, s.people, filepath.Join(o.Dir, s.name)
		if err := os.Mkdir(big.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("make a directory for a size: %w", err)
		}
		if _, err := r.spawn(ctx, r.Rounds, Shape, big); err != nil {
			return nil, err
		}
		got, err := r.spawn(ctx, r.Rounds, endToEnd, big)
		if err != nil {
			return nil, err
		}
		for _, k := range []string{"e2e.per_s", "e2e.cpu_us", "busy.p99_us", "idle.small.p50_us", "disk.map", "disk.journal", "memory_mb"} {
			m["scale."+s.name+"."+k] = got["habeas."+k]
		}
	}
	m["scale.ratio"] = m["scale.large.e2e.per_s"] / m["scale.small.e2e.per_s"]
	return m, nil
}
