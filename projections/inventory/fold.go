package inventory

import (
	"slices"
	"sync"

	"github.com/habeas-data/habeas/events"
)

// A Query says which moment a reading is of.
type Query struct {
	// AsOf leaves out what happened later: what was held then, according to
	// everything known. Zero means now: nothing is left out.
	AsOf events.Instant
	// Known leaves out what was recorded later.
	Known Known
}

// Folded is what the rows of a person say, in codes and handles only. Every
// list is in a fixed order.
type Folded struct {
	Holdings     []*Holding
	Unmatched    []Unmatched // disclosures that no holding accounts for
	Consents     []Consent
	Restrictions []Restriction
	Milestones   []Milestone
	Facts        []Fact
	Notices      []Notice
	Decisions    []Decision
	Pending      []Pending
	SubjectTypes []events.Code
	Systems      []events.Code // that reported about the person
	Simulated    bool          // some of it was stamped by a clock set by hand
	// Unanchored are the systems that reported without their own identifier of
	// the person, each with the first time, by code.
	Unanchored []Unanchored
}

// Unanchored says when a system first reported about the person by another
// identifier than its own: what else that report named may be somebody else's.
type Unanchored struct {
	System   events.Code
	At       events.Instant
	Position events.Position
}

// Fold computes what is held about the person whose rows these are. It is a
// pure function of rows and q: the order of rows does not matter, and its cost
// is linear in them. Every row must belong to a handle of that person.
func Fold(rows []Row, q Query) *Folded {
	f := folders.Get().(*folder)
	f.q, f.out = q, new(Folded)
	for i := range rows {
		if rows[i].cells == nil {
			f.own = new(cells) // numbers of different tables may not meet
		}
		if rows[i].Event.Kind == events.RecordStored {
			f.held.most += max(1, len(rows[i].Categories))
		}
	}
	for i := range rows {
		f.row(&rows[i])
	}
	f.settle()
	out := f.out
	f.reset()
	folders.Put(f)
	return out
}

// folders keep the room of one fold for the next: nothing of it is in the result.
var folders = sync.Pool{New: func() any { return &folder{codes: make(codes)} }}

const (
	roomKept  = 1024 // elements of a list that are kept for the next fold
	codesKept = 1024 // codes, which keep their numbers
)

func (f *folder) reset() {
	clear(f.dealings)
	clear(f.lastHeld[:cap(f.lastHeld)])
	room := folder{codes: f.codes, dealings: f.dealings[:0], lastHeld: f.lastHeld[:0]}
	room.held.keep(&f.held)
	if len(f.codes) > codesKept {
		room.codes = make(codes)
	}
	if cap(f.dealings) > roomKept {
		room.dealings = nil
	}
	*f = room
}

type folder struct {
	q    Query
	out  *Folded
	held holdings
	// several is set when the holdings are not all of one handle.
	several bool
	own     *cells // numbers cells when the rows bring none
	codes   codes

	// The holdings of the previous row, for when the next has the same body.
	lastEvent  *events.Event
	lastCells  []cell
	lastHandle events.Handle
	lastHeld   []*Holding

	removals     index[register]
	restrictions index[restrictionPair]
	restricted   []restrictionScope
	dealings     []dealing
	loose        loose
	consents     consents
	milestones   milestones
	facts        map[factKey]register
	notices      map[noticeKey]register
	decisions    map[decisionKey]*Decision
	pending      map[events.EventID]register
	resolved     map[events.EventID]register // of pending, in whatever order they came
}

func (f *folder) cellsOf(r *Row) (tuple cell, categories []cell) {
	if f.own != nil {
		return f.own.tuple(r.Event), f.own.list(r.Categories)
	}
	return r.tuple, r.cells
}

// seen picks the earliest and the latest observation of a row that the query
// sees. coarse means that only unkept ones stand and the two are bounds.
func (q *Query) seen(r *Row) (first, last *Obs, coarse bool) {
	hidden := false
	for i := range r.Obs {
		o := &r.Obs[i]
		if !q.Known.Sees(o.Position, o.Recorded) {
			hidden = true
			continue
		}
		if Taken(o.Gone, q.Known) {
			continue
		}
		if q.AsOf != 0 && o.Time > q.AsOf {
			break
		}
		if first == nil {
			first = o
		}
		last = o
	}
	if first == nil && r.More && !hidden && (q.AsOf == 0 || r.Obs[0].Time <= q.AsOf) && q.allTaken(r) {
		first, last, coarse = &r.Obs[0], &r.Obs[len(r.Obs)-1], true
		if q.AsOf != 0 && last.Time > q.AsOf {
			last = first
		}
	}
	return first, last, coarse
}

func (q *Query) allTaken(r *Row) bool {
	for i := range r.Obs {
		if !Taken(r.Obs[i].Gone, q.Known) {
			return false
		}
	}
	return true
}

func (f *folder) row(r *Row) {
	first, last, coarse := f.q.seen(r)
	if first == nil {
		return
	}
	e := r.Event
	f.out.Systems = include(f.out.Systems, e.Source)
	if e.SubjectType != "" {
		f.out.SubjectTypes = include(f.out.SubjectTypes, e.SubjectType)
	}
	f.out.Simulated = f.out.Simulated || e.Flags&events.Simulated != 0
	if e.Flags&events.Anchored == 0 && e.Source != Operator {
		f.unanchored(e.Source, first)
	}
	switch e.Kind {
	case events.RecordStored:
		f.stored(r, first, last, coarse)
	case events.RecordUsed, events.RecordShared:
		f.dealings = append(f.dealings, dealing{r, first, last})
	case events.RecordRemoved:
		f.removed(r, func(s scope) { f.removals.at(s).put(last, e) })
	case events.ConsentGiven, events.ConsentWithdrawn, events.ObjectionMade, events.ObjectionLifted:
		f.consents.add(e, last)
	case events.RestrictionSet, events.RestrictionLifted:
		f.restrict(r, last)
	case events.MilestoneReached, events.MilestoneRetracted:
		f.milestones.add(e, last)
	default:
		f.fact(e, first, last)
	}
}

