package inventory

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A dealing is a row of sharing or use, with what the query sees of it.
type dealing struct {
	row         *Row
	first, last *Obs
}

// attach gives each holding its disclosures and uses. A dealing belongs to the
// holding that equals it in every field; if there is none, to all holdings of
// the system that equal it in the fields the source named; a disclosure, if
// there is none either, to those of the same data item for other activities.
func (f *folder) attach() {
	for i := range f.dealings {
		d := &f.dealings[i]
		e := d.row.Event
		days := f.q.days(d.row, d.last)
		tuple, cells := f.cellsOf(d.row)
		for n, c := range cells {
			k := holdingKey{tuple | c, d.row.Handle, e.Item.Handle}
			if h, _ := f.held.find(&k); h != nil {
				h.deal(e, d.first, d.last, d.row.Month, days)
			} else {
				f.loose.at(k, d.row, n).merge(e, d.first, d.last, d.row.Month, days)
			}
		}
	}
	if len(f.loose.list) > 0 {
		f.loose.attach(f)
	}
	for _, h := range f.held.all {
		slices.SortFunc(h.Disclosures, compareDisclosures)
		for _, x := range h.Disclosures {
			x.finish()
		}
	}
}

// deal takes one row of sharing or use into the holding.
func (h *Holding) deal(e *events.Event, first, last *Obs, month uint16, days uint32) {
	if e.Kind == events.RecordUsed {
		h.LastUsed = max(h.LastUsed, last.Time)
		if e.Action == events.ActionSent {
			h.LastSent = max(h.LastSent, last.Time)
		}
		return
	}
	h.disclosure(e.Recipient, e.ActingAs, e.TransferTo, events.Activity{}).merge(e, first, last, month, days)
}

func (h *Holding) disclosure(to events.Party, as events.ActingAs, country events.Code, other events.Activity) *Disclosure {
	for _, x := range h.Disclosures {
		if x.ActingAs == as && x.Recipient == to && x.TransferTo == country && x.For == other {
			return x
		}
	}
	x := &Disclosure{Recipient: to, ActingAs: as, TransferTo: country, For: other}
	h.Disclosures = append(h.Disclosures, x)
	return x
}

// loose gathers the dealings that no holding equals.
type loose struct {
	by   map[looseKey]*gathered
	list []*gathered
}

type looseKey struct {
	holdingKey
	used      bool
	sent      bool // used by sending it
	left      wild // fields the source left out
	recipient events.Party
	actingAs  events.ActingAs
	to        events.Code
}

type gathered struct {
	looseKey
	Disclosure
	row      *Row
	category int // of row
	matched  bool
}

func (l *loose) at(h holdingKey, r *Row, category int) *gathered {
	e := r.Event
	k := looseKey{
		holdingKey: h, used: e.Kind == events.RecordUsed, sent: e.Kind == events.RecordUsed && e.Action == events.ActionSent, left: omitted(e),
		recipient: e.Recipient, actingAs: e.ActingAs, to: e.TransferTo,
	}
	g := l.by[k]
	if g == nil {
		if l.by == nil {
			l.by = make(map[looseKey]*gathered)
		}
		g = &gathered{
			looseKey: k, row: r, category: category,
			Disclosure: Disclosure{Recipient: k.recipient, ActingAs: k.actingAs, TransferTo: k.to},
		}
		l.by[k] = g
		l.list = append(l.list, g)
	}
	return g
}

func (g *gathered) key() Key { return g.row.key(g.category) }

type monthDays struct {
	month uint16
	days  uint32
}

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
		d.Channel = e.Channel
	}
	if e.WithheldOn != "" && d.hidden.put(last, e) {
		d.WithheldOn, d.WithheldUntil = e.WithheldOn, e.WithheldUntil
	}
	d.by(cmp.Or(e.Medium, events.MediumElectronic))
}

