package inventory

import (
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A Note is one event that the gateway could not understand. Its body is sealed
// in the vault under the note's id.
type Note struct {
	ID       events.EventID
	System   events.Code // who sent it
	Why      events.Code
	Time     events.Instant
	Recorded events.Instant
	Position events.Position
	Subject  []events.Ref // as far as identifiers were readable
	Resolved bool
}

func noteKey(id events.EventID) []byte { return append([]byte{FamilyNote}, id[:]...) }

// note keeps the state of a quarantined event. The resolution may come before
// the quarantining; the first word of each kind stands.
func (a *Applier) note(b Batch, r *events.Recorded) error {
	key := noteKey(r.Note)
	v, ok, err := b.Get(key)
	if err != nil {
		return fmt.Errorf("read note row: %w", err)
	}
	n := Note{ID: r.Note}
	if ok {
		if n, err = parseNote(key, v); err != nil {
			return err
		}
	}
	was := n.pending()
	if r.Kind == events.QuarantineResolved {
		n.Resolved = true
	} else if n.System == "" {
		n.System, n.Why, n.Time, n.Recorded = r.Source, r.Why, r.Time, r.At
		n.Position, n.Subject = r.Position, r.Subject
	}
	b.Set(key, appendNote(nil, &n))
	if n.pending() == was {
		return nil
	}
	from := a.tally.of(n.System)
	if a.tally.touch(from); was {
		from.Pending--
	} else {
		from.Pending++
	}
	return nil
}

func (n *Note) pending() bool { return n.System != "" && !n.Resolved }

func appendNote(b []byte, n *Note) []byte {
	resolved := byte(0)
	if n.Resolved {
		resolved = 1
	}
	b = append(b, resolved)
	b = appendCode(appendCode(b, n.System), n.Why)
	b = appendInstant(appendInstant(b, n.Time), n.Recorded)
	b = appendPosition(b, n.Position)
	b = append(b, byte(len(n.Subject)))
	for _, s := range n.Subject {
		b = appendCode(append(b, s.Handle[:]...), s.Kind)
	}
	return b
}

func parseNote(k, v []byte) (Note, error) {
	c := cursor{b: v}
	flags := c.byte()
	n := Note{Resolved: flags == 1, System: c.code(), Why: c.code(), Time: c.instant(), Recorded: c.instant(), Position: c.position()}
	for range c.byte() {
		var s events.Ref
		copy(s.Handle[:], c.take(16))
		s.Kind = c.code()
		n.Subject = append(n.Subject, s)
	}
	if c.bad || len(c.b) > 0 || len(k) != 17 || flags > 1 {
		return Note{}, fmt.Errorf("read note row of %d bytes: its form is broken", len(v))
	}
	copy(n.ID[:], k[1:])
	return n, nil
}

// FindNote returns what is known of one note. Without a System only its
// resolution has been seen so far.
func FindNote(r Reader, id events.EventID) (n Note, ok bool, err error) {
	key := noteKey(id)
	v, ok, err := r.Get(key)
	if err != nil || !ok {
		return Note{}, false, err
	}
	n, err = parseNote(key, v)
	return n, err == nil, err
}

// Notes lists the quarantined events that wait for a person (all: also those
// resolved), in the order of their ids.
func Notes(r Scanner, all bool) ([]Note, error) {
	var out []Note
	err := r.Scan([]byte{FamilyNote}, nil, func(k, v []byte) error {
		n, err := parseNote(k, v)
		if err == nil && n.System != "" && (all || n.pending()) {
			out = append(out, n)
		}
		return err
	})
	return out, err
}
