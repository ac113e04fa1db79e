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
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

// The kinds of letters.
const (
	LetterAcknowledgement events.Code = "acknowledgement"
	LetterIdentity        events.Code = "identity"
	LetterAuthority       events.Code = "authority"
	LetterClarification   events.Code = "clarification"
	LetterFee             events.Code = "fee"
	LetterExtension       events.Code = "extension"
	LetterAnswer          events.Code = "answer"
	LetterRefusal         events.Code = "refusal"
	LetterRecipients      events.Code = "recipients" // Article 19
)

// LetterKinds lists them all.
func LetterKinds() []events.Code {
	return []events.Code{LetterAcknowledgement, LetterIdentity, LetterAuthority, LetterClarification, LetterFee, LetterExtension, LetterAnswer, LetterRefusal, LetterRecipients}
}

// LetterCase drafts a letter from the case as it stands, in plain words, for a
// person to read and change. With Keep it is sealed as it is sent; a text takes the
// place of the draft. Errors: those of ConfirmCase.
func (d *Desk) LetterCase(ctx context.Context, o CaseLetterOrder) (CaseLetterView, error) {
	none := CaseLetterView{}
	if !slices.Contains(LetterKinds(), o.Kind) {
		return none, &Fault{Part: "kind", Text: "want one of " + list(texts(LetterKinds()))}
	}
	if err := permit(o.Caller, access.CasesAnswer); err != nil {
		return none, err
	}
	text := string(textOf(o.Text))
	if text == "" {
		f, view, err := d.lookAt(ctx, o.Caller, o.Case, "cases.letter")
		if err != nil {
			return none, err
		}
		text, err = d.draft(ctx, view, f, o.Kind)
		d.shut(ctx, view)
		if err != nil {
			return none, err
		}
		if !o.Keep {
			return CaseLetterView{Case: f.id.String(), Kind: string(o.Kind), Text: text}, nil
		}
	}
	if !o.Keep {
		return none, &Fault{Part: "keep", Text: "a text of your own is kept, or there is nothing to do"}
	}
	f, done, err := d.step(ctx, o.CaseStep, access.CasesAnswer, plain(cases.LetterKept, cases.Body{Letter: &cases.Letter{Kind: o.Kind, Text: cases.Text(text), Via: o.Via}}))
	if err != nil {
		return none, err
	}
	return CaseLetterView{Case: done.Case, Kind: string(o.Kind), Text: text, Kept: true, Event: f.facts[len(f.facts)-1].Event.String(), Position: done.Position}, nil
}

// A letter is one while it is written.
type letter struct {
	b    strings.Builder
	d    *Desk
	f    *caseFile
	cat  *catalogue.Catalogue
	plan *casePlan
	// items are what the letter speaks of: the plan as it stands, and what was
	// approved and is gone since.
	items []decide.Item
	law   decide.Jurisdiction
}

func (l *letter) say(format string, a ...any) {
	fmt.Fprintf(&l.b, format, a...)
	l.b.WriteString("\n\n")
}

func (l *letter) point(format string, a ...any) {
	l.b.WriteString("- ")
	fmt.Fprintf(&l.b, format, a...)
	l.b.WriteString("\n")
}

func (l *letter) end() { l.b.WriteString("\n") }

// draft writes a letter. Nothing in it names the person: it goes to whoever asked,
// and is kept with the case.
func (d *Desk) draft(ctx context.Context, view View, f *caseFile, kind events.Code) (string, error) {
	if err := f.living(); err != nil {
		return "", err
	}
	l := &letter{d: d, f: f, cat: d.d.Catalogue()}
	l.law = decide.JurisdictionOf(l.cat.Organisation.Jurisdiction)
	if d.d.Simulated || f.opening().Simulated {
		l.say("SIMULATED: the clock of this server was set by hand.")
	}
	l.say("%s\nReference: %s\n%s", l.cat.Organisation.Name, f.id.String()[:12], catalogue.PlainDate(d.today()))
	o := f.opening()
	l.say("You wrote to us on %s about %s.", catalogue.PlainDate(o.Received), rightsWords(o.Rights))
	if o.Asker.As != decide.Self {
		l.say("You ask for somebody else. “Your data” in this letter is the data of that person.")
	}
	write := map[events.Code]func(){
		LetterAcknowledgement: l.acknowledge, LetterIdentity: l.identity, LetterAuthority: l.authority, LetterClarification: l.clarify, LetterFee: l.fee,
		LetterExtension: l.extension, LetterRefusal: l.refusal,
	}[kind]
	if write != nil {
		write()
		l.close()
		return l.b.String(), nil
	}
	var err error
	if l.plan, err = d.casePlan(ctx, view, f, max(d.today(), o.Received)); err != nil {
		return "", err
	}
	if err := l.plan.mayLeave(); err != nil {
		return "", err
	}
	tasks, err := casebook.AskedOf(view, f.id)
	if err != nil {
		return "", fmt.Errorf("read the tasks of a case: %w", err)
	}
	l.items = letterItems(l.plan)
	if kind == LetterRecipients {
		l.recipients(tasks)
	} else {
		l.answer(tasks)
	}
	l.close()
	return l.b.String(), nil
}

