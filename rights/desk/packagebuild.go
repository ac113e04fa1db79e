package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	answers "github.com/habeas-data/habeas/rights/answer"
	"github.com/habeas-data/habeas/rights/answer/pack"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// A parcel is what goes into a package, read and not yet written.
type parcel struct {
	access   *answers.Answer
	portable *answers.Portable
	copies   []pack.File
	sources  []events.EventID // the tasks that brought the copies
	without  []string
}

// parcel reads what a package is made of. That a package may be made at all is
// tried first: before four eyes nothing is revealed. The look is recorded already.
func (d *Desk) parcel(ctx context.Context, view View, f *caseFile, who access.Caller, kind catalogue.RightKind) (*parcel, error) {
	if _, err := d.nextFact(ctx, who, f, cases.Packaged, d.today(), &cases.Body{By: cases.Person{Token: who.Token}, Package: &cases.Package{Kind: events.Code(kind)}}); err != nil {
		return nil, err
	}
	p, err := d.casePlan(ctx, view, f, max(d.today(), f.opening().Received))
	if err != nil {
		return nil, err
	}
	fp, err := d.caseFootprint(ctx, view, p)
	if err != nil {
		return nil, err
	}
	in := d.answerInput(p, fp)
	brought, err := d.copiesOf(ctx, view, f, p, kind)
	if err != nil {
		return nil, err
	}
	in.NoCopy = brought.why
	for _, c := range brought.files {
		in.Copies = append(in.Copies, c.Copy)
	}
	m := &parcel{sources: brought.tasks}
	var given []answers.Copy
	if kind == catalogue.RightAccess {
		if m.access, err = answers.Build(in); err == nil {
			given = m.access.Copies
			m.without = withoutCopy(m.access.Systems, given)
		}
	} else if m.portable, err = answers.BuildPortable(in); err == nil {
		given = m.portable.Copies
		for _, s := range m.portable.WithoutCopy {
			m.without = append(m.without, s.System)
		}
	}
	if err != nil {
		return nil, parcelRefusal(err)
	}
	for _, c := range brought.files {
		if slices.Contains(given, c.Copy) {
			m.copies = append(m.copies, c)
		}
	}
	return m, nil
}

func withoutCopy(systems []answers.System, given []answers.Copy) (out []string) {
	for _, s := range systems {
		if !slices.ContainsFunc(given, func(c answers.Copy) bool { return c.System == s.System }) {
			out = append(out, s.System)
		}
	}
	return out
}

// caseFootprint is the map of the person of a case, named, at the view's position.
func (d *Desk) caseFootprint(ctx context.Context, view View, p *casePlan) (*events.Footprint, error) {
	l, err := d.caseLook(view, p)
	if err != nil {
		return nil, err
	}
	a := p.person.answer
	if err := l.reveal(ctx, a); err != nil {
		return nil, err
	}
	out := &events.Footprint{Subject: l.subject(a), AsOf: l.asOf(), Holdings: a.holdings(), Unknown: l.unknown(a), DisclosuresWithoutHolding: a.loose(),
		Catalogue: string(p.now.ID) + " " + p.now.Edition, Simulated: d.d.Simulated || p.file.opening().Simulated || a.folded.Simulated}
	if out.Contested, err = l.contests(ctx); err != nil {
		return nil, err
	}
	return out, nil
}

