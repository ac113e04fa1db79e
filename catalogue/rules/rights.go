package rules

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
)

// rightKinds reads the right of the law from a right's kind, or else its id.
var rightKinds = map[code]catalogue.RightKind{
	"object": catalogue.RightObjection, "objection": catalogue.RightObjection,
	"withdraw_consent": catalogue.RightWithdrawConsent, "withdrawal": catalogue.RightWithdrawConsent,
	"no_solely_automated": catalogue.RightAutomated, "automated_decision": catalogue.RightAutomated, "automated_decisions": catalogue.RightAutomated,
	"access": catalogue.RightAccess, "rectification": catalogue.RightRectification, "erasure": catalogue.RightErasure,
	"restriction": catalogue.RightRestriction, "portability": catalogue.RightPortability, "informed": catalogue.RightInformed,
	"complain_ico": catalogue.RightAuthority, "complaint_to_regulator": catalogue.RightAuthority,
}

func kindOf(r *catalogue.Right) catalogue.RightKind {
	if r.Kind != "" {
		return r.Kind
	}
	return rightKinds[r.ID]
}

// right finds the right of this kind in the notice's list.
func (v *view) right(kind catalogue.RightKind) *catalogue.Right {
	for i := range v.Rights {
		if r := &v.Rights[i]; kindOf(r) == kind && !no(r.Listed) {
			return r
		}
	}
	return nil
}

// uses reports whether any activity may rest on the basis, in a pool or alone.
func (v *view) uses(bases ...code) (*activity, bool) {
	for _, a := range v.rows {
		if overlap(a.LawfulBasis, bases) {
			return a, true
		}
	}
	return nil, false
}

func (v *view) rightsLines() place {
	p := place{}
	for i := range v.Rights {
		p = p.with(v.Rights[i].Lines)
	}
	return p
}

func withdrawalMissing(v *view, add adder) {
	if a, ok := v.uses(consent); ok && v.right(catalogue.RightWithdrawConsent) == nil {
		p := v.rightsLines()
		p.Right = "withdraw_consent"
		add(Error, p, "consent is relied on, first in %s, and the right to withdraw it is not listed", a.Printed())
	}
}

// rightMissing: Articles 13(2)(b) and 14(2)(c) list the rights a notice tells;
// portability and objection only where a basis gives them.
func rightMissing(v *view, add adder) {
	for _, r := range []struct {
		kind  catalogue.RightKind
		bases []code
	}{
		{catalogue.RightAccess, nil}, {catalogue.RightRectification, nil}, {catalogue.RightErasure, nil}, {catalogue.RightRestriction, nil},
		{catalogue.RightPortability, []code{consent, contract}}, {catalogue.RightObjection, []code{publicTask, interest}},
		{catalogue.RightAutomated, nil}, {catalogue.RightAuthority, nil},
	} {
		told := slices.ContainsFunc(v.Rights, func(o catalogue.Right) bool { return r.kind == catalogue.RightAuthority && kindOf(&o) == r.kind })
		if v.right(r.kind) != nil || told {
			continue
		}
		if _, used := v.uses(r.bases...); len(r.bases) > 0 && !used {
			continue
		}
		p := v.rightsLines()
		p.Right = code(strings.ReplaceAll(string(r.kind), "-", "_"))
		add(Warn, p, "the right of %s is not listed", strings.ReplaceAll(string(r.kind), "-", " "))
	}
}

// objectionPartial: Article 21(2) to (4) asks that the objection to direct
// marketing, which needs no reason, is told by itself.
func objectionPartial(v *view, add adder) {
	marketing := slices.IndexFunc(v.rows, func(a *activity) bool { return a.DirectMarketing })
	r := v.right(catalogue.RightObjection)
	if r == nil || marketing < 0 || v.marketingTold() || yes(r.Absolute) || slices.Contains(r.Bases, "direct_marketing") {
		return
	}
	add(Gap, place{Right: r.ID}.with(r.Lines, v.rows[marketing].Lines), "that direct marketing may always be objected to is not said")
}

// marketingTold reports whether the objection to marketing is told as one that
// may be made at any time or is never refused; a route alone does not say so.
func (v *view) marketingTold() bool {
	r := v.right(catalogue.RightMarketing)
	return r != nil && (r.AnyTime || yes(r.Absolute))
}

func portabilityPartial(v *view, add adder) {
	r := v.right(catalogue.RightPortability)
	if r == nil || r.AutomatedMeans == nil || *r.AutomatedMeans {
		return
	}
	add(Gap, place{Right: r.ID, Lines: r.Lines}, "portability is told without the test of processing by automated means")
}

func automatedNotStated(v *view, add adder) {
	r := v.right(catalogue.RightAutomated)
	if r == nil || len(v.StatementsAbout(catalogue.AboutAutomated)) > 0 || slices.ContainsFunc(v.rows, func(a *activity) bool {
		return a.Profiling == catalogue.DecisionsByAlone || a.Profiling == catalogue.ProfilingDenied
	}) {
		return
	}
	add(Gap, place{Right: r.ID, Lines: r.Lines}, "a right against automated decisions is given; whether there are any is not said")
}

func profilingUndeclared(v *view, add adder) {
	if len(v.StatementsAbout(catalogue.AboutAutomated, "profiling")) > 0 {
		return
	}
	for _, a := range v.rows {
		if a.Profiling == catalogue.ProfilingLikely {
			add(Review, at(a), "%s judges people by their data and is not called profiling", a.Printed())
		}
	}
}

