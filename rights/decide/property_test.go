package decide_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// A life is a drawn person with what is held about them and what they ask.
type life struct {
	cat  *catalogue.Catalogue
	p    decide.Person
	list []decide.Holding
	c    decide.Case
	on   events.Date
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// draw makes a life over a catalogue: any activity with any category, milestones,
// holds, consents, objections, assessments, disclosures and statements.
func draw(r *rand.Rand, cat *catalogue.Catalogue) *life {
	const first = "2018-01-01"
	at := func() events.Date { return day(first) + events.Date(r.IntN(3600)) }
	l := &life{cat: cat, on: day("2026-03-02") + events.Date(r.IntN(400))}
	systems := cat.Systems
	for n := range 1 + r.IntN(14) {
		act, c := pick(r, cat.Activities), pick(r, cat.Categories)
		h := decide.Holding{ID: fmt.Sprint(n), Holding: retention.Holding{Handle: events.Handle{byte(r.IntN(2))}, System: pick(r, systems[:min(2, len(systems))]).ID,
			Dataset: pick(r, []events.Code{"a", "b"}), Activity: events.Activity{Code: act.ID}, Category: events.Category{Code: c.ID}, Stored: at()},
			Provenance: events.Provenance(1 + r.IntN(6)), Marks: events.Marks(1<<r.IntN(6)) & 31}
		if len(act.Categories) > 0 && r.IntN(4) > 0 {
			h.Category.Code = pick(r, act.Categories)
		}
		if x, ok := cat.Category(h.Category.Code); ok && len(x.Items) > 0 && r.IntN(3) == 0 {
			h.Category.Element = pick(r, x.Items).ID
		}
		if len(act.SubjectTypes) > 0 {
			h.SubjectType = pick(r, act.SubjectTypes)
		}
		if r.IntN(9) == 0 {
			h.Activity.Code = events.Undeclared
		}
		if r.IntN(12) == 0 {
			h.Removed = true
		}
		if r.IntN(6) == 0 {
			h.Within = events.Ref{Handle: events.Handle{7}, Kind: "record"}
		}
		for range r.IntN(3) {
			h.Disclosures = append(h.Disclosures, decide.Disclosure{Recipient: pick(r, cat.Recipients).ID, Barred: r.IntN(5) == 0, Medium: events.Medium(r.IntN(3))})
		}
		l.list = append(l.list, h)
	}
	for range r.IntN(4) {
		if len(cat.Milestones) > 0 {
			l.p.Milestones = append(l.p.Milestones, retention.Milestone{Code: pick(r, cat.Milestones).ID, System: systems[0].ID, Date: at()})
		}
	}
	for n := range r.IntN(3) {
		h := retention.Hold{ID: fmt.Sprint("hold", n), Ground: pick(r, retention.Grounds()), Placed: at(), Scope: l.scope(r)}
		if r.IntN(2) == 0 {
			h.Lifted = h.Placed + events.Date(r.IntN(900))
		}
		l.p.Holds = append(l.p.Holds, h)
	}
	kinds := []decide.AssessmentKind{decide.Override, decide.Claims, decide.PublicTask, decide.Research, decide.Expression, decide.Exemption, decide.LegalErasure,
		decide.Malicious, decide.Accuracy, decide.ThirdParty, decide.HealthOpinion, decide.NoLongerNeeded}
	for range r.IntN(4) {
		a := decide.Assessment{Kind: pick(r, kinds), Scope: l.scope(r), Holds: r.IntN(2) == 0, Code: "Sch2.P1.2", Ref: "7", By: pick(r, []string{"A", "B"}), On: at()}
		if r.IntN(2) == 0 {
			a.Until = at()
		}
		l.p.Assessments = append(l.p.Assessments, a)
	}
	for range r.IntN(3) {
		act := pick(r, cat.Activities).ID
		l.p.Consents = append(l.p.Consents, retention.Consent{Activity: events.Activity{Code: act}, Withdrawn: r.IntN(2) == 0, On: at(), At: events.Instant(1 + r.IntN(1<<40))})
		l.p.Objections = append(l.p.Objections, decide.Objection{Activity: events.Activity{Code: pick(r, cat.Activities).ID}, On: at()})
	}
	l.c = decide.Case{Received: day("2026-03-02"), Due: day("2026-04-02")}
	for _, right := range decide.Rights() {
		if r.IntN(3) == 0 || right == catalogue.RightErasure {
			l.c.Rights = append(l.c.Rights, right)
		}
	}
	for _, s := range []decide.Statement{decide.PersonalReasons, decide.PrefersRestriction, decide.OwnClaim, decide.ContestsAccuracy} {
		if r.IntN(5) == 0 {
			l.c.States = append(l.c.States, s)
		}
	}
	if r.IntN(4) == 0 {
		l.c.Scope = []retention.Scope{l.scope(r)}
	}
	return l
}

func (l *life) scope(r *rand.Rand) retention.Scope {
	h := pick(r, l.list)
	switch r.IntN(4) {
	case 0:
		return retention.Scope{Activity: h.Activity.Code}
	case 1:
		return retention.Scope{Category: h.Category}
	case 2:
		return retention.Scope{System: h.System, Activity: h.Activity.Code}
	}
	return retention.Scope{Handles: []events.Handle{h.Handle}}
}

func (l *life) plan(t *testing.T) *decide.Plan {
	t.Helper()
	p, err := decide.New(decide.Config{Current: l.cat}).Plan(&l.c, &l.p, l.list, l.on)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// over reports, apart from the engine, whether two holdings are of the same bytes.
func over(a, b *decide.Holding) bool {
	return a.Handle == b.Handle && a.System == b.System && a.Dataset == b.Dataset && a.Item == b.Item && a.Category.Code == b.Category.Code &&
		(a.Category.Element == b.Category.Element || a.Category.Element == "" || b.Category.Element == "")
}

func worlds(t *testing.T) []*catalogue.Catalogue {
	return []*catalogue.Catalogue{small(t, "gb"), small(t, "de"), osjct(t), instantConnect(t), careers(t), shipped(t, "bjm-ig"), shipped(t, "isp-polaris")}
}

// Over drawn lives: every holding yields one item for each right; nothing that a
// hold covers is erased; bytes that somebody needs are named beside what goes;
// what stays has a day, an event or a person; a review needs a person; one line
// stands for each recipient and part.
func TestProperties(t *testing.T) {
	cats := worlds(t)
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 4))
		l := draw(r, cats[seed%uint64(len(cats))])
		p := l.plan(t)
		if len(p.Items) != len(l.list)*len(l.c.Rights) {
			t.Fatalf("seed %d: %d items for %d holdings and %d rights", seed, len(p.Items), len(l.list), len(l.c.Rights))
		}
		seen := map[string]bool{}
		for i := range p.Items {
			x := &p.Items[i]
			key := string(x.Right) + " " + x.Holding.ID
			if seen[key] {
				t.Fatalf("seed %d: two items for %s", seed, key)
			}
			seen[key] = true
			for _, fault := range faults(l, p, x) {
				t.Fatalf("seed %d: %s: %s", seed, said(x), fault)
			}
		}
	}
}

