package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

// raceTries is how often an act is tried anew when somebody else was first.
const raceTries = 3

// A caseMake makes the next fact of a case from how it stands.
type caseMake func(ctx context.Context, view View, f *caseFile) (cases.Act, cases.Body, error)

// step is one act on a case by a person: permitted, on a day that has come, made
// from the case as it stands. If somebody else was first, it is read and made
// again, and refused where it no longer may follow.
func (d *Desk) step(ctx context.Context, s CaseStep, p access.Permission, make caseMake) (*caseFile, CaseDone, error) {
	if err := permit(s.Caller, p); err != nil {
		return nil, CaseDone{}, err
	}
	on := s.On
	if on.IsZero() {
		on = d.today()
	}
	for try := 1; ; try++ {
		f, done, err := d.stepOnce(ctx, s, on, make)
		if !errors.Is(err, cases.ErrRace) || try == raceTries {
			return f, done, err
		}
	}
}

func (d *Desk) stepOnce(ctx context.Context, s CaseStep, on events.Date, make caseMake) (*caseFile, CaseDone, error) {
	view := d.d.View()
	f, err := d.caseFile(ctx, view, s.Case)
	var act cases.Act
	var body cases.Body
	if err == nil {
		err = f.living()
	}
	if err == nil {
		act, body, err = make(ctx, view, f)
	}
	d.shut(ctx, view)
	if err != nil {
		return nil, CaseDone{}, err
	}
	if body.Reason == "" {
		body.Reason = textOf(s.Reason)
	}
	at, err := d.appendCase(ctx, s.Caller, f, act, on, body)
	if err != nil {
		return nil, CaseDone{}, err
	}
	return f, d.done(f, act, at), nil
}

func (d *Desk) done(f *caseFile, act cases.Act, at events.Position) CaseDone {
	return CaseDone{Case: f.id.String(), Version: f.c.Version, Act: string(act), Status: string(f.c.Status()), Due: dateOrNull(d.dueOf(f.c, d.today())), Position: at.String()}
}

// plain is an act that needs no more than its reason.
func plain(act cases.Act, body cases.Body) caseMake {
	return func(context.Context, View, *caseFile) (cases.Act, cases.Body, error) { return act, body, nil }
}

// ConfirmCase records that a named person looked at the joined handles and which
// of them are this person's (B3). Errors: those of every act: ErrForbidden,
// ErrGone, ErrQuestion, *cases.Refusal, ErrNotRecorded, ErrBehind.
func (d *Desk) ConfirmCase(ctx context.Context, o CaseConfirmOrder) (CaseDone, error) {
	_, done, err := d.step(ctx, o.CaseStep, access.CasesIdentity, func(ctx context.Context, view View, f *caseFile) (cases.Act, cases.Body, error) {
		members, err := d.chosen(ctx, view, f, o.Refs)
		return cases.Confirmed, cases.Body{Members: members}, err
	})
	return done, err
}

// chosen are the handles that a person was shown, each with whether it is this
// person's.
func (d *Desk) chosen(ctx context.Context, view View, f *caseFile, refs []string) ([]cases.Member, error) {
	cat := d.d.Catalogue()
	who, err := d.casePeople(ctx, view, cat, f)
	if err != nil {
		return nil, err
	}
	var extra []events.Ref
	accepted := map[events.Handle]bool{}
	for _, s := range refs {
		r, err := d.refOf(ctx, s)
		if err != nil {
			return nil, err
		}
		accepted[r.Handle] = true
		extra = append(extra, r)
	}
	// A candidate that is accepted brings its own joined handles.
	more, err := d.joinedOf(ctx, view, cat, extra, inventory.Known{})
	if err != nil {
		return nil, err
	}
	var out []cases.Member
	for _, m := range who.Members {
		if m.System != inventory.Operator {
			out = append(out, cases.Member{Handle: m.Handle, System: m.System, Kind: m.Kind, Other: len(refs) > 0 && !accepted[m.Handle]})
		}
	}
	for _, m := range more.Members {
		known := slices.ContainsFunc(out, func(x cases.Member) bool { return x.Handle == m.Handle })
		if !known && m.System != inventory.Operator {
			out = append(out, cases.Member{Handle: m.Handle, System: m.System, Kind: m.Kind})
		}
	}
	return out, nil
}

