package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/clock"
	law "github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
)

// fakeCases keeps the last order it was given and answers from what a test sets.
type fakeCases struct {
	order  any
	lines  int   // of the list
	broken error // in the midst of a package; nil: it ends
	err    error
}

func (f *fakeCases) done(o any) (desk.CaseDone, error) {
	f.order = o
	return desk.CaseDone{Case: "c1", Status: "open"}, f.err
}
func (f *fakeCases) OpenCase(_ context.Context, o desk.CaseOrder) (desk.CaseOpened, error) {
	f.order = o
	due := "2026-04-20"
	return desk.CaseOpened{Case: "c1", Number: 1, Received: o.Received, Due: &due}, f.err
}
func (f *fakeCases) ListCases(_ context.Context, q desk.CaseQuery) (desk.CaseList, error) {
	f.order = q
	return desk.CaseList{Cases: []desk.CaseLine{{Case: "c1", Rights: []string{"erasure"}}}, Next: "n"}, f.err
}
func (f *fakeCases) ExportCases(_ context.Context, q desk.CaseQuery, emit func(*desk.CaseLine) error) error {
	f.order = q
	for i := range f.lines {
		if err := emit(&desk.CaseLine{Number: uint32(i)}); err != nil {
			return err
		}
	}
	return f.err
}
func (f *fakeCases) ShowCase(_ context.Context, _ access.Caller, id string) (*desk.CaseView, error) {
	f.order = id
	return &desk.CaseView{CaseLine: desk.CaseLine{Case: id}}, f.err
}
func (f *fakeCases) PlanCase(_ context.Context, _ access.Caller, id string, on events.Date) (*desk.CasePlan, error) {
	f.order = on
	return &desk.CasePlan{Case: id, On: on}, f.err
}
func (f *fakeCases) ConfirmCase(_ context.Context, o desk.CaseConfirmOrder) (desk.CaseDone, error) {
	return f.done(o)
}
func (f *fakeCases) AssessCase(_ context.Context, o desk.CaseAssessOrder) (desk.CaseDone, error) {
	return f.done(o)
}
func (f *fakeCases) DecideCase(_ context.Context, o desk.CaseDecideOrder) (desk.CaseDone, error) {
	return f.done(o)
}
func (f *fakeCases) ApproveCase(_ context.Context, o desk.CaseApproveOrder) (desk.CaseDone, error) {
	return f.done(o)
}
func (f *fakeCases) RefuseCase(_ context.Context, o desk.CaseRefuseOrder) (desk.CaseDone, error) {
	return f.done(o)
}
func (f *fakeCases) ClockCase(_ context.Context, o desk.CaseClockOrder) (desk.CaseDone, error) {
	return f.done(o)
}
func (f *fakeCases) WithdrawCase(_ context.Context, s desk.CaseStep) (desk.CaseDone, error) {
	return f.done(s)
}
func (f *fakeCases) LetterCase(_ context.Context, o desk.CaseLetterOrder) (desk.CaseLetterView, error) {
	f.order = o
	return desk.CaseLetterView{Case: o.Case, Kind: string(o.Kind), Text: "Dear"}, f.err
}
func (f *fakeCases) AnswerCase(_ context.Context, o desk.CaseAnswerOrder) (desk.CaseAnswered, error) {
	f.order = o
	return desk.CaseAnswered{InTime: true}, f.err
}
func (f *fakeCases) DuplicateCase(_ context.Context, s desk.CaseStep, of string) (desk.CaseDone, error) {
	f.order = of
	return f.done(s)
}
func (f *fakeCases) RunCase(_ context.Context, o desk.RunOrder) (*desk.RunView, error) {
	f.order = o
	return &desk.RunView{Case: o.Case}, f.err
}
func (f *fakeCases) PackageCase(_ context.Context, o desk.PackageOrder) (*desk.PackageView, error) {
	f.order = o
	return &desk.PackageView{Case: o.Case, Package: "p1"}, f.err
}
func (f *fakeCases) DownloadPackage(_ context.Context, o desk.DownloadOrder) (*desk.PackageFetch, error) {
	f.order = o
	if f.err != nil {
		return nil, f.err
	}
	return &desk.PackageFetch{View: desk.PackageView{Case: o.Case, Bytes: 6}, Body: io.NopCloser(io.MultiReader(strings.NewReader("sealed"), ending{f.broken}))}, nil
}
func (f *fakeCases) SendPackage(_ context.Context, o desk.SendOrder) (*desk.SendView, error) {
	f.order = o
	return &desk.SendView{Case: o.Case, Recipient: string(o.Recipient)}, f.err
}
func (f *fakeCases) CertifyCase(_ context.Context, s desk.CaseStep) (*desk.CertificateView, error) {
	f.order = s
	return &desk.CertificateView{Case: s.Case, JSON: json.RawMessage("{}")}, f.err
}
func (f *fakeCases) Certificate(_ context.Context, q desk.CertificateQuery) (*desk.CertificateView, error) {
	f.order = q
	return &desk.CertificateView{Case: q.Case, JSON: json.RawMessage("{}"), File: []byte("{}\n"), PDF: []byte("%PDF")}, f.err
}
func (f *fakeCases) OpenCommitment(_ context.Context, o desk.CommitmentOrder) (*desk.OpeningView, error) {
	f.order = o
	return &desk.OpeningView{Case: o.Case}, f.err
}
func (f *fakeCases) CloseCase(_ context.Context, s desk.CaseStep) (desk.CaseDone, error) {
	return f.done(s)
}

