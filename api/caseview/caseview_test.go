package caseview_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/api/caseview"
	"github.com/habeas-data/habeas/rights/cases"
	law "github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
)

// read reads the published example of a shape.
func read(t *testing.T, name string, v any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", "examples", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
}

// golden compares what people read; UPDATE_GOLDEN=1 writes it anew.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s (%v):\n%s", path, err, got)
	}
}

func TestPlanInWords(t *testing.T) {
	var v desk.CasePlan
	read(t, "case-plan", &v)
	var b bytes.Buffer
	if err := caseview.PrintPlan(&b, &v); err != nil {
		t.Fatal(err)
	}
	golden(t, "plan.txt", b.Bytes())
	p := caseview.OfPlan(&v)
	if p.Groups[0].Code != "review" || p.Ready {
		t.Errorf("what waits for a person does not stand first, or the plan looks ready: %+v", p)
	}
	v.Undecided, v.Confirmed = 0, true
	if !caseview.OfPlan(&v).Ready {
		t.Error("a plan of which nothing is open is not ready to be approved")
	}
	for name, change := range map[string]func(*desk.CasePlan){
		"forecast": func(x *desk.CasePlan) { x.Forecast = true }, "undecided": func(x *desk.CasePlan) { x.Undecided = 1 },
		"unconfirmed": func(x *desk.CasePlan) { x.Confirmed = false }, "empty": func(x *desk.CasePlan) { x.Items = nil },
	} {
		w := v
		change(&w)
		if caseview.OfPlan(&w).Ready {
			t.Errorf("a plan that is %s looks ready to be approved", name)
		}
	}
}

func TestCaseInWords(t *testing.T) {
	var v desk.CaseView
	read(t, "case", &v)
	var b bytes.Buffer
	if err := caseview.PrintCase(&b, &v); err != nil {
		t.Fatal(err)
	}
	golden(t, "case.txt", b.Bytes())
	v.Overdue, v.Simulated, v.Identity = true, true, "doubted"
	if c := caseview.OfCase(&v); len(c.First) != 3 || !c.Overdue {
		t.Errorf("what stands before anything else: %q", c.First)
	}
}

// Every code that a case can have is said in words.
func TestWordsAreWhole(t *testing.T) {
	plain := func(kind, code, words string) {
		if words == "" || words == code || (strings.Contains(code, "_") && words == strings.ReplaceAll(code, "_", " ")) {
			t.Errorf("%s %s has no words: %q", kind, code, words)
		}
	}
	for _, s := range cases.Statuses() {
		plain("status", string(s), caseview.Status(string(s)))
		if !slices.Contains(caseview.Statuses(), string(s)) {
			t.Errorf("status %s is not in the list", s)
		}
	}
	for _, s := range cases.TaskStates() {
		words, _ := caseview.TaskState(string(s.State))
		plain("task", string(s.State), words)
		if !slices.Contains(caseview.TaskStates(), string(s.State)) {
			t.Errorf("state %s is not in the list", s.State)
		}
	}
	for _, a := range cases.Acts() {
		plain("act", string(a.Act), caseview.Act(string(a.Act)))
	}
	for _, o := range law.Outcomes() {
		if caseview.Outcome(string(o)) == "" {
			t.Errorf("outcome %s has no words", o)
		}
	}
	for _, v := range cases.Verbs() {
		if caseview.Verb(string(v)) == "" {
			t.Errorf("verb %s has no words", v)
		}
	}
	for _, right := range law.Rights() {
		if !slices.Contains(caseview.Rights(), string(right)) {
			t.Errorf("right %s is not in the list", right)
		}
	}
}

func TestTaskCounts(t *testing.T) {
	if got := strings.Join(caseview.Tasks(map[string]int{"verified": 2, "failed": 1}), "; "); got != "Failed: 1; Done and proven: 2" {
		t.Errorf("counted as %q", got)
	}
}
