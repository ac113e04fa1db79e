package desk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
)

// CaseVias lists how a request can come in.
func CaseVias() []events.Code {
	return []events.Code{"email", "letter", "phone", "form", "in_person", "portal", "app", "social_media", "third_party", "authority", "other"}
}

// OpenCase records that a person asked. Nobody has to be found: a request about
// somebody of whom nothing is held is answered too. If the same person has an open
// case about the same, the answer names it and no other is opened, unless that is
// forced. Errors: ErrForbidden, *Limited, ErrQuestion, *cases.Refusal,
// ErrNotRecorded, ErrBehind.
func (d *Desk) OpenCase(ctx context.Context, o CaseOrder) (CaseOpened, error) {
	none := CaseOpened{}
	if err := permit(o.Caller, access.CasesOpen); err != nil {
		return none, err
	}
	if err := d.checkCaseOrder(&o); err != nil {
		return none, err
	}
	if d.d.Limit != nil {
		if wait, ok := d.d.Limit.Take(string(o.Caller.Token)); !ok {
			return none, &Limited{RetryAfter: int(wait/time.Second) + 1}
		}
	}
	// Whether an identifier is known shows in the answer, so the try is recorded
	// before anything is looked up (I7).
	if err := d.record(ctx, o.Caller, "case.open", nil, events.Plaintext{}, audit.Attempted, events.Position{}); err != nil {
		return none, err
	}
	open, vault, err := d.opening(ctx, &o)
	if err != nil {
		return none, err
	}
	if o.Answered.IsZero() && !o.Force {
		if of, err := d.duplicate(ctx, open, events.EventID{}); err != nil || of != nil {
			return d.refuseDuplicate(open, of), err
		}
	}
	f, err := d.newCase()
	if err != nil {
		return none, err
	}
	at, err := d.appendCaseAt(ctx, o.Caller, f, cases.Opened, open.Received, cases.Body{Opening: open}, vault)
	if err != nil {
		return none, err
	}
	return d.opened(ctx, &o, f, open, at)
}

// opened does what follows at once: what is known of the person's identity, what
// binds from receipt, and the look for a case that was opened at the same time.
func (d *Desk) opened(ctx context.Context, o *CaseOrder, f *caseFile, open *cases.Opening, at events.Position) (CaseOpened, error) {
	out := CaseOpened{Case: f.id.String(), Received: open.Received}
	// A crash between these leaves an open case without them: each can be done by
	// hand, and what binds from receipt is done again at the next start.
	for _, s := range []struct {
		act cases.Act
		on  events.Date
	}{{cases.IdentityAsked, o.IdentityAsked}, {cases.IdentityReceived, o.IdentityReceived}} {
		if s.on.IsZero() || open.Historic {
			continue
		}
		var err error
		if at, err = d.appendCase(ctx, o.Caller, f, s.act, s.on, cases.Body{Reason: "said when the case was opened"}); err != nil {
			return out, fmt.Errorf("the case %s is open; %s was not recorded: %w", f.id, s.act, err)
		}
	}
	if !o.Force && !open.Historic {
		of, err := d.duplicate(ctx, open, f.id)
		if err != nil {
			return out, err
		}
		if of != nil && of.number < f.number() {
			out.DuplicateOf = of.id.String()
			if at, err = d.appendCase(ctx, o.Caller, f, cases.Duplicate, d.today(), cases.Body{Of: cases.ID(of.id), Reason: "opened at the same time"}); err != nil {
				return out, err
			}
		}
	}
	if out.DuplicateOf == "" {
		if err := d.bindAtReceipt(ctx, f); err != nil {
			return out, fmt.Errorf("the case %s is open; what binds from receipt was not carried out: %w", f.id, err)
		}
		if _, err := d.startBinding(ctx, d.self(), f); err != nil {
			return out, fmt.Errorf("the case %s is open; what binds from receipt was not sent out, which habeas case run does: %w", f.id, err)
		}
	}
	var err error
	if out.Unheard, err = d.unheard(ctx, open.Subject); err != nil {
		return out, err
	}
	out.Number, out.Due, out.Status, out.Position = f.number(), dateOrNull(d.dueOf(f.c, d.today())), string(f.c.Status()), at.String()
	return out, nil
}

