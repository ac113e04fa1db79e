package catalogue

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// The published schemas are what the model gives. To write them after a change:
// HABEAS_GOLDEN=write go test ./catalogue -run Schema
func TestPublishedSchemas(t *testing.T) {
	for name, got := range map[string][]byte{"catalogue.schema.json": catalogueSchema(t), "catalogue.decisions.schema.json": decisionsSchema(t)} {
		path := filepath.Join("..", "docs", "schemas", name)
		if os.Getenv("HABEAS_GOLDEN") == "write" {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the model gives (%v)", path, err)
		}
	}
}

func compiled(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("urn:test", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:test")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON turns YAML into what a JSON validator sees.
func asJSON(t *testing.T, n *yaml.Node) any {
	t.Helper()
	switch n.Kind {
	case yaml.DocumentNode:
		return asJSON(t, n.Content[0])
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = asJSON(t, n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		l := []any{}
		for _, e := range n.Content {
			l = append(l, asJSON(t, e))
		}
		return l
	}
	switch n.Tag {
	case "!!bool":
		return n.Value == "true"
	case "!!int", "!!float":
		if _, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return json.Number(n.Value)
		}
	case "!!null":
		return nil
	}
	return n.Value
}

func validate(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return s.Validate(asJSON(t, &doc))
}

// Every catalogue that is shipped is one by the published schema too, and so are
// its decisions and the canonical form.
func TestShippedFitTheSchemas(t *testing.T) {
	cat, dec := compiled(t, catalogueSchema(t)), compiled(t, decisionsSchema(t))
	files, err := filepath.Glob("notices/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(files, "testdata/small.yaml", "testdata/small.decisions.yaml", "testdata/small.json") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := cat
		if strings.HasSuffix(path, ".decisions.yaml") {
			s = dec
		}
		if err := validate(t, s, text); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// What is wrong in a way that a schema can see is refused by the schema and by
// the loader alike.
func TestSchemaRefusesWhatTheLoaderRefuses(t *testing.T) {
	s := compiled(t, catalogueSchema(t))
	text, err := os.ReadFile("notices/osjct.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []struct{ what, old, new string }{
		{"a key is missing", "title: Orders", "#"},
		{"a key is unknown", "title: Orders", "headline: x\ntitle: Orders"},
		{"a word is none of the list", "kind: processor", "kind: helper"},
		{"a period is none", "period: P8Y", "period: 8 years"},
		{"two triggers have no join", "join: none_stated, ", ""},
		{"a join has one trigger", "trigger: employment_end, ", "trigger: employment_end, join: later, "},
		{"trigger and triggers", "triggers: [discharge", "trigger: death, triggers: [discharge"},
		{"a special category has no kind", "    kind: health\n", ""},
		{"a kind without special", "    special: true\n    kind: health\n", "    kind: health\n"},
		{"a basis is none of Article 6", `lawful_basis: [6.1.d]`, `lawful_basis: [6.1.z]`},
		{"a condition is none of Article 9", `{article: 9.2.h`, `{article: 9.2.z`},
		{"a schedule is none", "dpa-s1-p8", "schedule-1"},
		{"lines are none", `lines: "145-155"`, `lines: "one"`},
		{"a code has a space", "id: care-records", "id: care records"},
		{"a country is none", "country: us", "country: usa"},
		{"yes for true", "large_scale: true", `large_scale: "yes"`},
		{"a term is no term", `dpv: ["pd:Picture"]`, "dpv: [picture]"},
		{"period and without end", "indefinite: true", "indefinite: true, period: P1Y"},
		{"a location rule says nothing", "regions: [uk, eu], ", ""},
		{"an empty element", "items: [name, gender", "items: [{name: name}, gender"},
	} {
		mutated := strings.Replace(string(text), m.old, m.new, 1)
		if mutated == string(text) {
			t.Errorf("%s: %q is not in the file", m.what, m.old)
			continue
		}
		if err := validate(t, s, []byte(mutated)); err == nil {
			t.Errorf("%s: the schema takes it", m.what)
		}
		c, err := Load("osjct.yaml", strings.NewReader(mutated))
		if c != nil || err == nil {
			t.Errorf("%s: the loader takes it", m.what)
			continue
		}
		if faults, ok := err.(Errors); !ok || faults[0].Line == 0 {
			t.Errorf("%s: no line in %v", m.what, err)
		}
	}
}

// Likewise for decisions.
func TestDecisionsSchemaRefuses(t *testing.T) {
	s := compiled(t, decisionsSchema(t))
	rest := ", by: x, on: 2026-01-01}"
	for _, line := range []string{"joins.a: {value: sooner" + rest, "joins: {value: later" + rest, "later.a: {value: later" + rest, "joins.a: {value: later, by: x}",
		"joins.a: {value: later, why: so" + rest, "after_trigger.a: {value: claims" + rest, "after_trigger.a: {value: {ground: habit}" + rest,
		"period.a: {value: 7 years" + rest, "financial_year_end: {value: 31-03" + rest, "counts_as.a: {value: []" + rest, "basis.a: {value: 6.1.z" + rest} {
		if err := validate(t, s, []byte(line)); err == nil {
			t.Errorf("%s: the schema takes it", line)
		}
		if _, err := LoadDecisions("d", strings.NewReader(line)); err == nil {
			t.Errorf("%s: the loader takes it", line)
		}
	}
}
