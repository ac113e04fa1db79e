package desk

import (
	"context"
	"slices"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/retention"
)

// A DueQuery asks which holdings have ended by a day. It is about everybody; the
// fields that are set narrow it.
type DueQuery struct {
	Caller   access.Caller
	On       events.Date // zero: today
	Until    events.Date // adds what ends by then; zero: nothing
	System   events.Code
	Activity events.Code
	Rule     string
	Status   string
	Hold     string // only what this hold keeps
	After    string // Next of the page before
	Limit    int    // a page ends with the first person beyond it; zero: no end
}

// A DueItem is one holding that has ended, or will have. It names nobody: Person
// is the reference by which a footprint is asked for.
type DueItem struct {
	Holding  string `json:"holding"`
	Person   string `json:"person"`
	System   string `json:"system"`
	Dataset  string `json:"dataset"`
	Activity string `json:"activity"`
	Category string `json:"category"`
	// Item is named to those who may see footprints; others get its reference.
	Item        *events.ItemView `json:"item"`
	RecordDate  *string          `json:"record_date"`
	SubjectType string           `json:"subject_type"`
	events.RetentionView
	Holds []string `json:"holds,omitempty"`
	// Intended is the batch under which its erasure was decided on.
	Intended string `json:"intended,omitempty"`

	of   retention.Status
	h    *inventory.Holding
	kind events.Code // of the identifier behind the holding's handle
}

// A DuePage is what one question gave.
type DuePage struct {
	On    events.Date      `json:"on"`
	Until events.Date      `json:"until,omitzero"`
	Items []DueItem        `json:"items"`
	Next  string           `json:"next,omitempty"` // the page after this one; absent: there is none
	AsOf  events.AsOf      `json:"as_of"`
	Left  []events.Unknown `json:"unknown"`
	// Slow are triggers of which the map keeps no moments: what counts from them
	// was looked for among everybody.
	Slow []string `json:"slow,omitempty"`
}

// Due lists what has ended by a day: what is due or overdue, and what would be if
// no hold or open request stood in the way. Due dates are worked out now, from
// the catalogue in force, and kept nowhere. Each item goes to emit as it is found;
// Items of the page stays empty. The look is recorded before the first of them
// (I7). Errors: ErrForbidden, ErrNotRecorded, ErrQuestion, and those of emit.
func (d *Desk) Due(ctx context.Context, q DueQuery, emit func(*DueItem) error) (*DuePage, error) {
	if err := permit(q.Caller, access.RetentionRead); err != nil {
		return nil, err
	}
	w, err := d.dueWalk(ctx, q)
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, w.view)
	if err := d.record(ctx, q.Caller, "retention.due", nil, events.Plaintext{}, audit.Found, w.view.Position()); err != nil {
		return nil, err
	}
	page := w.page
	w.named = true
	if page.Next, err = w.run(ctx, emit); err != nil {
		return nil, err
	}
	return &page, nil
}

// dueWalk opens a view and fills in what the question leaves out.
func (d *Desk) dueWalk(ctx context.Context, q DueQuery) (*dueWalk, error) {
	now := d.d.Now().In(d.d.Zone)
	today := events.DateOf(now)
	if q.On.IsZero() {
		q.On = today
	}
	switch cat := d.d.Catalogue(); {
	case !q.Until.IsZero() && q.Until < q.On:
		return nil, &Fault{Part: "until", Text: "want the day of the list or a later one"}
	case q.Status != "" && !knownState(q.Status):
		return nil, &Fault{Part: "status", Text: "not a state of retention; want due, overdue, paused, on_hold or running"}
	case q.System != "" && !cat.Declared(catalogue.FieldSystem, q.System) && !undeclared(q.System):
		return nil, &Fault{Part: "system", Text: "the catalogue names no such system; see habeas systems"}
	case q.Activity != "" && !cat.Declared(catalogue.FieldActivity, q.Activity) && !undeclared(q.Activity):
		return nil, &Fault{Part: "activity", Text: "the catalogue names no such activity; see habeas catalogue show"}
	}
	w := &dueWalk{desk: d, q: q, cat: d.d.Catalogue(), view: d.d.View(), last: max(q.On, q.Until)}
	// The day ends where the organisation is; a day that is over is answered as
	// things stood then.
	w.moment = time.Date(q.On.Time().Year(), q.On.Time().Month(), q.On.Time().Day(), 23, 59, 59, 0, d.d.Zone)
	if q.On < today {
		w.asOf = events.InstantOf(w.moment)
	}
	var err error
	if w.keeper, err = d.keeper(ctx, w.view); err == nil {
		err = w.begin(q.After)
	}
	var systems []inventory.System
	if err == nil {
		systems, err = d.systems(w.view)
	}
	if err != nil {
		d.shut(ctx, w.view)
		return nil, err
	}
	r := reportsOf(w.cat, now, systems)
	r.here = w.view.Position()
	if d.d.Last != nil {
		r.last = d.d.Last()
	}
	w.page = DuePage{On: q.On, Until: q.Until, Items: []DueItem{}, Left: r.unknown(nil),
		AsOf: events.AsOf{Position: w.view.Position().String(), Time: events.InstantOf(now), Zone: d.d.Zone.String()}}
	for _, l := range w.slow {
		if !w.quick(l.Code) && !slices.Contains(w.page.Slow, string(l.Code)) {
			w.page.Slow = append(w.page.Slow, string(l.Code))
		}
	}
	return w, nil
}

func knownState(s string) bool {
	for _, x := range retention.States() {
		if string(x) == s {
			return true
		}
	}
	return false
}

// wanted reports whether the question asks for a holding.
func (w *dueWalk) wanted(a *answer, h *inventory.Holding, s *retention.Status) bool {
	q := &w.q
	falls := !s.Due.IsZero() && s.Due <= w.last
	switch {
	case !falls || (!s.State.Listed() && s.State != retention.Running),
		s.State == retention.Running && (q.Until.IsZero() || s.Due <= q.On),
		q.System != "" && q.System != h.System,
		q.Activity != "" && q.Activity != h.Activity.Code,
		q.Rule != "" && q.Rule != s.Rule,
		q.Status != "" && q.Status != string(s.State):
		return false
	}
	if q.Hold == "" {
		return true
	}
	for _, id := range s.Holds {
		if id == q.Hold {
			return true
		}
	}
	return false
}

func (a *answer) dueItem(h *inventory.Holding, person string) *DueItem {
	s := a.status(h)
	it := &DueItem{Holding: h.ID(), Person: person, System: string(h.System), Dataset: string(h.Dataset), Activity: h.Activity.String(),
		Category: h.Category.String(), RecordDate: dateOrNull(h.RecordDate), SubjectType: string(h.SubjectType), RetentionView: a.until(h), Holds: s.Holds, of: s, h: h}
	it.Item = a.item(h.Item)
	return it
}
