package answer_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/answer"
	"github.com/habeas-data/habeas/rights/decide"
)

func build(t *testing.T, in answer.Input) *answer.Answer {
	t.Helper()
	a, err := answer.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The points are those that Article 15 and its neighbours ask for, each with the
// words of the law it answers.
func TestEighteenPoints(t *testing.T) {
	want := []struct{ id, law, says string }{
		{"A1", "15(1)", "the right to obtain from the controller confirmation as to whether or not personal data concerning him or her are being processed"},
		{"A2", "15(1), 15(3)", "the controller shall provide a copy of the personal data undergoing processing"},
		{"A3", "15(1)(a)", "the purposes of the processing"},
		{"A4", "15(1)(b)", "the categories of personal data concerned"},
		{"A5", "15(1)(c)", "the recipients or categories of recipient to whom the personal data have been or will be disclosed"},
		{"A6", "15(1)(d)", "the envisaged period for which the personal data will be stored, or, if not possible, the criteria used"},
		{"A7", "15(1)(e)", "the existence of the right to request rectification or erasure or restriction, or to object"},
		{"A8", "15(1)(ea)", "the right to make a complaint to the controller under section 164A of the 2018 Act"},
		{"A9", "15(1)(f)", "the right to lodge a complaint with the Commissioner"},
		{"A10", "15(1)(g)", "where the personal data are not collected from the data subject, any available information as to their source"},
		{"A11", "15(1)(h)", "the existence of automated decision-making and meaningful information about the logic involved"},
		{"A12", "15(2)", "the right to be informed of the appropriate safeguards pursuant to Article 46"},
		{"A13", "12(4)", "the reasons for not taking action"},
		{"A14", "15(1A)", "a reasonable and proportionate search"},
		{"A15", "13(1)(c)", "the purposes of the processing as well as the legal basis for the processing"},
		{"A16", "12(1)", "a concise, transparent, intelligible and easily accessible form, using clear and plain language"},
		{"A17", "12(5)", "shall be provided free of charge"},
		{"A18", "12(6)", "additional information necessary to confirm the identity"},
	}
	for _, j := range []decide.Jurisdiction{decide.UK, decide.EU} {
		in := input(t)
		in.Jurisdiction = j
		a := build(t, in)
		if len(a.Points) != len(want) {
			t.Fatalf("%s: %d points, want %d", j, len(a.Points), len(want))
		}
		for i, w := range want {
			p := a.Points[i]
			if p.ID != w.id || p.Text == "" || p.Title == "" || (p.State != answer.Filled && p.State != answer.NotApplicable) {
				t.Errorf("%s %s: %+v; the law: %s", j, w.id, p, w.says)
			}
			if j == decide.UK && !strings.HasPrefix(p.Law, w.law) {
				t.Errorf("%s rests on %s, want %s: %s", p.ID, p.Law, w.law, w.says)
			}
		}
	}
}

// In the example everything applies; with nothing to give hardly anything does.
func TestPointsSayWhenTheyDoNotApply(t *testing.T) {
	for _, p := range build(t, input(t)).Points {
		if p.State != answer.Filled {
			t.Errorf("%s does not apply: %s", p.ID, p.Text)
		}
	}
	in := input(t)
	in.Footprint.Holdings = nil
	in.Footprint.DisclosuresWithoutHolding = nil
	a := build(t, in)
	for _, id := range []string{"A2", "A3", "A5", "A6", "A7", "A10", "A11", "A12", "A13", "A15"} {
		i := slices.IndexFunc(a.Points, func(p answer.Point) bool { return p.ID == id })
		if a.Points[i].State != answer.NotApplicable {
			t.Errorf("%s with nothing held: %+v", id, a.Points[i])
		}
	}
}

// DPA 2018, section 164A and Article 15(1)(ea) came into force on 19 June 2026.
func TestComplaintByTheLawOfTheDay(t *testing.T) {
	for day, want := range map[string]string{"2026-06-18": answer.NotApplicable, "2026-06-19": answer.Filled} {
		in := input(t)
		in.Made = date(day)
		a := build(t, in)
		if a.Points[7].State != want {
			t.Errorf("%s: %+v", day, a.Points[7])
		}
		if has := slices.ContainsFunc(a.Remedies, func(r answer.Remedy) bool { return r.Code == "controller" }); has != (want == answer.Filled) {
			t.Errorf("%s: remedies %+v", day, a.Remedies)
		}
	}
}

// What is left out without a word leaves no trace (DPA 2018, Schedules 2 to 4):
// not in a list, a name or a count. So an answer is the same whether it was there
// or not.
func TestSilenceLeavesNoTrace(t *testing.T) {
	with := build(t, input(t))
	in := input(t)
	in.Footprint.Holdings = slices.DeleteFunc(in.Footprint.Holdings, func(h events.Holding) bool { return h.ID == "h5" })
	in.Footprint.Subject.Identifiers = in.Footprint.Subject.Identifiers[:1]
	in.Footprint.Subject.SubjectTypes = in.Footprint.Subject.SubjectTypes[:1]
	in.Footprint.DisclosuresWithoutHolding = in.Footprint.DisclosuresWithoutHolding[1:]
	in.Footprint.Holdings[0].Disclosures = slices.DeleteFunc(in.Footprint.Holdings[0].Disclosures, func(d events.Disclosure) bool { return d.Withheld })
	in.Copies = in.Copies[:1]
	in.Automated = in.Automated[:1]
	in.Footprint.Findings, in.Footprint.Words = nil, nil
	without := build(t, in)
	var a, b bytes.Buffer
	if err := errors.Join(answer.Write(&a, with), answer.Write(&b, without)); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() {
		t.Errorf("what is left out can be told from the answer:\n%s\n---\n%s", a.String(), b.String())
	}
	if strings.Contains(a.String(), hidden) {
		t.Errorf("the answer speaks of what is left out:\n%s", a.String())
	}
}

// A code that withholds by a rule which speaking of can defeat is silent even
// where nobody marked it so.
func TestSecretCodeIsSilent(t *testing.T) {
	in := input(t)
	in.Decided[3].Code = "WITHHOLD_SCH2_P1_2"
	if a := build(t, in); len(a.Withheld) != 0 {
		t.Errorf("withheld for crime: %+v", a.Withheld)
	}
	if a := build(t, input(t)); len(a.Withheld) != 1 || !strings.Contains(a.Withheld[0].Reason, "reference given in confidence") {
		t.Errorf("withheld with a reason: %+v", a.Withheld)
	}
}

// Article 15(1)(c) as the Court reads it (C-154/21): the actual identity of the
// recipients; Article 15(2): the safeguards.
func TestRecipientsByName(t *testing.T) {
	a := build(t, input(t))
	i := slices.IndexFunc(a.Recipients, func(r answer.Recipient) bool { return r.Recipient == "verification_provider" })
	if r := a.Recipients[max(0, i)]; i < 0 || r.Name != "Verify Inc" || !r.ThirdCountry || !strings.Contains(r.Safeguard, "international data transfer agreement") || r.Planned {
		t.Errorf("%+v", a.Recipients)
	}
	if len(a.Transfers) != 1 || a.Transfers[0].Country != "United States" {
		t.Errorf("transfers %+v", a.Transfers)
	}
	var b bytes.Buffer
	if err := answer.Write(&b, a); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "someone@example.org") {
		t.Error("another person is named (Article 15(4))")
	}
}

