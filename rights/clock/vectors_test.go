package clock_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
)

// A vector is one case with its dates: those the regulator and the law's readers
// give (U, E, C, B, P, L, S), and ours of the same kind (H).
type vector struct {
	ID, What       string
	Regime         clock.Regime
	Right          clock.Right
	Nation         clock.Nation
	Received       string
	Identity       events.Date
	Authority      events.Date
	Fee            events.Date
	Clarifications []string
	Extended       bool
	Want           map[string]any
}

func (v *vector) facts(t *testing.T) clock.Facts {
	t.Helper()
	f := clock.Facts{Regime: v.Regime, Right: v.Right, Nation: v.Nation, Identity: v.Identity, Authority: v.Authority, Fee: v.Fee, Extended: v.Extended}
	if at, err := time.Parse(time.RFC3339, v.Received); err == nil {
		f.Aware, f.Received = at, events.DateOf(at)
	} else {
		f.Received = date(t, v.Received)
	}
	for _, c := range v.Clarifications {
		from, to, _ := strings.Cut(c, "..")
		f.Clarifications = append(f.Clarifications, clock.Span{Asked: date(t, from), Answered: date(t, to)})
	}
	return f
}

func date(t *testing.T, s string) events.Date {
	t.Helper()
	d, err := events.ParseDate(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return d
}

func vectors(t *testing.T) []vector {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		t.Fatal(err)
	}
	return file.Vectors
}

// asJSON is an answer as a program reads it.
func asJSON(t *testing.T, a *clock.Answer) map[string]any {
	t.Helper()
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestVectors(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range vectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			if seen[v.ID] {
				t.Fatal("stands twice")
			}
			seen[v.ID] = true
			a, err := clock.Deadline(v.facts(t), clock.Shipped(), clock.Defaults)
			if err != nil {
				t.Fatal(err)
			}
			got := asJSON(t, a)
			if v.Want["horizon"] == nil {
				v.Want["horizon"] = "ok"
			}
			for field, want := range v.Want {
				if got[field] != want {
					t.Errorf("%s: %s is %v, want %v\n%s", v.What, field, got[field], want, strings.Join(a.Why, "\n"))
				}
			}
		})
	}
	if len(seen) < 50 {
		t.Errorf("only %d vectors", len(seen))
	}
}
