package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/normalise"
)

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
	if err := v.enter(); err != nil {
		return nil, 0, err
	}
	a := asker{v: v}
	answers, err := a.ask(requests)
	v.leave()
	if err != nil {
		return nil, 0, err
	}
	if len(a.missing) > 0 {
		if err := v.submit(&job{ctx: ctx, wants: a.missing}); err != nil {
			return nil, 0, fmt.Errorf("allocate handles: %w", err)
		}
		for i := range a.missing {
			// What was found after all may stand in the row of another form.
			if w := &a.missing[i]; w.out.Fresh {
				a.learn(w.out, w.name, w.stamp)
			}
		}
	}
	if len(a.learnt) > 0 {
		v.pairs.put(a.learnt)
	}
	return answers, v.Last(), nil
}

// An asker answers one batch.
type asker struct {
	v       *Vault
	scratch [2]normalise.Form
	forms   []form // of all that were not known at once
	missing []want
	learnt  []knownPair
}

// A want is one identifier on its way to its handle.
type want struct {
	id     events.Identifier
	system events.Code
	forms  []form
	name   pairName
	stamp  uint32 // of the row of the newest form
	out    *Resolved
}

// ask answers what is known and notes what is missing.
func (a *asker) ask(requests []Request) ([]Answer, error) {
	n := 0
	for i := range requests {
		n += len(requests[i].IDs)
	}
	names := make([]pairName, 0, n)
	h := namer{hash: a.v.pairs.hash}
	for i := range requests {
		for k := range requests[i].IDs {
			names = append(names, h.nameOf(requests[i].System, &requests[i].IDs[k]))
		}
	}
	answers, all := make([]Answer, len(requests)), make([]Resolved, n)
	a.v.pairs.find(names, all)
	for i := range requests {
		k := len(requests[i].IDs)
		answers[i].Resolved = all[:k:k]
		if err := a.askOne(&requests[i], names[:k], &answers[i]); err != nil {
			return nil, err
		}
		names, all = names[k:], all[k:]
	}
	return answers, nil
}

// askOne completes one answer.
func (a *asker) askOne(q *Request, names []pairName, to *Answer) error {
	before := len(a.missing)
	for k := range q.IDs {
		id, out := &q.IDs[k], &to.Resolved[k]
		if out.Ref.Handle != (events.Handle{}) {
			out.Ref.Kind = id.Kind
			continue
		}
		if err := a.lookUp(q.System, id, names[k], out); err != nil {
			var bad *InvalidError
			if err = invalid(k, err); !errors.As(err, &bad) {
				return err
			}
			*to, a.missing = Answer{Err: err}, a.missing[:before]
			return nil
		}
	}
	return nil
}

// lookUp reads the rows of an identifier; a pair that is in none is missing.
func (a *asker) lookUp(system events.Code, id *events.Identifier, name pairName, out *Resolved) (err error) {
	v, before := a.v, len(a.forms)
	if a.forms, err = v.appendForms(a.forms, a.scratch[:], *id); err != nil {
		return err
	}
	w := want{id: *id, system: system, forms: a.forms[before:len(a.forms):len(a.forms)], name: name, out: out}
	for i := range w.forms {
		stamp := v.pairs.stamp(w.forms[i].digest) // before the row
		if i == 0 {
			w.stamp = stamp
		}
		r, err := v.rowOf(&w.forms[i])
		if err != nil {
			return err
		}
		if r == nil {
			continue
		}
		// A swept pair is revived by the writer, so it counts as missing here.
		if p := r.found(system); p != nil && p.state == index.Live {
			*out = Resolved{Ref: events.Ref{Handle: p.handle, Kind: id.Kind}, Erased: p.erased}
			a.learn(out, name, stamp)
			return nil
		}
	}
	a.missing = append(a.missing, w)
	return nil
}

// learn notes a pair that is to be known. One that was erased before is not: what
// is in memory does not say when.
func (a *asker) learn(r *Resolved, name pairName, stamp uint32) {
	if r.Erased == 0 {
		a.learnt = append(a.learnt, knownPair{name, stamp, r.Ref.Handle})
	}
}
