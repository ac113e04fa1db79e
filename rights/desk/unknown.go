package desk

import (
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// The words of unknown.why in the published JSON.
const (
	neverConnected    = "never_connected"
	silent            = "silent"
	behind            = "behind"
	before            = "before"
	unstructured      = "unstructured"
	onPaper           = "paper"
	quarantined       = "quarantined"
	personUnconfirmed = "person_unconfirmed"
	recipientSilent   = "recipient_silent"
)

// reports is what each system has reported, by system, and the moment and the
// catalogue it is judged by.
type reports struct {
	cat *catalogue.Catalogue
	now time.Time
	by  map[events.Code]*inventory.System
	// here and last are positions: of this reading, and of the journal's end.
	here, last events.Position
	// known leaves out what was recorded later. Tallies are kept as they are
	// now, so what they were then is told as far as it shows.
	known inventory.Known
}

func reportsOf(cat *catalogue.Catalogue, now time.Time, list []inventory.System) *reports {
	r := &reports{cat: cat, now: now, by: make(map[events.Code]*inventory.System, len(list))}
	for i := range list {
		r.by[list[i].Code] = &list[i]
	}
	return r
}

// unknown lists everything an answer cannot speak for: every system of the
// catalogue either reports as it should or stands here (I6). about adds what is
// known of one person; nil when nobody was found.
func (r *reports) unknown(about *inventory.Folded) []events.Unknown {
	out := []events.Unknown{}
	if r.last.Compare(r.here) > 0 && (r.known.Position.IsZero() || r.known.Position.Compare(r.here) > 0) {
		out = append(out, events.Unknown{System: string(inventory.Operator), Why: behind,
			Detail: "events recorded after " + r.here.String() + " are not in this answer yet"})
	}
	pending, received := personal(about)
	for _, s := range r.cat.AllSystems() {
		out = append(out, r.system(s, pending[s.ID], received[s.ID])...)
	}
	return out
}

// personal counts, by system, the person's events in quarantine, and who
// received data about the person.
func personal(f *inventory.Folded) (pending map[events.Code]int, received map[events.Code]bool) {
	pending, received = map[events.Code]int{}, map[events.Code]bool{}
	if f == nil {
		return pending, received
	}
	for _, p := range f.Pending {
		pending[p.System]++
	}
	for _, h := range f.Holdings {
		for _, d := range h.Disclosures {
			received[d.Recipient.Code] = true
		}
	}
	for _, u := range f.Unmatched {
		received[u.Recipient.Code] = true
	}
	return pending, received
}

func (r *reports) system(s *catalogue.System, pending int, received bool) []events.Unknown {
	var out []events.Unknown
	add := func(why string, since events.Instant, detail string) {
		u := events.Unknown{System: string(s.ID), Why: why, Detail: detail}
		if !since.IsZero() {
			u.Since = &since
		}
		out = append(out, u)
	}
	if s.Medium == catalogue.Paper {
		add(onPaper, 0, "kept on paper: only what was reported of it is known")
	}
	if s.Structured == catalogue.Unstructured {
		add(unstructured, 0, "cannot be searched by person: only what was reported of it is known")
	}
	rep, exact := r.then(r.by[s.ID])
	switch status, since := r.status(s, rep); status {
	case neverConnected:
		add(neverConnected, 0, "")
	case recipientSilent:
		detail := ""
		if received {
			detail = "received data about this person and has never reported what became of it"
		}
		add(recipientSilent, 0, detail)
	case silent:
		add(silent, since, "nothing has arrived since")
	case behind:
		add(behind, since, "reported completely only up to then")
	}
	if rep != nil && rep.Events > 0 {
		since, dataset := knownFrom(rep)
		detail := "what happened before then was not reported"
		if dataset != "" {
			detail += " for the dataset " + r.cat.Name(catalogue.FieldDataset, dataset)
		}
		if !exact {
			detail += "; counted with what was recorded since the moment asked about"
		}
		add(before, since, detail)
		if rep.Pending > 0 {
			add(quarantined, 0, quarantineWords(pending, rep.Pending))
		}
	}
	return out
}

// then is what a system had reported as known then: nothing before its first
// event was recorded. It is exact if nothing was recorded of it since.
func (r *reports) then(s *inventory.System) (rep *inventory.System, exact bool) {
	switch {
	case s == nil || r.known.IsZero() || r.known.Sees(s.Position, s.Recorded):
		return s, true
	case !r.known.Sees(s.Start, s.Began):
		return nil, true
	}
	t := *s
	t.Synced = slices.DeleteFunc(slices.Clone(s.Synced), func(x inventory.Synced) bool {
		return !r.known.Position.IsZero() && x.Position.Compare(r.known.Position) > 0 || !r.known.At.IsZero() && x.Time > r.known.At
	})
	return &t, false
}

func quarantineWords(own int, all uint64) string {
	if own > 0 {
		return fmt.Sprintf("%d of its events about this person could not be understood", own)
	}
	return fmt.Sprintf("%d of its events could not be understood; whether any is about this person is not known", all)
}

// knownFrom is the moment from which a system's word is known: what it stated
// itself, be it later than its earliest event; else that event. Of several
// datasets the latest counts, and is named.
func knownFrom(s *inventory.System) (from events.Instant, dataset events.Code) {
	if from, dataset = stated(s); from.IsZero() {
		from = s.First
	}
	return from, dataset
}

// stated is the moment a system itself named. A later word about everything
// counts for each of its datasets.
func stated(s *inventory.System) (from events.Instant, dataset events.Code) {
	var all inventory.Synced
	for _, x := range s.Synced {
		if x.Dataset == "" {
			all = x
			from = x.Since
		}
	}
	for _, x := range s.Synced {
		if x.Since > from && !(all.Since != 0 && all.Time > x.Time) {
			from, dataset = x.Since, x.Dataset
		}
	}
	return from, dataset
}

// through is the moment up to which a system said it has reported everything:
// the least of its datasets. Zero if it never said so.
func through(s *inventory.System) (t events.Instant) {
	for _, x := range s.Synced {
		if t.IsZero() || x.Through < t {
			t = x.Through
		}
	}
	return t
}

// status says how a system stands: reporting, or why not and since when.
func (r *reports) status(s *catalogue.System, rep *inventory.System) (string, events.Instant) {
	if rep == nil || rep.Events == 0 {
		if s.Owner == catalogue.OwnedRecipient {
			return recipientSilent, 0
		}
		return neverConnected, 0
	}
	if !s.SilentAfter.Given() {
		return "reporting", 0
	}
	if r.older(rep.Recorded, s.SilentAfter) {
		return silent, rep.Recorded
	}
	if t := through(rep); !t.IsZero() && r.older(t, s.SilentAfter) {
		return behind, t
	}
	return "reporting", 0
}

func (r *reports) older(t events.Instant, than catalogue.Period) bool {
	return than.After(t.Time()).Before(r.now)
}