func (d *Disclosure) by(m events.Medium) {
	if i, ok := slices.BinarySearch(d.Media, m); !ok {
		d.Media = slices.Insert(d.Media, i, m)
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
	if !d.last.set || o.First < d.First {
		d.First = o.First
	}
	for _, r := range o.Refs {
		if !slices.Contains(d.Refs, r) {
			d.Refs = append(d.Refs, r)
		}
	}
	for _, m := range o.days {
		d.addDays(m.month, m.days)
	}
	for _, m := range o.Media {
		d.by(m)
	}
	if o.hidden.after(&d.hidden) {
		d.hidden, d.WithheldOn, d.WithheldUntil = o.hidden, o.WithheldOn, o.WithheldUntil
	}
	if o.last.after(&d.last) {
		d.last, d.Last, d.Position = o.last, o.Last, o.Position
		d.Safeguard, d.Condition, d.Consideration, d.Channel = o.Safeguard, o.Condition, o.Consideration, o.Channel
	}
}

func (d *Disclosure) finish() {
	d.Days = 0
	for _, m := range d.days {
		d.Days += bits.OnesCount32(m.days)
	}
	slices.SortFunc(d.Refs, func(a, b events.Ref) int { return compareHandles(a.Handle, b.Handle) })
}

// oneHandle reports whether every holding is of h.
func (f *folder) oneHandle(h events.Handle) bool {
	if len(f.held.all) > 0 && f.held.all[0].Handle != h {
		return false
	}
	return !f.several
}

// open tells in which fields the holdings have anything that a pattern could
// leave out. In the others leaving out finds nothing that equality did not.
func (f *folder) open() wild {
	w := anyHandle | anyDataset | anyActivity | anyCategory
	for _, h := range f.held.all {
		if !h.Item.IsZero() {
			w |= anyItem
		}
		if h.Activity.SubPurpose != "" {
			w |= anySubPurpose
		}
		if h.Category.Element != "" {
			w |= anyElement
		}
	}
	return w
}

// attach finds, for each dealing, the holdings that it covers.
func (l *loose) attach(f *folder) {
	var ix index[[]*gathered]
	open := f.open()
	for _, g := range l.list {
		k := g.key()
		left := g.left | omittedCategory(&k)
		if !f.oneHandle(g.handle) {
			left |= anyHandle
		}
		if k.Category.Element == "" && left&open == 0 {
			continue // no holding differs from it in what it leaves out
		}
		key, w := f.codes.numbers(&k), anyHandle|g.left|omittedCategory(&k)
		at := ix.at(form{wild: w}.scope(g.handle, g.item, key))
		*at = append(*at, g)
		if key.element != 0 {
			at = ix.at(form{w, true}.scope(g.handle, g.item, key))
			*at = append(*at, g)
		}
	}
	for _, h := range f.held.all {
		ix.covering(h.Handle, h.Item.Handle, f.numbers(h), func(list *[]*gathered) {
			for _, g := range *list {
				g.matched = true
				h.receive(g)
			}
		})
	}
	l.elsewhere(f)
}

// elsewhere attaches the disclosures still left to the holdings of the same
// data item, whatever they are held for: a data item is the same without its
// activity, and so is one whose dataset only stood for that.
func (l *loose) elsewhere(f *folder) {
	var ix index[[]*gathered]
	for _, g := range l.list {
		if g.matched || g.used {
			continue
		}
		k := g.key()
		key := f.codes.numbers(&k)
		w := anyHandle | anyDataset | anyActivity | anySubPurpose | g.left | omittedCategory(&k)
		for _, x := range [...]form{{wild: w}, {w, true}} {
			if !x.broad || key.element != 0 {
				at := ix.at(x.scope(g.handle, g.item, key))
				*at = append(*at, g)
			}
		}
	}
	if len(ix.forms) == 0 {
		return
	}
	for _, h := range f.held.all {
		ix.covering(h.Handle, h.Item.Handle, f.numbers(h), func(list *[]*gathered) {
			for _, g := range *list {
				if k := g.key(); k.Dataset == h.Dataset || g.left&anyDataset != 0 || h.defaulted() {
					g.matched = true
					h.disclosure(g.recipient, g.actingAs, g.to, k.Activity).union(&g.Disclosure)
				}
			}
		})
	}
}

// defaulted reports whether the activity stands for the dataset.
func (h *Holding) defaulted() bool {
	return h.Dataset == h.Activity.Code || h.Flags&events.DatasetDefaulted != 0
}

// receive takes what was gathered into the holding.
func (h *Holding) receive(g *gathered) {
	if g.used {
		h.LastUsed = max(h.LastUsed, g.Last)
		if g.sent {
			h.LastSent = max(h.LastSent, g.Last)
		}
		return
	}
	h.disclosure(g.recipient, g.actingAs, g.to, events.Activity{}).union(&g.Disclosure)
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
	return cmp.Or(compareCodes(a.TransferTo, b.TransferTo),
		compareCodes(a.For.Code, b.For.Code), compareCodes(a.For.SubPurpose, b.For.SubPurpose))
}

// unmatched lists the disclosures that no holding accounts for: data went out
// of which nothing was said to be stored.
func (l *loose) unmatched() []Unmatched {
	var out []Unmatched
	for _, g := range l.list {
		if !g.matched && !g.used {
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