// AssessCase puts on record what a person found out about the holdings in a scope.
func (d *Desk) AssessCase(ctx context.Context, o CaseAssessOrder) (CaseDone, error) {
	if err := d.checkAssessment(&o); err != nil {
		return CaseDone{}, err
	}
	_, done, err := d.step(ctx, o.CaseStep, access.CasesDecide, func(ctx context.Context, _ View, f *caseFile) (cases.Act, cases.Body, error) {
		a := &decide.Assessment{Kind: o.Kind, Holds: o.Holds, Code: o.Code, Ref: string(textOf(o.Ref)), Until: o.Until, Review: o.Review, By: string(o.Caller.Name), On: o.On}
		if a.On.IsZero() {
			a.On = d.today()
		}
		a.Scope.System, a.Scope.Activity, a.Scope.Category = o.Scope.System, o.Scope.Activity, o.Scope.Category
		if !o.Scope.Item.IsZero() {
			refs, _, err := d.d.Allocator.Allocate(ctx, inventory.Operator, []events.Identifier{o.Scope.Item})
			if err != nil {
				return "", cases.Body{}, fmt.Errorf("name the item of an assessment: %w", faultOf(err, "scope/item"))
			}
			a.Scope.Items = []events.Handle{refs[0].Handle}
		}
		return cases.Assessed, cases.Body{Assessment: a}, nil
	})
	return done, err
}

// AssessmentKinds lists what a person can look into.
func AssessmentKinds() []decide.AssessmentKind {
	return []decide.AssessmentKind{decide.Override, decide.Claims, decide.PublicTask, decide.Research, decide.Expression, decide.Exemption, decide.LegalErasure,
		decide.Malicious, decide.Accuracy, decide.ThirdParty, decide.HealthOpinion, decide.KnownToSubject, decide.NoLongerNeeded, decide.HumanInvolvement}
}

func (d *Desk) checkAssessment(o *CaseAssessOrder) error {
	s := o.Scope
	switch {
	case !slices.Contains(AssessmentKinds(), o.Kind):
		return &Fault{Part: "kind", Text: "want one of " + list(texts(AssessmentKinds()))}
	case o.Kind == decide.Exemption && !knownExemption(o.Code):
		return &Fault{Part: "code", Text: "want the code of an exemption, such as Sch2.P1.2"}
	case s.System == "" && s.Activity == "" && s.Category.Code == "" && s.Item.IsZero():
		return nil // of everything
	}
	return d.checkScope([]CaseScope{s})
}

func knownExemption(c events.Code) bool {
	_, ok := decide.Code(string(decide.KeepUKExemption) + ":" + string(c)).Meaning()
	return ok
}

// RefuseCase refuses the whole request (Article 12(4) to (6)). The person is told
// why and where to turn.
func (d *Desk) RefuseCase(ctx context.Context, o CaseRefuseOrder) (CaseDone, error) {
	ground := o.Ground
	if ground == "" {
		if ground = cases.RefusedUnfounded; o.Excessive {
			ground = cases.RefusedExcessive
		}
	}
	_, done, err := d.step(ctx, o.CaseStep, access.CasesRefuse, plain(cases.RefusedRequest, cases.Body{Code: ground}))
	return done, err
}

// clockActs are the acts that a clock knows, with who may record them.
var clockActs = map[cases.Act]access.Permission{
	cases.IdentityAsked: access.CasesOpen, cases.IdentityReceived: access.CasesOpen, cases.IdentityChecked: access.CasesIdentity, cases.IdentityFailed: access.CasesIdentity,
	cases.AuthorityAsked: access.CasesOpen, cases.AuthorityReceived: access.CasesOpen, cases.FeeAsked: access.CasesOpen, cases.FeePaid: access.CasesOpen,
	cases.ClarificationAsked: access.CasesOpen, cases.ClarificationCame: access.CasesOpen, cases.ExtensionTold: access.CasesRefuse,
}

