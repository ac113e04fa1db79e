package measure

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Metrics are the numbers of one phase or of a whole round, by dotted name.
type Metrics map[string]float64

// Add takes the numbers of another phase; a name may be given once.
func (m Metrics) Add(other Metrics) error {
	for k, v := range other {
		if _, twice := m[k]; twice {
			return fmt.Errorf("collect results: two phases report %s", k)
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("collect results: %s is not a number", k)
		}
		m[k] = v
	}
	return nil
}

// A Spread is a median with the least and the greatest of its rounds.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Rounds int     `json:"rounds"`
}

func spreadOf(v []float64) Spread {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	mid := v[n/2]
	if n%2 == 0 {
		mid = (v[n/2-1] + v[n/2]) / 2
	}
	return Spread{mid, v[0], v[n-1], n}
}

// Rounds are the repeated measurements of one run, in the order made.
type Rounds []Metrics

// Of evaluates fn in every round that has all it asks for and returns the
// spread. Ratios are taken inside a round, where both sides met the same noise.
func (r Rounds) Of(fn func(get func(string) float64) float64) (Spread, bool) {
	var v []float64
	for _, m := range r {
		whole := true
		x := fn(func(name string) float64 {
			n, ok := m[name]
			whole = whole && ok
			return n
		})
		if whole && !math.IsNaN(x) && !math.IsInf(x, 0) {
			v = append(v, x)
		}
	}
	if len(v) == 0 {
		return Spread{}, false
	}
	return spreadOf(v), true
}

// Metric is the spread of one number.
func (r Rounds) Metric(name string) (Spread, bool) {
	return r.Of(func(get func(string) float64) float64 { return get(name) })
}

// Names lists every number that any round has, in order.
func (r Rounds) Names() []string {
	seen := map[string]bool{}
	for _, m := range r {
		for k := range m {
			seen[k] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
