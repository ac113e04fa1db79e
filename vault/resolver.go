package vault

import (
	"context"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// A Resolver turns identifiers into handles. It never gives an identifier back.
type Resolver struct{ v *Vault }

// Resolver returns the half of the vault that hides.
func (v *Vault) Resolver() *Resolver { return &Resolver{v} }

// A Pair is one handle of an identifier: as one system knows it.
type Pair struct {
	Handle  events.Handle
	System  events.Code
	Kind    events.Code
	Retired bool // never set by look-ups, which do not find retired pairs
}

// rowOf reads the row of a form through the cache; nil means that there is none.
func (v *Vault) rowOf(f *form) (r *row, err error) {
	if r, ok := v.rows.get(f.digest); ok {
		return r, nil
	}
	if err := v.enter(); err != nil {
		return nil, err
	}
	defer v.leave()
	version := v.rows.version(f.digest)
	if r, err = v.rowNow(f); r == nil || err != nil {
		return nil, err
	}
	v.dropGone(r)
	v.rows.put(r, version)
	return r, nil
}

// rowNow reads a row from the index, unless it is certain that there is none.
func (v *Vault) rowNow(f *form) (r *row, err error) {
	v.routesMu.RLock()
	defer v.routesMu.RUnlock()
	f.row = v.place(f.digest)
	if v.ix.Absent(&f.row.key) {
		return nil, nil
	}
	err = v.ix.View(func(x *index.Reader) (err error) {
		r, err = f.row.read(x)
		return err
	})
	return r, err
}

// rowAt is rowOf for who has no more than the digest.
func (v *Vault) rowAt(d digest) (*row, error) { return v.rowOf(&form{digest: d}) }

// Find returns the pairs of an identifier in all systems, ordered by system. It
// never allocates. Retired and forgotten pairs are not found.
func (r *Resolver) Find(ctx context.Context, id events.Identifier) ([]Pair, error) {
	if err := r.v.usable(); err != nil {
		return nil, err
	}
	forms, err := r.v.formsOf(id)
	if err != nil {
		return nil, invalid(0, err)
	}
	return r.v.find(id.Kind, digests(forms))
}

func (v *Vault) find(kind events.Code, rows []digest) ([]Pair, error) {
	var pairs []Pair
	for _, d := range rows {
		r, err := v.rowAt(d)
		if err != nil {
			return nil, err
		}
		for k := 0; r != nil && k < len(r.pairs); k++ {
			if p := &r.pairs[k]; p.state != index.Retired {
				pairs = append(pairs, Pair{Handle: p.handle, System: p.system, Kind: kind})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b Pair) int {
		if a.System != b.System {
			if a.System < b.System {
				return -1
			}
			return 1
		}
		return slices.Compare(a.Handle[:], b.Handle[:])
	})
	return pairs, nil
}

// Siblings returns the pairs of the identifier behind a handle in all systems,
// itself included. A handle that is retired, forgotten or unknown has none.
func (r *Resolver) Siblings(_ context.Context, h events.Handle) ([]Pair, error) {
	_, pairs, err := r.v.behind(h)
	return pairs, err
}

// Retired returns the handles of the identifier behind a handle that were retired,
// in any system: whoever asks whether something stands in the way of erasing has to
// know that they are one, though look-ups find them no more. The handle itself must
// be one that look-ups find.
func (r *Resolver) Retired(_ context.Context, h events.Handle) (out []events.Handle, err error) {
	rows, pairs, err := r.v.behind(h)
	if err != nil || len(pairs) == 0 {
		return nil, err
	}
	for _, d := range rows {
		row, err := r.v.rowAt(d)
		if err != nil {
			return nil, err
		}
		for k := 0; row != nil && k < len(row.pairs); k++ {
			if p := &row.pairs[k]; p.state == index.Retired {
				out = append(out, p.handle)
			}
		}
	}
	return out, nil
}

// behind finds the rows of the identifier behind a handle, and its pairs.
func (v *Vault) behind(h events.Handle) ([]digest, []Pair, error) {
	if err := v.usable(); err != nil {
		return nil, nil, fmt.Errorf("find the siblings of a handle: %w", err)
	}
	if who, ok := v.handles.get(digest(h)); ok {
		// The rows say what holds now. A handle that is not in them was retired or
		// forgotten, or is for the index to explain.
		pairs, err := v.find(who.kind, who.rows)
		if err != nil || slices.ContainsFunc(pairs, func(p Pair) bool { return p.Handle == h }) {
			return who.rows, pairs, err
		}
	}
	version := v.handles.version(digest(h))
	var e *entry
	var slot uint64
	if err := v.view(func(x *index.Reader) (err error) {
		var s *index.Slot
		slot, s, err = slotOf(x, h)
		if err != nil || s == nil || s.State == index.Retired {
			return err
		}
		e, err = v.openHandle(h, slot, s.Sealed)
		return ignoreGone(err)
	}); err != nil {
		return nil, nil, fmt.Errorf("find the siblings of a handle: %w", err)
	}
	if e == nil {
		return nil, nil, nil
	}
	forms, err := v.formsOf(e.value())
	if err != nil {
		return nil, nil, invalid(0, err)
	}
	rows := digests(forms)
	v.handles.put(digest(h), identity{slot, e.kind, rows}, version)
	pairs, err := v.find(e.kind, rows)
	return rows, pairs, err
}

// EventID is the id under which the journal keeps an event: a keyed digest of
// its source and of the id that the source chose, which may be personal.
func (r *Resolver) EventID(source events.Code, id events.Plaintext) events.EventID {
	return events.EventID(r.v.eventID.sum(source, 0, id.Expose()))
}

// Last is the last frame of the vault's log that this vault has applied.
func (r *Resolver) Last() uint64 { return r.v.Last() }

// Normalise returns the identifier in the form in which it is matched.
func (r *Resolver) Normalise(id events.Identifier) (events.Identifier, error) {
	f, err := r.v.rules.Forms(id)
	if err != nil {
		return events.Identifier{}, invalid(0, err)
	}
	return events.Identifier{Kind: id.Kind, Value: events.NewPlaintext(f[0].Text)}, nil
}
