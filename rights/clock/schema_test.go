package clock_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/habeas-data/habeas/rights/clock"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema compiles one of the published schemas and returns its examples.
func schema(t *testing.T, name string) (*jsonschema.Schema, []any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "schemas", name))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("urn:test", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:test")
	if err != nil {
		t.Fatal(err)
	}
	return s, doc.(map[string]any)["examples"].([]any)
}

// TestDeadlineSchema: every golden, and the example, is what the schema says.
func TestDeadlineSchema(t *testing.T) {
	s, examples := schema(t, "deadline.schema.json")
	files, err := filepath.Glob("testdata/golden/*.json")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		examples = append(examples, doc)
	}
	for i, e := range examples {
		if err := s.Validate(e); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if s.Validate(map[string]any{"due": "2026-04-24"}) == nil {
		t.Error("an answer without its reasons passes")
	}
}

// TestCalendarSchema: what the schema shows the loader takes, and the shipped file
// is one of its forms.
func TestCalendarSchema(t *testing.T) {
	s, examples := schema(t, "calendar.schema.json")
	shipped, err := os.ReadFile("holidays.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{govuk, ireland, string(shipped)} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
		if err != nil {
			t.Fatal(err)
		}
		examples = append(examples, doc)
	}
	for i, e := range examples {
		if err := s.Validate(e); err != nil {
			t.Errorf("%d: %v", i, err)
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := clock.Load(text); err != nil {
			t.Errorf("%d: the loader refuses it: %v", i, err)
		}
	}
}
