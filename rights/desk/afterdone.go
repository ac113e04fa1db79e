package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

// gone reports whether an approved item lets its holding go now: the bytes too, and
// nothing is awaited first.
func gone(f *cases.Final) bool {
	return f.Outcome == decide.Erase && !f.Detached && len(f.BlockedBy) == 0 && f.Keep == nil
}

// stays reports why an approved item leaves its holding restricted; empty: it does
// not. What is kept under Article 17(3) is kept for that alone, and bytes that
// another purpose needs are closed to the one that ended.
func stays(f *cases.Final) events.Code {
	switch {
	case f.Outcome == decide.Erase && (f.Detached || f.Keep != nil):
		return "purpose_ended"
	case f.Outcome == decide.Restrict, f.Outcome == decide.Retain && f.Restricted:
		code, _, _ := strings.Cut(strings.ToLower(string(f.Code)), ":")
		return events.Code(code)
	}
	return ""
}

// bindApproved puts on the map what an approved plan says at once: restrictions of
// single holdings, objections that were upheld, and the suppression that follows
// any erasure of marketing data. at is when the plan was approved. It may be called
// again.
func (d *Desk) bindApproved(ctx context.Context, of events.EventID, at events.Instant, finals []cases.Final) error {
	view := d.d.View()
	defer d.shut(ctx, view)
	held := finders{view: view}
	var words []events.Event
	unwanted := map[string][]events.Handle{}
	for i := range finals {
		f := &finals[i]
		if slices.Contains(f.Also, decide.Suppress) {
			key := channelKey(f.Channels)
			unwanted[key] = append(unwanted[key], f.Handle)
		}
		e := events.Event{Time: at}
		switch ground := stays(f); {
		case ground != "":
			h, err := held.find(f.Handle, f.Holding)
			if err != nil {
				return err
			}
			if h == nil || slices.ContainsFunc(h.Stops, func(s inventory.Stop) bool { return s.By == inventory.ByRestriction && s.At == at }) {
				continue // gone, or said before
			}
			e = exactly(h, events.RestrictionSet, at)
			e.Ground, e.Of = ground, d.because(of, f.Handle)
		case f.Outcome == decide.Stop && f.Code == decide.StopObjection:
			e.Kind, e.Activity, e.Channels = events.ObjectionMade, activityOf(f.Activity), f.Channels
			e.Subject = []events.Ref{{Handle: f.Handle, Kind: events.Undeclared}}
			if said, err := held.objected(f.Handle, e.Activity, at); said || err != nil {
				if err != nil {
					return err
				}
				continue
			}
		default:
			continue
		}
		words = append(words, e)
	}
	last, err := d.sayAll(ctx, words, "approved", of)
	if err != nil {
		return err
	}
	if err := d.unwant(ctx, unwanted, at); err != nil {
		return err
	}
	return d.reach(ctx, last)
}

func channelKey(channels []events.Code) string {
	var out []string
	for _, c := range channels {
		out = append(out, string(c))
	}
	return strings.Join(out, " ")
}

func (d *Desk) unwant(ctx context.Context, list map[string][]events.Handle, at events.Instant) error {
	for channels, handles := range list {
		if d.d.Forgetter == nil {
			return errNoForgetter
		}
		var codes []events.Code
		for _, c := range strings.Fields(channels) {
			codes = append(codes, events.Code(c))
		}
		if err := d.d.Forgetter.Unwanted(ctx, handles, codes, at); err != nil {
			return fmt.Errorf("suppress after an erasure: %w", err)
		}
	}
	return nil
}

