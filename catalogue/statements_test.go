package catalogue

import (
	"os"
	"strings"
	"testing"
)

// TestStatementFaults: a statement of a wrong form refuses the whole catalogue,
// with its line and what was expected.
func TestStatementFaults(t *testing.T) {
	b, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	small, _, _ := strings.Cut(string(b), "\nstatements:")
	lines := strings.Count(small, "\n") + 3 // the entry, two lines below the last
	for _, c := range []struct{ entry, want string }{
		{`{claim: list, lines: "1"}`, `key "about" is missing`},
		{`{about: weather, lines: "1"}`, `"weather": want one of anonymous, automated`},
		{`{about: breach, claim: kept, lines: "1"}`, `statement about breach: claim "kept": want one of told`},
		{`{about: breach, lines: "1"}`, `statement about breach: claim "": want one of told`},
		{`{about: breach, claim: told}`, `statement about breach: key "lines" is missing`},
		{`{about: sharing, claim: list, lines: "1"}`, `statement about sharing list: key "recipients" is missing`},
		{`{about: sharing, claim: list, recipients: [nobody], lines: "1"}`, `recipient "nobody" is not defined`},
		{`{about: collected, categories: [dreams], lines: "1"}`, `category "dreams" is not defined`},
		{`{about: collected, categories: [contact], items: [dream], lines: "1"}`, `item "dream" is not an item of the categories`},
		{`{about: used, categories: [contact], activities: [s-a99], lines: "1"}`, `activity "s-a99" is not defined`},
		{`{about: source, claim: asked, sources: [oracle], lines: "1"}`, `source "oracle" is not defined`},
		{`{about: basis, lawful_basis: [luck], lines: "1"}`, `lawful basis "luck": want one of`},
		{`{about: condition_text, activities: [s-a01], conditions: [9.9], lines: "1"}`, `condition "9.9": want an article`},
		{`{about: retention, claim: fixed, lines: "1"}`, `statement about retention fixed: key "period" is missing`},
		{`{about: retention, claim: fixed, period: P1Y, trigger: eclipse, lines: "1"}`, `trigger "eclipse" is neither a milestone nor a circumstance`},
		{`{about: transfer, claim: none_outside, lines: "1"}`, `statement about transfer none_outside: key "area" is missing`},
		{`{about: transfer, claim: may, area: xx, lines: "1"}`, `country "xx"`},
		{`{about: breach, claim: told, mood: calm, lines: "1"}`, `unknown key "mood"`},
	} {
		text := small + "\nstatements:\n  - " + c.entry + "\n"
		_, err := Load("small.yaml", strings.NewReader(text))
		list, ok := err.(Errors)
		if !ok {
			t.Errorf("%s: loaded, or failed otherwise: %v", c.entry, err)
			continue
		}
		found := false
		for _, e := range list {
			found = found || e.Line == lines && strings.Contains(e.Text, c.want)
		}
		if !found {
			t.Errorf("%s: want line %d: %s; got\n%v", c.entry, lines, c.want, err)
		}
	}
}

// TestStatementsAbout: statements are found by topic and by claim, in order.
func TestStatementsAbout(t *testing.T) {
	c, err := LoadShipped("osjct")
	if err != nil {
		t.Fatal(err)
	}
	lists := c.StatementsAbout(AboutSharing, "list")
	if len(lists) < 3 {
		t.Fatalf("%d lists of recipients", len(lists))
	}
	for _, s := range lists {
		if s.About != AboutSharing || s.Claim != "list" || len(s.Recipients) == 0 {
			t.Errorf("%+v", s)
		}
	}
	if all := c.StatementsAbout(AboutSharing); len(all) <= len(lists) {
		t.Errorf("%d of every claim, %d lists", len(all), len(lists))
	}
}
