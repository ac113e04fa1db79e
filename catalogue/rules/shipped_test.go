package rules

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
)

// A listed finding is one that a person found by reading.
type listedFinding struct {
	notice, number, rule, reader, given string
	where                               []string
	lines                               catalogue.Lines
	text                                string
}

func readListed(t *testing.T) (list []listedFinding) {
	t.Helper()
	b, err := os.ReadFile("testdata/listed.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "|")
		if len(f) != 7 {
			t.Fatalf("want 7 columns: %s", line)
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		l := listedFinding{notice: f[0], number: f[1], rule: f[2], reader: f[3], given: f[4], where: strings.Fields(f[5]), text: line}
		if f[6] != "" {
			if err := l.lines.UnmarshalText([]byte(strings.Join(strings.Fields(f[6]), ", "))); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
		}
		list = append(list, l)
	}
	return list
}

// TestListedFindings: what readers found in the shipped notices and listed by
// name is found by rule, at the same place and with the verdict that the table
// says. The verdict may differ from the reader's only for the rules named below.
func TestListedFindings(t *testing.T) {
	found := map[string][]Finding{}
	for _, n := range catalogue.Shipped() {
		c, err := catalogue.LoadShipped(n)
		if err != nil {
			t.Fatal(err)
		}
		found[n] = Check(c)
	}
	for _, l := range readListed(t) {
		if _, ok := found[l.notice]; !ok {
			t.Errorf("no catalogue %s is shipped", l.notice)
			continue
		}
		l.check(t, found[l.notice])
	}
}

func (l listedFinding) check(t *testing.T, found []Finding) {
	t.Helper()
	var places []string
	var ranges catalogue.Lines
	n := 0
	for i := range found {
		if f := &found[i]; f.Is(l.rule) && f.Verdict.String() == l.given {
			n++
			places = append(places, strings.Fields(f.Where())...)
			ranges = append(ranges, f.Ranges...)
		}
	}
	if n == 0 {
		t.Errorf("not found: %s", l.text)
		return
	}
	for _, w := range l.where {
		if !contains(places, w) {
			t.Errorf("not at %s: %s", w, l.text)
		}
	}
	for _, r := range l.lines {
		if !crosses(ranges, catalogue.Lines{r}) {
			t.Errorf("no line of %d-%d: %s", r.From, r.To, l.text)
		}
	}
	if _, merged := mergedVerdicts[canonical(l.rule)]; l.reader != l.given && !merged {
		t.Errorf("the reader says %s, the rule %s: %s", l.reader, l.given, l.text)
	}
}

func contains(list []string, w string) bool {
	for _, x := range list {
		if strings.EqualFold(x, w) {
			return true
		}
	}
	return false
}

func canonical(name string) string {
	r, _ := Named(name)
	return r.ID
}

// TestFindingsOfShipped: every finding on a shipped notice stands at a place
// that the catalogue has, with a text and a remedy, and no two are the same.
func TestFindingsOfShipped(t *testing.T) {
	for _, n := range catalogue.Shipped() {
		c, err := catalogue.LoadShipped(n)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, f := range Check(c) {
			key := f.Rule + f.Where() + f.Text + f.Lines.String()
			if seen[key] {
				t.Errorf("%s: twice: %s %s", n, f.Rule, f.Text)
			}
			seen[key] = true
			if f.Text == "" || f.Remedy == "" || f.Verdict < Info || f.Verdict > Error {
				t.Errorf("%s: incomplete: %+v", n, f)
			}
			for _, line := range f.Lines {
				if c.Notice.Length > 0 && line > c.Notice.Length {
					t.Errorf("%s: %s points to line %s of %d", n, f.Rule, strconv.Itoa(line), c.Notice.Length)
				}
			}
		}
	}
}

// TestPageOfRules: docs/findings.md is what the table of rules says.
// HABEAS_GOLDEN=write renews it.
func TestPageOfRules(t *testing.T) {
	const page = "../../docs/findings.md"
	if os.Getenv("HABEAS_GOLDEN") == "write" {
		if err := os.WriteFile(page, []byte(Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != Markdown() {
		t.Errorf("%s is not what the rules say; renew it with HABEAS_GOLDEN=write", page)
	}
}

// TestDecidedFindings: a finding that the decisions file settles says how, and
// that nobody has adopted it; it is not silenced.
func TestDecidedFindings(t *testing.T) {
	c, err := catalogue.LoadShipped("osjct")
	if err != nil {
		t.Fatal(err)
	}
	joins, years := 0, 0
	for _, f := range Check(c) {
		switch {
		case f.Rule == "RET_TRIGGER_AMBIGUOUS_OR" && f.Activity == "RES-01":
			joins++
			if f.Decided != "later (assumed)" {
				t.Errorf("%s: decided %q", f.Text, f.Decided)
			}
		case f.Rule == "RET_PARAMETER_MISSING":
			years++
			if f.Decided != "03-31 (assumed)" {
				t.Errorf("%s: decided %q", f.Text, f.Decided)
			}
		case f.Rule == "RET_NO_ROW" && f.Decided != "":
			t.Errorf("%s: decided %q", f.Text, f.Decided)
		}
	}
	if joins != 1 || years != 2 {
		t.Errorf("%d joins, %d years", joins, years)
	}
}

// TestVerdicts: they are ordered, read back what they write, and "fail" is error.
func TestVerdicts(t *testing.T) {
	for v := Info; v <= Error; v++ {
		b, _ := v.MarshalText()
		var w Verdict
		if err := w.UnmarshalText(b); err != nil || w != v {
			t.Errorf("%s reads back as %v, %v", b, w, err)
		}
	}
	var v Verdict
	if v.UnmarshalText([]byte("FAIL")) != nil || v != Error {
		t.Errorf("fail is %v", v)
	}
	if v.UnmarshalText([]byte("grave")) == nil {
		t.Error("an unknown verdict was taken")
	}
}

// TestCheckIsPure: two runs say the same, and the catalogue stays as it was.
func TestCheckIsPure(t *testing.T) {
	c, err := catalogue.LoadShipped("osjct")
	if err != nil {
		t.Fatal(err)
	}
	before, first := mustJSON(t, c), mustJSON(t, Check(c))
	if again := mustJSON(t, Check(c)); again != first {
		t.Error("a second run says something else")
	}
	if mustJSON(t, c) != before {
		t.Error("the catalogue was changed")
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
