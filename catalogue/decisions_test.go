package catalogue_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
)

func smallDecisions(t *testing.T) *catalogue.Decisions {
	t.Helper()
	d, err := catalogue.LoadDecisionsFile("testdata/small.decisions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecisionsForm(t *testing.T) {
	d := smallDecisions(t)
	b, err := json.MarshalIndent(d.All(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "small.decisions.json", append(b, '\n'))
}

// A key is found in either case, a default that nobody adopted is assumed, and a
// key that is not in the file has no default.
func TestDecisionsLieOverTheCatalogue(t *testing.T) {
	c := small(t)
	if _, ok := c.Decision("joins.s-a01"); ok || c.Decisions() != nil {
		t.Error("a catalogue by itself decides nothing")
	}
	over, err := c.WithDecisions(smallDecisions(t))
	if err != nil {
		t.Fatal(err)
	}
	if d, ok := over.Decision("JOINS.S-A01"); !ok || d.Value.String() != "later" || !d.Assumed() || d.Kind() != catalogue.DecideJoin || d.Of() != "s-a01" {
		t.Errorf("joins.s-a01: %+v %v", d, ok)
	}
	if d, ok := over.Decision("joins.s1"); !ok || d.Assumed() || d.By != "A. Officer" {
		t.Errorf("joins.S1: %+v %v", d, ok)
	}
	if d, _ := over.Decision("after_trigger.s-a01"); d.Value.Ground != "claims" || d.Value.Ref == "" {
		t.Errorf("after_trigger: %+v", d)
	}
	if d, ok := over.Decided(catalogue.DecideJoin, "s-a02", "S1"); !ok || d.Value.String() != "earlier" {
		t.Errorf("the decision about a rule reaches the activities that follow it: %+v %v", d, ok)
	}
	if _, ok := over.Decision("joins.s-a02"); ok {
		t.Error("a key that is not there has a default")
	}
	if over.Digest() != c.Digest() {
		t.Error("a decision changes what the notice is on record as saying")
	}
	if v := over.WithVersion(3); v.Decisions() != over.Decisions() {
		t.Error("adopting a version loses the decisions")
	}
	again, err := over.WithDecisions(nil)
	if err != nil || again.Decisions() != nil {
		t.Errorf("decisions are replaced, not added: %v", err)
	}
}

func TestDecisionFaults(t *testing.T) {
	_, err := catalogue.LoadDecisionsFile("testdata/bad/decisions.yaml")
	var faults catalogue.Errors
	if !errors.As(err, &faults) {
		t.Fatalf("want Errors, got %T: %v", err, err)
	}
	golden(t, "decisions.faults.txt", []byte(err.Error()+"\n"))
}

// A decision about something that the catalogue does not have is refused, with
// its line, and with it all the others.
func TestDecisionsFitTheCatalogue(t *testing.T) {
	rest := ", by: x, on: 2026-01-01}\n"
	for text, want := range map[string]string{
		"joins.s-a09: {value: later":                         `d:1: joins.s-a09: "s-a09" is no activity or rule of catalogue small`,
		"joins.undeclared: {value: later":                    "is no activity or rule",
		"basis.S1: {value: 6.1.b":                            "is no activity",
		"rule.s-a01: {value: S9":                             `"S9" is no retention rule`,
		"prose_over_table.undeclared: {value: S9":            `"S9" is no retention rule`,
		"trigger.S1: {value: dispute":                        `trigger "dispute" is no milestone`,
		"counts_as.dispute: {value: request":                 "is no milestone",
		"counts_as.last_contact: {value: [nothing, request]": "want nothing alone",
		"identity_floor.host9: {value: contact":              "is no system",
		"identity_floor.crm: {value: contact/fax":            `"contact/fax" is no category or element`,
	} {
		d, err := catalogue.LoadDecisions("d", strings.NewReader(text+rest))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if c, err := small(t).WithDecisions(d); err == nil || c != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", text, want, err)
		}
	}
}

// The digest is of what was decided, not of how the file looks.
func TestDecisionsDigest(t *testing.T) {
	load := func(text string) *catalogue.Decisions {
		t.Helper()
		d, err := catalogue.LoadDecisions("d", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	one := load("joins.a: {value: later, by: x, on: 2026-01-01}")
	if one.Digest() != load("# a comment\nJOINS.A: {on: 2026-01-01, by: x, value: later}\n").Digest() {
		t.Error("layout changes the digest")
	}
	if one.Digest() == load("joins.a: {value: earlier, by: x, on: 2026-01-01}").Digest() {
		t.Error("another value leaves the digest as it was")
	}
	var none *catalogue.Decisions
	if none.Digest() != load("{}").Digest() || none.All() != nil {
		t.Error("no decisions differ from an empty file of them")
	}
}

// "true" names the one rule that the prose has about a row, and a rule is found
// in either case; where there is none or there are two, it has to be named.
func TestProseOverTable(t *testing.T) {
	decide := func(text string) (*catalogue.Catalogue, error) {
		t.Helper()
		d, err := catalogue.LoadDecisions("d", strings.NewReader(text+", by: x, on: 2026-01-01}"))
		if err != nil {
			t.Fatal(err)
		}
		return osjct(t).WithDecisions(d)
	}
	for text, want := range map[string]string{
		"prose_over_table.ENQ-01: {value: true":      "RP-12",
		"prose_over_table.emp-06: {value: rp-04":     "RP-04",
		"prose_over_table.undeclared: {value: RP-04": "RP-04",
	} {
		c, err := decide(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if d := c.Decisions().All()[0]; d.Value.String() != want {
			t.Errorf("%s: %s, want %s", text, d.Value, want)
		}
	}
	for _, text := range []string{"prose_over_table.emp-06: {value: true", "prose_over_table.vol-01: {value: true", "prose_over_table.undeclared: {value: true"} {
		if _, err := decide(text); err == nil || !strings.Contains(err.Error(), "want its id") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Every shipped catalogue's decisions fit it, and all of them are defaults.
func TestShippedDecisions(t *testing.T) {
	for _, name := range catalogue.Shipped() {
		c, err := catalogue.LoadShipped(name)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, d := range c.Decisions().All() {
			if !d.Assumed() || d.Ref == "" || d.On.IsZero() {
				t.Errorf("%s: %s: a shipped decision is a default with its reference and date", name, d.Key)
			}
		}
	}
}

// FuzzDecisions: no input makes it panic, and what loads comes out as JSON that
// loads again.
func FuzzDecisions(f *testing.F) {
	for _, name := range []string{"testdata/small.decisions.yaml", "testdata/bad/decisions.yaml"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("{}"))
	c, err := catalogue.LoadFile("testdata/small.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := catalogue.LoadDecisions("fuzz", bytes.NewReader(b))
		if (d == nil) == (err == nil) {
			t.Fatalf("decisions %v with error %v", d, err)
		}
		if d == nil {
			return
		}
		keys := map[string]any{}
		for _, x := range d.All() {
			keys[x.Key] = map[string]any{"value": x.Value, "by": x.By, "on": x.On, "ref": x.Ref}
		}
		canonical, err := json.Marshal(keys)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := catalogue.LoadDecisions("again", bytes.NewReader(canonical)); err != nil {
			t.Fatalf("%v\n%s", err, canonical)
		}
		_, _ = c.WithDecisions(d)
	})
}
