package projections

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/findings"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/retention"
)

// A Digest stands for the logical content of a map at a position: two maps of
// one journal, however they were built and restarted, have the same (E3).
type Digest struct {
	Sum      [32]byte
	Rows     uint64
	Position events.Position
}

// Digest reads everything that the view sees. Rows of the store's own
// bookkeeping, which depend on how batches were cut, are left out; the facets
// count by what they say, not by the changes that led to it.
func (v *View) Digest(ctx context.Context) (Digest, error) {
	h := sha256.New()
	d := Digest{Position: v.Position()}
	var n [8]byte
	err := v.Scan(nil, nil, func(key, val []byte) error {
		if key[0] == familyMeta || facets.Changes(key) {
			return nil
		}
		binary.BigEndian.PutUint32(n[:], uint32(len(key)))
		binary.BigEndian.PutUint32(n[4:], uint32(len(val)))
		h.Write(n[:])
		h.Write(key)
		h.Write(val)
		d.Rows++
		return ctx.Err()
	})
	var x *facets.Index
	if err == nil {
		x, err = facets.Load(v, v.Position())
	}
	if err == nil {
		err = settled(x, v)
	}
	if err == nil {
		err = x.Digest(h)
	}
	if err != nil {
		return Digest{}, fmt.Errorf("digest map: %w", err)
	}
	h.Sum(d.Sum[:0])
	return d, nil
}

// settled does to a copy of the facets what the map does at its next pause.
func settled(x *facets.Index, v *View) error {
	a := facets.NewApplier(x)
	for a.Waiting() {
		if err := a.Flush(nowhere{}, v, v.Position(), true); err != nil {
			return err
		}
	}
	return nil
}

// nowhere takes rows that nobody keeps.
type nowhere struct{}

func (nowhere) Set(_, _ []byte) {}

// Digest is that of what is committed now.
func (m *Map) Digest(ctx context.Context) (Digest, error) {
	v := m.View()
	defer v.Close()
	return v.Digest(ctx)
}

// A Report is what Check found.
type Report struct {
	Position events.Position
	Rows     map[string]uint64 // by family
	Problems []string          // at most maxProblems; they name no person
}

const maxProblems = 100

// Check reads every row, and every page of every file, and says what is
// broken. It changes nothing.
func (m *Map) Check(ctx context.Context) (*Report, error) {
	v := m.View()
	defer v.Close()
	rep := &Report{Position: v.Position(), Rows: make(map[string]uint64)}
	if v.rows == nil {
		return nil, fmt.Errorf("check map: %w", ErrClosed)
	}
	if err := v.s.rows.Verify(); err != nil {
		rep.add("files: %v", err)
	}
	err := v.Scan(nil, nil, func(key, val []byte) error {
		rep.Rows[string(key[:1])]++
		if err := v.checkRow(key, val); err != nil {
			rep.add("row of family %c: %v", key[0], err)
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("check map: %w", err)
	}
	if n := rep.Rows[string(familyQuarantine)]; n != v.at.quarantined {
		rep.add("quarantine: %d rows, %d counted", n, v.at.quarantined)
	}
	if _, err := facets.Load(v, v.Position()); err != nil {
		rep.add("facets: %v", err)
	}
	if err := casebook.CheckTotals(v); err != nil {
		rep.add("cases: %v", err)
	}
	if err := v.checkCounts(); err != nil {
		rep.add("systems: %v", err)
	}
	return rep, nil
}

func (r *Report) add(format string, a ...any) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, fmt.Sprintf(format, a...))
	}
}

func (v *View) checkRow(key, val []byte) error {
	switch key[0] {
	case familyMeta, familyQuarantine, familySymbol, facets.Family:
		return nil // read at Open, or counted
	case identity.FamilyLink, identity.FamilyHand, identity.FamilyMark:
		return identity.CheckRow(key, val)
	case retention.FamilyMoment, retention.FamilyOrder:
		return retention.CheckRow(v, key, val)
	case findings.Family:
		return findings.CheckRow(v, key, val)
	case casebook.Family:
		return casebook.CheckRow(v, key, val)
	default:
		return inventory.CheckRow(v, key, val)
	}
}

// checkCounts compares the events counted by system with those applied.
func (v *View) checkCounts() error {
	systems, err := inventory.Systems(v)
	if err != nil {
		return err
	}
	n := v.at.quarantined
	for _, s := range systems {
		n += s.Events
	}
	if n != v.at.events {
		return fmt.Errorf("%d events counted by system and in quarantine, %d applied", n, v.at.events)
	}
	return nil
}
