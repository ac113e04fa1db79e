package api_test

import (
	"encoding/json"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/events"
)

// A question may name a day or a moment; what is neither is answered with both
// forms and its place.
func TestMomentsOfAQuestion(t *testing.T) {
	w := newWorld(t)
	day, err := events.ParseDate("2026-03-01")
	if err != nil {
		t.Fatal(err)
	}
	body := func(more string) string { return `{"ref":"r1",` + more + `}` }
	if rec := w.do("POST", "/v1/footprint", access.DPO, body(`"as_of":"2026-03-01","as_known":"2026-03-01"`)); rec.Code != 200 || w.desk.query.AsOfDay != day || w.desk.query.AsKnown.Day != day {
		t.Errorf("a day: %d, %+v", rec.Code, w.desk.query.AsKnown)
	}
	if rec := w.do("POST", "/v1/history", access.DPO, body(`"as_of":"2026-03-01T10:00:00Z"`)); rec.Code != 200 || w.desk.query.AsOf.String() != "2026-03-01T10:00:00Z" || w.desk.query.AsOfDay != 0 {
		t.Errorf("a moment: %d, %s", rec.Code, w.desk.query.AsOf)
	}
	for more, want := range map[string]string{`"as_of":"March"`: "/as_of", `"as_known":"March"`: "/as_known"} {
		rec := w.do("POST", "/v1/footprint", access.DPO, body(more))
		var p api.Problem
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != 400 || p.Pointer != want || p.Detail == "" {
			t.Errorf("%s: %d %s %s", more, rec.Code, p.Pointer, p.Detail)
		}
	}
}

// The record names the tokens that acted and that were acted on, also after a
// token was revoked: its name stays known.
func TestAuditNamesTokens(t *testing.T) {
	w := newWorld(t)
	rec := w.do("POST", "/v1/tokens", access.Admin, `{"name":"sam","roles":["viewer"]}`)
	var made struct {
		Token access.Token `json:"token"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil || made.Token.ID == "" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	w.do("DELETE", "/v1/tokens/"+string(made.Token.ID), access.Admin, "")
	var page api.AuditPage
	if err := json.Unmarshal(w.do("GET", "/v1/audit?act=token.revoke", access.Auditor, "").Body.Bytes(), &page); err != nil || len(page.Entries) != 1 {
		t.Fatal(page, err)
	}
	e := page.Entries[0].Entry
	if e.Target != made.Token.ID || page.Names[e.Target] != "sam" || page.Names[e.Actor] == "" || page.Who(e.Target) != "sam ("+string(e.Target)+")" || page.Who("gone") != "gone" {
		t.Errorf("names: %v", page.Names)
	}
}