func faults(l *life, p *decide.Plan, x *decide.Item) (out []string) {
	fail := func(is bool, why string) {
		if is {
			out = append(out, why)
		}
	}
	hold := slices.ContainsFunc(l.p.Holds, func(h retention.Hold) bool { return h.Stands(l.on) && h.Scope.Covers(&x.Holding.Holding) })
	fail(x.Outcome == decide.Erase && hold, "erased while a hold keeps it")
	fail(x.Outcome == decide.Erase && x.Holding.Removed, "erased though it is gone")
	fail(x.Outcome == decide.Erase && x.Right != catalogue.RightErasure, "erased by another right")
	fail((x.Outcome == decide.Retain || x.Outcome == decide.Restrict) && x.Until.IsZero() && x.WaitsFor == "" && !x.NeedsPerson, "kept without an end")
	fail(x.Outcome == decide.Retain && !x.Until.IsZero() && x.Until <= l.on, "kept until a day that has come")
	fail(x.Outcome == decide.Review && !x.NeedsPerson, "a review without a person")
	fail(x.NeedsPerson != (len(x.Because) > 0), "a person and no reason for one")
	fail(x.Reason == "" || x.ProposedBy == "", "no reason")
	_, known := x.Code.Meaning()
	fail(!known, "a code without a meaning")
	fail(x.Outcome == decide.Stop && (x.Code == decide.StopObjectionMarketing || x.Code == decide.StopConsentWithdrawn) && (!x.Binding || x.NeedsPerson), "what binds from receipt waits for somebody")
	if _, err := x.Settle(l.on); (err == nil) != !x.NeedsPerson {
		out = append(out, "settled and needs a person differ")
	}
	for i, rec := range x.Recipients {
		fail(i > 0 && rec.Recipient == x.Recipients[i-1].Recipient && rec.ActingAs == x.Recipients[i-1].ActingAs, "two lines for one recipient")
		fail(rec.ActingAs == catalogue.KindPublic && rec.Action != decide.NoAction, "the public is told")
		fail(x.Outcome == decide.Erase && rec.ActingAs == catalogue.KindController && rec.Action != decide.Notify, "a controller is not told")
	}
	if x.Outcome != decide.Erase {
		return out
	}
	for i := range p.Items {
		o := &p.Items[i]
		if o.Right == x.Right && o.Holding.ID != x.Holding.ID && !o.Holding.Removed && over(o.Holding, x.Holding) {
			fail((o.Outcome != decide.Erase) != slices.Contains(x.Detached, o.Holding.ID), "the bytes of "+o.Holding.ID+" are needed and not named, or named and not needed")
		}
	}
	return out
}

