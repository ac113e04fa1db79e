package api

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
	law "github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
)

// NewCase records a request of a person. Days are written YYYY-MM-DD.
type NewCase struct {
	// Rights are access, portability, erasure, rectification, restriction,
	// objection, objection-marketing, withdraw-consent, automated-decision or
	// complaint.
	Rights      []string       `json:"rights"`
	Identifiers []IdentifierIn `json:"identifiers,omitempty"` // of the person, as they were given
	Refs        []string       `json:"refs,omitempty"`        // references of earlier answers
	Received    string         `json:"received"`
	Via         string         `json:"via,omitempty"`      // email, letter, phone, form, in_person, portal or other
	Scope       []ScopeIn      `json:"scope,omitempty"`    // none: everything
	Channels    []string       `json:"channels,omitempty"` // of an objection or a withdrawal; none: all
	// States are what the person said: personal-reasons, prefers-restriction,
	// own-claim or contests-accuracy.
	States []string `json:"states,omitempty"`
	Agent  *AgentIn `json:"agent,omitempty"` // who asks for the person; absent: the person
	// IdentityAsked is the day on which proof was asked for in doubt, and
	// IdentityReceived the day on which it came.
	IdentityAsked    string `json:"identity_asked,omitempty"`
	IdentityReceived string `json:"identity_received,omitempty"`
	Regime           string `json:"regime,omitempty"`   // uk, eu, ccpa or lgpd; that of the catalogue if absent
	Nation           string `json:"nation,omitempty"`   // whose bank holidays
	Answered         string `json:"answered,omitempty"` // a historical case, answered on that day
	Text             string `json:"text,omitempty"`     // the person's own words; sealed
	Force            bool   `json:"force,omitempty"`    // although the person has one open about the same
}

// ScopeIn is one part of what a request is about. What is set in one part must
// hold together; the parts add up.
type ScopeIn struct {
	System   string        `json:"system,omitempty"`
	Activity string        `json:"activity,omitempty"`
	Category string        `json:"category,omitempty"` // code or code/element
	Item     *IdentifierIn `json:"item,omitempty"`
}

// AgentIn says who asks for the person.
type AgentIn struct {
	As        string `json:"as"`                 // agent, attorney, deputy, parent or relative
	Name      string `json:"name,omitempty"`     // sealed
	Evidence  bool   `json:"evidence,omitempty"` // authority was shown
	Nation    string `json:"nation,omitempty"`   // where a child is
	Competent *bool  `json:"competent,omitempty"`
}

// CaseMark is something that moves the clock of a case, or says that it does not.
type CaseMark struct {
	// Step is asked or received; of an identity also checked (nobody had doubted
	// it) or failed; of a fee paid in the place of received; of an extension told.
	Step   string `json:"step"`
	On     string `json:"on,omitempty"` // today if absent
	Reason string `json:"reason,omitempty"`
	Ref    int    `json:"ref,omitempty"` // tells clarifications apart that are open at the same time
	// Rights narrow it to some of the case's; none is all.
	Rights []string `json:"rights,omitempty"`
	// Evidence is a code of what was shown, such as passport_seen, EvidenceRef where
	// that is noted, and EvidenceDrop the day by which the evidence itself is
	// destroyed. It is never a copy (Article 12(6)).
	Evidence     string `json:"evidence,omitempty"`
	EvidenceRef  string `json:"evidence_ref,omitempty"`
	EvidenceDrop string `json:"evidence_drop,omitempty"`
}

// CaseReason gives a reason, which is sealed with the act.
type CaseReason struct {
	On     string `json:"on,omitempty"` // today if absent
	Reason string `json:"reason,omitempty"`
}

