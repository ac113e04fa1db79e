package api_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/ropa"
)

func (f *fakeDesk) Ropa(_ context.Context, q desk.RopaQuery) (*ropa.Record, error) {
	if f.err != nil {
		return nil, f.err
	}
	c, err := catalogue.LoadShipped("instant-connect")
	if err != nil {
		return nil, err
	}
	day, err := events.ParseDate("2025-06-30")
	if q.AsOf != 0 {
		day = q.AsOf
	}
	return ropa.Build(c, nil, day), err
}

// The record has four forms; each says what it is and is a file to keep.
func TestRopaForms(t *testing.T) {
	w := newWorld(t)
	for form, want := range map[string]struct{ media, begins string }{
		"":       {"application/json", `{"catalogue":"instant-connect"`},
		"json":   {"application/json", `{"catalogue":"instant-connect"`},
		"csv":    {"text/csv; charset=utf-8", "Business function,Purpose of processing,"},
		"xlsx":   {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK"},
		"jsonld": {"application/ld+json", "{\n  \"@context\""},
	} {
		r := w.do("GET", "/v1/ropa?as_of=2025-03-31&format="+form, access.Auditor, "")
		if r.Code != 200 || r.Header().Get("Content-Type") != want.media || !strings.HasPrefix(r.Body.String(), want.begins) {
			t.Errorf("format %q: %d %s %.60q", form, r.Code, r.Header().Get("Content-Type"), r.Body)
		}
		if name := r.Header().Get("Content-Disposition"); want.media != "application/json" && !strings.Contains(name, "record-of-processing-2025-03-31."+form) {
			t.Errorf("format %q: named %q", form, name)
		}
	}
	for path, pointer := range map[string]string{
		"/v1/ropa?format=pdf": "/format", "/v1/ropa?as_of=soon": "/as_of", "/v1/ropa/diff": "/from", "/v1/ropa/diff?from=2025-01-01&to=x": "/to", "/v1/ropa/diff?from=2025-06-30&to=2025-01-01": "/from",
	} {
		r := w.do("GET", path, access.Auditor, "")
		var p struct{ Pointer string }
		if err := json.Unmarshal(r.Body.Bytes(), &p); err != nil || r.Code != 400 || p.Pointer != pointer || strings.Contains(r.Body.String(), "pdf") { // I1: no refusal repeats a value
			t.Errorf("%s: %d %s", path, r.Code, r.Body)
		}
	}
	if r := w.do("GET", "/v1/ropa/diff?from=2025-01-01&to=2025-06-30", access.Viewer, ""); r.Code != 200 || !strings.Contains(r.Body.String(), `"changes":[]`) {
		t.Errorf("diff: %d %s", r.Code, r.Body)
	}
}
