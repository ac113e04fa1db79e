package inventory

import (
	"math/bits"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// disclosures gathers shared (or used) rows and attaches them to holdings.
// Used rows pass through the same matching; only their last time matters.
type disclosures struct {
	by   map[disclosureKey]*gathered
	list []*gathered
}

type disclosureKey struct {
	holdingKey
	loose     wild // fields the source left out
	recipient events.Party
	actingAs  events.ActingAs
	to        events.Code
}

type gathered struct {
	disclosureKey
	Disclosure
	row      *Row
	category int // of row
	matched  bool
}

type monthDays struct {
	month uint16
	days  uint32
}

func (d *disclosures) add(f *folder, r *Row, first, last *Obs) {
	e := r.Event
	k := disclosureKey{
		holdingKey: holdingKey{handle: r.Handle, item: e.Item.Handle},
		loose:      omitted(e),
		recipient:  e.Recipient, actingAs: e.ActingAs, to: e.TransferTo,
	}
	days := f.q.days(r, last)
	tuple, cells := f.cellsOf(r)
	for i, c := range cells {
		k.cell = tuple | c
		d.at(k, r, i).merge(e, first, last, r.Month, days)
	}
}

func (d *disclosures) at(k disclosureKey, r *Row, category int) *gathered {
	g := d.by[k]
	if g == nil {
		if d.by == nil {
			d.by = make(map[disclosureKey]*gathered)
		}
		g = &gathered{
			disclosureKey: k, row: r, category: category,
			Disclosure: Disclosure{Recipient: k.recipient, ActingAs: k.actingAs, TransferTo: k.to},
		}
		d.by[k] = g
		d.list = append(d.list, g)
	}
	return g
}

func (g *gathered) key() Key { return g.row.key(g.category) }

// days tells on which days of the month the row's events happened, as far as
// the query sees them. Where observations were dropped from the row, the days
// recorded or retracted between those kept cannot be told apart and all count.
func (q *Query) days(r *Row, last *Obs) (set uint32) {
	if r.Month == maxMonthIndex {
		return 1
	}
	for i := range r.Obs {
		o := &r.Obs[i]
		if q.Known.Sees(o.Position, o.Recorded) && !Taken(o.Gone, q.Known) && (q.AsOf == 0 || o.Time <= q.AsOf) {
			set |= 1 << (o.Time.Time().Day() - 1)
		}
	}
	if r.More {
		set |= r.Days
	}
	if q.AsOf != 0 && monthOf(q.AsOf) == r.Month {
		set &= 1<<q.AsOf.Time().Day() - 1
	}
	if set == 0 { // a bound of a month whose kept observations were retracted
		set = 1 << (last.Time.Time().Day() - 1)
	}
	return set
}

func (d *Disclosure) merge(e *events.Event, first, last *Obs, month uint16, days uint32) {
	if !d.last.set || first.Time < d.First {
		d.First = first.Time
	}
	if !e.RecipientRef.IsZero() && !slices.Contains(d.Refs, e.RecipientRef) {
		d.Refs = append(d.Refs, e.RecipientRef)
	}
	d.addDays(month, days)
	if d.last.put(last, e) {
		d.Last, d.Position = last.Time, last.Position
		d.Safeguard, d.Condition, d.Consideration = e.Safeguard, e.Condition, e.Consideration
		d.Channel, d.WithheldOn, d.WithheldUntil = e.Channel, e.WithheldOn, e.WithheldUntil
	}
}

func (d *Disclosure) addDays(month uint16, days uint32) {
	i, ok := slices.BinarySearchFunc(d.days, month, func(m monthDays, month uint16) int {
		return int(m.month) - int(month)
	})
	if !ok {
		d.days = slices.Insert(d.days, i, monthDays{month: month})
	}
	d.days[i].days |= days
}

// union adds what another disclosure to the same recipient says.
func (d *Disclosure) union(o *Disclosure) {
	d.First = min(d.First, o.First)
	for _, r := range o.Refs {
		if !slices.Contains(d.Refs, r) {
			d.Refs = append(d.Refs, r)
		}
	}
	for _, m := range o.days {
		d.addDays(m.month, m.days)
	}
	if o.last.after(&d.last) {
		first, days, refs := d.First, d.days, d.Refs
		*d = *o
		d.First, d.days, d.Refs = first, days, refs
	}
}

func (d *Disclosure) finish() {
	d.Days = 0
	for _, m := range d.days {
		d.Days += bits.OnesCount32(m.days)
	}
	slices.SortFunc(d.Refs, func(a, b events.Ref) int { return compareHandles(a.Handle, b.Handle) })
}

// attach gives each holding its disclosures. A disclosure belongs to the
// holding that equals it in every field; if there is none, to all holdings of
// the system that equal it in the fields the source named.
func (d *disclosures) attach(f *folder) {
	left := false
	for _, g := range d.list {
		if h := f.byKey[g.holdingKey]; h != nil {
			g.matched = true
			h.receive(g)
		}
		left = left || !g.matched
	}
	if left {
		d.attachLoosely(f)
	}
	for _, h := range f.all {
		slices.SortFunc(h.Disclosures, compareDisclosures)
		for _, x := range h.Disclosures {
			x.finish()
		}
	}
}

func (d *disclosures) attachLoosely(f *folder) {
	var ix index[[]*gathered]
	for _, g := range d.list {
		if g.matched {
			continue
		}
		k := g.key()
		key, w := f.codes.numbers(&k), anyHandle|g.loose|omittedCategory(&k)
		at := ix.at(form{wild: w}.scope(g.handle, g.item, key))
		*at = append(*at, g)
		if key.element != 0 {
			at = ix.at(form{w, true}.scope(g.handle, g.item, key))
			*at = append(*at, g)
		}
	}
	for _, h := range f.all {
		ix.covering(h.Handle, h.Item.Handle, f.numbers(h), func(list *[]*gathered) {
			for _, g := range *list {
				g.matched = true
				h.receive(g)
			}
		})
	}
}

// receive attaches one disclosure or use to the holding.
func (h *Holding) receive(g *gathered) {
	if g.last.ev.Kind == events.RecordUsed {
		h.LastUsed = max(h.LastUsed, g.Last)
		return
	}
	for _, x := range h.Disclosures {
		if x.Recipient == g.Recipient && x.ActingAs == g.ActingAs && x.TransferTo == g.TransferTo {
			x.union(&g.Disclosure)
			return
		}
	}
	x := g.Disclosure
	x.days, x.Refs = slices.Clone(x.days), slices.Clone(x.Refs)
	h.Disclosures = append(h.Disclosures, &x)
}

func compareDisclosures(a, b *Disclosure) int {
	if c := compareCodes(a.Recipient.Code, b.Recipient.Code); c != 0 {
		return c
	}
	if c := compareHandles(a.Recipient.Person.Handle, b.Recipient.Person.Handle); c != 0 {
		return c
	}
	if a.ActingAs != b.ActingAs {
		return int(a.ActingAs) - int(b.ActingAs)
	}
	return compareCodes(a.TransferTo, b.TransferTo)
}

// unmatched lists the disclosures that no holding accounts for: data went out
// of which nothing was said to be stored.
func (d *disclosures) unmatched() []Unmatched {
	var out []Unmatched
	for _, g := range d.list {
		if !g.matched {
			g.finish()
			out = append(out, Unmatched{g.key(), &g.Disclosure})
		}
	}
	slices.SortFunc(out, func(a, b Unmatched) int {
		if c := a.Key.compare(&b.Key); c != 0 {
			return c
		}
		return compareDisclosures(a.Disclosure, b.Disclosure)
	})
	return out
}
