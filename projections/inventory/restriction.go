package inventory

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A restriction is on an activity, perhaps on some categories or one item of
// it, wherever it is held: the person spoke to the organisation, not to the
// system that passed it on. One that follows from a decision on a holding (Of) is
// on that holding alone.
type restrictionPair struct{ set, lift register }

type restrictionScope struct {
	key  Key // as the event named it
	pair *restrictionPair
}

func (f *folder) restrict(r *Row, last *Obs) {
	e := r.Event
	w := omittedActivity(e) | anyHandle | anySystem | anyDataset | anyController
	if e.Item.IsZero() {
		w |= anyItem
	}
	patterns := f.exactly
	if e.Of.IsZero() {
		patterns = func(r *Row, fn func(scope, *Key)) { f.patterns(r, w, fn) }
	}
	patterns(r, func(s scope, k *Key) {
		p := f.restrictions.at(s)
		if !p.set.set && !p.lift.set {
			f.restricted = append(f.restricted, restrictionScope{*k, p})
		}
		if e.Kind == events.RestrictionSet {
			p.set.put(last, e)
		} else {
			p.lift.put(last, e)
		}
	})
}

// stop collects why a holding is restricted.
func (f *folder) stop(h *Holding) {
	if len(f.restrictions.forms) > 0 {
		var p restrictionPair
		f.restrictions.covering(h.Handle, h.Item.Handle, f.numbers(h), func(x *restrictionPair) {
			if x.set.after(&p.set) {
				p.set = x.set
			}
			if x.lift.after(&p.lift) {
				p.lift = x.lift
			}
		})
		if p.set.after(&p.lift) {
			h.Stops = append(h.Stops, Stop{ByRestriction, p.set.obs.Time, p.set.ev.Ground, p.set.ev.Source})
		}
	}
	f.consents.stops(&h.Key, func(by StopKind, r register) {
		h.Stops = append(h.Stops, Stop{by, r.obs.Time, "", r.ev.Source})
	})
}

// restrictionList lists the restrictions that no later word covering them has
// lifted, whether or not a holding exists that they reach.
func (f *folder) restrictionList() []Restriction {
	var out []Restriction
	for _, x := range f.restricted {
		if !x.pair.set.set || f.lifted(&x) {
			continue
		}
		e, o := x.pair.set.ev, x.pair.set.obs
		out = append(out, Restriction{
			System: e.Source, Activity: x.key.Activity, Category: x.key.Category, Item: e.Item,
			Ground: e.Ground, At: o.Time, Position: o.Position,
		})
	}
	slices.SortFunc(out, func(a, b Restriction) int {
		if c := a.Position.Compare(b.Position); c != 0 {
			return c
		}
		if c := compareCodes(a.Category.Code, b.Category.Code); c != 0 {
			return c
		}
		return compareCodes(a.Category.Element, b.Category.Element)
	})
	return out
}

func (f *folder) lifted(x *restrictionScope) bool {
	gone := false
	f.restrictions.covering(x.key.Handle, x.key.Item.Handle, f.codes.numbers(&x.key), func(p *restrictionPair) {
		gone = gone || p.lift.after(&x.pair.set)
	})
	return gone
}