func (f *folder) unanchored(system events.Code, o *Obs) {
	list := f.out.Unanchored
	i, ok := slices.BinarySearchFunc(list, system, func(u Unanchored, c events.Code) int { return compareCodes(u.System, c) })
	if !ok {
		f.out.Unanchored = slices.Insert(list, i, Unanchored{system, o.Time, o.Position})
	} else if u := &list[i]; o.Time < u.At || (o.Time == u.At && o.Position.Compare(u.Position) < 0) {
		u.At, u.Position = o.Time, o.Position
	}
}

// include adds a code to a short list, once.
func include(list []events.Code, c events.Code) []events.Code {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] == c {
			return list
		}
	}
	if list == nil {
		list = make([]events.Code, 0, 4)
	}
	return append(list, c)
}

// stored merges the row into the holdings it speaks of, one per category.
func (f *folder) stored(r *Row, first, last *Obs, coarse bool) {
	e := r.Event
	tuple, cells := f.cellsOf(r)
	if e != f.lastEvent || &cells[0] != &f.lastCells[0] || r.Handle != f.lastHandle {
		f.lastEvent, f.lastCells, f.lastHandle = e, cells, r.Handle
		f.lastHeld = f.lastHeld[:0]
		for i, c := range cells {
			h, fresh := f.held.at(&holdingKey{tuple | c, r.Handle, e.Item.Handle})
			if fresh {
				h.Key = r.key(i)
				f.several = f.several || h.Handle != f.held.all[0].Handle
			}
			if !slices.Contains(f.lastHeld, h) {
				f.lastHeld = append(f.lastHeld, h)
			}
		}
	}
	for _, h := range f.lastHeld {
		h.merge(e, first, last, coarse)
	}
}

// key is the key of the i-th category of a row.
func (r *Row) key(i int) Key {
	e := r.Event
	k := Key{
		Handle: r.Handle, System: e.Source, Dataset: dataset(e), Item: e.Item,
		Activity: e.Activity, Controller: e.Controller,
	}
	if i < len(r.Categories) {
		k.Category = r.Categories[i]
	}
	return k
}

func (h *Holding) merge(e *events.Event, first, last *Obs, coarse bool) {
	fresh := !h.last.set
	if fresh || first.Time < h.First || (first.Time == h.First && first.Catalogue < h.Collected) {
		h.First, h.Collected = first.Time, first.Catalogue
	}
	h.Marks |= e.Marks
	h.Coarse = (fresh || h.Coarse) && coarse
	if e.RecordDate != 0 {
		if i, ok := slices.BinarySearch(h.RecordDates, e.RecordDate); !ok {
			h.RecordDates = slices.Insert(h.RecordDates, i, e.RecordDate)
		}
	}
	if !h.last.put(last, e) {
		return
	}
	h.Last, h.Position = last.Time, last.Position
	h.SubjectType, h.Within, h.RecordDate, h.Medium = e.SubjectType, e.Within, e.RecordDate, e.Medium
	h.Provenance, h.ObtainedFrom, h.Basis, h.LegalDuty = e.Provenance, e.ObtainedFrom, e.Basis, e.LegalDuty
	h.Place, h.Country, h.Flags = e.Place, e.Country, e.Flags
}

// LastMonth is the month the holding was last seen in, as YYYY-MM: repeats
// within a month are not told apart.
func (h *Holding) LastMonth() string { return Month(h.Last) }

// Month writes the month of t as YYYY-MM, and nothing for an absent t.
func Month(t events.Instant) string {
	if t.IsZero() {
		return ""
	}
	return t.Time().Format("2006-01")
}

// settle matches what was said about many holdings to each of them.
func (f *folder) settle() {
	f.attach()
	if len(f.consents.by) > 0 {
		f.consents.settle()
	}
	for _, h := range f.held.all {
		f.stop(h)
		var gone register
		if len(f.removals.forms) > 0 {
			f.removals.covering(h.Handle, h.Item.Handle, f.numbers(h), func(r *register) {
				if r.after(&gone) {
					gone = *r
				}
			})
		}
		switch {
		case gone.after(&h.last):
			h.State = Removed
			h.Removal = Removal{gone.obs.Time, gone.ev.Removal, gone.obs.Position}
		case len(h.Stops) > 0:
			h.State = Restricted
		}
	}
	f.out.Holdings = f.held.sorted()
	f.out.Unmatched = f.loose.unmatched()
	f.out.Consents = f.consents.list
	f.out.Restrictions = f.restrictionList()
	f.out.Milestones = f.milestones.standing()
	f.listFacts()
	slices.Sort(f.out.SubjectTypes)
	slices.Sort(f.out.Systems)
}

// numbers are those of the holding's key, worked out once and only if asked.
func (f *folder) numbers(h *Holding) numbers {
	if h.numbers.system == 0 {
		h.numbers = f.codes.numbers(&h.Key)
	}
	return h.numbers
}
