package catalogue_test

import (
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

func TestDeclared(t *testing.T) {
	c := instantConnect(t)
	for _, x := range []struct {
		field catalogue.Field
		code  events.Code
		want  bool
	}{
		{catalogue.FieldSystem, "platform", true},
		{catalogue.FieldSystem, "gocardless", true}, // every recipient is a system
		{catalogue.FieldSystem, "crm", false},
		{catalogue.FieldActivity, "ic-a30", true},
		{catalogue.FieldActivity, "ic-a31", false},
		{catalogue.FieldActivity, "undeclared", true}, // a legal word of the contract
		{catalogue.FieldCategory, "undeclared", false},
		{catalogue.FieldSubPurpose, "recover_debts", true},
		{catalogue.FieldSubPurpose, "john_smith", false},
		{catalogue.FieldElement, "password", true},
		{catalogue.FieldElement, "john_smith", false},
		{catalogue.FieldSubjectType, "locum", true},
		{catalogue.FieldSubjectType, "nurse", false},
		{catalogue.FieldRecipient, "ico", true},
		{catalogue.FieldController, "dental_practice", true},
		{catalogue.FieldController, "platform", false},
		{catalogue.FieldSource, "linkedin", true},
		{catalogue.FieldSource, "gocardless", true}, // data may come from a recipient
		{catalogue.FieldSource, "facebook", false},
		{catalogue.FieldMilestone, "dispute_closed", true},
		{catalogue.FieldMilestone, "no_longer_required", false}, // a circumstance, which nobody reports
		{catalogue.FieldBasis, "6.1.ea", true},
		{catalogue.FieldBasis, "6.1.z", false},
		{catalogue.FieldCountry, "us", true},
		{catalogue.FieldCountry, "uk", false},
		{catalogue.FieldDataset, "anything", true},
		{catalogue.FieldChannel, "pigeon", true},
		{"no-such-place", "anything", false},
	} {
		if got := c.Declared(x.field, x.code); got != x.want {
			t.Errorf("Declared(%s, %s) = %v", x.field, x.code, got)
		}
	}
	if c.DeclaredActivity(events.Activity{Code: "ic-a03", SubPurpose: "recover_debts"}) ||
		!c.DeclaredActivity(events.Activity{Code: "ic-a04", SubPurpose: "recover_debts"}) {
		t.Error("a sub-purpose belongs to its activity")
	}
	if c.DeclaredCategory(events.Category{Code: "contact", Element: "password"}) ||
		!c.DeclaredCategory(events.Category{Code: "technical", Element: "password"}) {
		t.Error("an element belongs to its category")
	}
}

// A source joins only through its own local identifier, and systems only where
// both list the kind.
func TestJoinsAndAnchors(t *testing.T) {
	c := instantConnect(t)
	if c.PrimaryKind("finance") != "finance.customer" || c.PrimaryKind("gocardless") != "gocardless.customer" || c.PrimaryKind("crm") != "" {
		t.Error("primary kinds are not those of the catalogue")
	}
	if !c.MayJoin("email") || c.MayJoin("phone") || c.MayJoin("name") {
		t.Error("own systems may be joined by e-mail and nothing else")
	}
	if !c.MayJoinSystems("email", "platform", "finance") || c.MayJoinSystems("email", "platform", "gocardless") ||
		c.MayJoinSystems("phone", "platform", "finance") || !c.MayJoinSystems("phone", "platform", "platform") {
		t.Error("a join needs both systems to list the kind")
	}
	for kind, want := range map[events.Code]bool{"platform.member": true, "platform.old_number": true, "nhs_number": true,
		"email": false, "finance.customer": false, "": false} {
		if got := c.Anchors("platform", kind); got != want {
			t.Errorf("Anchors(platform, %q) = %v", kind, got)
		}
	}
	if !c.IsA("employer_contact", "member") || !c.IsA("locum", "locum") || c.IsA("member", "locum") || c.IsA("nurse", "member") {
		t.Error("a child subject type satisfies its parents, not the reverse")
	}
}

// A registered instance is a recipient and a system of its own, of its class.
func TestInstances(t *testing.T) {
	c := instantConnect(t)
	d, err := c.WithVersion(3).WithInstances(
		catalogue.Instance{ID: "harbour", Class: "dental_practice", Name: "Harbour Practice", Country: "gb"},
		catalogue.Instance{ID: "mill", Class: "dental_practice", Name: "Mill Street"})
	if err != nil {
		t.Fatal(err)
	}
	r, ok := d.Recipient("harbour")
	if !ok || r.Class != "dental_practice" || r.Kind != catalogue.KindController || !r.Named || r.Country != "gb" {
		t.Fatalf("got %+v", r)
	}
	if s, ok := d.System("harbour"); !ok || s.Primary != "harbour.worker" || s.Owner != catalogue.OwnedRecipient || s.Connected != catalogue.NotExpected {
		t.Errorf("system: %+v", s)
	}
	a, _ := d.Activity("ic-a05")
	other, _ := d.Recipient("gocardless")
	if !a.HasRecipient(r) || a.HasRecipient(other) {
		t.Error("an instance stands for its class in a row")
	}
	if d.RecipientName("harbour") != "Harbour Practice" || d.Version() != 3 || d.Digest() == c.Digest() {
		t.Error("a registered recipient has its name and changes the digest, not the version")
	}
	if _, ok := c.Recipient("harbour"); ok || len(c.AllSystems()) != 30 || len(d.AllSystems()) != 32 {
		t.Errorf("the first catalogue changed: %d systems, then %d", len(c.AllSystems()), len(d.AllSystems()))
	}
	for name, in := range map[string]catalogue.Instance{
		"no class":  {ID: "x", Class: "nobody", Name: "X"},
		"taken":     {ID: "ico", Class: "dental_practice", Name: "X"},
		"no name":   {ID: "x", Class: "dental_practice"},
		"country":   {ID: "x", Class: "dental_practice", Name: "X", Country: "xx"},
		"one named": {ID: "x", Class: "ico", Name: "X"},
	} {
		if _, err := c.WithInstances(in); err == nil || !strings.Contains(err.Error(), "registered recipients") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// The gateway asks for every event: no look-up may allocate.
func TestLookupsDoNotAllocate(t *testing.T) {
	c := instantConnect(t)
	n := testing.AllocsPerRun(100, func() {
		_, _ = c.System("platform")
		_, _ = c.Category("identity")
		_, _ = c.Activity("ic-a04")
		_, _ = c.Recipient("ico")
		_ = c.Declared("recipient", "gocardless")
		_ = c.DeclaredCategory(events.Category{Code: "identity", Element: "gender"})
		_ = c.DeclaredActivity(events.Activity{Code: "ic-a04", SubPurpose: "recover_debts"})
		_ = c.PrimaryKind("web")
		_ = c.MayJoinSystems("email", "web", "support")
		_ = c.Name(catalogue.FieldSystem, "web")
		_ = c.RetentionText("ic-a04")
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
