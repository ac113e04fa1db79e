package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/certificate"
	"github.com/habeas-data/habeas/rights/decide"
)

// certified are the acts whose records a certificate names. Who asked, and what
// was written to them, is nobody else's business.
var certified = []cases.Act{cases.Confirmed, cases.Assessed, cases.Decided, cases.Approved, cases.Started, cases.Rerun, cases.Settled, cases.Answered, cases.RefusedRequest, cases.Completed}

// A draft is a certificate's body in the making. One goroutine owns it.
type draft struct {
	d     *Desk
	view  View
	f     *caseFile
	trail *trail
	cat   *catalogue.Catalogue
	roles map[cases.Act][]string // of the last fact of an act
	acts  map[uint32][]string    // roles by version
	body  certificate.Body
}

// certificateBody says what a case came to, in counts, codes and dates. Nothing of
// what is withheld in silence is in it.
func (d *Desk) certificateBody(ctx context.Context, view View, f *caseFile, t *trail) (*certificate.Body, error) {
	now := events.InstantOf(d.d.Now())
	x := &draft{d: d, view: view, f: f, trail: t, cat: d.d.Catalogue(), roles: map[cases.Act][]string{}, acts: map[uint32][]string{}}
	c := f.c
	x.body = certificate.Body{
		Case: f.id.String(), Number: 1, Simulated: d.d.Simulated || c.Opening.Simulated || f.head != nil && f.head.Simulated, Drawn: now,
		Received: c.Opening.Received, Due: f.lastDue(), Answered: c.Answered, Completed: c.Completed, Closed: c.Closed,
		Position:  certificate.Position{AsOf: view.Position().String(), AsKnown: view.Position().String()},
		Catalogue: certificate.Catalogue{ID: string(x.cat.ID), Version: x.cat.Number()},
	}
	for _, r := range c.Opening.Rights {
		x.body.Rights = append(x.body.Rights, string(r))
	}
	for i := range f.facts {
		if f.facts[i].Act == cases.Certified {
			x.body.Number++
		}
	}
	for _, step := range []func(context.Context) error{x.facts, x.tasks, x.keys} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	x.decisions()
	return &x.body, nil
}

// lastDue is the last day of the answer while there was one to give.
func (f *caseFile) lastDue() (due events.Date) {
	for i := range f.facts {
		if f.facts[i].Due != 0 {
			due = f.facts[i].Due
		}
	}
	return due
}

// record names the audit record that commits to a sealed body; false if there is
// none.
func (x *draft) record(ctx context.Context, note events.EventID) (audit.Numbered, []byte, bool, error) {
	if note.IsZero() {
		return audit.Numbered{}, nil, false, nil
	}
	sealed, err := x.d.d.Revealer.OpenNote(ctx, note)
	if errors.Is(err, ErrGone) {
		return audit.Numbered{}, nil, false, nil
	}
	if err != nil {
		return audit.Numbered{}, nil, false, fmt.Errorf("open a sealed fact: %w", err)
	}
	salt, body, err := DecodeCaseNote(sealed)
	if err != nil {
		return audit.Numbered{}, nil, false, fmt.Errorf("open a sealed fact: %w", err)
	}
	n, ok := x.trail.of[salt.Commit(body)]
	return n, body, ok, nil
}

// name puts a record among those that the certificate rests on.
func (x *draft) name(n audit.Numbered) string {
	content, _ := n.Entry.Content.MarshalText()
	if !slices.ContainsFunc(x.body.Records, func(r certificate.Record) bool { return r.Index == n.Index }) {
		x.body.Records = append(x.body.Records, certificate.Record{Index: n.Index, Act: n.Entry.Act, Content: string(content)})
	}
	return string(content)
}

// facts names the records of what was decided and approved.
func (x *draft) facts(ctx context.Context) error {
	list, err := casebook.Facts(x.view, x.f.id)
	if err != nil {
		return fmt.Errorf("read the facts of a case: %w", err)
	}
	for i := range list {
		e := &list[i].Event
		if !slices.Contains(certified, e.Why) {
			continue
		}
		n, _, ok, err := x.record(ctx, e.Note)
		if err != nil {
			return err
		}
		if ok {
			x.name(n)
			x.roles[e.Why], x.acts[e.Count] = n.Entry.Roles, n.Entry.Roles
		}
	}
	return nil
}

// decisions counts what the approved plan came to.
func (x *draft) decisions() {
	a := x.f.c.Approval
	if a == nil {
		return
	}
	x.body.Plan = &certificate.Plan{Digest: a.Digest.String(), On: a.On, Approved: x.f.c.ApprovedOn, Roles: slices.Clone(x.roles[cases.Approved])}
	articles := decide.Meanings()
	decided, kept := map[certificate.Decision]int{}, map[certificate.Retained]int{}
	for i := range a.Finals {
		v := &a.Finals[i]
		if v.Silent {
			continue
		}
		article := articles[v.Code].Article
		decided[certificate.Decision{Right: string(v.Right), Outcome: string(v.Outcome), Code: string(v.Code), Article: article}]++
		if v.Outcome == decide.Retain {
			kept[certificate.Retained{Right: string(v.Right), Code: string(v.Code), Article: article, Until: v.Until, WaitsFor: v.WaitsFor}]++
		}
	}
	for v, n := range decided {
		v.Holdings = n
		x.body.Decisions = append(x.body.Decisions, v)
	}
	for v, n := range kept {
		v.Holdings = n
		x.body.Retained = append(x.body.Retained, v)
	}
}