// checkCaseOrder refuses what no case can be made from, and fills in what was left
// out.
func (d *Desk) checkCaseOrder(o *CaseOrder) error {
	today := d.today()
	if o.Received.IsZero() {
		o.Received = today
	}
	if o.Regime == "" {
		o.Regime = clock.Regime(decide.JurisdictionOf(d.d.Catalogue().Organisation.Jurisdiction))
	}
	fault := func(part, text string) error { return &Fault{Part: part, Text: text} }
	switch {
	case len(o.Rights) == 0:
		return fault("rights", "want at least one right")
	case len(o.Identifiers)+len(o.Refs) == 0:
		return fault("identifiers", "want an identifier of the person, or a reference of an earlier answer")
	case len(o.Identifiers)+len(o.Refs) > events.MaxSubjects:
		return fault("identifiers", fmt.Sprintf("want at most %d identifiers", events.MaxSubjects))
	case o.Received > today:
		return fault("received", "a day that has not come")
	case o.Via != "" && !slices.Contains(CaseVias(), o.Via):
		return fault("via", "want one of "+list(texts(CaseVias())))
	case o.IdentityAsked.IsZero() && !o.IdentityReceived.IsZero():
		return fault("identity_asked", "want the day on which it was asked for as well")
	case !o.IdentityAsked.IsZero() && (o.IdentityAsked < o.Received || o.IdentityAsked > today):
		return fault("identity_asked", "want a day from receipt to today")
	case !o.IdentityReceived.IsZero() && (o.IdentityReceived < o.IdentityAsked || o.IdentityReceived > today):
		return fault("identity_received", "want a day from that of the question to today")
	case !o.Answered.IsZero() && (o.Answered < o.Received || o.Answered > today):
		return fault("answered", "want a day from receipt to today")
	}
	for i, r := range o.Rights {
		if !slices.Contains(decide.Rights(), r) || slices.Contains(o.Rights[:i], r) {
			return fault("rights", "want each of "+list(texts(decide.Rights()))+" at most once")
		}
	}
	if err := d.checkStates(o); err != nil {
		return err
	}
	return d.checkScope(o.Scope)
}

func (d *Desk) checkStates(o *CaseOrder) error {
	known := []decide.Statement{decide.PersonalReasons, decide.PrefersRestriction, decide.OwnClaim, decide.ContestsAccuracy}
	for _, s := range o.States {
		if !slices.Contains(known, s) {
			return &Fault{Part: "states", Text: "want " + list(texts(known))}
		}
	}
	if o.Agent != nil && !slices.Contains([]decide.Role{decide.Agent, decide.Attorney, decide.Deputy, decide.Parent, decide.Relative}, o.Agent.As) {
		return &Fault{Part: "agent/as", Text: "want agent, attorney, deputy, parent or relative"}
	}
	if _, err := clock.ParseRegime(string(o.Regime)); err != nil {
		return &Fault{Part: "regime", Text: err.Error()}
	}
	if o.Nation != "" && o.Regime == clock.UK {
		if _, err := clock.ParseNation(string(o.Nation)); err != nil {
			return &Fault{Part: "nation", Text: err.Error()}
		}
	}
	return nil
}

func (d *Desk) checkScope(list []CaseScope) error {
	cat := d.d.Catalogue()
	for i, s := range list {
		part := fmt.Sprintf("scope/%d", i)
		_, system := cat.System(s.System)
		switch {
		case s.System == "" && s.Activity == "" && s.Category.Code == "" && s.Item.IsZero():
			return &Fault{Part: part, Text: "want a system, an activity, a category or an item; leave the scope out to ask about everything"}
		case s.System != "" && !system:
			return &Fault{Part: part + "/system", Text: "the catalogue names no such system"}
		case s.Activity != "" && !cat.Declared(catalogue.FieldActivity, s.Activity):
			return &Fault{Part: part + "/activity", Text: "the catalogue names no such activity"}
		case s.Category.Code != "" && !cat.DeclaredCategory(s.Category):
			return &Fault{Part: part + "/category", Text: "the catalogue names no such category"}
		}
	}
	return nil
}

// opening puts handles in the places of identifiers: those of habeas itself, so
// that the journal and its facts name nobody (A6).
func (d *Desk) opening(ctx context.Context, o *CaseOrder) (*cases.Opening, uint64, error) {
	out := &cases.Opening{Rights: o.Rights, Received: o.Received, Via: o.Via, Channels: o.Channels, States: o.States, Regime: o.Regime, Nation: o.Nation,
		Text: textOf(o.Text), Historic: !o.Answered.IsZero(), Answered: o.Answered, Simulated: d.d.Simulated, Catalogue: d.versionAt(o.Received)}
	if a := o.Agent; a != nil {
		out.Asker = decide.Asker{As: a.As, Evidence: a.Evidence, Nation: a.Nation, Competent: a.Competent}
		out.Agent = textOf(a.Name)
	}
	var vault uint64
	if len(o.Identifiers) > 0 {
		refs, at, err := d.d.Allocator.Allocate(ctx, inventory.Operator, o.Identifiers)
		if err != nil {
			return nil, 0, fmt.Errorf("name the person of a case: %w", faultOf(err, "identifiers"))
		}
		out.Subject, vault = refs, at
	}
	for i, ref := range o.Refs {
		r, err := d.refOf(ctx, ref)
		if err != nil {
			return nil, 0, fmt.Errorf("reference %d: %w", i+1, err)
		}
		out.Subject = append(out.Subject, r)
	}
	for i := range o.Scope {
		s := &o.Scope[i]
		x := cases.Scope{System: s.System, Activity: s.Activity, Category: s.Category.Code, Element: s.Category.Element}
		if !s.Item.IsZero() {
			refs, at, err := d.d.Allocator.Allocate(ctx, inventory.Operator, []events.Identifier{s.Item})
			if err != nil {
				return nil, 0, fmt.Errorf("name the item of a case: %w", faultOf(err, fmt.Sprintf("scope/%d/item", i)))
			}
			x.Items, vault = []events.Handle{refs[0].Handle}, max(vault, at)
		}
		out.Scope = append(out.Scope, x)
	}
	return out, vault, nil
}

