package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

// ShowCase shows a case: what was asked, its clocks, everything that happened, and
// its tasks. The look is recorded first (I7). Errors: ErrForbidden, ErrGone,
// ErrQuestion, ErrNotRecorded.
func (d *Desk) ShowCase(ctx context.Context, who access.Caller, id string) (*CaseView, error) {
	if err := permit(who, access.CasesRead); err != nil {
		return nil, err
	}
	f, view, err := d.lookAt(ctx, who, id, "cases.read")
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, view)
	v := &CaseView{CaseLine: d.caseLine(f.head), AsOf: events.AsOf{Position: view.Position().String(), Time: events.InstantOf(d.d.Now()), Zone: d.d.Zone.String()},
		Identifiers: []events.IdentifierView{}, Scope: []CaseScopeView{}, Channels: []string{}, States: []string{}, Members: []CaseMember{},
		Clocks: []CaseClockView{}, Assessments: []CaseAssessment{}, Letters: []CaseLetterLine{}, Packages: []CasePackageLine{}, Next: []string{}}
	if v.TaskList, err = d.taskLines(view, f.id); err != nil {
		return nil, err
	}
	for i := range f.facts {
		v.Timeline = append(v.Timeline, d.caseEvent(f, &f.facts[i]))
	}
	if f.c == nil {
		v.Shredded = true
		return v, nil
	}
	if err := d.askedView(ctx, view, f, v); err != nil {
		return nil, err
	}
	d.stateView(f, v)
	return v, nil
}

// askedView shows what was asked and who asked it, by name.
func (d *Desk) askedView(ctx context.Context, view View, f *caseFile, v *CaseView) error {
	o := f.opening()
	person, err := d.casePeople(ctx, view, d.d.Catalogue(), f)
	if err != nil {
		return err
	}
	handles := f.about()
	for _, m := range person.Members {
		handles = append(handles, m.Handle)
	}
	for _, s := range o.Scope {
		handles = append(handles, s.Items...)
	}
	names, err := d.caseReveal(ctx, distinct(handles, nil))
	if err != nil {
		return err
	}
	a := &answer{cat: d.d.Catalogue(), names: names}
	for _, s := range o.Subject {
		v.Identifiers = append(v.Identifiers, events.IdentifierView{Kind: string(s.Kind), Value: a.identifier(identity.Member{Handle: s.Handle, Kind: s.Kind}).Value})
	}
	if len(person.Members) > 0 {
		v.Person = (&look{person: person}).ref()
	}
	for _, m := range person.Members {
		if m.System == inventory.Operator {
			continue
		}
		v.Members = append(v.Members, CaseMember{Ref: m.Handle.String(), System: string(m.System), Kind: string(m.Kind), Value: a.identifier(m).Value, Accepted: f.took(m.Handle)})
	}
	for _, s := range o.Scope {
		v.Scope = append(v.Scope, scopeView(a, s))
	}
	v.Via, v.Channels, v.States, v.Text, v.Historic = string(o.Via), texts(o.Channels), texts(o.States), string(o.Text), o.Historic
	if o.Asker.As != decide.Self {
		v.Asker = &CaseAskerView{As: string(o.Asker.As), Name: string(o.Agent), Evidence: o.Asker.Evidence}
	}
	v.DuePromised = d.promised(o.Rights, o.Received)
	return nil
}

// caseReveal opens names for a case. What was approved for erasure leads nobody to
// the person any more, and is shown with their case as long as tasks need it.
func (d *Desk) caseReveal(ctx context.Context, handles []events.Handle) (map[events.Handle]events.Identifier, error) {
	names, err := d.d.Revealer.Reveal(ctx, handles)
	if err != nil {
		return nil, fmt.Errorf("reveal whom a case is about: %w", err)
	}
	if d.d.Tasks.Names == nil {
		return names, nil
	}
	var left []events.Handle
	for _, h := range handles {
		if _, ok := names[h]; !ok {
			left = append(left, h)
		}
	}
	more, err := d.d.Tasks.Names.RevealForTasks(ctx, left)
	if err != nil {
		return nil, fmt.Errorf("reveal whom a case is about: %w", err)
	}
	for h, id := range more {
		names[h] = id
	}
	return names, nil
}

// caseWords says the codes of a case in words.
func (d *Desk) caseWords(v *CaseView) events.Glossary {
	w := newWords(d.d.Catalogue())
	for i := range v.Members {
		w.kind(v.Members[i].Kind)
		w.system(v.Members[i].System)
	}
	for i := range v.Identifiers {
		w.identifier(v.Identifiers[i])
	}
	for i := range v.TaskList {
		w.system(v.TaskList[i].System)
		w.put("recipient", v.TaskList[i].Recipient, w.cat.RecipientName(events.Code(v.TaskList[i].Recipient)))
	}
	scopes := slices.Clone(v.Scope)
	for i := range v.Assessments {
		scopes = append(scopes, v.Assessments[i].Scope)
	}
	for _, s := range scopes {
		w.system(s.System)
		w.activity(s.Activity)
		w.category(s.Category)
		if s.Item != nil {
			w.kind(s.Item.Kind)
		}
	}
	return w.m
}

func scopeView(a *answer, s cases.Scope) CaseScopeView {
	v := CaseScopeView{System: string(s.System), Activity: string(s.Activity), Category: events.Category{Code: s.Category, Element: s.Element}.String()}
	if len(s.Items) > 0 {
		v.Item = a.item(events.Ref{Handle: s.Items[0], Kind: a.names[s.Items[0]].Kind})
	}
	return v
}

