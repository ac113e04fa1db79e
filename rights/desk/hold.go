package desk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	kept "github.com/habeas-data/habeas/projections/retention"
	"github.com/habeas-data/habeas/rights/retention"
)

// A HoldOrder places a hold: what it reaches, now and later, is not erased until
// it is lifted. A side that is not set is open, but one of them must be set.
type HoldOrder struct {
	Caller     access.Caller
	Identifier events.Identifier // of a person
	Item       events.Identifier
	System     events.Code
	Activity   events.Code
	Category   events.Category
	From, To   events.Date // days of the records, inclusive
	Ground     events.Code
	Review     events.Date
	Owner      events.Plaintext // who answers for it; sealed
	Text       events.Plaintext // reference or reason; sealed
}

// A HoldView is a hold as people read it.
type HoldView struct {
	ID       string         `json:"id"`
	Person   string         `json:"person,omitempty"` // reference, if it is on one person
	System   string         `json:"system,omitempty"`
	Activity string         `json:"activity,omitempty"`
	Category string         `json:"category,omitempty"`
	ItemKind string         `json:"item_kind,omitempty"`
	From     events.Date    `json:"from,omitzero"`
	To       events.Date    `json:"to,omitzero"`
	Ground   string         `json:"ground"`
	Owner    string         `json:"owner"`
	Ref      string         `json:"ref,omitempty"`
	Placed   events.Instant `json:"placed"`
	Review   events.Date    `json:"review"`
	// ReviewDue is set when the day of review has come and the hold stands.
	ReviewDue bool            `json:"review_due,omitempty"`
	Lifted    *events.Instant `json:"lifted"`
	// Unheard is set, when a hold is placed, if no system has reported the
	// identifier: the hold stands, and it may be a misspelling.
	Unheard bool `json:"identifier_not_reported,omitempty"`
}

// HoldList is every hold there was.
type HoldList struct {
	AsOf  events.AsOf `json:"as_of"`
	Holds []HoldView  `json:"holds"`
}

// A Lifted says what a lifted hold leaves behind.
type Lifted struct {
	Hold     string `json:"hold"`
	Position string `json:"position"`
	// Due lists what becomes due by it. Nothing of it is erased today.
	Due []DueItem `json:"due"`
	// More is set when there are more than are listed; habeas retention due
	// has them all.
	More bool `json:"more,omitempty"`
}

// liftedItems bounds the list of what a lifted hold leaves behind.
const liftedItems = 500

// PlaceHold makes a hold durable. Errors: ErrForbidden, ErrQuestion,
// ErrNotRecorded.
func (d *Desk) PlaceHold(ctx context.Context, o HoldOrder) (HoldView, error) {
	if err := permit(o.Caller, access.HoldsManage); err != nil {
		return HoldView{}, err
	}
	if err := d.checkHold(&o); err != nil {
		return HoldView{}, err
	}
	e := events.Event{Kind: events.HoldPlaced, ScopeSystem: o.System, Activity: events.Activity{Code: o.Activity}, From: o.From, To: o.To, Ground: o.Ground, Review: o.Review}
	if o.Category.Code != "" {
		e.Categories = []events.Category{o.Category}
	}
	var about []events.Handle
	if !o.Identifier.IsZero() {
		members, err := d.d.Finder.Find(ctx, o.Identifier)
		if err != nil {
			return HoldView{}, fmt.Errorf("find an identifier of kind %s: %w", o.Identifier.Kind, faultOf(err, "identifier"))
		}
		for _, m := range members {
			about = append(about, m.Handle)
		}
	}
	if err := d.record(ctx, o.Caller, "hold.place", about, o.Text, audit.Done, events.Position{}); err != nil {
		return HoldView{}, err
	}
	// A crash from here on leaves a record of a hold that was not placed, and
	// perhaps names and a note that nothing needs; the sweep forgets them.
	vault, err := d.nameHold(ctx, &o, &e)
	if err != nil {
		return HoldView{}, err
	}
	body, err := encodeHoldNote(o.Owner, o.Text)
	if err == nil {
		e.Note, err = d.d.Sealer.Seal(ctx, body)
	}
	if err != nil {
		return HoldView{}, fmt.Errorf("seal the owner of a hold: %w", err)
	}
	at, err := d.order(ctx, &e, vault)
	if err != nil {
		return HoldView{}, err
	}
	v := d.holdView(&kept.Hold{Order: kept.Order{Event: e, Position: at}})
	v.Unheard = !o.Identifier.IsZero() && len(about) == 0
	v.Owner, v.Ref, err = decodeHoldNote(body)
	return v, err
}

