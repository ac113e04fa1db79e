package api_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

var someFinding = desk.FindingLine{ID: strings.Repeat("a", 32), Rule: "RECIPIENT_UNDECLARED", Aliases: []string{}, Verdict: "error", Status: "open",
	About: map[string]string{"system": "crm", "recipient": "adnet", "channel": "email"}, At: 1, Text: `data went, it says, to "somebody"`}

func init() {
	bodies["POST /v1/findings"] = `{"id":"` + someFinding.ID + `","outcome":"accepted","reason":"known"}`
}

func (f *fakeDesk) Findings(_ context.Context, q desk.FindingQuery, emit func(*desk.FindingLine) error) (*desk.FindingPage, error) {
	if f.err != nil {
		return nil, f.err
	}
	n := 3
	if q.Limit > 0 {
		n = min(n, q.Limit)
	}
	for i := range n {
		one := someFinding
		one.About = map[string]string{"system": string(q.System), "recipient": fmt.Sprint("adnet-", i), "channel": "email"}
		if err := emit(&one); err != nil {
			return nil, err
		}
	}
	return &desk.FindingPage{Findings: []desk.FindingLine{}, Counts: map[string]int{"error": n}, Left: []events.Unknown{}, LeftOut: []string{}}, nil
}

func (f *fakeDesk) Finding(_ context.Context, _ access.Caller, _ string) (*desk.FindingView, error) {
	one := someFinding
	return &desk.FindingView{Finding: one, Words: events.Glossary{}}, f.err
}

func (f *fakeDesk) DecideFinding(_ context.Context, o desk.FindingOrder) (*desk.FindingView, error) {
	one := someFinding
	one.Status = string(o.Outcome)
	return &desk.FindingView{Finding: one, Words: events.Glossary{}}, f.err
}

// The list comes in pages, as lines and as CSV; each is whole or ends in a
// problem.
func TestFindingsForms(t *testing.T) {
	w := newWorld(t)
	rec := w.do("GET", "/v1/findings?system=crm&limit=2", access.DPO, "")
	var page desk.FindingPage
	if err := json.Unmarshal(rec.Body.Bytes(), &page); err != nil || rec.Code != 200 || len(page.Findings) != 2 || page.Findings[0].About["system"] != "crm" {
		t.Fatalf("%d %s: %v", rec.Code, rec.Body, err)
	}
	rec = w.do("GET", "/v1/findings?format=csv", access.DPO, "")
	rows, err := csv.NewReader(rec.Body).ReadAll()
	if err != nil || len(rows) != 4 || rows[0][0] != "id" || rows[1][8] != "adnet-0" || rows[1][11] != "channel=email" || rows[1][18] != someFinding.Text {
		t.Fatalf("%v %q", err, rows)
	}
	for path, want := range map[string]string{"/v1/findings?limit=x": "/limit", "/v1/findings?format=pdf": "/format", "/v1/findings?as_of=soon": "/as_of", "/v1/findings?system=No%20Code!": "/system"} {
		rec := w.do("GET", path, access.DPO, "")
		var p struct{ Pointer string }
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != 400 || p.Pointer != want {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
	w.desk.err = desk.ErrNotRecorded
	for _, path := range []string{"/v1/findings", "/v1/findings?format=csv"} {
		if got := code(t, w.do("GET", path, access.DPO, "")); got != "look.not_recorded" {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// A decision needs its own permission, and a finding that shows.
func TestFindingDecision(t *testing.T) {
	w := newWorld(t)
	body := `{"id":"` + someFinding.ID + `","outcome":"accepted","reason":"known","review":"2027-01-01"}`
	rec := w.do("POST", "/v1/findings", access.DPO, body)
	var v desk.FindingView
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil || rec.Code != 200 || v.Finding.Status != "accepted" {
		t.Fatalf("%d %s: %v", rec.Code, rec.Body, err)
	}
	if rec := w.do("POST", "/v1/findings", access.Caseworker, body); rec.Code != 403 {
		t.Errorf("a caseworker decides: %d", rec.Code)
	}
	if rec := w.do("GET", "/v1/findings/"+someFinding.ID, access.Engineer, ""); rec.Code != 200 {
		t.Errorf("an engineer may see one: %d %s", rec.Code, rec.Body)
	}
	w.desk.err = desk.ErrGone
	if got := code(t, w.do("POST", "/v1/findings", access.DPO, body)); got != "finding.unknown" {
		t.Errorf("decided about nothing: %s", got)
	}
}