// ClockCase records what moves a clock of the case, or would.
func (d *Desk) ClockCase(ctx context.Context, o CaseClockOrder) (CaseDone, error) {
	p, ok := clockActs[o.Act]
	if !ok {
		return CaseDone{}, &Fault{Part: "act", Text: "want one of identity_asked, identity_received, identity_checked, identity_failed, authority_asked, authority_received, fee_asked, fee_paid, clarification_asked, clarification_received, extension_told"}
	}
	body := cases.Body{Ref: o.Ref, Rights: o.Rights}
	if o.Evidence != "" {
		body.Evidence = &cases.Evidence{Kind: o.Evidence, Ref: textOf(o.EvidenceRef), Drop: o.EvidenceDrop}
	}
	_, done, err := d.step(ctx, o.CaseStep, p, plain(o.Act, body))
	return done, err
}

// WithdrawCase records that the person took the request back.
func (d *Desk) WithdrawCase(ctx context.Context, s CaseStep) (CaseDone, error) {
	_, done, err := d.step(ctx, s, access.CasesOpen, plain(cases.Withdrawn, cases.Body{}))
	return done, err
}

// DuplicateCase marks the case as the same request as another.
func (d *Desk) DuplicateCase(ctx context.Context, s CaseStep, of string) (CaseDone, error) {
	_, done, err := d.step(ctx, s, access.CasesOpen, func(_ context.Context, view View, _ *caseFile) (cases.Act, cases.Body, error) {
		id, err := d.caseID(view, of)
		return cases.Duplicate, cases.Body{Of: cases.ID(id)}, err
	})
	return done, err
}

// CloseCase ends a case. Answered is not closed: it is refused while a target is
// neither verified nor ended in a state that a person accepted (D12).
func (d *Desk) CloseCase(ctx context.Context, s CaseStep) (CaseDone, error) {
	_, done, err := d.step(ctx, s, access.CasesClose, plain(cases.Closed, cases.Body{}))
	return done, err
}

// AnswerCase records that the answer was sent, with the packages and the letters
// that were made until then. It never waits for targets: it says what is done,
// what is not confirmed and what is impossible.
func (d *Desk) AnswerCase(ctx context.Context, o CaseAnswerOrder) (CaseAnswered, error) {
	f, done, err := d.step(ctx, o.CaseStep, access.CasesAnswer, plain(cases.Answered, cases.Body{Rights: o.Rights, Code: o.Via}))
	if err != nil {
		return CaseAnswered{}, err
	}
	out := CaseAnswered{CaseDone: done, InTime: true}
	view := d.d.View()
	defer d.shut(ctx, view)
	tasks, err := casebook.AskedOf(view, f.id)
	if err != nil {
		return out, fmt.Errorf("read the tasks of a case: %w", err)
	}
	for i := range tasks {
		switch cases.TaskState(tasks[i].State) {
		case cases.TaskVerified:
			out.Done++
		case cases.TaskImpossible, cases.TaskOutOfScale:
			out.Impossible++
		default:
			out.NotConfirmed++
		}
	}
	for _, c := range d.clocksOf(f.c, d.today()) {
		out.InTime = out.InTime && !strings.Contains(c.Stand, "late")
	}
	if !slices.ContainsFunc(f.c.Letters, func(l cases.Letter) bool { return l.Kind == LetterAnswer || l.Kind == LetterRefusal }) && len(f.c.Packages) == 0 {
		out.Remarks = append(out.Remarks, "no letter and no package is kept with the case: what was sent cannot be shown from here")
	}
	defer d.wake()
	// What waited for the copy goes on now, and the answer may be the last that was
	// missing. A crash before it is mended when a server starts.
	if err := d.othersGoOn(ctx, f); err != nil {
		return out, err
	}
	if did, err := d.goOn(ctx, f); did || err != nil {
		return out, err
	}
	return out, d.completeCase(ctx, f.id)
}