// nameHold puts handles in the places of identifiers.
func (d *Desk) nameHold(ctx context.Context, o *HoldOrder, e *events.Event) (vault uint64, err error) {
	for _, x := range []struct {
		id   events.Identifier
		part string
		take func(events.Ref)
	}{
		{o.Identifier, "identifier", func(r events.Ref) { e.Subject = []events.Ref{r} }},
		{o.Item, "item", func(r events.Ref) { e.Item = r }},
	} {
		if x.id.IsZero() {
			continue
		}
		refs, at, err := d.d.Allocator.Allocate(ctx, inventory.Operator, []events.Identifier{x.id})
		if err != nil {
			return 0, fmt.Errorf("name the %s of a hold: %w", x.part, faultOf(err, x.part))
		}
		vault = max(vault, at)
		x.take(refs[0])
	}
	return vault, nil
}

// checkHold refuses a hold that reaches nothing in particular, or what nobody
// declared, or that nobody answers for.
func (d *Desk) checkHold(o *HoldOrder) error {
	cat := d.d.Catalogue()
	today := d.today()
	fault := func(part, text string) error { return &Fault{Part: part, Text: text} }
	_, system := cat.System(o.System)
	switch {
	case o.Identifier.IsZero() && o.Item.IsZero() && o.System == "" && o.Activity == "" && o.Category.Code == "":
		return fault("", "want a person, an item, a system, an activity or a category: a hold on everything is none")
	case o.System != "" && !system:
		return fault("system", "the catalogue names no such system")
	case o.Activity != "" && !cat.Declared(catalogue.FieldActivity, o.Activity):
		return fault("activity", "the catalogue names no such activity")
	case o.Category.Code != "" && !cat.DeclaredCategory(o.Category):
		return fault("category", "the catalogue names no such category")
	case !slices.Contains(retention.Grounds(), o.Ground):
		return fault("ground", "want one of "+grounds())
	case o.Owner.IsZero():
		return fault("owner", "want who answers for the hold")
	case o.Review <= today:
		return fault("review", "want a day after today: a hold that nobody looks at again has no end")
	case !o.To.IsZero() && o.From > o.To:
		return fault("period", "want the first day before the last")
	}
	return nil
}

func grounds() string {
	var out []string
	for _, g := range retention.Grounds() {
		out = append(out, string(g))
	}
	return strings.Join(out, ", ")
}

// order makes a fact about keeping, erasing or a case durable, under a fresh id unless it
// has one.
func (d *Desk) order(ctx context.Context, e *events.Event, vault uint64) (events.Position, error) {
	if e.ID.IsZero() {
		var id [16]byte
		if _, err := io.ReadFull(d.d.Rand, id[:]); err != nil {
			return events.Position{}, errors.New("draw the id of an order")
		}
		e.ID = d.d.Allocator.EventID(inventory.Operator, events.NewPlaintext(hex.EncodeToString(id[:])))
	}
	e.Source, e.Time = inventory.Operator, events.InstantOf(d.d.Now())
	if d.d.Simulated {
		e.Flags |= events.Simulated
	}
	if e.Kind.IsCase() { // the map would set it aside, and it would look like a race that was lost
		if err := e.CheckCase(); err != nil {
			return events.Position{}, fmt.Errorf("append %s: %w; nothing was changed", e.Kind, err)
		}
	}
	at, err := d.d.Appender.Append(ctx, e, vault)
	if err != nil {
		return at, fmt.Errorf("append %s: %w; nothing was changed", e.Kind, err)
	}
	return at, nil
}

