package desk

import (
	"errors"
	"testing"

	"github.com/habeas-data/habeas/events"
)

// positioned is a view of nothing at a position, which counts how often it is
// read.
type positioned struct {
	View
	at    events.Position
	scans *int
	err   error
}

func (p positioned) Position() events.Position { return p.at }

func (p positioned) Scan(_, _ []byte, _ func(key, value []byte) error) error {
	*p.scans++
	return p.err
}

// What systems reported is read once for each position, a later one replaces an
// earlier one, and an error is not kept.
func TestSystemsOncePerPosition(t *testing.T) {
	d := new(Desk)
	broken := errors.New("broken")
	for i, x := range []struct {
		seq   uint64
		err   error
		scans int
	}{
		{1, broken, 1}, {1, nil, 1}, {1, broken, 0}, {2, nil, 1}, {2, nil, 0},
		{1, nil, 1}, // a view that was opened before
		{2, broken, 0}, {3, broken, 1}, {2, nil, 0},
	} {
		n := 0
		list, err := d.systems(positioned{at: events.Position{Generation: 1, Seq: x.seq}, scans: &n, err: x.err})
		if n != x.scans || (err != nil) != (x.err != nil && x.scans > 0) || (err == nil && list == nil) {
			t.Errorf("step %d: %d scans, error %v, list %v; want %d scans", i, n, err, list, x.scans)
		}
	}
}
