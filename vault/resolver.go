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

// A Request asks for the handles of identifiers as one system knows them.
type Request struct {
	System events.Code
	IDs    []events.Identifier
}

// Resolved is the handle of one identifier.
type Resolved struct {
	Ref   events.Ref
	Fresh bool // allocated by this call
	// Erased is when this identifier was erased in this system before this
	// handle was allocated, or zero.
	Erased events.Instant
}

// An Answer is the answer to one Request: one Resolved for each identifier, or
// an *InvalidError and nothing allocated.
type Answer struct {
	Resolved []Resolved
	Err      error
}

// A want is one identifier on its way to its handle.
type want struct {
	id     events.Identifier
	system events.Code
	forms  []form
	// row is that of the newest form as it was at a version of its counter; nil
	// if there was none. It is not to be changed.
	row     *row
	version uint32
	text    string // newest form, in plain, if it is known; only until allocated
	out     *Resolved
}

// Resolve returns the handles of ids in their order and allocates those that
// are missing; they are durable on return. It is an *InvalidError if one is not
// an identifier of its kind, and then none is allocated.
func (r *Resolver) Resolve(ctx context.Context, system events.Code, ids []events.Identifier) ([]Resolved, error) {
	answers, _, err := r.ResolveBatch(ctx, []Request{{system, ids}})
	if err != nil {
		return nil, err
	}
	return answers[0].Resolved, answers[0].Err
}

// ResolveBatch answers many requests together. The sequence is that of the last
// vault frame an event that uses these handles needs. An error concerns all
// requests; what is wrong with one stands in its answer.
func (r *Resolver) ResolveBatch(ctx context.Context, requests []Request) ([]Answer, uint64, error) {
	v := r.v
	answers := make([]Answer, len(requests))
	n := 0
	for i := range requests {
		n += len(requests[i].IDs)
	}
	all := make([]Resolved, n)
	var missing []*want
	for i := range requests {
		q, before := &requests[i], len(missing)
		out := all[:len(q.IDs):len(q.IDs)]
		all = all[len(q.IDs):]
		for k := range q.IDs {
			m, err := v.resolveKnown(q.System, q.IDs[k], &out[k])
			if err != nil {
				if err = invalid(k, err); !isInvalid(err) {
					return nil, 0, err
				}
				answers[i].Err, out, missing = err, nil, missing[:before]
				break
			}
			if m != nil {
				missing = append(missing, m)
			}
		}
		answers[i].Resolved = out
	}
	if len(missing) > 0 {
		if err := v.submit(&job{ctx: ctx, wants: missing}); err != nil {
			return nil, 0, fmt.Errorf("allocate handles: %w", err)
		}
	} else if err := v.usable(); err != nil {
		return nil, 0, err
	}
	return answers, v.Last(), nil
}

func isInvalid(err error) bool {
	_, ok := err.(*InvalidError)
	return ok
}

// resolveKnown fills out if the pair is known, else returns what to allocate.
func (v *Vault) resolveKnown(system events.Code, id events.Identifier, out *Resolved) (*want, error) {
	forms, text, err := v.formsOf(id)
	if err != nil {
		return nil, err
	}
	var newest *row
	version := v.versionAt(forms[0].digest).Load() // before the row
	for i := range forms {
		r, err := v.rowOf(forms[i].digest)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			newest = r
		}
		if r == nil {
			continue
		}
		// A swept pair is revived by the writer, so it counts as missing here.
		if p := r.found(system); p != nil && p.state == index.Live {
			*out = Resolved{Ref: events.Ref{Handle: p.handle, Kind: id.Kind}, Erased: p.erased}
			return nil, nil
		}
	}
	return &want{id: id, system: system, forms: forms, row: newest, version: version, text: text, out: out}, nil
}

// rowOf reads a row through the cache. The row must not be changed; nil means
// that there is none.
func (v *Vault) rowOf(d digest) (*row, error) {
	if r, ok := v.rows.get(d); ok {
		return r, nil
	}
	if err := v.enter(); err != nil {
		return nil, err
	}
	defer v.leave()
	version := v.rows.version(d)
	r, err := v.rowNow(d)
	if err != nil {
		return nil, err
	}
	if r != nil {
		v.dropGone(r)
		v.rows.put(d, r, version)
	}
	return r, nil
}

// rowNow reads a row from the index, unless it is certain that there is none.
func (v *Vault) rowNow(d digest) (r *row, err error) {
	v.routesMu.RLock()
	defer v.routesMu.RUnlock()
	k := v.route(d)
	key := k.row(d)
	if v.ix.Absent(&key) {
		return nil, nil
	}
	err = v.ix.View(func(x *index.Reader) (err error) {
		r, err = k.read(x, key)
		return err
	})
	return r, err
}

// Find returns the pairs of an identifier in all systems, ordered by system. It
// never allocates. Retired and forgotten pairs are not found.
func (r *Resolver) Find(ctx context.Context, id events.Identifier) ([]Pair, error) {
	if err := r.v.usable(); err != nil {
		return nil, err
	}
	forms, _, err := r.v.formsOf(id)
	if err != nil {
		return nil, invalid(0, err)
	}
	return r.v.find(id.Kind, forms)
}

func (v *Vault) find(kind events.Code, forms []form) ([]Pair, error) {
	var pairs []Pair
	for i := range forms {
		r, err := v.rowOf(forms[i].digest)
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
	forms, pairs, err := r.v.behind(h)
	if err != nil || len(pairs) == 0 {
		return nil, err
	}
	for i := range forms {
		row, err := r.v.rowOf(forms[i].digest)
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

// behind finds the forms of the identifier behind a handle, and its pairs.
func (v *Vault) behind(h events.Handle) ([]form, []Pair, error) {
	if err := v.usable(); err != nil {
		return nil, nil, fmt.Errorf("find the siblings of a handle: %w", err)
	}
	if who, ok := v.handles.get(digest(h)); ok {
		// The rows say what holds now. A handle that is not in them was retired or
		// forgotten, or is for the index to explain.
		pairs, err := v.find(who.kind, who.forms)
		if err != nil || slices.ContainsFunc(pairs, func(p Pair) bool { return p.Handle == h }) {
			return who.forms, pairs, err
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
	forms, _, err := v.formsOf(e.value())
	if err != nil {
		return nil, nil, invalid(0, err)
	}
	v.handles.put(digest(h), identity{slot, e.kind, forms}, version)
	pairs, err := v.find(e.kind, forms)
	return forms, pairs, err
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