// LiftHold ends a hold and lists what becomes due by it; nothing of that is
// erased that day. Errors: ErrForbidden, ErrGone, ErrQuestion, ErrNotRecorded.
func (d *Desk) LiftHold(ctx context.Context, who access.Caller, id string, reason events.Plaintext) (Lifted, error) {
	if err := permit(who, access.HoldsManage); err != nil {
		return Lifted{}, err
	}
	if reason.IsZero() {
		return Lifted{}, &Fault{Part: "reason", Text: "want a reason"}
	}
	of, err := d.standingHold(ctx, id)
	if err != nil {
		return Lifted{}, err
	}
	note, err := d.recordNote(ctx, who, "hold.lift", nil, nil, reason, audit.Done, events.Position{})
	if err != nil {
		return Lifted{}, err
	}
	out := Lifted{Hold: id, Due: []DueItem{}}
	if err := d.becomesDue(ctx, who, id, &out); err != nil {
		return Lifted{}, err
	}
	e := events.Event{Kind: events.HoldLifted, Of: of, Note: note}
	at, err := d.order(ctx, &e, 0)
	if err != nil {
		return Lifted{}, err
	}
	out.Position = at.String()
	d.wake()
	return out, nil
}

func (d *Desk) standingHold(ctx context.Context, id string) (events.EventID, error) {
	of, err := events.ParseEventID(id)
	if err != nil {
		return of, &Fault{Part: "hold", Text: "want the id of a hold, as habeas hold list prints it"}
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	list, err := kept.Holds(view)
	if err != nil {
		return of, fmt.Errorf("read the holds: %w", err)
	}
	i := slices.IndexFunc(list, func(h kept.Hold) bool { return h.Event.ID == of })
	if i < 0 || list[i].Lifted != nil {
		return of, fmt.Errorf("%w: no hold of that id stands", ErrGone)
	}
	return of, nil
}

// becomesDue lists what this hold alone has kept until today.
func (d *Desk) becomesDue(ctx context.Context, who access.Caller, id string, out *Lifted) error {
	w, err := d.dueWalk(ctx, DueQuery{Caller: who, Hold: id, Status: string(retention.OnHold)})
	if err != nil {
		return err
	}
	defer d.shut(ctx, w.view)
	full := errors.New("enough")
	w.named = true
	_, err = w.run(ctx, func(it *DueItem) error {
		if len(it.Holds) > 1 {
			return nil
		}
		if len(out.Due) == liftedItems {
			out.More = true
			return full
		}
		today := w.q.On.String()
		it.Status, it.Due, it.Holds = string(retention.Due), &today, nil
		it.Why = it.of.ByRule + "; a hold kept it until today"
		out.Due = append(out.Due, *it)
		return nil
	})
	if errors.Is(err, full) {
		return nil
	}
	return err
}

// Holds lists every hold, those that stand first. The look is recorded. Errors:
// ErrForbidden, ErrNotRecorded.
func (d *Desk) Holds(ctx context.Context, who access.Caller) (HoldList, error) {
	if err := permit(who, access.HoldsRead); err != nil {
		return HoldList{}, err
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	if err := d.record(ctx, who, "holds.read", nil, events.Plaintext{}, audit.Found, view.Position()); err != nil {
		return HoldList{}, err
	}
	list, err := kept.Holds(view)
	if err != nil {
		return HoldList{}, fmt.Errorf("read the holds: %w", err)
	}
	out := HoldList{AsOf: events.AsOf{Position: view.Position().String(), Time: events.InstantOf(d.d.Now())}, Holds: []HoldView{}}
	for i := range list {
		v := d.holdView(&list[i])
		b, err := d.d.Revealer.OpenNote(ctx, list[i].Event.Note)
		if err == nil {
			v.Owner, v.Ref, err = decodeHoldNote(b)
		}
		if err != nil {
			v.Owner = "(no longer kept)"
		}
		out.Holds = append(out.Holds, v)
	}
	slices.SortStableFunc(out.Holds, func(a, b HoldView) int {
		if (a.Lifted == nil) != (b.Lifted == nil) {
			if a.Lifted == nil {
				return -1
			}
			return 1
		}
		return int(a.Review) - int(b.Review)
	})
	return out, nil
}

func (d *Desk) holdView(h *kept.Hold) HoldView {
	e := &h.Event
	v := HoldView{ID: e.ID.String(), System: string(e.ScopeSystem), Activity: e.Activity.String(), ItemKind: string(e.Item.Kind),
		From: e.From, To: e.To, Ground: string(e.Ground), Placed: e.Time, Review: e.Review}
	if len(e.Subject) > 0 {
		v.Person = e.Subject[0].Handle.String()
	}
	if len(e.Categories) > 0 {
		v.Category = e.Categories[0].String()
	}
	if h.Lifted != nil {
		v.Lifted = &h.Lifted.Event.Time
	}
	v.ReviewDue = v.Lifted == nil && v.Review <= d.today()
	return v
}
