package decide_test

import (
	"errors"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// What needs a person cannot be made final without who and why, and what cannot
// be refused cannot be decided otherwise.
func TestFinal(t *testing.T) {
	live := decide.Person{}
	onHold := decide.Person{Person: retention.Person{Holds: []retention.Hold{{ID: "h", Ground: "claims", Placed: day("2025-01-01")}}}}
	lawful := one(t, "gb", catalogue.RightErasure, held("consent", "pay"), live)
	unlawful := one(t, "gb", catalogue.RightErasure, held("silent", "pay"), live)
	review := one(t, "gb", catalogue.RightErasure, held("endless", "pay"), live)
	binding := one(t, "gb", catalogue.RightMarketing, held("news", "identity"), live)
	kept := one(t, "gb", catalogue.RightErasure, held("contract", "pay"), onHold)
	silent := one(t, "gb", catalogue.RightAccess, held("contract", "pay", func(h *decide.Holding) {
		h.NotToBeTold = &decide.Silence{Ground: "inquiry", Review: day("2026-09-01")}
	}), live)
	who := decide.Decision{By: "A. Officer", Why: "as proposed", On: day("2026-03-04"), Accept: true}
	otherwise := func(o decide.Outcome, c decide.Code) decide.Decision {
		return decide.Decision{By: "A. Officer", Why: "looked at it", On: day("2026-03-04"), Outcome: o, Code: c}
	}
	for _, c := range []struct {
		name string
		x    *decide.Item
		d    decide.Decision
		want error
	}{
		{"accepted by a named person with a reason", unlawful, who, nil},
		{"nobody decided", unlawful, decide.Decision{Why: "x", Accept: true}, decide.ErrNoPerson},
		{"a name of spaces", unlawful, decide.Decision{By: "  ", Why: "x", Accept: true}, decide.ErrNoPerson},
		{"no reason", unlawful, decide.Decision{By: "A. Officer", Accept: true}, decide.ErrNoReason},
		{"a review is not accepted", review, who, decide.ErrReview},
		{"nor decided to be a review", review, otherwise(decide.Review, decide.RetMissing), decide.ErrOutcome},
		{"a review is decided", review, otherwise(decide.Erase, decide.EraseNotNecessary), nil},
		{"kept without an end", review, otherwise(decide.Retain, decide.KeepNoGround), decide.ErrNoEnd},
		{"a code of another outcome", review, otherwise(decide.Erase, decide.KeepNoGround), decide.ErrOutcome},
		{"a code that does not exist", review, otherwise(decide.Erase, "ERASE_BECAUSE"), decide.ErrOutcome},
		{"an objection to marketing cannot be refused", binding, otherwise(decide.None, decide.NotAffected), decide.ErrBinding},
		{"a hold is not decided away", kept, otherwise(decide.Erase, decide.EraseNotNecessary), decide.ErrHeld},
		{"left out without a word by one person", silent, who, decide.ErrTwoPersons},
		{"or by one person twice", silent, with(who, func(d *decide.Decision) { d.Second = d.By }), decide.ErrTwoPersons},
		{"by two", silent, with(who, func(d *decide.Decision) { d.Second = "B. Officer" }), nil},
		{"left out without a day of review", silent, with(otherwise(decide.Withhold, "WITHHOLD_NOT_TO_BE_TOLD"), func(d *decide.Decision) { d.Second = "B. Officer" }), decide.ErrNoEnd},
		{"a rule whose name gives it away needs two as well", lawful, otherwise(decide.Withhold, "WITHHOLD_SCH2_P1_2"), decide.ErrTwoPersons},
	} {
		f, err := c.x.Decide(c.d)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if y := f.Item(); err == nil && (f.By() != c.d.By || f.Why() != c.d.Why || f.On() != c.d.On || y.NeedsPerson) {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
	if _, err := unlawful.Settle(day("2026-03-04")); !errors.Is(err, decide.ErrNeedsPerson) {
		t.Errorf("settled without a person: %v", err)
	}
	for _, x := range []*decide.Item{lawful, binding} {
		if f, err := x.Settle(day("2026-03-04")); err != nil || f.Item().Outcome != x.Outcome || f.By() != "" {
			t.Errorf("%s: %v", said(x), err)
		}
	}
}

func with[T any](v T, change func(*T)) T {
	change(&v)
	return v
}

// A decision otherwise than proposed changes who is told: each recipient gets the
// verb of what was decided.
func TestDecidedRecipients(t *testing.T) {
	x := one(t, "gb", catalogue.RightErasure, held("endless", "pay", sent("mailer", "partner", "web")), decide.Person{})
	if got := said(x); got != "hr endless pay: review RET_MISSING, proposes erase ERASE_NOT_NECESSARY, person; mailer none; partner none; web none" {
		t.Errorf("open: %s", got)
	}
	f, err := x.Decide(decide.Decision{By: "A. Officer", Why: "not needed", Outcome: decide.Erase, Code: decide.EraseNotNecessary})
	if err != nil {
		t.Fatal(err)
	}
	y := f.Item()
	if got := said(&y); got != "hr endless pay: erase ERASE_NOT_NECESSARY, take_down; mailer instruct erase; partner notify erase; web none take_down" {
		t.Errorf("decided: %s", got)
	}
	if x.Recipients[0].Verb != "" || len(x.Also) != 0 {
		t.Error("the proposal changed with the decision")
	}
}

// A restriction ends when what it waited for has come, the person was told on a
// day before (18(3)), and somebody decides it.
func TestLift(t *testing.T) {
	r := decide.Restriction{Code: decide.RestrictAccuracy, Set: day("2026-03-03")}
	good := decide.Lifting{By: "A. Officer", Why: "checked", On: day("2026-04-02"), Told: day("2026-04-01"), Ended: true}
	for _, c := range []struct {
		name   string
		change func(*decide.Lifting)
		want   error
	}{
		{"told the day before", func(*decide.Lifting) {}, nil},
		{"not told", func(l *decide.Lifting) { l.Told = 0 }, decide.ErrNotTold},
		{"told on the day", func(l *decide.Lifting) { l.Told = l.On }, decide.ErrNotTold},
		{"told before it was set", func(l *decide.Lifting) { l.Told = day("2026-03-01") }, decide.ErrNotTold},
		{"not checked yet", func(l *decide.Lifting) { l.Ended = false }, decide.ErrNotEnded},
		{"by nobody", func(l *decide.Lifting) { l.By = "" }, decide.ErrNoPerson},
		{"for no reason", func(l *decide.Lifting) { l.Why = "" }, decide.ErrNoReason},
	} {
		l := good
		c.change(&l)
		if err := decide.Lift(r, l); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if !decide.Allows("storage") || !decide.Allows("legal_claims") || decide.Allows("marketing") {
		t.Error("18(2): what restricted data may be used for")
	}
}

// A case that cannot be judged is refused whole.
func TestCaseRefused(t *testing.T) {
	e := decide.New(decide.Config{Current: small(t, "gb")})
	good := asks("2026-03-02", "2026-04-02", catalogue.RightErasure)
	for _, c := range []struct {
		name   string
		change func(*decide.Case)
		list   []decide.Holding
		on     string
		want   error
	}{
		{"a day before receipt", func(*decide.Case) {}, nil, "2026-03-01", decide.ErrBeforeReceipt},
		{"no day of receipt", func(q *decide.Case) { q.Received = 0 }, nil, "2026-03-03", decide.ErrCase},
		{"no right", func(q *decide.Case) { q.Rights = nil }, nil, "2026-03-03", decide.ErrCase},
		{"a right twice", func(q *decide.Case) { q.Rights = append(q.Rights, q.Rights[0]) }, nil, "2026-03-03", decide.ErrCase},
		{"a right that is no right", func(q *decide.Case) { q.Rights[0] = "forgiveness" }, nil, "2026-03-03", decide.ErrCase},
		{"a refusal by nobody", func(q *decide.Case) { q.Refusal = &decide.Refusal{Why: "x"} }, nil, "2026-03-03", decide.ErrCase},
		{"a holding twice", func(*decide.Case) {}, []decide.Holding{held("duty", "pay"), held("duty", "pay")}, "2026-03-03", decide.ErrCase},
		{"nothing held", func(*decide.Case) {}, nil, "2026-03-02", nil},
	} {
		q := good
		q.Rights = append([]catalogue.RightKind{}, good.Rights...)
		c.change(&q)
		if _, err := e.Plan(&q, &decide.Person{}, c.list, day(c.on)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}