// refOf finds the kind of a reference of an earlier answer.
func (d *Desk) refOf(ctx context.Context, ref string) (events.Ref, error) {
	h, err := events.ParseHandle(ref)
	if err != nil {
		return events.Ref{}, &Fault{Part: "refs", Text: "want a reference of an earlier answer"}
	}
	same, err := d.d.Finder.Siblings(ctx, h)
	if err != nil {
		return events.Ref{}, fmt.Errorf("find a reference: %w", err)
	}
	for _, m := range same {
		if m.Handle == h {
			return events.Ref{Handle: h, Kind: m.Kind}, nil
		}
	}
	return events.Ref{}, fmt.Errorf("%w: nobody is known by the reference", ErrGone)
}

// versionAt is the number of the catalogue that was in force at the end of a day,
// or of the first there was.
func (d *Desk) versionAt(day events.Date) uint32 {
	now := d.d.Now()
	at := min(events.InstantOf(d.endOf(day)), events.InstantOf(now))
	var c *catalogue.Catalogue
	if d.d.InForce != nil {
		c = d.d.InForce(at)
	}
	if c == nil && d.d.First != nil && day < d.today() {
		c = d.d.First()
	}
	if c == nil {
		c = d.d.Catalogue()
	}
	return c.Version()
}

// duplicate finds an open case of the same person about the same, beside own; the
// first there is, or nil.
func (d *Desk) duplicate(ctx context.Context, open *cases.Opening, own events.EventID) (*indexed, error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	if err := d.loadCases(ctx, view); err != nil {
		return nil, err
	}
	who, err := d.joinedOf(ctx, view, d.d.Catalogue(), open.Subject, inventory.Known{})
	if err != nil {
		return nil, err
	}
	var handles []events.Handle
	for _, s := range open.Subject {
		handles = append(handles, s.Handle)
	}
	for _, m := range who.Members {
		handles = append(handles, m.Handle)
	}
	var first *indexed
	for _, x := range d.cases.of(handles) {
		if x.id != own && x.answered.IsZero() && !x.closed && sameAsked(x, open) && (first == nil || x.number < first.number) {
			first = x
		}
	}
	return first, nil
}

func sameAsked(x *indexed, o *cases.Opening) bool {
	sorted := func(l []catalogue.RightKind) []catalogue.RightKind {
		l = slices.Clone(l)
		slices.Sort(l)
		return l
	}
	return slices.Equal(sorted(x.rights), sorted(o.Rights)) && (len(x.scope)+len(o.Scope) == 0 || reflect.DeepEqual(x.scope, o.Scope))
}

func (d *Desk) refuseDuplicate(o *cases.Opening, of *indexed) CaseOpened {
	if of == nil {
		return CaseOpened{}
	}
	return CaseOpened{DuplicateOf: of.id.String(), Number: of.number, Received: o.Received, Status: "duplicate"}
}

// newCase draws the id of a case.
func (d *Desk) newCase() (*caseFile, error) {
	var id [16]byte
	if _, err := io.ReadFull(d.d.Rand, id[:]); err != nil {
		return nil, errors.New("draw the id of a case")
	}
	return &caseFile{id: d.d.Allocator.EventID(inventory.Operator, events.NewPlaintext("case "+hex.EncodeToString(id[:])))}, nil
}

// unheard reports whether no system has reported an identifier that was given.
func (d *Desk) unheard(ctx context.Context, subject []events.Ref) (bool, error) {
	for _, s := range subject {
		same, err := d.d.Finder.Siblings(ctx, s.Handle)
		if err != nil {
			return false, fmt.Errorf("find an identifier of a case: %w", err)
		}
		heard := false
		for _, m := range same {
			heard = heard || m.System != inventory.Operator
		}
		if !heard {
			return true, nil
		}
	}
	return false, nil
}