// answerInput is what the law reads of a case, as an answer takes it.
func (d *Desk) answerInput(p *casePlan, fp *events.Footprint) answers.Input {
	o := p.file.opening()
	in := answers.Input{Case: p.file.id.String(), Received: o.Received, Made: d.today(), Jurisdiction: decide.JurisdictionOf(p.now.Organisation.Jurisdiction),
		Catalogue: p.now, Footprint: fp, Scope: scopeWords(p.now, o)}
	for i := range p.judged.Items {
		x := &p.judged.Items[i]
		y := answers.Decided{Holding: x.Holding.ID, Right: x.Right, Outcome: x.Outcome, Code: x.Code, Silent: x.Silent}
		if _, open := p.open[cases.ItemKey{Holding: x.Holding.ID, Right: x.Right}]; open {
			y.Outcome = decide.Review
		}
		in.Decided = append(in.Decided, y)
	}
	engine := decide.New(decide.Config{AtReceipt: p.receipt, Current: p.now, Clocks: retention.New(p.now, d.d.Earlier)})
	held := map[string]*decide.Holding{}
	for i := range p.person.held {
		held[p.person.held[i].ID] = &p.person.held[i]
	}
	in.Rights = func(id string) []decide.RightOf {
		if h := held[id]; h != nil {
			return engine.RightsOf(h, d.today())
		}
		return nil
	}
	for _, x := range p.person.answer.folded.Decisions {
		fact := answers.AutomatedFact{AutomatedDecision: decide.AutomatedDecision{Activity: x.Activity.Code, Alone: x.Automated, Weighty: x.Significant, On: p.person.answer.day(x.Last)}}
		if x.Logic != "" {
			fact.Logic = "It is described under the reference " + string(x.Logic) + ". Ask us for it."
		}
		in.Automated = append(in.Automated, fact)
	}
	in.Identity, in.Authority, in.Fee = evidenceWords(p.file)
	return in
}

// scopeWords says what the person narrowed a request to.
func scopeWords(cat *catalogue.Catalogue, o *cases.Opening) string {
	var out []string
	for _, s := range o.Scope {
		var part []string
		for field, c := range map[catalogue.Field]events.Code{catalogue.FieldSystem: s.System, catalogue.FieldActivity: s.Activity, catalogue.FieldCategory: s.Category} {
			if c != "" {
				part = append(part, cat.Name(field, c))
			}
		}
		if len(s.Items) > 0 {
			part = append(part, "one item")
		}
		slices.Sort(part)
		out = append(out, strings.Join(part, ", "))
	}
	return strings.Join(out, "; ")
}

// evidenceWords says by what it was settled who asks, and that a fee was paid:
// kinds and days, never what was shown.
func evidenceWords(f *caseFile) (identity, authority, fee string) {
	for i := range f.facts {
		x := &f.facts[i]
		kind := "what was shown"
		if e := x.Body.Evidence; e != nil && e.Kind != "" {
			kind = strings.ReplaceAll(string(e.Kind), "_", " ")
		}
		says := fmt.Sprintf("%s, on %s", kind, catalogue.PlainDate(x.On))
		switch x.Act {
		case cases.IdentityReceived, cases.IdentityChecked:
			identity = says
		case cases.AuthorityReceived:
			authority = says
		case cases.FeePaid:
			fee = "A fee was asked for and paid on " + catalogue.PlainDate(x.On) + "."
		}
	}
	return identity, authority, fee
}

// copySays is why there is no copy from a system, by the state of its task.
var copySays = map[cases.TaskState]string{
	cases.TaskImpossible: "it cannot make one", cases.TaskOutOfScale: "making one is out of proportion", cases.TaskRefused: "it refused to make one",
	cases.TaskKept: "it keeps what it holds by law", cases.TaskFailed: "it could not make one, and is being asked again",
}

// noCopy says why there is none.
func noCopy(s cases.TaskState) string {
	if w, ok := copySays[s]; ok {
		return w
	}
	return "it was asked, and its copy had not come when this was made"
}

// shownHoldings are the holdings that are given under a right.
func (p *casePlan) shownHoldings(kind catalogue.RightKind) map[string]bool {
	out := map[string]bool{}
	for i := range p.judged.Items {
		if x := &p.judged.Items[i]; x.Right == kind && x.Outcome == decide.Disclose {
			out[x.Holding.ID] = true
		}
	}
	return out
}

// copyNames makes the names that copies have in a package: of a system's own names
// only what every file system takes, each once.
type copyNames map[string]int

func (n copyNames) of(system, name string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127 && r != 0xfffd:
			return r
		}
		return '_'
	}, strings.ToValidUTF8(name, "_"))
	clean = strings.TrimLeft(clean, ".")
	for len(clean) > 150 {
		clean = strings.ToValidUTF8(clean[:150], "")
	}
	if clean == "" {
		clean = "file"
	}
	full := "copies/" + system + "/" + clean
	n[strings.ToLower(full)]++
	if c := n[strings.ToLower(full)]; c > 1 {
		return n.of(system, fmt.Sprintf("%d-%s", c, clean))
	}
	return full
}