// retireApproved takes out of look-ups the names of whom nothing is to be left in a
// system. It comes once every task of the plan is durable: the tasks and the case
// reveal them still, and the next report of them gets a fresh handle. A name that
// records under it stay for is left alone, and so is one of a system that keeps
// something, where nothing stands under the name itself. What a hold keeps now stays,
// whatever was approved (I10). It may be called again.
func (d *Desk) retireApproved(ctx context.Context, at events.Instant, members []cases.Member, finals []cases.Final) error {
	going := map[string]bool{}
	for i := range finals {
		if gone(&finals[i]) {
			going[finals[i].Holding] = true
		}
	}
	if len(going) == 0 {
		return nil
	}
	if d.d.Forgetter == nil {
		return errNoForgetter
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	handles := make([]events.Handle, len(members))
	for i, m := range members {
		handles[i] = m.Handle
	}
	p, err := d.personOf(ctx, view, handles)
	if err != nil {
		return err
	}
	for id := range going {
		if len(p.keptNow(id)) > 0 {
			delete(going, id)
		}
	}
	list, err := leaving(view, members, going)
	if err != nil || len(list) == 0 {
		return err
	}
	// Listed first: whoever is reported between the two would come back unseen.
	if err := d.d.Forgetter.Erased(ctx, list, at); err != nil {
		return fmt.Errorf("remember what is erased: %w", err)
	}
	handles = handles[:0]
	for _, m := range list {
		handles = append(handles, m.Handle)
	}
	if err := d.d.Forgetter.Retire(ctx, handles...); err != nil {
		return fmt.Errorf("take out of look-ups what is erased: %w", err)
	}
	return nil
}

// leaving are the names of whom nothing is left once what is going has gone. The
// names under which habeas knows the person stay until the case is closed.
func leaving(r inventory.Reader, members []cases.Member, going map[string]bool) (out []identity.Member, err error) {
	handles := make([]events.Handle, len(members))
	for i, m := range members {
		handles[i] = m.Handle
	}
	rows, err := inventory.Rows(r, handles...)
	if err != nil {
		return nil, fmt.Errorf("read the rows of a person: %w", err)
	}
	type fate struct{ goes, stays bool }
	own, all := map[events.Handle]fate{}, map[events.Code]fate{}
	for _, h := range inventory.Fold(rows, inventory.Query{}).Holdings {
		if h.State == inventory.Removed {
			continue
		}
		a, b := own[h.Handle], all[h.System]
		if going[h.ID()] {
			a.goes, b.goes = true, true
		} else {
			a.stays, b.stays = true, true
		}
		own[h.Handle], all[h.System] = a, b
	}
	for _, m := range members {
		x, ok := own[m.Handle]
		if !ok {
			x = all[m.System]
		}
		if m.System != inventory.Operator && x.goes && !x.stays {
			out = append(out, identity.Member{Handle: m.Handle, System: m.System, Kind: m.Kind})
		}
	}
	return out, nil
}

// afterVerified puts on the map that a later look found nothing of what a task was
// to erase (I8): exactly the holdings of the task that its own system holds, and no
// others. A recipient's task says nothing of what we hold. at is when that was
// reported. It may be called again: each removal has an id that follows from the
// task.
func (d *Desk) afterVerified(ctx context.Context, task events.EventID, t *cases.TaskBody, at events.Instant) error {
	if t.Verb != cases.VerbErase && t.Verb != cases.VerbAnonymise {
		return nil
	}
	how := events.RemovalDeleted
	if t.Verb == cases.VerbAnonymise {
		how = events.RemovalAnonymised
	}
	view := d.d.View()
	held := finders{view: view}
	var words []events.Event
	var under []identity.Member
	err := func() error {
		defer d.shut(ctx, view)
		for i := range t.Scope {
			part := &t.Scope[i]
			h, err := held.find(part.Handle, part.Holding)
			if err != nil {
				return err
			}
			if h == nil || h.System != t.System || part.Keep != nil {
				continue
			}
			e := exactly(h, events.RecordRemoved, max(at, h.Last+1))
			e.Removal, e.Of = how, d.because(task, h.Handle)
			words = append(words, e)
			if m := (identity.Member{Handle: h.Handle, System: h.System}); !slices.Contains(under, m) {
				under = append(under, m)
			}
		}
		return nil
	}()
	if err != nil || len(words) == 0 {
		return err
	}
	last, err := d.sayAll(ctx, words, "removed", task)
	if err != nil {
		return err
	}
	if err := d.reach(ctx, last); err != nil {
		return err
	}
	return d.erasedNow(ctx, under, at)
}

// erasedNow moves the moment of the erasure to when it was proven, for those of
// whom nothing is left: what was stored before that is late and no resurrection.
func (d *Desk) erasedNow(ctx context.Context, list []identity.Member, at events.Instant) error {
	view := d.d.View()
	defer d.shut(ctx, view)
	var out []identity.Member
	for _, m := range list {
		rows, err := inventory.Rows(view, m.Handle)
		if err != nil {
			return fmt.Errorf("read the rows of a person: %w", err)
		}
		left := slices.ContainsFunc(inventory.Fold(rows, inventory.Query{}).Holdings, func(h *inventory.Holding) bool { return h.State != inventory.Removed })
		if !left && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return nil
	}
	if d.d.Forgetter == nil {
		return errNoForgetter
	}
	if err := d.d.Forgetter.Erased(ctx, out, at); err != nil {
		return fmt.Errorf("remember what was erased: %w", err)
	}
	return nil
}

// because says that a word about a handle follows from a case or a task, without
// saying from which: a digest under a key of the vault, another for each handle. The
// id itself would lead whoever reads the journal from one handle of a person to the
// others (I1, A1).
func (d *Desk) because(of events.EventID, h events.Handle) events.EventID {
	return d.d.Allocator.EventID(inventory.Operator, events.NewPlaintext("because "+of.String()+" "+h.String()))
}

// exactly is a word about one holding and no other.
func exactly(h *inventory.Holding, kind events.Kind, at events.Instant) events.Event {
	e := events.Event{Kind: kind, Time: at, Subject: []events.Ref{{Handle: h.Handle, Kind: events.Undeclared}}, ScopeSystem: h.System, Dataset: h.Dataset,
		Activity: h.Activity, Item: h.Item, Controller: h.Controller, Digest: digestOf(h.ID())}
	if h.Category.Code != "" {
		e.Categories = []events.Category{h.Category}
	}
	return e
}

// finders read the holdings of handles once each.
type finders struct {
	view inventory.Reader
	by   map[events.Handle]*inventory.Folded
	held map[string]*inventory.Holding // by id, of those that were not removed
}

func (f *finders) find(h events.Handle, id string) (*inventory.Holding, error) {
	if f.by == nil {
		f.by, f.held = map[events.Handle]*inventory.Folded{}, map[string]*inventory.Holding{}
	}
	if f.by[h] == nil {
		rows, err := inventory.Rows(f.view, h)
		if err != nil {
			return nil, fmt.Errorf("read the rows of a person: %w", err)
		}
		f.by[h] = inventory.Fold(rows, inventory.Query{})
		for _, x := range f.by[h].Holdings {
			if x.State != inventory.Removed {
				f.held[x.ID()] = x
			}
		}
	}
	if x := f.held[id]; x != nil && x.Handle == h {
		return x, nil
	}
	return nil, nil
}

// objected reports whether an objection was put on the map before.
func (f *finders) objected(h events.Handle, activity events.Activity, at events.Instant) (bool, error) {
	if _, err := f.find(h, ""); err != nil {
		return false, err
	}
	return slices.ContainsFunc(f.by[h].Consents, func(c inventory.Consent) bool {
		return c.State == inventory.Objected && c.Activity == activity && c.At == at
	}), nil
}
