package rules

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
)

// An edit changes the good catalogue: new in place of old. Where old ends in a
// colon it is the key of a list, and new is put before what follows it.
type edit struct{ old, new string }

// into adds an entry to a list of the catalogue.
func into(list, entry string) edit {
	return edit{"\n" + list + ":\n", "\n" + list + ":\n  - {" + entry + "}\n"}
}

func stated(entry string) edit { return into("statements", entry+`, lines: "90"`) }

// A mutation puts one fault into the good catalogue.
type mutation struct {
	rule    string
	verdict Verdict
	edits   []edit
	along   []string // rules that the same fault breaks at error level too
}

func good(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func load(t *testing.T, text string) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load("good.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return c
}

// TestGoodCatalogue: where nothing is wrong no rule says anything.
func TestGoodCatalogue(t *testing.T) {
	for _, f := range Check(load(t, good(t))) {
		t.Errorf("%s %s: %s", f.Verdict, f.Rule, f.Text)
	}
}

// TestMutations: each fault, put into the good catalogue alone, is found by its
// rule with its verdict, and nothing else is found at the level of an error.
func TestMutations(t *testing.T) {
	for _, m := range mutations() {
		text := good(t)
		for _, e := range m.edits {
			if !strings.Contains(text, e.old) {
				t.Fatalf("%s: nothing to edit: %q", m.rule, e.old)
			}
			text = strings.Replace(text, e.old, e.new, 1)
		}
		found := false
		for _, f := range Check(load(t, text)) {
			switch {
			case f.Is(m.rule):
				if f.Verdict == m.verdict {
					found = true
				}
			case f.Verdict == Error && !slices.Contains(m.along, f.Rule):
				t.Errorf("%s: also an error: %s %s", m.rule, f.Rule, f.Text)
			}
		}
		if !found {
			t.Errorf("%s: not found with verdict %s", m.rule, m.verdict)
		}
	}
}

// TestEveryRuleHasAMutation: a rule without a fault that it finds is untested.
func TestEveryRuleHasAMutation(t *testing.T) {
	tested := map[string]bool{}
	for _, m := range mutations() {
		tested[canonical(m.rule)] = true
	}
	for _, r := range All() {
		if !tested[r.ID] {
			t.Errorf("%s: no mutation shows that it finds its fault", r.ID)
		}
	}
}

// TestNames: a name or an alias stands for one rule only, and there are at least
// 60 rules.
func TestNames(t *testing.T) {
	seen := map[string]string{}
	for _, r := range All() {
		for _, n := range append([]string{r.ID}, r.Aliases...) {
			if seen[n] != "" {
				t.Errorf("%s is a name of %s and of %s", n, seen[n], r.ID)
			}
			seen[n] = r.ID
		}
		if r.Title == "" || r.Source == "" || r.Remedy == "" || r.find == nil {
			t.Errorf("%s is incomplete", r.ID)
		}
	}
	if len(All()) < 60 {
		t.Errorf("%d rules", len(All()))
	}
}
