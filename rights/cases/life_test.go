package cases_test

import (
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// The people of the tests. boss has two tokens.
var (
	clerk = cases.Person{Token: "clerk", Name: "Ada Clerk"}
	boss  = cases.Person{Token: "boss", Name: "Bea Boss"}
	boss2 = cases.Person{Token: "boss-laptop", Name: "bea  boss"}
	third = cases.Person{Token: "third", Name: "Cem Third"}
)

var theCase = events.EventID{1, 2, 3}

func day(s string) events.Date {
	d, err := events.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func hand(n byte) events.Handle { return events.Handle{n} }

// A life is a case that is lived act by act, each tried by Check first.
type life struct {
	t     testing.TB
	c     *cases.Case
	facts []cases.Fact
	w     cases.World
}

func opening(rights ...catalogue.RightKind) *cases.Opening {
	return &cases.Opening{Rights: rights, Received: day("2026-03-02"), Via: "email", Subject: []events.Ref{{Handle: hand(200), Kind: "email"}}, Regime: clock.UK}
}

// live opens a case; today is the day of receipt.
func live(t testing.TB, o *cases.Opening) *life {
	t.Helper()
	l := &life{t: t, w: cases.World{Today: o.Received, Calendars: clock.Shipped(), Settings: clock.Defaults, Joined: []events.Handle{hand(1), hand(2)}}}
	if o.Historic {
		l.w.Today = o.Answered
	}
	b := cases.Body{By: clerk, Opening: o}
	if err := cases.CheckOpening(&b, o.Received, &l.w); err != nil {
		t.Fatalf("open: %v", err)
	}
	l.add(cases.Opened, b, o.Received)
	return l
}

func (l *life) add(act cases.Act, b cases.Body, on events.Date) {
	l.t.Helper()
	f := cases.Fact{Case: theCase, Version: uint32(len(l.facts) + 1), Act: act, On: on, At: events.InstantOf(on.Time()), Body: b}
	l.facts = append(l.facts, f)
	var err error
	if l.c == nil {
		l.c, err = cases.Fold(l.facts)
	} else {
		l.c, err = l.c.With(f)
	}
	if err != nil {
		l.t.Fatalf("%s: %v", act, err)
	}
}

// on moves the day of today.
func (l *life) on(s string) *life {
	l.w.Today = day(s)
	return l
}

// do records an act that has to be allowed.
func (l *life) do(act cases.Act, b cases.Body) *life {
	l.t.Helper()
	if err := l.c.Check(act, &b, l.w.Today, &l.w); err != nil {
		l.t.Fatalf("%s on %s: %v", act, l.w.Today, err)
	}
	l.add(act, b, l.w.Today)
	return l
}

// no tries an act that has to be refused.
func (l *life) no(code events.Code, act cases.Act, b cases.Body) *life {
	l.t.Helper()
	err := l.c.Check(act, &b, l.w.Today, &l.w)
	if got := cases.RefusalCode(err); got != code {
		l.t.Fatalf("%s on %s: %v, want %s", act, l.w.Today, err, code)
	}
	return l
}

func (l *life) status(want cases.Status) *life {
	l.t.Helper()
	if got := l.c.Status(); got != want {
		l.t.Fatalf("status %s, want %s", got, want)
	}
	return l
}

// plan sets what is computed now.
func (l *life) plan(items ...decide.Item) *life {
	l.w.Judged = cases.Judge(l.c, &decide.Plan{Received: l.c.Opening.Received, On: l.w.Today, Items: items})
	return l
}

func (l *life) approval() cases.Body {
	j := l.w.Judged
	return cases.Body{By: boss, Approval: &cases.Approval{Digest: j.Digest, On: j.On, Totals: j.Totals, Finals: j.Finals}}
}

func members(list ...byte) (out []cases.Member) {
	for _, n := range list {
		out = append(out, cases.Member{Handle: hand(n), System: "crm", Kind: "crm.contact"})
	}
	return out
}

// confirm, approve and start are the usual way to running tasks.
func (l *life) confirm() *life {
	l.t.Helper()
	return l.do(cases.Confirmed, cases.Body{By: clerk, Members: members(1, 2)})
}

func (l *life) approve(items ...decide.Item) *life {
	l.t.Helper()
	l.plan(items...)
	return l.do(cases.Approved, l.approval())
}

func (l *life) start(items ...decide.Item) *life {
	l.t.Helper()
	l.plan(items...)
	bodies, _ := cases.Fanout(&cases.Order{Digest: l.w.Judged.Digest, On: l.w.Today, Finals: l.c.Approval.Finals, Knows: able})
	ids := cases.IDs{}
	for i := range bodies {
		id := events.EventID{byte(i + 1)}
		ids = append(ids, cases.ID(id))
		l.w.Tasks = append(l.w.Tasks, bodies[i].Plan(theCase, id))
	}
	return l.do(cases.Started, cases.Body{By: clerk, Tasks: ids})
}

func able(events.Code) cases.Ability { return cases.Ability{Connected: true, Look: true} }

// item is one of a plan that needs no person.
func item(id string, right catalogue.RightKind, o decide.Outcome, code decide.Code, change ...func(*decide.Item)) decide.Item {
	h := &decide.Holding{ID: id}
	h.Holding = retention.Holding{Handle: hand(1), System: "crm", Dataset: "contacts", Activity: events.Activity{Code: "sales"}, Category: events.Category{Code: events.Code("cat-" + id)}}
	x := decide.Item{Right: right, Holding: h, Outcome: o, Code: code, Article: "17(1)(b)", ProposedBy: "row 13"}
	for _, f := range change {
		f(&x)
	}
	return x
}

func erasure(id string, change ...func(*decide.Item)) decide.Item {
	return item(id, catalogue.RightErasure, decide.Erase, decide.EraseConsentWithdrawn, change...)
}

func needsPerson(x *decide.Item) { x.NeedsPerson, x.Because = true, []string{"special"} }

func decision(id string, o decide.Outcome, code decide.Code) cases.Decision {
	return cases.Decision{Holding: id, Right: catalogue.RightErasure, Outcome: o, Code: code}
}

func decided(by cases.Person, list ...cases.Decision) cases.Body {
	return cases.Body{By: by, Reason: "because it is so", Decisions: list}
}

// verify makes every task of the world verified.
func (l *life) verify() *life {
	for i := range l.w.Tasks {
		l.w.Tasks[i].State, l.w.Tasks[i].Detail = cases.TaskVerified, cases.DetailFoundNothing
	}
	return l
}