// took reports whether a named person took a handle for this person's.
func (f *caseFile) took(h events.Handle) bool {
	for _, m := range f.c.Members() {
		if m.Handle == h {
			return true
		}
	}
	return false
}

// stateView shows how far the case has come.
func (d *Desk) stateView(f *caseFile, v *CaseView) {
	c, today := f.c, d.today()
	v.Status, v.Due, v.Clocks = string(c.Status()), dateOrNull(d.dueOf(c, today)), d.clocksOf(c, today)
	v.Identity = [...]string{"clear", "doubted", "failed"}[c.Identity]
	v.Confirmed, v.Decisions, v.Approved = c.Joins != nil, len(c.Decisions), approvalView(c)
	if !c.DuplicateOf.IsZero() {
		v.DuplicateOf = c.DuplicateOf.String()
	}
	for i := range c.Assessments {
		a := &c.Assessments[i]
		v.Assessments = append(v.Assessments, CaseAssessment{Kind: string(a.Kind), Holds: a.Holds, Code: string(a.Code), Ref: a.Ref, Until: dateOrNull(a.Until),
			Review: dateOrNull(a.Review), By: a.By, On: a.On,
			Scope: CaseScopeView{System: string(a.Scope.System), Activity: string(a.Scope.Activity), Category: a.Scope.Category.String()}})
	}
	for i := range f.facts {
		x := &f.facts[i]
		switch {
		case x.Act == cases.LetterKept && x.Body.Letter != nil:
			v.Letters = append(v.Letters, CaseLetterLine{x.Event.String(), string(x.Body.Letter.Kind), x.On, personName(x.Body.By), string(x.Body.Letter.Text)})
		case x.Act == cases.Packaged && x.Body.Package != nil:
			v.Packages = append(v.Packages, CasePackageLine{x.Event.String(), string(x.Body.Package.Kind), x.On})
		}
	}
	v.Next = nextSteps(f)
	v.Words = d.caseWords(v)
}

func (d *Desk) taskLines(view View, of events.EventID) ([]CaseTaskLine, error) {
	list, err := casebook.AskedOf(view, of)
	if err != nil {
		return nil, fmt.Errorf("read the tasks of a case: %w", err)
	}
	out := make([]CaseTaskLine, 0, len(list))
	for i := range list {
		t := &list[i]
		out = append(out, CaseTaskLine{Task: t.ID.String(), System: string(t.System), Recipient: string(t.Recipient), Verb: string(t.Verb),
			State: string(t.State), Detail: string(t.Detail), ActBefore: dateOrNull(t.ActBefore)})
	}
	return out, nil
}

// caseEvent tells one fact.
func (d *Desk) caseEvent(f *caseFile, x *cases.Fact) CaseEvent {
	v := CaseEvent{Version: x.Version, Event: x.Event.String(), Act: string(x.Act), On: x.On, At: x.At, By: personName(x.Body.By), Reason: string(x.Body.Reason), Position: x.Position.String()}
	v.Text = sayAct(x)
	return v
}

var actSays = func() map[cases.Act]string {
	out := map[cases.Act]string{}
	for _, r := range cases.Acts() {
		out[r.Act] = r.Says
	}
	return out
}()

// sayAct says a fact in one sentence of codes, days and counts.
func sayAct(x *cases.Fact) string {
	s := strings.ToUpper(actSays[x.Act][:min(1, len(actSays[x.Act]))]) + strings.TrimPrefix(actSays[x.Act], actSays[x.Act][:min(1, len(actSays[x.Act]))])
	b := &x.Body
	detail := ""
	switch {
	case b.Opening != nil:
		detail = "received " + catalogue.PlainDate(b.Opening.Received) + ": " + list(texts(b.Opening.Rights))
		if b.Opening.Via != "" {
			detail += ", by " + strings.ReplaceAll(string(b.Opening.Via), "_", " ")
		}
	case x.Act == cases.Confirmed:
		mine := 0
		for _, m := range b.Members {
			if !m.Other {
				mine++
			}
		}
		detail = fmt.Sprintf("%d of %d", mine, len(b.Members))
	case b.Assessment != nil:
		detail = strings.ReplaceAll(string(b.Assessment.Kind), "_", " ") + ": " + map[bool]string{true: "yes", false: "no"}[b.Assessment.Holds]
	case len(b.Decisions) > 0:
		detail = sayDecisions(b.Decisions)
	case b.Approval != nil:
		detail = "plan of " + catalogue.PlainDate(b.Approval.On) + ", digest " + b.Approval.Digest.String()[:12]
	case len(b.Tasks) > 0:
		detail = fmt.Sprintf("%d tasks", len(b.Tasks))
	case b.Letter != nil:
		detail = strings.ReplaceAll(string(b.Letter.Kind), "_", " ")
	case b.Code != "":
		detail = strings.ReplaceAll(string(b.Code), "_", " ")
	}
	if detail != "" {
		s += " (" + detail + ")"
	}
	return s + "."
}

func sayDecisions(l []cases.Decision) string {
	if len(l) == 1 {
		return string(l[0].Right) + ": " + string(l[0].Outcome) + ", " + string(l[0].Code)
	}
	return fmt.Sprintf("%d items", len(l))
}