func init() {
	bodies["POST /v1/cases"] = `{"rights":["access"],"identifiers":[{"kind":"email","value":"a@example.org"}],"received":"2026-03-20"}`
	for act, body := range map[string]string{"confirm": `{}`, "assess": `{"kind":"claims","holds":true}`, "decide": `{"accept_proposed":true,"reason":"r"}`, "approve": `{}`,
		"refuse": `{"as":"excessive","reason":"r"}`, "withdraw": `{}`, "letter": `{"kind":"answer"}`, "answer": `{}`, "run": `{}`, "package": `{"days":5}`, "send": `{"recipient":"other"}`, "certify": `{}`, "commitment": `{"content":"00112233"}`, "duplicate": `{"of":"c2"}`, "close": `{}`, "identity": `{"step":"asked"}`,
		"authority": `{"step":"asked"}`, "fee": `{"step":"paid"}`, "clarify": `{"step":"asked"}`, "extend": `{"step":"told","reason":"r"}`} {
		bodies["POST /v1/cases/{id}/"+act] = body
	}
}

// ending is the end of a package: whole, or with an error.
type ending struct{ err error }

func (e ending) Read([]byte) (int, error) {
	if e.err == nil {
		return 0, io.EOF
	}
	return 0, e.err
}

func day(t *testing.T, s string) events.Date {
	t.Helper()
	d, err := events.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// What each body means to the desk.
func TestCaseOrders(t *testing.T) {
	w := newWorld(t)
	on := day(t, "2026-03-24")
	for _, c := range []struct {
		path, body string
		look       func() any
		want       any
	}{
		{"", `{"rights":["erasure","objection-marketing"],"refs":["r"],"received":"2026-03-20","via":"letter","scope":[{"system":"hr","category":"health/allergies"}],"channels":["email"],"states":["own-claim"],"agent":{"as":"attorney","evidence":true},"identity_asked":"2026-03-24","regime":"uk","nation":"scotland","text":"please"}`,
			func() any {
				o := w.cases.order.(desk.CaseOrder)
				return []any{o.Rights, o.Refs, o.Received, o.Via, o.Scope[0].System, o.Scope[0].Category.String(), o.Channels, o.States, o.Agent.As, o.Agent.Evidence, o.IdentityAsked, o.Regime, o.Nation, o.Text.Expose()}
			}, []any{[]catalogue.RightKind{catalogue.RightErasure, catalogue.RightMarketing}, []string{"r"}, day(t, "2026-03-20"), events.Code("letter"), events.Code("hr"), "health/allergies", []events.Code{"email"},
				[]law.Statement{law.OwnClaim}, law.Attorney, true, on, clock.UK, clock.Nation("scotland"), "please"}},
		{"/c1/decide", `{"items":["h1","h2"],"right":"erasure","outcome":"retain","code":"KEEP_LEGAL_CLAIMS","until":"2026-03-24","reason":"a claim"}`, func() any {
			o := w.cases.order.(desk.CaseDecideOrder)
			return []any{o.Case, o.Items, string(o.Right), o.Outcome, o.Code, o.Until, o.Reason.Expose()}
		}, []any{"c1", []string{"h1", "h2"}, "erasure", law.Retain, law.KeepLegalClaims, on, "a claim"}},
		{"/c1/extend", `{"step":"told","on":"2026-03-24","reason":"many systems"}`, func() any {
			o := w.cases.order.(desk.CaseClockOrder)
			return []any{o.Act, o.On, o.Reason.Expose()}
		}, []any{cases.ExtensionTold, on, "many systems"}},
		{"/c1/clarify", `{"step":"received","ref":2}`, func() any { o := w.cases.order.(desk.CaseClockOrder); return []any{o.Act, o.Ref} }, []any{cases.ClarificationCame, 2}},
		{"/c1/identity", `{"step":"checked"}`, func() any { return w.cases.order.(desk.CaseClockOrder).Act }, cases.IdentityChecked},
		{"/c1/fee", `{"step":"paid"}`, func() any { return w.cases.order.(desk.CaseClockOrder).Act }, cases.FeePaid},
		{"/c1/authority", `{"step":"received"}`, func() any { return w.cases.order.(desk.CaseClockOrder).Act }, cases.AuthorityReceived},
		{"/c1/refuse", `{"as":"excessive","reason":"weekly"}`, func() any { return w.cases.order.(desk.CaseRefuseOrder).Ground }, events.Code("excessive")},
		{"/c1/identity", `{"step":"received","evidence":"passport_seen","evidence_ref":"drawer","evidence_drop":"2026-03-24","rights":["erasure"]}`, func() any {
			o := w.cases.order.(desk.CaseClockOrder)
			return []any{o.Evidence, o.EvidenceRef.Expose(), o.EvidenceDrop, string(o.Rights[0])}
		}, []any{events.Code("passport_seen"), "drawer", on, "erasure"}},
		{"/c1/answer", `{"rights":["access"],"via":"letter"}`, func() any {
			o := w.cases.order.(desk.CaseAnswerOrder)
			return []any{string(o.Rights[0]), o.Via}
		}, []any{"access", events.Code("letter")}},
		{"/c1/decide", `{"items":["h"],"outcome":"rectify","code":"RECTIFY","value":"Smyth","reason":"r"}`, func() any { return w.cases.order.(desk.CaseDecideOrder).Value.Expose() }, "Smyth"},
		{"/c1/approve", `{"digest":"d","totals":{"erase":2}}`, func() any { o := w.cases.order.(desk.CaseApproveOrder); return []any{o.Digest, o.Totals["erase"]} }, []any{"d", 2}},
		{"/c1/assess", `{"kind":"exemption","holds":true,"code":"Sch2.P1.2","scope":{"activity":"ic-a03"}}`, func() any {
			o := w.cases.order.(desk.CaseAssessOrder)
			return []any{o.Kind, o.Holds, o.Code, o.Scope.Activity}
		}, []any{law.Exemption, true, events.Code("Sch2.P1.2"), events.Code("ic-a03")}},
		{"/c1/close", "", func() any { return w.cases.order.(desk.CaseStep).Case }, "c1"},
	} {
		rec := w.do("POST", "/v1/cases"+c.path, access.DPO, c.body)
		if rec.Code != 200 {
			t.Errorf("%s %s: %d %s", c.path, c.body, rec.Code, rec.Body)
			continue
		}
		if got := c.look(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %s: the desk was asked %v, want %v", c.path, c.body, got, c.want)
		}
	}
}

// What is wrong is pointed at, and nothing of it is repeated.
func TestCaseFaults(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ path, body, pointer string }{
		{"", `{"rights":["access"],"identifiers":[{"kind":"email","value":"` + planted + `"}]}`, "/received"},
		{"", `{"rights":["access"],"identifiers":[{"kind":"email"}],"received":"2026-03-20"}`, "/identifiers/0/value"},
		{"", `{"rights":["access"],"received":"2026-03-20","scope":[{"system":"` + planted + `"}]}`, "/scope/0/system"},
		{"/c1/identity", `{"step":"told"}`, "/step"},
		{"/c1/refuse", `{"as":"rude","reason":"r"}`, "/as"},
		{"/c1/decide", `{"items":["h"],"outcome":"erase","until":"soon"}`, "/until"},
	} {
		rec := w.do("POST", "/v1/cases"+c.path, access.DPO, c.body)
		var p struct{ Pointer string }
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != 400 || p.Pointer != c.pointer || strings.Contains(rec.Body.String(), "priya") {
			t.Errorf("%s %s: %d %s, want a fault at %s", c.path, c.body, rec.Code, rec.Body, c.pointer)
		}
	}
	for path, want := range map[string]string{"?limit=2000": "/limit", "?order=random": "/order", "?due_before=soon": "/due_before", "/c1/plan?on=x": "/on"} {
		if rec := w.do("GET", "/v1/cases"+path, access.DPO, ""); rec.Code != 400 || !strings.Contains(rec.Body.String(), `"pointer":"`+want+`"`) {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
}

// A refusal of the domain keeps its code, as a conflict, as a lack of standing
// where somebody else has to act, or as a fault of the order.
func TestCaseRefusals(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{&cases.Refusal{Code: cases.PlanStale, Text: "look again"}, 409, "PLAN_STALE"},
		{fmt.Errorf("approve: %w", &cases.Refusal{Code: cases.SelfApproval, Text: "another person"}), 403, "SELF_APPROVAL"},
		{&cases.Refusal{Code: cases.DateInFuture, Text: "not yet"}, 400, "DATE_IN_FUTURE"},
		{fmt.Errorf("plan: %w", law.ErrBeforeReceipt), 400, "request.malformed"},
		{law.ErrHeld, 409, "case.refused"},
		{fmt.Errorf("x: %w", desk.ErrGone), 404, "case.unknown"},
		{fmt.Errorf("x: %w", desk.ErrNotRecorded), 503, "look.not_recorded"},
	} {
		w.cases.err = c.err
		for _, path := range []string{"POST /v1/cases/c1/approve", "GET /v1/cases/c1/plan"} {
			method, path, _ := strings.Cut(path, " ")
			rec := w.do(method, path, access.DPO, "")
			if rec.Code != c.status || code(t, rec) != c.code {
				t.Errorf("%v: %d %s", c.err, rec.Code, rec.Body)
			}
		}
	}
	for _, x := range desk.Refusals() {
		if rec := w.do("GET", "/problems/"+string(x.Code), "", ""); rec.Code != 200 || !strings.Contains(rec.Body.String(), x.Source) {
			t.Errorf("the page of %s: %d %s", x.Code, rec.Code, rec.Body)
		}
	}
}

// A package is streamed as a file; one that breaks off does not end as if it were
// whole.
func TestPackageStream(t *testing.T) {
	w := newWorld(t)
	rec := w.do("GET", "/v1/cases/c1/package?package=p1", access.DPO, "")
	if rec.Code != 200 || rec.Body.String() != "sealed" || rec.Header().Get("Content-Disposition") != `attachment; filename="habeas-c1.zip.age"` || w.cases.order.(desk.DownloadOrder).Package != "p1" {
		t.Errorf("%d %s %v", rec.Code, rec.Body, rec.Header())
	}
	if rec := w.do("POST", "/v1/cases/c1/package", access.DPO, `{"passphrase":"`+planted+`","kind":"access"}`); rec.Code != 200 || strings.Contains(w.lines.String(), "planted") {
		t.Errorf("%d %s; the log: %s", rec.Code, rec.Body, w.lines)
	}
	w.cases.err = &cases.Refusal{Code: cases.NoPackage, Text: "none was made"}
	if rec := w.do("GET", "/v1/cases/c1/package", access.DPO, ""); rec.Code != 409 || code(t, rec) != "NO_PACKAGE" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	w.cases.err, w.cases.broken = nil, errBroken
	defer func() {
		if recover() == nil {
			t.Error("a package that broke off ended as if it were whole")
		}
	}()
	w.do("GET", "/v1/cases/c1/package", access.DPO, "")
}

// A certificate as JSON for programs, and as the file that is verified.
func TestCertificateForms(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string][2]string{"": {"application/json", `{"case":"c1"`}, "?form=file": {"application/json", "{}"}, "?form=pdf&number=2": {"application/pdf", "%PDF"}} {
		rec := w.do("GET", "/v1/cases/c1/certificate"+query, access.Auditor, "")
		if rec.Code != 200 || rec.Header().Get("Content-Type") != want[0] || !strings.HasPrefix(rec.Body.String(), want[1]) {
			t.Errorf("%s: %d %s %s", query, rec.Code, rec.Header().Get("Content-Type"), rec.Body)
		}
	}
	for _, query := range []string{"?form=docx", "?number=0", "?number=x"} {
		if rec := w.do("GET", "/v1/cases/c1/certificate"+query, access.Auditor, ""); rec.Code != 400 {
			t.Errorf("%s: %d", query, rec.Code)
		}
	}
}