// deadlineMissing weighs more where an answer is promised without a limit.
func deadlineMissing(v *view, add adder) {
	p, promised := place{}, false
	for _, s := range v.StatementsAbout(catalogue.AboutRequests, "answered") {
		if s.Period.Given() {
			return
		}
		p, promised = p.with(s.Lines), true
	}
	for i := range v.Rights {
		if v.Rights[i].Deadline.Given() {
			return
		}
		if v.Rights[i].DeadlineText != "" {
			p, promised = p.with(v.Rights[i].Lines), true
		}
	}
	switch {
	case promised:
		add(Gap, p, "an answer is promised without a time limit; the law gives one month")
	case len(v.Rights) > 0:
		add(Warn, v.rightsLines(), "no time limit for answers is stated; the law gives one month")
	}
}

func clockStart(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutRequests, "answered") {
		if s.Period.Given() && len(s.AllTriggers()) == 0 {
			add(Info, said(s), "answers come within %s, and from when is not said; the law counts from receipt", s.Period.Plain())
		}
	}
}

// unsaid makes the rule for a step of request handling that no statement tells.
func unsaid(claim code, text string) func(*view, adder) {
	return func(v *view, add adder) {
		if len(v.Rights) > 0 && len(v.StatementsAbout(catalogue.AboutRequests, claim)) == 0 {
			add(Info, place{}, "%s", text)
		}
	}
}

func feeRisk(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutRequests, "fee") {
		add(Info, said(s), "a fee is spoken of; it may be asked only where a request is manifestly unfounded or excessive, or for further copies")
	}
}

func channelConflict(v *view, add adder) {
	for _, warned := range v.StatementsAbout(catalogue.AboutSecurity, "not_for_confidential") {
		for _, s := range v.StatementsAbout(catalogue.AboutRequests, "answered", "channel", "identity_check") {
			if overlap(s.Channels, warned.Channels) {
				add(Conflict, said(s).with(warned.Lines), "requests go by %s, by which nothing confidential should be sent", words(s.Channels))
				return
			}
		}
	}
}

func selfServiceScope(v *view, add adder) {
	list := v.StatementsAbout(catalogue.AboutSelfService)
	for _, wide := range list {
		for _, s := range list {
			if len(wide.SubjectTypes) == 0 && len(s.SubjectTypes) > 0 {
				add(Warn, said(s).with(wide.Lines), "tools to change data are promised to all and described for %s only", words(s.SubjectTypes))
			}
		}
	}
}

// indirectNotice: Article 14 asks that people are told within a month when their
// data comes from somebody else.
func indirectNotice(v *view, add adder) {
	promised := len(v.StatementsAbout(catalogue.AboutSource, "told")) > 0
	for i := range v.Sources {
		s := &v.Sources[i]
		if !indirect(s) {
			continue
		}
		p := place{Source: s.ID, Lines: s.Lines}
		if promised {
			add(Warn, p, "%s: a source of data; each person has to be told within a month, as the notice promises", s.Name)
		} else {
			add(Gap, p, "%s: a source of data, and that the person will be told is not said", s.Name)
		}
	}
}

func sourceConflict(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutSource, "direct_only") {
		for i := range v.Sources {
			if src := &v.Sources[i]; indirect(src) && v.meet(s.SubjectTypes, src.SubjectTypes) {
				add(Warn, place{Source: src.ID}.with(s.Lines, src.Lines), "%s: a source of data that is said to come from the person", src.Name)
			}
		}
	}
}

// foreignRegister compares what a register is for with what the organisation
// and its people do, as the catalogue tells it.
func foreignRegister(v *view, add adder) {
	text := v.Organisation.Business + " " + v.Title
	for i := range v.SubjectTypes {
		text += " " + v.SubjectTypes[i].Name + " " + v.SubjectTypes[i].Means
	}
	text = strings.ToLower(text)
	for _, s := range v.StatementsAbout(catalogue.AboutTrade) {
		for _, id := range s.Sources {
			src, ok := v.Source(id)
			if ok && !slices.ContainsFunc(s.Terms, func(t code) bool { return strings.Contains(text, words([]code{t})) }) {
				add(Info, place{Source: id}.with(s.Lines, src.Lines), "%s: a source for %s, and nobody in the notice is said to be of that trade", src.Name, words(s.Terms))
			}
		}
	}
}

// consequence: Article 13(2)(e), where a contract is the basis.
func consequence(v *view, add adder) {
	told := v.StatementsAbout(catalogue.AboutConsequence)
	if len(told) == 0 {
		return
	}
	var untold []code
	for _, a := range v.rows {
		for _, t := range a.SubjectTypes {
			covered := slices.ContainsFunc(told, func(s *catalogue.Statement) bool { return v.covers(s.SubjectTypes, t) })
			if rests(a, contract) && !covered && !slices.Contains(untold, t) {
				untold = append(untold, t)
			}
		}
	}
	if len(untold) > 0 {
		add(Info, said(told[0]), "what follows when data is not given is told to some; not to %s", words(untold))
	}
}

// deceased: recital 27 leaves the dead outside the law; a period that runs past
// death still needs an owner.
func deceased(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutScope, "only") {
		if !slices.Contains(s.Terms, "living") {
			continue
		}
		p, n := said(s), 0
		for _, k := range v.all() {
			for _, t := range k.term.AllTriggers() {
				if m, ok := v.Milestone(t.Code); ok && m.BroughtBy == catalogue.ByNature {
					p, n = p.with(k.a.Lines), n+1
				}
			}
		}
		if n > 0 {
			add(Info, p, "the notice is about the living, and %s from death", counted(n, "period is counted", "periods are counted"))
		}
	}
}
