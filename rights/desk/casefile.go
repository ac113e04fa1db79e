package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/clock"
)

// A caseFile is a case as it was read at a position: its facts with what was
// sealed, and what follows from them. One goroutine owns it; appendCase brings it
// up to its own act.
type caseFile struct {
	id       events.EventID
	head     *casebook.Head // nil before the case is opened
	facts    []cases.Fact
	c        *cases.Case // nil before the case is opened
	position events.Position
	// shredded is set where the bodies are gone: acts and dates are all that is
	// left.
	shredded bool
}

// caseID finds a case by its id, the beginning of one, or its number.
func (d *Desk) caseID(view View, id string) (events.EventID, error) {
	var of events.EventID
	var err error
	if n, bad := strconv.ParseUint(id, 10, 32); bad == nil && len(id) < casebook.MinPrefix {
		var h *casebook.Head
		if h, err = casebook.CaseByNumber(view, uint32(n)); err == nil {
			of = h.ID
		}
	} else {
		of, err = casebook.FindCase(view, id)
	}
	switch {
	case errors.Is(err, casebook.ErrAmbiguous):
		return of, &Fault{Part: "case", Text: "several cases begin so; give more of the id"}
	case errors.Is(err, casebook.ErrUnknown):
		return of, fmt.Errorf("%w: no case of that id; see habeas case list", ErrGone)
	case err != nil:
		return of, fmt.Errorf("find a case: %w", err)
	}
	return of, nil
}

// caseFile reads a case.
func (d *Desk) caseFile(ctx context.Context, view View, id string) (*caseFile, error) {
	of, err := d.caseID(view, id)
	if err != nil {
		return nil, err
	}
	return d.caseOf(ctx, view, of)
}

// caseOf reads the case of an id. One that was shredded is ErrGone to whoever needs
// what was sealed; f.c is then nil.
func (d *Desk) caseOf(ctx context.Context, view View, id events.EventID) (*caseFile, error) {
	head, err := casebook.Case(view, id)
	if err != nil {
		return nil, fmt.Errorf("read a case: %w", err)
	}
	f := &caseFile{id: id, head: head, position: view.Position()}
	if f.facts, err = d.caseFacts(ctx, view, id); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(f.facts, func(x cases.Fact) bool { return x.Body.By.Token == "" }) {
		f.shredded = true
		return f, nil
	}
	if f.c, err = cases.Fold(f.facts); err != nil {
		return nil, fmt.Errorf("read a case: %w", err)
	}
	return f, nil
}

// living is an error where the bodies of the case are gone.
func (f *caseFile) living() error {
	if f.c == nil {
		return fmt.Errorf("%w: what was sealed of this case has been destroyed; its acts and dates are left", ErrGone)
	}
	return nil
}

// caseFacts reads the facts of a case. A body that was shredded is empty.
func (d *Desk) caseFacts(ctx context.Context, view View, id events.EventID) ([]cases.Fact, error) {
	list, err := casebook.Facts(view, id)
	if err != nil {
		return nil, fmt.Errorf("read the facts of a case: %w", err)
	}
	out := make([]cases.Fact, 0, len(list))
	for i := range list {
		e := &list[i].Event
		x := cases.Fact{Case: e.Of, Version: e.Count, Event: e.ID, Act: e.Why, On: e.Date, At: e.Time, Due: e.Review, Position: list[i].Position}
		b, err := d.openCase(ctx, e.Note)
		if err == nil {
			var body *cases.Body
			if body, err = cases.DecodeBody(b); err == nil {
				x.Body = *body
			}
		}
		if err != nil && !errors.Is(err, ErrGone) {
			return nil, fmt.Errorf("read %s of a case: %w", e.Why, err)
		}
		if err != nil && slices.Contains(proofActs, e.Why) {
			// Destroyed before the rest: the act and its day are what the case needs.
			x.Body = cases.Body{By: cases.Person{Token: inventory.Operator}, Reason: "no longer kept"}
		}
		out = append(out, x)
	}
	return out, nil
}

// take adds the fact that was just made durable.
func (f *caseFile) take(x cases.Fact) error {
	next, err := f.with(x)
	if err != nil {
		return err
	}
	f.facts, f.c = append(f.facts[:len(f.facts):len(f.facts)], x), next
	return nil
}

// with is the case with one more fact.
func (f *caseFile) with(x cases.Fact) (*cases.Case, error) {
	if f.c == nil {
		return cases.Fold([]cases.Fact{x})
	}
	return f.c.With(x)
}

func (f *caseFile) opening() *cases.Opening { return &f.c.Opening }

func (f *caseFile) number() uint32 {
	if f.head == nil {
		return 0
	}
	return f.head.Number
}

// accepted are the handles that a named person took for this person's; nil while
// nobody has looked at them.
func (f *caseFile) accepted() (out []events.Handle) {
	if f.c.Joins != nil {
		out = []events.Handle{}
	}
	for _, m := range f.c.Members() {
		out = append(out, m.Handle)
	}
	return out
}

// starts are what leads to the person: what was given, and what was accepted.
func (f *caseFile) starts() []events.Ref {
	out := slices.Clone(f.c.Opening.Subject)
	for _, m := range f.c.Members() {
		out = append(out, events.Ref{Handle: m.Handle, Kind: m.Kind})
	}
	return out
}

// about are the handles whom the case is about, for the record of a look.
func (f *caseFile) about() (out []events.Handle) {
	if f.c == nil {
		return nil
	}
	for _, s := range f.c.Opening.Subject {
		out = append(out, s.Handle)
	}
	return append(out, f.accepted()...)
}

// dueOf is the last day of the answer, as of a day; zero where there is none. A
// clock that cannot be told has none, and the log says why.
func (d *Desk) dueOf(c *cases.Case, on events.Date) events.Date {
	due, err := c.Due(on, d.calendars(), d.d.Clocks, nil)
	if err != nil {
		d.d.Log.Warn("the clock of a case cannot be told", "case", c.ID.String(), "error", err)
	}
	return due.Day
}

// clocksOf are the clocks of a case as of a day.
func (d *Desk) clocksOf(c *cases.Case, on events.Date) []CaseClockView {
	out := []CaseClockView{}
	list, err := c.Clocks(max(on, c.Opening.Received), d.calendars(), d.d.Clocks)
	if err != nil {
		d.d.Log.Warn("the clock of a case cannot be told", "case", c.ID.String(), "error", err)
	}
	for _, k := range list {
		out = append(out, CaseClockView{Right: string(k.Right), Stand: string(k.Standing.Stand), Answer: k.Standing.Answer})
	}
	return out
}

// calendars are those that the organisation counts by.
func (d *Desk) calendars() *clock.Set {
	if d.d.Calendars != nil {
		return d.d.Calendars
	}
	return clock.Shipped()
}

// caseNames reports whether an open case, or one whose answer has not been sent,
// names a handle: nothing of whom it stands for may be forgotten meanwhile. Before
// LoadCases it is an error.
func (d *Desk) caseNames(h events.Handle) (bool, error) {
	d.cases.mu.RLock()
	loaded := d.cases.loaded
	d.cases.mu.RUnlock()
	if !loaded {
		return false, errors.New("the cases have not been read yet")
	}
	for _, x := range d.cases.of([]events.Handle{h}) {
		if !x.closed {
			return true, nil
		}
	}
	return false, nil
}
