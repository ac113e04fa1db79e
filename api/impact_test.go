package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

func init() {
	bodies["POST /v1/impact"] = `{"system":"platform","categories":["health","contact/email"]}`
	bodies["POST /v1/impact/people"] = `{"recipient":"bank"}`
}

// asked keeps the last question of impact that any fake desk was asked.
var asked desk.ImpactQuery

func (f *fakeDesk) Impact(_ context.Context, q desk.ImpactQuery) (*desk.Impact, error) {
	asked = q
	return &desk.Impact{People: 2}, f.err
}

func (f *fakeDesk) ImpactPeople(_ context.Context, q desk.ImpactQuery, begin func(*desk.Impact) error, each func(*desk.ImpactPerson) error) error {
	asked = q
	if f.err != nil && !errors.Is(f.err, errHalfway) {
		return f.err
	}
	if err := begin(&desk.Impact{People: 2}); err != nil {
		return err
	}
	for i := range 2 {
		if err := each(&desk.ImpactPerson{Ref: fmt.Sprint(i), Identifiers: []desk.ImpactIdentifier{}}); err != nil {
			return err
		}
		if f.err != nil {
			return f.err
		}
	}
	return nil
}

func (f *fakeDesk) ListRequests(context.Context, access.Caller) ([]desk.ListRequest, error) {
	return []desk.ListRequest{}, f.err
}

func (f *fakeDesk) ApproveList(_ context.Context, _ access.Caller, id string) (desk.ListRequest, error) {
	return desk.ListRequest{ID: id}, f.err
}

var errHalfway = errors.New("the vault went away")

// A day names itself whole; a moment is widened to its day; the end of a window
// at midnight does not take in the day that begins.
func TestImpactWindow(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ from, to, first, last string }{
		{"2025-03-01", "2025-03-09", "2025-03-01", "2025-03-09"},
		{"2025-03-01T15:00:00Z", "2025-03-09T00:00:01Z", "2025-03-01", "2025-03-09"},
		{"2025-03-01T00:00:00Z", "2025-03-09T00:00:00Z", "2025-03-01", "2025-03-08"},
		{"2025-03-01T00:30:00+01:00", "", "2025-02-28", ""},
	} {
		r := w.do("POST", "/v1/impact", access.DPO, fmt.Sprintf(`{"from":%q,"to":%q}`, c.from, c.to))
		if r.Code != 200 {
			t.Fatal(r.Body)
		}
		last := ""
		if asked.To != 0 {
			last = (asked.To - 1).String()
		}
		if asked.From.String() != c.first || last != c.last {
			t.Errorf("%s to %s: asked %s to %s", c.from, c.to, asked.From, last)
		}
	}
}

func TestImpactQuestion(t *testing.T) {
	w := newWorld(t)
	w.do("POST", "/v1/impact", access.DPO, `{"system":"crm","recipient":"bank","activity":"sales/news","categories":["health","contact/email"],"reason":"breach"}`)
	if asked.System != "crm" || asked.Recipient != "bank" || asked.Activity != (events.Activity{Code: "sales", SubPurpose: "news"}) ||
		len(asked.Categories) != 2 || asked.Categories[1] != (events.Category{Code: "contact", Element: "email"}) || asked.Reason.IsZero() {
		t.Errorf("asked %+v", asked)
	}
	for pointer, body := range map[string]string{
		"/system": `{"system":"No Such"}`, "/categories/0": `{"categories":["/x"]}`, "/from": `{"from":"yesterday"}`, "/activity": `{"activity":"A B"}`,
	} {
		r := w.do("POST", "/v1/impact", access.DPO, body)
		var p struct{ Pointer string }
		if err := json.Unmarshal(r.Body.Bytes(), &p); err != nil || r.Code != 400 || p.Pointer != pointer {
			t.Errorf("%s: %d %s", body, r.Code, r.Body)
		}
	}
}

// A list is whole only with its last line; one that breaks off has none.
func TestImpactPeopleStream(t *testing.T) {
	w := newWorld(t)
	r := w.do("POST", "/v1/impact/people", access.DPO, `{"system":"crm"}`)
	lines := strings.Split(strings.TrimSpace(r.Body.String()), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], `{"impact":{"people":2`) || lines[3] != `{"end":{"listed":2}}` || r.Header().Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("%q", lines)
	}
	w.desk.err = &desk.NeedsApproval{Request: desk.ListRequest{ID: "0a0b", People: 2}}
	if r := w.do("POST", "/v1/impact/people", access.DPO, `{}`); r.Code != 409 || code(t, r) != "approval.needed" || !strings.Contains(r.Body.String(), "0a0b") {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	w.desk.err = fmt.Errorf("%w: %w", desk.ErrForbidden, desk.ErrSamePerson)
	if r := w.do("POST", "/v1/impact/requests/0a0b/approve", access.Approver, ""); r.Code != 403 || !strings.Contains(r.Body.String(), "another person") {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	w.desk.err = errHalfway
	defer func() {
		if recover() == nil {
			t.Error("a list that broke off ended as if it were whole")
		}
	}()
	w.do("POST", "/v1/impact/people", access.DPO, `{}`)
}