// tasks says what became of each thing that somebody was asked to do.
func (x *draft) tasks(ctx context.Context) error {
	list, err := casebook.AskedOf(x.view, x.f.id)
	if err != nil {
		return fmt.Errorf("read the tasks of a case: %w", err)
	}
	for i := range list {
		if err := x.task(ctx, &list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (x *draft) task(ctx context.Context, k *casebook.Task) error {
	_, sealed, _, err := x.record(ctx, k.Body)
	if err != nil {
		return err
	}
	body, err := cases.DecodeTask(sealed)
	if err != nil {
		return fmt.Errorf("read a task: %w", err)
	}
	if body.Silent {
		return nil
	}
	t := certificate.Target{Task: k.ID.String(), Verb: string(k.Verb), State: string(k.State), Detail: string(k.Detail), Holdings: len(body.Scope)}
	t.At, t.Code, t.Name = x.target(k, body)
	if err := x.receipts(ctx, k, &t); err != nil {
		return err
	}
	x.approved(k, &t)
	x.body.Targets = append(x.body.Targets, t)
	return nil
}

// target names who was asked. A person is never named.
func (x *draft) target(k *casebook.Task, body *cases.TaskBody) (at, code, name string) {
	switch {
	case body.Person != nil:
		return "recipient", "person", "A person"
	case k.Recipient == "":
		if s, ok := x.cat.System(k.System); ok {
			name = s.Name
		}
		return "system", string(k.System), name
	}
	if r, ok := x.cat.Recipient(k.Recipient); ok {
		name = x.cat.RecipientName(k.Recipient)
		if class, ok := x.cat.Recipient(r.Class); ok {
			name = class.Name // what was registered here may be somebody's own name
		}
	}
	return "recipient", string(k.Recipient), name
}

// receipts names what was reported of a task, and when.
func (x *draft) receipts(ctx context.Context, k *casebook.Task, t *certificate.Target) error {
	facts, err := casebook.TaskFacts(x.view, k.ID)
	if err != nil {
		return fmt.Errorf("read the facts of a task: %w", err)
	}
	for i := range facts {
		e := &facts[i].Event
		if e.Note == k.Body {
			continue
		}
		n, sealed, ok, err := x.record(ctx, e.Note)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		r, err := cases.DecodeReceipt(sealed)
		if err != nil {
			return fmt.Errorf("read a receipt: %w", err)
		}
		t.Receipts = append(t.Receipts, x.name(n))
		day := events.DateOf(r.At.Time().In(x.d.d.Zone))
		if isLook(r) {
			t.Looked = day
		} else {
			t.Acted = day
		}
	}
	return nil
}

// isLook reports whether a receipt is of a look again. A system that was given the
// look reports on it as on any claim, and what it proves is then in the state: but
// a copy that came, or a notice that was acknowledged, is proven by itself.
func isLook(r *cases.Receipt) bool {
	proves := r.State == cases.TaskVerified && r.Verb != cases.VerbExport && r.Verb != cases.VerbNotify
	return r.Look || proves || r.Outcome == cases.OutcomeFoundNothing || r.Outcome == cases.OutcomeStillThere
}

// approved says who approved that a target ends without proof: with the plan, where
// that said so, or afterwards.
func (x *draft) approved(k *casebook.Task, t *certificate.Target) {
	if t.State == string(cases.TaskVerified) {
		return
	}
	if choice, ok := x.f.c.Settled[k.ID]; ok && choice != cases.ChooseChase {
		for i := range x.f.facts {
			v := &x.f.facts[i]
			if v.Body.Settle == nil || !slices.Contains(v.Body.Settle.Tasks, cases.ID(k.ID)) {
				continue
			}
			t.Unproven = &certificate.Unproven{On: v.On, Roles: slices.Clone(x.acts[v.Version]), With: "settled"}
		}
		return
	}
	if k.Detail == cases.DetailBorn && !x.f.c.ApprovedOn.IsZero() {
		t.Unproven = &certificate.Unproven{On: x.f.c.ApprovedOn, Roles: slices.Clone(x.roles[cases.Approved]), With: "plan"}
	}
}

// keys says whether anybody can still tell whom the case was about.
func (x *draft) keys(ctx context.Context) error {
	about := distinct(x.f.about(), nil)
	v, err := x.d.d.Keys(ctx, about)
	if err != nil {
		return fmt.Errorf("read the state of the keys: %w", err)
	}
	k := certificate.Keys{Epoch: v.Epoch, Began: v.Began, Identifiers: len(about), Forgotten: v.Forgotten, Locations: v.Locations}
	behind := slices.ContainsFunc(v.Locations, func(l certificate.Location) bool { return l.Behind })
	switch {
	case v.Forgotten == 0:
		k.State = certificate.KeysInUse
	case v.Forgotten < len(about):
		k.State = certificate.KeysPart
	case !behind && (!v.Fresh || x.goneBefore(ctx, v.Began)):
		k.State = certificate.Gone
	default:
		k.State = certificate.Removed
	}
	if k.State == certificate.KeysPart || k.State == certificate.Removed {
		k.ReadableUntil = v.Rotates
	}
	x.body.Keys = k
	return nil
}

// goneBefore reports whether an earlier certificate, drawn before the epoch began,
// said already that everything was forgotten: a rotation came after that.
func (x *draft) goneBefore(ctx context.Context, began events.Instant) bool {
	for n := range x.body.Number - 1 {
		note, err := x.f.certificate(n + 1)
		if err != nil {
			continue
		}
		_, content, _, err := x.record(ctx, note)
		if err != nil || content == nil {
			continue
		}
		b, err := certificate.DecodeBody(content)
		if err == nil && b.Keys.Forgotten == b.Keys.Identifiers && cmp.Less(b.Drawn, began) {
			return true
		}
	}
	return false
}