func TestRefusesWhatCannotBeAnswered(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*answer.Input)
		want   error
	}{
		"a holding without a decision": {func(in *answer.Input) { in.Decided = in.Decided[1:] }, answer.ErrUndecided},
		"a review":                     {func(in *answer.Input) { in.Decided[0].Outcome = decide.Review }, answer.ErrUndecided},
		"two decisions":                {func(in *answer.Input) { in.Decided = append(in.Decided, in.Decided[0]) }, answer.ErrUndecided},
		"a contested join":             {func(in *answer.Input) { in.Footprint.Contested = []events.Contest{{Why: "conflict"}} }, answer.ErrContested},
		"a system without a copy":      {func(in *answer.Input) { in.NoCopy = nil }, answer.ErrNoCopy},
		"a copy of another system":     {func(in *answer.Input) { in.Copies = in.Copies[1:] }, answer.ErrNoCopy},
	} {
		in := input(t)
		c.change(&in)
		if _, err := answer.Build(in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
	// What was stored after receipt needs no decision in the United Kingdom; in
	// the Union a copy is of the day of the answer.
	in := input(t)
	late := in.Footprint.Holdings[0]
	late.ID, late.FirstSeen = "h9", at("2026-06-20")
	in.Footprint.Holdings = append(in.Footprint.Holdings, late)
	if _, err := answer.Build(in); err != nil {
		t.Errorf("stored after receipt, United Kingdom: %v", err)
	}
	in.Jurisdiction = decide.EU
	if _, err := answer.Build(in); !errors.Is(err, answer.ErrUndecided) {
		t.Errorf("stored after receipt, Union: %v", err)
	}
}

// Article 20(1): what the person has provided, on consent or a contract; who
// decides is the right's own plan. A pooled basis waits for a person.
func TestPortability(t *testing.T) {
	in := input(t)
	for i := range in.Decided {
		in.Decided[i].Right = "portability"
		if i > 0 {
			in.Decided[i].Outcome, in.Decided[i].Code = decide.None, decide.NotAffected
		}
	}
	p, err := answer.BuildPortable(in)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Records) != 1 || p.Records[0].ID != "h1" || len(p.Copies) != 1 || p.Copies[0].System != "platform" {
		t.Errorf("%+v", p)
	}
	in.Decided[1].Outcome, in.Decided[1].Code = decide.Review, decide.BasisUnmapped
	if _, err := answer.BuildPortable(in); !errors.Is(err, answer.ErrUndecided) {
		t.Errorf("a pooled basis: %v", err)
	}
}
