package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/retention"
)

// A Forgetter takes identifiers out of look-ups and keeps the lists that outlive a
// person's data. It is given handles and shows nothing. Everything it does is
// durable on return, and doing it twice is doing it once.
type Forgetter interface {
	// Retire takes pairs out of look-ups because their erasure was approved.
	Retire(ctx context.Context, handles ...events.Handle) error
	// Erased remembers that the identifiers were erased in their systems, so that
	// what is reported of them later is recognised.
	Erased(ctx context.Context, members []identity.Member, at events.Instant) error
	// Unwanted puts the identifiers on the list of those who are not to be
	// approached by the channels; none: by any.
	Unwanted(ctx context.Context, handles []events.Handle, channels []events.Code, at events.Instant) error
	// ShredNote destroys the key of a sealed note, and ShredFile that of a sealed
	// file. What is not there counts as shredded.
	ShredNote(ctx context.Context, id events.EventID) error
	ShredFile(ctx context.Context, id events.EventID) error
}

// errNoForgetter: this desk was made without the half of the vault that forgets.
var errNoForgetter = errors.New("this desk was made without a forgetter; nothing was changed")

// A bound word is one that stands from the day of receipt, whatever is decided.
type bound struct {
	event    events.Event
	channels []events.Code // by which nobody is to be approached
	suppress bool
}

