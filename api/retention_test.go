package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

var errBroken = errors.New("broken")

// Due tells as many items as the question's system says in letters.
func (d *fakeDesk) Due(_ context.Context, q desk.DueQuery, emit func(*desk.DueItem) error) (*desk.DuePage, error) {
	switch q.System {
	case "fuse":
		return nil, &desk.Fuse{Code: "DISPOSAL_FUSE", Text: "too many"}
	case "broken":
		return nil, errBroken
	}
	for range len(q.System) {
		if err := emit(&desk.DueItem{Holding: "h", Person: "p", System: string(q.System)}); err != nil {
			return nil, err
		}
		if q.Limit == 1 {
			return &desk.DuePage{On: q.On, Next: "more", AsOf: events.AsOf{Position: "1-1-0"}}, nil
		}
		if q.System == "halfway" {
			return nil, errBroken
		}
	}
	return &desk.DuePage{On: q.On, AsOf: events.AsOf{Position: "1-1-0"}}, nil
}

func (d *fakeDesk) Forecast(_ context.Context, _ access.Caller, from events.Date) (*desk.Forecast, error) {
	return &desk.Forecast{From: from}, nil
}
func (d *fakeDesk) Waiting(context.Context, access.Caller) (*desk.WaitingList, error) {
	return &desk.WaitingList{}, nil
}
func (d *fakeDesk) PlaceHold(_ context.Context, o desk.HoldOrder) (desk.HoldView, error) {
	return desk.HoldView{ID: "h1", System: string(o.System), Category: o.Category.String(), Owner: o.Owner.Expose(), Review: o.Review, From: o.From, To: o.To}, nil
}
func (d *fakeDesk) LiftHold(_ context.Context, _ access.Caller, id string, _ events.Plaintext) (desk.Lifted, error) {
	if id == "lifted" {
		return desk.Lifted{}, desk.ErrGone
	}
	return desk.Lifted{Hold: id}, nil
}
func (d *fakeDesk) Holds(context.Context, access.Caller) (desk.HoldList, error) {
	return desk.HoldList{}, nil
}
func (d *fakeDesk) Propose(_ context.Context, o desk.DisposalOrder) (desk.DisposalView, error) {
	if o.System == "none" {
		return desk.DisposalView{}, desk.ErrGone
	}
	return desk.DisposalView{ID: "b1", On: o.On}, nil
}
func init() {
	bodies["POST /v1/retention/due"] = `{"on":"2025-03-14"}`
	bodies["POST /v1/retention/batches"] = `{"on":"2025-03-14"}`
	bodies["POST /v1/holds"] = `{"system":"hr","ground":"claims","owner":"Legal","review":"2027-01-01"}`
	bodies["POST /v1/holds/{id}/lift"] = `{"reason":"settled"}`
}

func (d *fakeDesk) ApproveDisposal(_ context.Context, _ access.Caller, id string) (desk.DisposalView, error) {
	switch id {
	case "mine":
		return desk.DisposalView{}, fmt.Errorf("%w: somebody else than the proposer approves", desk.ErrForbidden)
	case "none":
		return desk.DisposalView{}, desk.ErrGone
	}
	return desk.DisposalView{ID: id}, nil
}
func (d *fakeDesk) RunDisposal(_ context.Context, _ access.Caller, id string) (desk.DisposalRun, error) {
	switch id {
	case "stale":
		return desk.DisposalRun{}, desk.ErrStale
	case "fuse":
		return desk.DisposalRun{}, &desk.Fuse{Code: "DISPOSAL_FUSE", Text: "too many"}
	}
	return desk.DisposalRun{Batch: id}, nil
}
func (d *fakeDesk) Disposals(context.Context, access.Caller) (desk.DisposalList, error) {
	return desk.DisposalList{}, nil
}

// A list of what is due that breaks off must not look whole.
func TestDueBreaksOff(t *testing.T) {
	w := newWorld(t)
	req := httptest.NewRequest("POST", "/v1/retention/due", strings.NewReader(`{"system":"halfway"}`))
	req.Header.Set("Authorization", "Bearer "+w.tokens[access.DPO])
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/x-ndjson")
	defer func() {
		if recover() == nil {
			t.Error("a list that broke off ended as if it were whole")
		}
	}()
	w.server.ServeHTTP(httptest.NewRecorder(), req)
}