// mayLeave refuses to write of what nobody may send yet: joins that are contested or
// unconfirmed, and a plan that waits for people or for four eyes (B1, B3).
func (p *casePlan) mayLeave() error {
	c := p.file.c
	switch {
	case !c.NeedsApproval():
		return nil
	case len(p.contested()) > 0:
		return &cases.Refusal{Code: cases.JoinsContested, Text: "evidence forbids a join of this person's records; decide it before anything is sent"}
	case !p.confirmed():
		return &cases.Refusal{Code: cases.JoinsUnconfirmed, Text: "nobody has confirmed which of the joined records are this person's"}
	case p.undecided() > 0:
		return &cases.Refusal{Code: cases.Undecided, Text: fmt.Sprintf("%d items wait for a person's decision", p.undecided())}
	case c.Approval == nil || c.Redecided:
		return &cases.Refusal{Code: cases.NothingApproved, Text: "the plan was not approved yet"}
	}
	return nil
}

var rightNames = map[catalogue.RightKind]string{
	catalogue.RightAccess: "a copy of your data", catalogue.RightPortability: "taking your data with you", catalogue.RightRectification: "correcting your data",
	catalogue.RightErasure: "erasing your data", catalogue.RightRestriction: "restricting the use of your data", catalogue.RightObjection: "an objection to the use of your data",
	catalogue.RightMarketing: "an objection to marketing", catalogue.RightWithdrawConsent: "withdrawing your consent",
	catalogue.RightAutomated: "a decision that was made by a machine", catalogue.RightComplaint: "a complaint",
}

func rightsWords(l []catalogue.RightKind) string {
	var out []string
	for _, r := range l {
		out = append(out, rightNames[r])
	}
	return list(out)
}

func (l *letter) due() string {
	due, err := l.f.c.Due(l.d.today(), l.d.calendars(), l.d.d.Clocks, nil)
	if err != nil || due.Day.IsZero() {
		return ""
	}
	return catalogue.PlainDate(due.Day)
}

func (l *letter) acknowledge() {
	if day := l.due(); day != "" {
		l.say("We have to answer by %s. We will write sooner if we can.", day)
	} else {
		l.say("We will answer within one month of receiving what we have asked you for.")
	}
	if p := l.d.promised(l.f.opening().Rights, l.f.opening().Received); p != "" {
		l.say("Our privacy notice promises: %s.", p)
	}
	if l.f.c.Binds() {
		l.say("Your objection to marketing, or the withdrawal of your consent, counts from the day we received it. You need to do nothing more.")
	}
}

func (l *letter) identity() {
	l.say("We have reasonable doubts about who asks, and so we may ask you for more information to confirm your identity (Article 12(6)). Please send us: [say what is needed, and no more than that].")
	l.say("We look at it, note that we saw it, and do not keep a copy. Our time to answer begins when it reaches us.")
}

func (l *letter) authority() {
	l.say("Please send us what shows that you may ask for them: [a signed authority, a power of attorney, an order of a court, or proof of parental responsibility].")
}

func (l *letter) clarify() {
	l.say("We hold a large amount of information about you. Please tell us which information, or which processing, your request is about.")
	if l.law == decide.EU {
		l.say("You need not narrow it. We answer in time in any case.")
	} else {
		l.say("You need not narrow it. Our time to answer stands still until we have your reply (Article 12A).")
	}
}

func (l *letter) fee() {
	l.say("A request is free of charge. We may ask for a reasonable fee where a request is manifestly unfounded or excessive, or for further copies (Articles 12(5), 15(3)). We ask for: [amount, and why].")
}

// extension tells of it, with the reasons, within the first month (Article 12(3)).
func (l *letter) extension() {
	reason := "[say why: the complexity of the request, or the number of your requests]"
	for _, f := range l.f.facts {
		if f.Act == cases.ExtensionTold && f.Body.Reason != "" {
			reason = string(f.Body.Reason)
		}
	}
	l.say("We need more time than one month: %s.", strings.TrimSuffix(reason, "."))
	if day := l.due(); day != "" && slices.ContainsFunc(l.f.facts, func(f cases.Fact) bool { return f.Act == cases.ExtensionTold }) {
		l.say("The law lets us take two months more (Article 12(3)). We will answer by %s.", day)
	} else {
		l.say("The law lets us take two months more (Article 12(3)).")
	}
	l.remedies()
}

func (l *letter) refusal() {
	reason, code := "[say why]", decide.Code("")
	for _, f := range l.f.facts {
		if f.Act == cases.RefusedRequest {
			reason = string(f.Body.Reason)
			code = map[events.Code]decide.Code{cases.RefusedUnfounded: decide.RefuseUnfounded, cases.RefusedExcessive: decide.RefuseExcessive,
				cases.RefusedIdentity: decide.RefuseID, cases.RefusedAuthority: decide.WaitAuthority}[f.Body.Code]
		}
	}
	if m, ok := code.Meaning(); ok {
		l.say("We do not act on your request. %s (%s) Our reasons: %s.", m.Says, articleWords(m.Article), strings.TrimSuffix(reason, "."))
	} else { // the ground of a refusal that nobody recorded is not ours to choose
		l.say("We do not act on your request. [Say on which ground: it is manifestly unfounded or excessive (Article 12(5)), or who asks was not proven (Article 12(6)).] Our reasons: %s.", reason)
	}
	l.remedies()
}