// The order of what is told never matters.
func TestOrderIsNothing(t *testing.T) {
	cats := worlds(t)
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		l := draw(r, cats[seed%uint64(len(cats))])
		before := written(t, l.plan(t))
		r.Shuffle(len(l.list), func(i, j int) { l.list[i], l.list[j] = l.list[j], l.list[i] })
		for i := range l.list {
			d := l.list[i].Disclosures
			r.Shuffle(len(d), func(i, j int) { d[i], d[j] = d[j], d[i] })
		}
		r.Shuffle(len(l.p.Milestones), func(i, j int) {
			l.p.Milestones[i], l.p.Milestones[j] = l.p.Milestones[j], l.p.Milestones[i]
		})
		r.Shuffle(len(l.p.Holds), func(i, j int) { l.p.Holds[i], l.p.Holds[j] = l.p.Holds[j], l.p.Holds[i] })
		r.Shuffle(len(l.p.Consents), func(i, j int) { l.p.Consents[i], l.p.Consents[j] = l.p.Consents[j], l.p.Consents[i] })
		r.Shuffle(len(l.p.Objections), func(i, j int) { l.p.Objections[i], l.p.Objections[j] = l.p.Objections[j], l.p.Objections[i] })
		r.Shuffle(len(l.p.Assessments), func(i, j int) {
			l.p.Assessments[i], l.p.Assessments[j] = l.p.Assessments[j], l.p.Assessments[i]
		})
		r.Shuffle(len(l.c.Rights), func(i, j int) { l.c.Rights[i], l.c.Rights[j] = l.c.Rights[j], l.c.Rights[i] })
		if after := written(t, l.plan(t)); after != before {
			t.Fatalf("seed %d: the order of the input changed the plan\n%s\n%s", seed, before, after)
		}
	}
}

func written(t *testing.T, p *decide.Plan) string {
	t.Helper()
	var out strings.Builder
	for i := range p.Items {
		b, err := json.Marshal(&p.Items[i])
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(b, '\n'))
	}
	return out.String()
}

// One more hold never lets anything go.
func TestHoldsOnlyKeep(t *testing.T) {
	cats := worlds(t)
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 6))
		l := draw(r, cats[seed%uint64(len(cats))])
		gone := map[string]bool{}
		p := l.plan(t)
		for i := range p.Items {
			if x := &p.Items[i]; x.Outcome == decide.Erase {
				gone[x.Holding.ID] = true
			}
		}
		l.p.Holds = append(l.p.Holds, retention.Hold{ID: "more", Ground: pick(r, retention.Grounds()), Placed: day("2018-01-01"), Scope: l.scope(r)})
		p = l.plan(t)
		for i := range p.Items {
			if x := &p.Items[i]; x.Outcome == decide.Erase && !gone[x.Holding.ID] {
				t.Fatalf("seed %d: a hold let it go: %s", seed, said(x))
			}
		}
	}
}