// What the routes about keeping take and give, and what they refuse.
func TestKeepingRoutes(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		method, path, body, accept string
		status                     int
		want                       string
	}{
		{"GET", "/v1/retention/due?system=ab&on=2025-03-14", "", "", 200, `"items":[{`},
		{"GET", "/v1/retention/due?system=ab&limit=1", "", "", 200, `"next":"more"`},
		{"GET", "/v1/retention/due?on=tomorrow", "", "", 400, `"pointer":"/on"`},
		{"GET", "/v1/retention/due?limit=5001", "", "", 400, `"pointer":"/limit"`},
		{"GET", "/v1/retention/due?limit=many", "", "", 400, "request.malformed"},
		{"POST", "/v1/retention/due", `{"system":"abc","until":"2026-01-01"}`, "application/x-ndjson", 200, `{"end":{`},
		{"POST", "/v1/retention/due", `{"who":"she"}`, "", 400, "request.malformed"},
		{"POST", "/v1/retention/due", `{"system":"broken"}`, "application/x-ndjson", 500, "server.error"},
		{"GET", "/v1/retention/forecast?from=2025-01-01", "", "", 200, `"from":"2025-01-01"`},
		{"GET", "/v1/retention/forecast?from=x", "", "", 400, `"pointer":"/from"`},
		{"GET", "/v1/retention/waiting", "", "", 200, `"waiting"`},
		{"GET", "/v1/retention/batches", "", "", 200, `"disposals"`},
		{"POST", "/v1/retention/batches", `{"on":"2025-01-01"}`, "", 200, `"id":"b1"`},
		{"POST", "/v1/retention/batches", `{"system":"none"}`, "", 404, "disposal.empty"},
		{"POST", "/v1/retention/batches/mine/approve", "", "", 403, "somebody else than the proposer"},
		{"POST", "/v1/retention/batches/b1/approve", "", "", 200, `"id":"b1"`},
		{"POST", "/v1/retention/batches/stale/run", "", "", 409, "disposal.stale"},
		{"POST", "/v1/retention/batches/fuse/run", "", "", 409, `"rule":"DISPOSAL_FUSE"`},
		{"GET", "/v1/holds", "", "", 200, `"holds"`},
		{"POST", "/v1/holds/lifted/lift", `{"reason":"settled"}`, "", 404, "hold.gone"},
		{"POST", "/v1/retention/batches/none/approve", "", "", 404, "disposal.unknown"},
		{"POST", "/v1/holds", `{"system":"hr","category":"health/allergies","ground":"claims","owner":"Legal","review":"2027-01-01","from":"2020-01-01"}`, "", 200, `"category":"health/allergies"`},
		{"POST", "/v1/holds", `{"system":"hr","ground":"claims","owner":"Legal"}`, "", 400, `"pointer":"/review"`},
		{"POST", "/v1/holds", `{"system":"h r","ground":"claims","owner":"Legal","review":"2027-01-01"}`, "", 400, `"pointer":"/system"`},
		{"POST", "/v1/holds/h1/lift", `{"reason":"settled"}`, "", 200, `"hold":"h1"`},
	} {
		req := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		req.Header.Set("Authorization", "Bearer "+w.tokens[access.DPO])
		if c.body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		if c.accept != "" {
			req.Header.Set("Accept", c.accept)
		}
		rec := httptest.NewRecorder()
		w.server.ServeHTTP(rec, req)
		status, body := rec.Code, rec.Body.String()
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %s: %d %s; want %d with %s", c.method, c.path, c.body, status, body, c.status, c.want)
		}
		if c.accept != "" && status == 200 {
			lines := strings.Split(strings.TrimSpace(body), "\n")
			if len(lines) != 4 || !json.Valid([]byte(lines[0])) {
				t.Errorf("%d lines: %s", len(lines), body)
			}
		}
	}
}
