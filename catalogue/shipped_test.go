package catalogue_test

import (
	"fmt"
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

// No row of the notice is dropped: every id is there, in the notice's order.
func TestInstantConnectIsComplete(t *testing.T) {
	c := instantConnect(t)
	rows := make([]string, 30)
	for i := range rows {
		rows[i] = fmt.Sprintf("ic-a%02d", i+1)
	}
	for _, x := range []struct{ what, got, want string }{
		{"systems", ids(c.Systems, func(v catalogue.System) string { return string(v.ID) }),
			"platform finance support marketing web"},
		{"subject types", ids(c.SubjectTypes, func(v catalogue.SubjectType) string { return string(v.ID) }),
			"member locum dental_practice platform_visitor employer_contact referee enquirer child"},
		{"categories", ids(c.Categories, func(v catalogue.Category) string { return string(v.ID) }),
			"identity contact career_education employment_status worker_profile financial technical services community marketing_prefs " +
				"occupational_health trade_union cdc_registration id_inference criminal_offences referee_data cookie_data rights_evidence anonymous_stats"},
		{"sources", ids(c.Sources, func(v catalogue.Source) string { return string(v.ID) }),
			"src_subject src_cookies src_analytics companies_house cqc_register src_referee linkedin nmc_register dbs_check_provider dbs_update_service src_other_members"},
		{"recipients", ids(c.Recipients, func(v catalogue.Recipient) string { return string(v.ID) }),
			"dental_practice other_members gohighlevel cape_marketing_agency google_analytics facebook_pixel facebook_custom_audiences gocardless " +
				"verification_provider dbs_check_provider dbs_update_service customer_support_provider marketing_provider cqc other_regulators law_enforcement " +
				"government_agencies protective_disclosees deal_counterparty prospective_employer subject_advisers internal_staff_agents port_target any_third_party_anonymous ico"},
		{"milestones", ids(c.Milestones, func(v catalogue.Milestone) string { return string(v.ID) + ":" + string(v.Scope) }),
			"account_deleted:person report_received:person purpose_ended:activity dispute_closed:item"},
		{"rules", ids(c.RetentionRules, func(v catalogue.RetentionRule) string { return string(v.ID) }), "R1 R2 R3 R4 R5 cookie_lifetime"},
		{"activities", ids(c.Activities, func(v catalogue.Activity) string { return string(v.ID) }), strings.Join(rows, " ")},
		{"rights", ids(c.Rights, func(v catalogue.Right) string { return string(v.ID) }),
			"access withdraw_consent portability rectification erasure restriction object no_solely_automated complain_dpo complain_ico complain_local_authority lia_details change_notice breach_notice"},
	} {
		if x.got != x.want {
			t.Errorf("%s:\n got %s\nwant %s", x.what, x.got, x.want)
		}
	}
}

// Each fact points at the lines it was read from.
func TestInstantConnectFactsHaveLines(t *testing.T) {
	c := instantConnect(t)
	check := func(what string, l catalogue.Lines) {
		if len(l) == 0 || l[len(l)-1].To > 139 {
			t.Errorf("%s: lines %q; want some of the 139 lines of the notice", what, l)
		}
	}
	for _, v := range c.SubjectTypes {
		check(string(v.ID), v.Lines)
	}
	for _, v := range c.Categories {
		check(string(v.ID), v.Lines)
	}
	for _, v := range c.Sources {
		check(string(v.ID), v.Lines)
	}
	for _, v := range c.Recipients {
		check(string(v.ID), v.Lines)
	}
	for _, v := range c.RetentionRules {
		check(string(v.ID), v.Lines)
	}
	for _, v := range c.Activities {
		check(string(v.ID), v.Lines)
	}
	for _, v := range c.Rights {
		check(string(v.ID), v.Lines)
	}
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
