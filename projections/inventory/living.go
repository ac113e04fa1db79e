package inventory

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// Living reports whether a handle still stands for something: a holding that
// was not removed, a disclosure not older than since, or a word of the person
// (consent, objection, restriction, milestone) not older either. Beside the
// handle's own rows it counts those of the subjects whose events mention it.
// An event that waits in quarantine keeps what it alone has brought; it does not
// keep a person of whom everything else is gone, but goes with them.
// Removals reported under the handles of also count, as they would for the
// person.
//
// Identifiers that live only by their link to another are not seen here: ask
// identity.Living.
func Living(r Reader, since events.Instant, h events.Handle, also ...events.Handle) (bool, error) {
	own, err := Rows(r, append([]events.Handle{h}, also...)...)
	if err != nil || spoken(own, since, h) {
		return err == nil, err
	}
	return obliged(r, own, since, h, also)
}

// Obliged is Living of an identifier whose erasure was approved: what was said of
// the person keeps it no longer.
func Obliged(r Reader, since events.Instant, h events.Handle, also ...events.Handle) (bool, error) {
	own, err := Rows(r, append([]events.Handle{h}, also...)...)
	if err != nil {
		return false, err
	}
	return obliged(r, own, since, h, also)
}

func obliged(r Reader, own []Row, since events.Instant, h events.Handle, also []events.Handle) (bool, error) {
	if living(own, since, func(k *Key) bool { return k.Handle == h }) {
		return true, nil
	}
	about, err := Mentions(r, h, RoleItem|RoleWithin|RoleRecipient|RoleOrigin|RoleWord, -1)
	if err != nil {
		return false, err
	}
	for _, s := range about {
		rows, err := Rows(r, append([]events.Handle{s}, also...)...)
		if err != nil {
			return false, err
		}
		if living(rows, since, func(k *Key) bool { return true }) {
			return true, nil
		}
	}
	return false, nil
}

// spoken reports whether anything but records was said about h lately.
func spoken(rows []Row, since events.Instant, h events.Handle) bool {
	for i := range rows {
		r := &rows[i]
		if _, last, _ := (&Query{}).seen(r); r.Handle == h && !r.Event.Kind.IsRecord() && !quarantine(r) && last != nil && last.Time >= since {
			return true
		}
	}
	return false
}

// quarantine reports whether a row says only that something waits, or waited.
func quarantine(r *Row) bool {
	return r.Event.Kind == events.EventQuarantined || r.Event.Kind == events.QuarantineResolved
}

func living(rows []Row, since events.Instant, mine func(*Key) bool) bool {
	f := Fold(rows, Query{})
	if len(f.Pending) > 0 && !slices.ContainsFunc(rows, func(r Row) bool { return !quarantine(&r) }) {
		return true // an event waits for somebody, and is all there ever was
	}
	for _, h := range f.Holdings {
		if !mine(&h.Key) {
			continue
		}
		if h.State != Removed {
			return true
		}
		for _, d := range h.Disclosures {
			if d.Last >= since {
				return true
			}
		}
	}
	for _, u := range f.Unmatched {
		if mine(&u.Key) && u.Last >= since {
			return true
		}
	}
	return false
}
