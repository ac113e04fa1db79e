package findings

import (
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A Decision is what a person decided about a finding.
type Decision struct {
	Event    events.Event // Digest names the finding, Why says the outcome
	Position events.Position
	Recorded events.Instant
}

func appendDecision(b []byte, r *events.Recorded, n Batch) []byte {
	b = binary.AppendVarint(b, int64(r.At))
	return events.AppendEvent(b, &r.Event, n)
}

func parseDecision(n events.Names, k, v []byte) (d Decision, err error) {
	if len(k) != 34 {
		return d, errForm
	}
	if d.Position, err = parsePosition(k[18:]); err != nil {
		return d, err
	}
	at, used := binary.Varint(v)
	if used <= 0 {
		return d, errForm
	}
	d.Recorded = events.Instant(at)
	if err := events.DecodeEvent(v[used:], &d.Event, n); err != nil {
		return d, fmt.Errorf("read the row of a decision of %d bytes: %w", len(v), err)
	}
	if d.Event.Kind != events.FindingDecided || d.Event.Digest != events.EventID(k[2:18]) {
		return d, fmt.Errorf("read the row of a decision: it does not stand under its key")
	}
	return d, nil
}

// Decisions lists what was decided, as known by k: for each finding in journal
// order.
func Decisions(r inventory.Reader, known inventory.Known) (map[events.EventID][]Decision, error) {
	out := map[events.EventID][]Decision{}
	err := r.Scan(key(rowDecision), nil, func(k, v []byte) error {
		d, err := parseDecision(r, k, v)
		if err != nil {
			return err
		}
		if known.Sees(d.Position, d.Recorded) {
			out[d.Event.Digest] = append(out[d.Event.Digest], d)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what was decided about findings: %w", err)
	}
	return out, nil
}

// SeenAgain says for each body where it was seen first after the latest word
// that something was mended that came before. A body that is not listed was not
// seen since any.
func SeenAgain(r inventory.Scanner) (map[uint64]events.Position, error) {
	out := map[uint64]events.Position{}
	err := r.Scan(key(rowSeen), nil, func(k, v []byte) error {
		at, err := parsePosition(v)
		if err != nil || len(k) != 10 {
			return errForm
		}
		out[binary.BigEndian.Uint64(k[2:])] = at
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read which codes were seen again: %w", err)
	}
	return out, nil
}

// Watched calls fn for the handles of which something was said that forbids or
// ends, in their order, from after (left out; the zero handle begins at the
// beginning). fn returning inventory.ErrStop ends it without an error.
func Watched(r inventory.Scanner, after events.Handle, fn func(events.Handle, Watch) error) error {
	return r.Scan(key(rowWatched), key(rowWatched, after[:]), func(k, v []byte) error {
		h, w, err := parseWatched(k, v)
		if err != nil {
			return err
		}
		if h == after {
			return nil
		}
		return fn(h, w)
	})
}

// WatchedHandle says what was said of one handle; nothing, if it is not watched.
func WatchedHandle(r inventory.Reader, h events.Handle) (Watch, error) {
	k := key(rowWatched, h[:])
	v, ok, err := r.Get(k)
	if err != nil || !ok {
		return 0, err
	}
	_, w, err := parseWatched(k, v)
	return w, err
}
