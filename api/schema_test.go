package api_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// published are the shapes with a schema of their own under docs/schemas. The
// example of each stands in testdata/examples.
func published() []shape {
	return []shape{
		{"case-new", "New case", "What records a request: the body of POST /v1/cases.", reflect.TypeFor[api.NewCase]()},
		{"case-opened", "Opened case", "What recording a request gives: the id of the case and its last day.", reflect.TypeFor[desk.CaseOpened]()},
		{"case-list", "Case list", "A page of cases: rights, dates and states, never names.", reflect.TypeFor[desk.CaseList]()},
		{"case", "Case", "One case with its clocks, steps, letters and tasks: the answer of habeas case show --json.", reflect.TypeFor[desk.CaseView]()},
		{"case-plan", "Case plan", "What is proposed and decided for each holding: the answer of habeas case plan --json.", reflect.TypeFor[desk.CasePlan]()},
		{"case-decision", "Case decision", "A decision about items of a plan: the body of POST /v1/cases/{id}/decide.", reflect.TypeFor[api.CaseDecision]()},
		{"case-done", "Case act", "What became of a case by one act.", reflect.TypeFor[desk.CaseDone]()},
		{"case-run", "Case run", "What carrying out an approved plan made.", reflect.TypeFor[desk.RunView]()},
		{"case-package", "Case package", "What a package is, never what is in it.", reflect.TypeFor[desk.PackageView]()},
		{"task-list", "Task list", "A page of tasks: targets, verbs and states, never names.", reflect.TypeFor[desk.TaskPage]()},
		{"task", "Task", "One task with what it asks for and what was reported: the answer of habeas tasks show --json.", reflect.TypeFor[desk.TaskShown]()},
		{"task-claim", "Task claim", "What a system asks for when it takes tasks.", reflect.TypeFor[events.WorkClaim]()},
		{"task-work", "Claimed tasks", "The tasks that a system was given, live and to it alone. It holds personal data.", reflect.TypeFor[events.WorkList]()},
		{"task-report", "Task report", "What a system says became of a task.", reflect.TypeFor[events.WorkReport]()},
		{"task-reported", "Reported task", "What became of a task by a report.", reflect.TypeFor[events.WorkReported]()},
		{"footprint", "Footprint", "What is held about one person: the answer of habeas footprint --json.", reflect.TypeFor[events.Footprint]()},
		{"history", "History", "One person's timeline: the answer of habeas history --json.", reflect.TypeFor[events.History]()},
		{"retention-due", "What is due", "What has ended by a day: the answer of habeas retention due --json.", reflect.TypeFor[desk.DuePage]()},
		{"findings", "Findings", "Where observed and declared disagree: the answer of habeas findings --json.", reflect.TypeFor[desk.FindingPage]()},
		{"consent", "Consent state", "A consent or an objection that stands, as footprints tell it.", reflect.TypeFor[events.ConsentState]()},
		{"hold", "Hold", "One hold, as habeas hold list --json tells it.", reflect.TypeFor[desk.HoldView]()},
	}
}

type shape struct {
	name, title, description string
	of                       reflect.Type
}

// The schemas are made from the types that the server answers with, and the
// example of each is one of those answers. UPDATE_GOLDEN=1 writes them anew.
func TestPublishedSchemas(t *testing.T) {
	for _, x := range published() {
		t.Run(x.name, func(t *testing.T) {
			example := exampleOf(t, x)
			got, err := api.Schema(x.name, x.title, x.description, x.of, example)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("..", "docs", "schemas", x.name+".schema.json")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s is not what the types say (%v); if that is meant, run the test with UPDATE_GOLDEN=1", path, err)
			}
			validate(t, want)
		})
	}
}

// exampleOf reads an example strictly into its type, and gives it as the server
// would write it: with each member that is always there.
func exampleOf(t *testing.T, x shape) any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "examples", x.name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if x.of == reflect.TypeFor[events.WorkReport]() { // its texts are hidden when written, and read at the gateway
		var doc any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	v := reflect.New(x.of)
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v.Interface()); err != nil {
		t.Fatalf("the example is none of %s: %v", x.of, err)
	}
	return v.Interface()
}

func validate(t *testing.T, text []byte) {
	t.Helper()
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
	examples := doc.(map[string]any)["examples"].([]any)
	for _, e := range examples {
		if err := s.Validate(e); err != nil {
			t.Error(err)
		}
	}
	if s.Validate(map[string]any{"surprise": 1, "case": 3, "task": 3, "cases": 3, "holdings": 3, "state": 3, "attempt": "x", "rights": 3, "entries": 3, "items": "x", "findings": 3, "id": 3, "max": "x", "tasks": 3}) == nil {
		t.Error("what is no answer passes")
	}
}
