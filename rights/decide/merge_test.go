package decide_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

var update = flag.Bool("update", false, "write the goldens")

func same(dataset string) func(*decide.Holding) {
	return func(h *decide.Holding) { h.Dataset = events.Code(dataset) }
}

func several(t testing.TB, p decide.Person, list ...decide.Holding) *decide.Plan {
	t.Helper()
	c := asks("2026-03-02", "2026-04-02", catalogue.RightErasure)
	plan, err := decide.New(decide.Config{Current: small(t, "gb")}).Plan(&c, &p, list, day("2026-03-03"))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// Bytes go when every holding over them goes. Where one keeps them the others end
// their purposes and leave the bytes (17(1)(b): "no other legal ground").
func TestSharedBytes(t *testing.T) {
	p := several(t, decide.Person{}, held("consent", "pay", same("one")), held("contract", "pay", same("one")), held("consent", "identity", same("one")))
	if x := item(t, p, "consent", "pay"); x.Outcome != decide.Erase || !slices.Equal(x.Detached, []string{"contract pay"}) {
		t.Errorf("the consent ends, the contract keeps: %s %v", said(x), x.Detached)
	}
	if x := item(t, p, "consent", "identity"); len(x.Detached) != 0 {
		t.Errorf("other data: %v", x.Detached)
	}
	if x := item(t, p, "contract", "pay"); x.Outcome != decide.Retain || len(x.Detached) != 0 {
		t.Errorf("the contract: %s", said(x))
	}
	// An element lies over the category that contains it, whichever goes.
	p = several(t, decide.Person{}, held("consent", "identity/name", same("one")), held("contract", "identity", same("one")))
	if x := item(t, p, "consent", "identity"); !slices.Equal(x.Detached, []string{"contract identity"}) {
		t.Errorf("an element of what is kept: %v", x.Detached)
	}
	// A hold on one purpose keeps the bytes for all.
	onHold := decide.Person{Person: retention.Person{Holds: []retention.Hold{{ID: "h", Ground: "claims", Placed: day("2025-01-01"), Scope: retention.Scope{Activity: "news"}}}}}
	p = several(t, onHold, held("consent", "pay", same("one")), held("news", "pay", same("one")))
	if x := item(t, p, "consent", "pay"); !slices.Equal(x.Detached, []string{"news pay"}) {
		t.Errorf("beside a hold: %v", x.Detached)
	}
}

// What is strongest wins the bytes.
func TestStrength(t *testing.T) {
	order := []decide.Item{{Outcome: decide.Erase, Code: decide.EraseUnlawful}, {Outcome: decide.Retain, Code: decide.KeepNoGround}, {Outcome: decide.Review, Code: decide.NoRow},
		{Outcome: decide.Restrict, Code: decide.RestrictSubjectClaim}, {Outcome: decide.Retain, Code: decide.KeepOverridingGrounds},
		{Outcome: decide.Retain, Code: decide.KeepLegalObligation}, {Outcome: decide.Restrict, Code: decide.KeepLegalClaims}}
	for i := range order {
		if got := decide.StrengthOf(&order[i]); got != decide.Strength(i) {
			t.Errorf("%s %s: %d, want %d", order[i].Outcome, order[i].Code, got, i)
		}
	}
}

// A name stays while a kept record of the same system cannot be read without it;
// it is that record's then.
func TestIdentityFloor(t *testing.T) {
	started := decide.Person{Person: ended("2025-06-01")}
	p := several(t, started, held("consent", "identity"), held("contract", "pay"))
	if x := item(t, p, "consent", "identity"); x.Keep == nil || x.Keep.Until != day("2027-06-01") || len(x.Keep.Elements) != 1 {
		t.Errorf("the identity: %s", said(x))
	}
	p = several(t, started, held("consent", "identity/name"), held("consent", "identity/number"), held("contract", "pay"))
	for i := range p.Items {
		x := &p.Items[i]
		switch x.Holding.Category.Element {
		case "name":
			if x.Outcome != decide.Retain || x.Until != day("2027-06-01") || !x.Restricted {
				t.Errorf("the name: %s", said(x))
			}
		case "number":
			if x.Outcome != decide.Erase {
				t.Errorf("the number: %s", said(x))
			}
		}
	}
	// In another system, or when nothing is kept, it goes.
	p = several(t, started, held("consent", "identity"), held("contract", "pay", func(h *decide.Holding) { h.System = "files" }))
	if x := item(t, p, "consent", "identity"); x.Keep != nil {
		t.Errorf("in another system: %s", said(x))
	}
}

// A care record is decided as one: nothing is torn out of it while a part is kept.
// Who stands in it as somebody else is decided apart.
func TestCareRecord(t *testing.T) {
	in := func(h *decide.Holding) { h.Within = events.Ref{Handle: events.Handle{9}, Kind: "hr.record"} }
	started := decide.Person{Person: ended("2025-06-01")}
	p := several(t, started, held("medical", "health", in), held("consent", "pay", in), held("explicit", "pay", in, func(h *decide.Holding) { h.SubjectType = "pupil" }), held("consent", "identity"))
	if x := item(t, p, "consent", "pay"); x.Outcome != decide.Retain || x.Code != decide.KeepPublicHealth || x.Until != day("2027-06-01") {
		t.Errorf("a part of the record: %s", said(x))
	}
	if x := item(t, p, "consent", "identity"); x.Outcome != decide.Erase {
		t.Errorf("outside the record: %s", said(x))
	}
}

// Who is told what: a processor is instructed, others are notified, an authority
// unless that is barred, the public is not; what hosts the system gets the task
// itself.
func TestRecipients(t *testing.T) {
	disclosed := func(d decide.Disclosure) func(*decide.Holding) {
		return func(h *decide.Holding) { h.Disclosures = append(h.Disclosures, d) }
	}
	started := decide.Person{Person: ended("2025-06-01")}
	for _, c := range []struct {
		name string
		p    decide.Person
		h    decide.Holding
		want string
	}{
		{"19, 28(3): erased", decide.Person{}, held("consent", "pay", sent("mailer", "partner", "police", "web", "nobody")),
			"hr consent pay: erase ERASE_CONSENT_WITHDRAWN, take_down; mailer instruct erase; nobody none; partner notify erase; police notify erase; web none take_down"},
		{"an authority that may not be told", decide.Person{}, held("consent", "pay", disclosed(decide.Disclosure{Recipient: "police", Barred: true})),
			"hr consent pay: erase ERASE_CONSENT_WITHDRAWN; police none"},
		{"4(9): an inquiry makes no recipient", decide.Person{}, held("consent", "pay", disclosed(decide.Disclosure{Recipient: "police", InquiryOnly: true})),
			"hr consent pay: erase ERASE_CONSENT_WITHDRAWN; police none"},
		{"print cannot be called back", decide.Person{}, held("consent", "pay", disclosed(decide.Disclosure{Recipient: "web", Medium: events.MediumPaper})),
			"hr consent pay: erase ERASE_CONSENT_WITHDRAWN; web none impossible"},
		{"the host gets the task itself", decide.Person{}, held("consent", "pay", sent("cloud"), func(h *decide.Holding) { h.System = "files" }),
			"files consent pay: erase ERASE_CONSENT_WITHDRAWN; cloud none"},
		{"nobody knows what it is: it is told", decide.Person{}, held("consent", "pay", sent("stranger")),
			"hr consent pay: erase ERASE_CONSENT_WITHDRAWN; stranger notify erase"},
		{"one line for each part it took", decide.Person{}, held("consent", "pay", sent("partner", "partner"), disclosed(decide.Disclosure{Recipient: "partner", ActingAs: "processor"})),
			"hr consent pay: erase ERASE_CONSENT_WITHDRAWN; partner notify erase; partner instruct erase"},
		{"28(3)(g): its task has ended, so its copy goes though ours stays", started, held("contract", "identity", sent("mailer", "partner")),
			"hr contract identity: retain KEEP_AFTER_TRIGGER until 2027-06-01, restricted; mailer instruct erase; partner none"},
		{"a mandate is cancelled", started, held("contract", "pay/mandate", sent("bank")),
			"hr contract pay/mandate: retain KEEP_AFTER_TRIGGER until 2027-06-01, restricted; bank instruct cancel"},
		{"its task goes on", decide.Person{}, held("contract", "identity", sent("mailer")),
			"hr contract identity: retain KEEP_NO_GROUND waits for contract_end; mailer none"},
	} {
		x := one(t, "gb", catalogue.RightErasure, c.h, c.p)
		if got := said(x); got != c.want {
			t.Errorf("%s:\n  %s\nwant\n  %s", c.name, got, c.want)
		}
	}
	x := one(t, "gb", catalogue.RightErasure, held("consent", "pay", disclosed(decide.Disclosure{Recipient: "police", NotToBeTold: &decide.Silence{Ground: "crime"}})), decide.Person{})
	if !x.NeedsPerson || !x.Recipients[0].Silent {
		t.Errorf("a recipient that the person must not learn of: %+v", x)
	}
	stranger := one(t, "gb", catalogue.RightErasure, held("consent", "pay", sent("stranger")), decide.Person{})
	if !slices.Contains(stranger.Findings, "RECIPIENT_UNDECLARED") {
		t.Errorf("findings: %v", stranger.Findings)
	}
}

// The published shape of the items of a plan.
func TestGolden(t *testing.T) {
	s := tell(t, osjct(t), "s5-helen-marsh", "2021-04-06", "C-3005", "M-502", "Q-77")
	c := asks("2021-04-06", "2021-05-06", catalogue.RightErasure)
	c.Scope = []retention.Scope{{Activity: "mkt-01"}, {Activity: "mkt-02"}}
	p := s.plan(t, c, "2021-04-06")
	started := several(t, decide.Person{Person: ended("2025-06-01")}, held("consent", "identity"), held("contract", "pay", sent("bank")), held("endless", "pay"))
	var got bytes.Buffer
	for _, plan := range []*decide.Plan{p, started} {
		for i := range plan.Items {
			b, err := json.MarshalIndent(&plan.Items[i], "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got.Write(append(b, '\n'))
		}
	}
	path := filepath.Join("testdata", "items.golden")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the published shape changed:\n%s", got.String())
	}
}