// CaseConfirmation accepts that records are one person's.
type CaseConfirmation struct {
	Refs   []string `json:"refs,omitempty"` // those accepted; none: all that the plan shows as joined
	On     string   `json:"on,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

// CaseApproval approves a plan as somebody looked at it.
type CaseApproval struct {
	Digest string         `json:"digest,omitempty"` // of the plan that was looked at; the one of now if absent
	Totals map[string]int `json:"totals,omitempty"` // by outcome, as they were told; they must match
	Reason string         `json:"reason,omitempty"`
}

// CaseRefusal refuses a whole request (Article 12(5)).
type CaseRefusal struct {
	As     string `json:"as"` // unfounded or excessive; identity or authority where that was not shown
	On     string `json:"on,omitempty"`
	Reason string `json:"reason"`
}

// CaseDecision decides about items of the plan.
type CaseDecision struct {
	Items          []string `json:"items,omitempty"` // holdings, as the plan names them; none with accept_proposed: all that wait
	Right          string   `json:"right,omitempty"` // needed where the request is about several
	Outcome        string   `json:"outcome,omitempty"`
	Code           string   `json:"code,omitempty"`
	Until          string   `json:"until,omitempty"`
	WaitsFor       string   `json:"waits_for,omitempty"` // an event, where no day is known
	AcceptProposed bool     `json:"accept_proposed,omitempty"`
	Value          string   `json:"value,omitempty"` // of a correction: what is right; sealed
	Reason         string   `json:"reason,omitempty"`
}

// NewAssessment is what a named person looked into.
type NewAssessment struct {
	Kind   string   `json:"kind"`
	Holds  bool     `json:"holds"`
	Scope  *ScopeIn `json:"scope,omitempty"`
	Code   string   `json:"code,omitempty"` // the exemption, or the law
	Ref    string   `json:"ref,omitempty"`  // the file it rests on; sealed
	Until  string   `json:"until,omitempty"`
	Review string   `json:"review,omitempty"`
	On     string   `json:"on,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

// CaseSame says that a case is the same as another.
type CaseSame struct {
	Of     string `json:"of"` // the other case
	Reason string `json:"reason,omitempty"`
}

// CaseRun has what was approved carried out.
type CaseRun struct {
	OnlyFailed bool   `json:"only_failed,omitempty"` // send out again what failed, and nothing else
	Reason     string `json:"reason,omitempty"`
}

// NewPackage has the answer of a case made.
type NewPackage struct {
	Kind string `json:"kind,omitempty"` // access or portability; absent: what the case is about
	// Passphrase or Recipient, a public key of age, say who can open it. Where both
	// are absent a passphrase is drawn and shown once.
	Passphrase string `json:"passphrase,omitempty"`
	Recipient  string `json:"recipient,omitempty"`
	Days       int    `json:"days,omitempty"` // how long it can be fetched; 30 if absent
}

// CaseSend has a copy sent to another controller.
type CaseSend struct {
	Recipient string `json:"recipient"` // registered by name, with an https address
	Reason    string `json:"reason,omitempty"`
}

// NewLetter drafts a letter of a case, or keeps one.
type NewLetter struct {
	// Kind is acknowledgement, identity, authority, clarification, fee, extension,
	// answer, refusal or recipients.
	Kind string `json:"kind"`
	Text string `json:"text,omitempty"` // in the place of the draft
	Keep bool   `json:"keep,omitempty"` // seal it as it is then; without it nothing is kept
	Via  string `json:"via,omitempty"`  // how it was sent
}

// CaseSent records that the answer was sent.
type CaseSent struct {
	On     string   `json:"on,omitempty"` // today if absent
	Via    string   `json:"via,omitempty"`
	Rights []string `json:"rights,omitempty"` // those that were answered; none is all
}

// category reads code or code/element.
func (f *fields) category(pointer, text string) events.Category {
	code, element, _ := strings.Cut(text, "/")
	return events.Category{Code: f.code(pointer, code), Element: f.code(pointer, element)}
}

func (f *fields) codes(pointer string, list []string) []events.Code {
	var out []events.Code
	for _, text := range list {
		if text == "" {
			f.fail(pointer, errors.New("want no empty code"))
		}
		out = append(out, f.code(pointer, text))
	}
	return out
}

func (f *fields) identifier(pointer string, in *IdentifierIn) events.Identifier {
	id, p := in.read("/" + pointer)
	if p != nil && f.bad == nil {
		f.bad = p
	}
	return id
}

// required is a day that must be given.
func (f *fields) required(pointer, text string) events.Date {
	if text == "" {
		f.fail(pointer, errors.New("want a day as YYYY-MM-DD, such as 2026-03-14"))
	}
	return f.date(pointer, text)
}

func (f *fields) scope(pointer string, in *ScopeIn) desk.CaseScope {
	if in == nil {
		return desk.CaseScope{}
	}
	return desk.CaseScope{System: f.code(pointer+"/system", in.System), Activity: f.code(pointer+"/activity", in.Activity),
		Category: f.category(pointer+"/category", in.Category), Item: f.identifier(pointer+"/item", in.Item)}
}

func (in *NewCase) order(f *fields, s desk.CaseStep) desk.CaseOrder {
	o := desk.CaseOrder{Caller: s.Caller, Refs: in.Refs, Received: f.required("received", in.Received), Via: f.code("via", in.Via), Channels: f.codes("channels", in.Channels),
		IdentityAsked: f.date("identity_asked", in.IdentityAsked), IdentityReceived: f.date("identity_received", in.IdentityReceived), Answered: f.date("answered", in.Answered),
		Regime: clock.Regime(in.Regime), Nation: clock.Nation(in.Nation), Text: events.NewPlaintext(in.Text), Force: in.Force}
	o.Rights = rightsOf(in.Rights)
	for i := range in.Identifiers {
		o.Identifiers = append(o.Identifiers, f.identifier(fmt.Sprintf("identifiers/%d", i), &in.Identifiers[i]))
	}
	for i := range in.Scope {
		o.Scope = append(o.Scope, f.scope(fmt.Sprintf("scope/%d", i), &in.Scope[i]))
	}
	for _, said := range in.States {
		o.States = append(o.States, law.Statement(said))
	}
	if a := in.Agent; a != nil {
		o.Agent = &desk.CaseAgent{As: law.Role(a.As), Name: events.NewPlaintext(a.Name), Evidence: a.Evidence, Nation: f.code("agent/nation", a.Nation), Competent: a.Competent}
	}
	return o
}

func rightsOf(list []string) []catalogue.RightKind {
	var out []catalogue.RightKind
	for _, right := range list {
		out = append(out, catalogue.RightKind(right))
	}
	return out
}

func (in *CaseReason) order(f *fields, s desk.CaseStep) desk.CaseStep {
	s.On, s.Reason = f.date("on", in.On), events.NewPlaintext(in.Reason)
	return s
}

func (in *CaseConfirmation) order(f *fields, s desk.CaseStep) desk.CaseConfirmOrder {
	s.On, s.Reason = f.date("on", in.On), events.NewPlaintext(in.Reason)
	return desk.CaseConfirmOrder{CaseStep: s, Refs: in.Refs}
}

func (in *CaseApproval) order(_ *fields, s desk.CaseStep) desk.CaseApproveOrder {
	s.Reason = events.NewPlaintext(in.Reason)
	return desk.CaseApproveOrder{CaseStep: s, Digest: in.Digest, Totals: in.Totals}
}

func (in *CaseRefusal) order(f *fields, s desk.CaseStep) desk.CaseRefuseOrder {
	if !slices.Contains([]string{"unfounded", "excessive", "identity", "authority"}, in.As) {
		f.fail("as", errors.New("want unfounded, excessive, identity or authority"))
	}
	s.On, s.Reason = f.date("on", in.On), events.NewPlaintext(in.Reason)
	return desk.CaseRefuseOrder{CaseStep: s, Ground: events.Code(in.As)}
}

func (in *CaseDecision) order(f *fields, s desk.CaseStep) desk.CaseDecideOrder {
	s.Reason = events.NewPlaintext(in.Reason)
	return desk.CaseDecideOrder{CaseStep: s, Items: in.Items, Right: catalogue.RightKind(in.Right), AcceptProposed: in.AcceptProposed,
		Outcome: law.Outcome(in.Outcome), Code: law.Code(in.Code), Until: f.date("until", in.Until), WaitsFor: f.code("waits_for", in.WaitsFor),
		Value: events.NewPlaintext(in.Value)}
}

func (in *NewAssessment) order(f *fields, s desk.CaseStep) desk.CaseAssessOrder {
	s.On, s.Reason = f.date("on", in.On), events.NewPlaintext(in.Reason)
	return desk.CaseAssessOrder{CaseStep: s, Kind: law.AssessmentKind(in.Kind), Scope: f.scope("scope", in.Scope), Holds: in.Holds, Code: events.Code(in.Code),
		Ref: events.NewPlaintext(in.Ref), Until: f.date("until", in.Until), Review: f.date("review", in.Review)}
}

// sameOrder is what CaseSame asks of the desk.
type sameOrder struct {
	desk.CaseStep
	of string
}

func (in *CaseSame) order(f *fields, s desk.CaseStep) sameOrder {
	if in.Of == "" {
		f.fail("of", errors.New("want the other case"))
	}
	s.Reason = events.NewPlaintext(in.Reason)
	return sameOrder{s, in.Of}
}

func (in *CaseRun) order(_ *fields, s desk.CaseStep) desk.RunOrder {
	return desk.RunOrder{Caller: s.Caller, Case: s.Case, OnlyFailed: in.OnlyFailed, Reason: events.NewPlaintext(in.Reason)}
}

func (in *NewPackage) order(f *fields, s desk.CaseStep) desk.PackageOrder {
	return desk.PackageOrder{CaseStep: s, Kind: f.code("kind", in.Kind), Passphrase: events.NewPlaintext(in.Passphrase), Recipient: in.Recipient, Days: in.Days}
}

func (in *CaseSend) order(f *fields, s desk.CaseStep) desk.SendOrder {
	s.Reason = events.NewPlaintext(in.Reason)
	return desk.SendOrder{CaseStep: s, Recipient: f.code("recipient", in.Recipient)}
}

func (in *NewLetter) order(f *fields, s desk.CaseStep) desk.CaseLetterOrder {
	return desk.CaseLetterOrder{CaseStep: s, Kind: f.code("kind", in.Kind), Text: events.NewPlaintext(in.Text), Keep: in.Keep, Via: f.code("via", in.Via)}
}

func (in *CaseSent) order(f *fields, s desk.CaseStep) desk.CaseAnswerOrder {
	s.On = f.date("on", in.On)
	return desk.CaseAnswerOrder{CaseStep: s, Via: f.code("via", in.Via), Rights: rightsOf(in.Rights)}
}

// marks are the steps that each kind of mark takes, with the act it is recorded as.
func marks(kind string) map[string]events.Code {
	switch kind {
	case "identity":
		return map[string]events.Code{"asked": "identity_asked", "received": "identity_received", "checked": "identity_checked", "failed": "identity_failed"}
	case "authority":
		return map[string]events.Code{"asked": "authority_asked", "received": "authority_received"}
	case "fee":
		return map[string]events.Code{"asked": "fee_asked", "paid": "fee_paid"}
	case "clarify":
		return map[string]events.Code{"asked": "clarification_asked", "received": "clarification_received"}
	}
	return map[string]events.Code{"told": "extension_told"}
}

// order reads a mark of one kind.
func (in *CaseMark) order(kind string, f *fields, s desk.CaseStep) desk.CaseClockOrder {
	steps := marks(kind)
	act, ok := steps[in.Step]
	if !ok {
		f.fail("step", errors.New("want "+strings.Join(slices.Sorted(maps.Keys(steps)), " or ")))
	}
	s.On, s.Reason = f.date("on", in.On), events.NewPlaintext(in.Reason)
	return desk.CaseClockOrder{CaseStep: s, Act: act, Ref: in.Ref, Rights: rightsOf(in.Rights), Evidence: f.code("evidence", in.Evidence),
		EvidenceRef: events.NewPlaintext(in.EvidenceRef), EvidenceDrop: f.date("evidence_drop", in.EvidenceDrop)}
}