// bindAtReceipt puts on the map what binds without anybody's approval: an objection
// to direct marketing (Article 21(3): such data "shall no longer be processed") and
// the withdrawal of consent (Article 7(3)). Both count from the day on which the
// request came. The words are of the handles under
// which habeas knows the identifiers as they were given, and so join nothing.
//
// A crash leaves a part of it: whoever loads the case calls this again, and what
// was said is not said twice.
func (d *Desk) bindAtReceipt(ctx context.Context, f *caseFile) error {
	if f.c == nil {
		return nil
	}
	o := f.opening()
	if !slices.Contains(o.Rights, catalogue.RightMarketing) && !slices.Contains(o.Rights, catalogue.RightWithdrawConsent) {
		return nil
	}
	if d.d.Forgetter == nil {
		return errNoForgetter
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	cat := d.d.Catalogue()
	p, err := d.casePerson(ctx, view, cat, f, d.today())
	if err != nil {
		return err
	}
	when := min(events.InstantOf(d.endOf(o.Received)), f.facts[0].At)
	var last events.Position
	for _, w := range p.bindings(o, cat) {
		for _, s := range o.Subject {
			e := w.event
			e.Subject, e.Time = []events.Ref{s}, when
			if p.heard(&e) {
				continue
			}
			if last, err = d.say(ctx, &e, "bind", f.id); err != nil {
				return err
			}
		}
		if !w.suppress {
			continue
		}
		// Whoever is behind a contested identifier is not approached either: the
		// identifiers that were given are listed, and those of the person they lead to.
		handles := slices.Clone(p.members)
		for _, s := range o.Subject {
			handles = append(handles, s.Handle)
		}
		if err := d.d.Forgetter.Unwanted(ctx, handles, w.channels, when); err != nil {
			return fmt.Errorf("suppress after an objection: %w", err)
		}
	}
	return d.reach(ctx, last)
}

// heard reports whether habeas has said a word on the map already.
func (p *casePerson) heard(e *events.Event) bool {
	return slices.ContainsFunc(p.rows, func(r inventory.Row) bool {
		return r.Handle == e.Subject[0].Handle && r.Event.Kind == e.Kind && r.Event.Source == inventory.Operator && r.Event.Activity == e.Activity && r.Event.Item == e.Item &&
			slices.Equal(r.Event.Channels, e.Channels) && slices.ContainsFunc(r.Obs, func(o inventory.Obs) bool { return o.Time == e.Time })
	})
}

// bindings lists what a request says that binds from receipt.
func (p *casePerson) bindings(o *cases.Opening, cat *catalogue.Catalogue) (out []bound) {
	scopes := make([]retention.Scope, 0, len(o.Scope))
	for _, s := range o.Scope {
		scopes = append(scopes, s.Retention())
	}
	scopes = scopesOf(scopes, p.answer)
	if slices.Contains(o.Rights, catalogue.RightMarketing) {
		out = append(out, objections(o, scopes)...)
	}
	if !slices.Contains(o.Rights, catalogue.RightWithdrawConsent) {
		return out
	}
	for _, c := range p.consented(scopes, cat) {
		w := bound{event: events.Event{Kind: events.ConsentWithdrawn, Activity: c.activity, Item: c.item, Channels: o.Channels, GivenBy: events.GivenBySelf}, channels: o.Channels}
		if act, ok := cat.Activity(c.activity.Code); ok && act.DirectMarketing {
			if len(w.channels) == 0 {
				w.channels = act.Channels
			}
			// Of one kind of marketing by no channel in particular there is no list.
			w.suppress = len(w.channels) > 0
		}
		out = append(out, w)
	}
	return out
}

// objections are to the activities that were named, or to direct marketing as such.
func objections(o *cases.Opening, scopes []retention.Scope) (out []bound) {
	for _, s := range scopes {
		if s.Activity != "" {
			out = append(out, bound{event: events.Event{Kind: events.ObjectionMade, Activity: activityOf(string(s.Activity)), Channels: o.Channels}})
		}
	}
	if len(out) > 0 && len(out) == len(scopes) {
		return out
	}
	return []bound{{event: events.Event{Kind: events.ObjectionMade, Flags: events.DirectMarketing, Channels: o.Channels}, channels: o.Channels, suppress: true}}
}

// A consented thing is what somebody agreed to: an activity, perhaps about one item.
type consented struct {
	activity events.Activity
	item     events.Ref
}

// consented lists what the person has agreed to, in the scope of the request: where
// a consent was reported, and where the catalogue says that data is held on consent
// although nobody reported one. Without a scope and without either, the words of
// the person stand for nothing that is known.
func (p *casePerson) consented(scopes []retention.Scope, cat *catalogue.Catalogue) (out []consented) {
	add := func(c consented) {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	for i := range p.answer.folded.Consents {
		c := &p.answer.folded.Consents[i]
		h := retention.Holding{Activity: c.Activity, Item: p.answer.sameItem(c.Item)}
		if c.State == inventory.Given && inScope(scopes, &h, true) {
			add(consented{c.Activity, c.Item})
		}
	}
	for _, h := range p.answer.folded.Holdings {
		t := p.answer.timed(h)
		if h.State != inventory.Removed && onConsent(h, cat) && inScope(scopes, &t, false) &&
			!slices.ContainsFunc(out, func(c consented) bool { return coversActivity(c.activity, h.Activity) }) {
			add(consented{activity: h.Activity})
		}
	}
	for _, s := range scopes {
		if s.Activity != "" && !slices.ContainsFunc(out, func(c consented) bool { return c.activity.Code == s.Activity }) {
			add(consented{activity: activityOf(string(s.Activity))})
		}
	}
	return out
}

// inScope reports whether a request reaches it. A word about an activity has no
// system and no category, which a scope may then name.
func inScope(scopes []retention.Scope, h *retention.Holding, word bool) bool {
	return len(scopes) == 0 || slices.ContainsFunc(scopes, func(s retention.Scope) bool {
		if word {
			s.System, s.Category, s.From, s.To = "", events.Category{}, 0, 0
		}
		return s.Covers(h)
	})
}

func onConsent(h *inventory.Holding, cat *catalogue.Catalogue) bool {
	if h.Basis != "" {
		return h.Basis == "6.1.a"
	}
	act, ok := cat.Activity(h.Activity.Code)
	return ok && slices.Contains(act.LawfulBasis, "6.1.a")
}

// activityOf reads an activity as it is written in bodies and scopes.
func activityOf(s string) events.Activity {
	code, sub, _ := strings.Cut(s, "/")
	return events.Activity{Code: events.Code(code), SubPurpose: events.Code(sub)}
}

// categoryOf reads a category likewise.
func categoryOf(s string) events.Category {
	code, element, _ := strings.Cut(s, "/")
	return events.Category{Code: events.Code(code), Element: events.Code(element)}
}

// say appends a word of habeas about a person that follows from a case, a task or a
// batch. Its id follows from them and from what it says, so that it can be said
// again; the time is the caller's.
func (d *Desk) say(ctx context.Context, e *events.Event, why string, of events.EventID) (events.Position, error) {
	e.Source = inventory.Operator
	if d.d.Simulated {
		e.Flags |= events.Simulated
	}
	name := []string{why, of.String(), e.Kind.String(), e.Activity.String(), string(e.ScopeSystem), string(e.Dataset), e.Item.Handle.String(), e.Digest.String()}
	for _, s := range e.Subject {
		name = append(name, s.Handle.String())
	}
	e.ID = d.d.Allocator.EventID(inventory.Operator, events.NewPlaintext(strings.Join(name, " ")))
	at, err := d.d.Appender.Append(ctx, e, 0)
	if err != nil {
		return at, fmt.Errorf("append %s after a decision: %w", e.Kind, err)
	}
	return at, nil
}
