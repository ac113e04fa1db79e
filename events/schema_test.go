package events_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/eventstest"
)

// The published schema is what the decoder's table gives. To write it after a
// change of the table: HABEAS_GOLDEN=write go test ./events -run Schema
func TestPublishedSchema(t *testing.T) {
	got := events.JSONSchema()
	for _, path := range []string{filepath.Join("testdata", "event.schema.json"), filepath.Join("..", "docs", "schemas", "event.schema.json")} {
		if os.Getenv("HABEAS_GOLDEN") == "write" {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the table gives (%v)", path, err)
		}
	}
}

// The schema names every kind and every field, each with a sentence for the
// engineer who reads it, and points only at what it defines.
func TestSchemaIsWhole(t *testing.T) {
	var schema struct {
		Defs map[string]struct {
			Properties map[string]struct {
				Description string `json:"description"`
			} `json:"properties"`
			Required   []string `json:"required"`
			Additional any      `json:"additionalProperties"`
		} `json:"$defs"`
	}
	raw := events.JSONSchema()
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	for _, k := range eventstest.Kinds() {
		def := schema.Defs[k.String()]
		if def.Additional != false {
			t.Errorf("%s is open to other fields", k)
		}
		names := events.MemberNames(k)
		if len(names) != len(def.Properties) {
			t.Errorf("%s has %d fields, its schema %d", k, len(names), len(def.Properties))
		}
		needed := 0
		for _, name := range names {
			name, must := strings.CutSuffix(name, "!")
			if must {
				needed++
			}
			if !strings.HasSuffix(def.Properties[name].Description, ".") {
				t.Errorf("%s.%s has no sentence", k, name)
			}
		}
		if needed != len(def.Required) {
			t.Errorf("%s needs %d fields, its schema %v", k, needed, def.Required)
		}
	}
	for _, part := range strings.Split(string(raw), `"#/$defs/`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if _, ok := schema.Defs[name]; !ok {
			t.Errorf("the schema points at %s, which it does not define", name)
		}
	}
}