// The list: pages, filters, and a stream that must not look whole when it is not.
func TestCaseLists(t *testing.T) {
	w := newWorld(t)
	rec := w.do("GET", "/v1/cases?status=open&right=erasure&due_before=2026-03-24&overdue=true&order=newest&limit=5&after=x", access.Auditor, "")
	q := w.cases.order.(desk.CaseQuery)
	if rec.Code != 200 || !strings.Contains(rec.Body.String(), `"next":"n"`) || q.Status != "open" || q.Right != "erasure" || q.DueBy != day(t, "2026-03-24") || !q.Overdue || !q.Newest || q.Limit != 5 || q.After != "x" {
		t.Errorf("%d %s: asked %+v", rec.Code, rec.Body, q)
	}
	stream := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/v1/cases", nil)
		r.Header.Set("Authorization", "Bearer "+w.tokens[access.Auditor])
		r.Header.Set("Accept", "application/x-ndjson")
		rec := httptest.NewRecorder()
		w.server.ServeHTTP(rec, r)
		return rec
	}
	w.cases.lines = 250
	if lines := strings.Split(strings.TrimSpace(stream().Body.String()), "\n"); len(lines) != 251 || !strings.HasPrefix(lines[250], `{"end":{`) {
		t.Errorf("%d lines", len(lines))
	}
	w.cases.err = errBroken
	defer func() {
		if recover() == nil {
			t.Error("a list that broke off ended as if it were whole")
		}
	}()
	stream()
}
