package catalogue_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

func instantConnect(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.LoadShipped("instant-connect")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ids[T any](list []T, id func(T) string) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = id(v)
	}
	return strings.Join(out, " ")
}

// What the notice does not say is not filled in.
func TestInstantConnectSilences(t *testing.T) {
	c := instantConnect(t)
	unstated := []events.Code{}
	for _, a := range c.Activities {
		if a.BasisStatus == catalogue.BasisNoneStated {
			unstated = append(unstated, a.ID)
		}
	}
	want := []events.Code{"ic-a09", "ic-a10", "ic-a13", "ic-a14", "ic-a15", "ic-a16", "ic-a18", "ic-a19", "ic-a20", "ic-a21",
		"ic-a22", "ic-a23", "ic-a25", "ic-a26", "ic-a27", "ic-a28", "ic-a29", "ic-a30"}
	if !slices.Equal(unstated, want) {
		t.Errorf("activities without a basis: got %v, want %v", unstated, want)
	}
	var countries []events.Code
	for _, r := range c.Recipients {
		if r.Country != "" {
			countries = append(countries, r.ID)
		} else if r.CountryStatus != catalogue.NotStated {
			t.Errorf("%s: country status %s without a country", r.ID, r.CountryStatus)
		}
	}
	if !slices.Equal(countries, []events.Code{"dbs_update_service", "cqc", "ico"}) {
		t.Errorf("recipients with a country: %v", countries)
	}
	var special, criminal []events.Code
	for _, cat := range c.Categories {
		if cat.Special {
			special = append(special, cat.ID)
		}
		if cat.Criminal {
			criminal = append(criminal, cat.ID)
		}
	}
	if !slices.Equal(special, []events.Code{"occupational_health", "trade_union", "cdc_registration", "id_inference"}) ||
		!slices.Equal(criminal, []events.Code{"criminal_offences"}) {
		t.Errorf("special %v, criminal %v", special, criminal)
	}
}

var contactDetail = regexp.MustCompile(`[\w.]+@[\w.]+|\b0\d{3,4} ?\d{3} ?\d{3,4}\b|\b[A-Z]{1,2}\d\w? \d[A-Z]{2}\b`)

// No shipped catalogue holds an address, a telephone number or a postcode.
func TestShippedHoldsNoContactDetails(t *testing.T) {
	for _, name := range catalogue.Shipped() {
		b, err := os.ReadFile("notices/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if hit := contactDetail.Find(b); hit != nil {
			t.Errorf("%s holds a contact detail: %s", name, hit)
		}
		if _, err := catalogue.LoadShipped(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The sentences an officer reads.
func TestInstantConnectInWords(t *testing.T) {
	c := instantConnect(t)
	for _, x := range []struct{ got, want string }{
		{c.RetentionText("ic-a03"), "7 years after the account is deleted"},
		{c.RetentionText("ic-a08"), "as long as the purpose needs it (no period stated)"},
		{c.RetentionText("ic-a18"), "no period stated"},
		{c.RetentionText("ic-a28"), "longer than usual while a complaint or litigation needs it (counted from when the dispute is closed; no period stated)"},
		{c.RetentionText("ic-a30"), "until a report that the person is under 18 is received"},
		{c.RetentionText("undeclared"), "not declared in the catalogue"},
		{c.ActivityName(events.Activity{Code: "ic-a04", SubPurpose: "member_messaging"}), "Provide services to locums: messages between members"},
		{c.ActivityName(events.Activity{Code: "undeclared"}), "not declared in the catalogue"},
		{c.CategoryName(events.Category{Code: "identity", Element: "photo_id_copy"}), "Identity: copy of photo ID"},
		{c.CategoryName(events.Category{Code: "contact", Element: "fax_number"}), "Contact details: fax number"},
		{c.Name(catalogue.FieldSystem, "web"), "Website"},
		{c.Name(catalogue.FieldRecipient, "gocardless"), "GoCardless"},
		{c.Name(catalogue.FieldRecipient, "undeclared.0123456789abcdef0123456789abcdef"), "not declared in the catalogue"},
		{c.Name(catalogue.FieldSource, "dbs_update_service"), "DBS Update Service"},
		{c.Name(catalogue.FieldDataset, "pay_slips"), "pay slips"},
		{c.Name(catalogue.FieldDataset, "ic-a17"), "Process payments"},
		{c.Name(catalogue.FieldMilestone, "account_deleted"), "Account deleted"},
		{c.Name(catalogue.FieldCountry, "gb"), "United Kingdom"},
		{c.Name(catalogue.FieldBasis, "6.1.f"), "legitimate interests (UK GDPR Article 6(1)(f))"},
		{c.Name(catalogue.FieldSubjectType, ""), ""},
		{c.RecipientName("dental_practice"), "A dental practice (name not recorded)"},
		{c.RecipientName("any_third_party_anonymous"), "Anyone"},
		{c.RecipientName("cqc"), "Care Quality Commission"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}
