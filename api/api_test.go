package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/audit/audittest"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

const planted = "priya.planted@example.org"

// fakeDesk answers from what a test sets and keeps what it was asked.
type fakeDesk struct {
	query    desk.Query
	decision desk.Decision
	err      error
}

func (f *fakeDesk) Footprint(_ context.Context, q desk.Query) (*events.Footprint, error) {
	f.query = q
	return &events.Footprint{Holdings: []events.Holding{}, Unknown: []events.Unknown{}, Findings: []events.Finding{}, Joins: []events.Join{}}, f.err
}

func (f *fakeDesk) History(_ context.Context, q desk.Query) (*events.History, error) {
	f.query = q
	return &events.History{Entries: []events.HistoryEntry{}, Unknown: []events.Unknown{}}, f.err
}

func (f *fakeDesk) decide(d desk.Decision) (events.Position, error) {
	f.decision = d
	return events.Position{Generation: 1, Seq: 7}, f.err
}
func (f *fakeDesk) State(_ context.Context, d desk.StateDecision) (events.Position, error) {
	return events.Position{Generation: 1, Seq: 8, Index: uint32(d.State)}, f.err
}
func (f *fakeDesk) Merge(_ context.Context, d desk.Decision) (events.Position, error) {
	return f.decide(d)
}
func (f *fakeDesk) Split(_ context.Context, d desk.Decision) (events.Position, error) {
	return f.decide(d)
}
func (f *fakeDesk) Mark(_ context.Context, d desk.Decision) (events.Position, error) {
	return f.decide(d)
}
func (f *fakeDesk) Systems(context.Context, access.Caller) (desk.Survey, error) {
	return desk.Survey{Systems: []desk.SystemView{}}, f.err
}
func (f *fakeDesk) Quarantine(context.Context, access.Caller) (desk.QuarantineList, error) {
	return desk.QuarantineList{Items: []desk.QuarantineItem{}}, f.err
}
func (f *fakeDesk) QuarantineOpen(context.Context, access.Caller, events.Position) (desk.QuarantineBody, error) {
	return desk.QuarantineBody{}, f.err
}
func (f *fakeDesk) Reason(context.Context, access.Caller, events.EventID) (desk.ReasonView, error) {
	return desk.ReasonView{Reason: "asked"}, f.err
}

type fakeMender struct{ err error }

func (m fakeMender) Mend(context.Context, access.Caller, events.Position, []byte) (events.IngestResult, error) {
	return events.IngestResult{Accepted: 1}, m.err
}
func (m fakeMender) Discard(context.Context, access.Caller, events.Position, events.Plaintext) error {
	return m.err
}

// world is a server with one token for each role.
type world struct {
	t      *testing.T
	server *api.Server
	desk   *fakeDesk
	cases  *fakeCases
	store  *access.Store
	log    *audit.Log
	j      *audittest.Journal
	tokens map[access.Role]string
	lines  *bytes.Buffer
}

func roles() []access.Role { return append(access.Roles(), access.SystemRole("crm")) }

func newWorld(t *testing.T, mounts ...api.Route) *world {
	t.Helper()
	w := &world{t: t, desk: &fakeDesk{}, cases: &fakeCases{}, tokens: map[access.Role]string{}, lines: &bytes.Buffer{}}
	var err error
	if w.store, err = access.Open(context.Background(), access.Config{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	for _, r := range roles() {
		_, secret, err := w.store.Create(context.Background(), access.NewToken{Name: events.Code("t-" + strings.ReplaceAll(string(r), ":", "-")), Roles: []access.Role{r}})
		if err != nil {
			t.Fatal(err)
		}
		w.tokens[r] = secret.Expose()
	}
	w.log, w.j = audittest.New(t)
	cat, err := catalogue.LoadShipped("instant-connect")
	if err != nil {
		t.Fatal(err)
	}
	w.server, err = api.New(api.Config{Access: w.store, Desk: w.desk, Cases: w.cases, Tasks: fakeTasks{w.cases}, Audit: w.log, Mend: fakeMender{},
		Catalogue: func() *catalogue.Catalogue { return cat }, Mounts: mounts, Log: slog.New(slog.NewTextHandler(w.lines, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) do(method, path string, role access.Role, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+w.tokens[role])
	}
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, r)
	return rec
}

func code(t *testing.T, r *httptest.ResponseRecorder) string {
	t.Helper()
	var p struct{ Code string }
	if err := json.Unmarshal(r.Body.Bytes(), &p); err != nil {
		t.Fatalf("not a problem: %s", r.Body)
	}
	if r.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("problem sent as %s", r.Header().Get("Content-Type"))
	}
	return p.Code
}

// bodies holds a good request body for each route that takes one.
var bodies = map[string]string{
	"POST /v1/footprint":                     `{"identifier":{"kind":"email","value":"a@example.org"}}`,
	"POST /v1/history":                       `{"ref":"x"}`,
	"POST /v1/person/merge":                  `{"a":"x","b":"y","reason":"same"}`,
	"POST /v1/person/split":                  `{"a":"x","b":"y","reason":"other"}`,
	"POST /v1/person/state":                  `{"ref":"x","state":"deceased","date":"2025-03-01","reason":"a letter of the family"}`,
	"POST /v1/person/mark":                   `{"identifier":{"kind":"email","value":"office@example.org"},"shared":true,"reason":"an office"}`,
	"POST /v1/quarantine/{position}/mend":    `{"event":{"id":"1"}}`,
	"POST /v1/quarantine/{position}/discard": `{"reason":"noise"}`,
	"POST /v1/tokens":                        `{"name":"n","roles":["viewer"]}`,
}

var pathValues = strings.NewReplacer("{position}", "1-1-0", "{id}", "bcdfghjkmn", "{note}", strings.Repeat("0a", 16), "{code}", "token.missing")

// Deny by default: for each route and each role, exactly what the table says.
func TestEveryRouteAsksForItsPermission(t *testing.T) {
	w := newWorld(t)
	for _, route := range w.server.Routes() {
		path, body := pathValues.Replace(route.Pattern), bodies[route.Method+" "+route.Pattern]
		if route.Takes != nil && body == "" {
			t.Errorf("%s %s takes a body that this test does not know", route.Method, route.Pattern)
		}
		if route.Permission == access.Public {
			if rec := w.do(route.Method, path, "", body); rec.Code >= 400 {
				t.Errorf("%s %s is public and answers %d", route.Method, route.Pattern, rec.Code)
			}
			continue
		}
		if rec := w.do(route.Method, path, "", body); rec.Code != 401 || code(t, rec) != "token.missing" {
			t.Errorf("%s %s without a token: %d", route.Method, route.Pattern, rec.Code)
		}
		for _, role := range roles() {
			rec := w.do(route.Method, path, role, body)
			may := (access.Caller{Token: "x", Roles: []access.Role{role}}).May(route.Permission)
			switch {
			case may && (rec.Code == 401 || rec.Code == 403):
				t.Errorf("%s %s as %s: %d %s", route.Method, route.Pattern, role, rec.Code, rec.Body)
			case !may && (rec.Code != 403 || code(t, rec) != "permission.denied"):
				t.Errorf("%s %s as %s: %d, want 403", route.Method, route.Pattern, role, rec.Code)
			}
		}
	}
}

// Separation of duty, said route by route and not by the table itself.
func TestAdminAndEngineerSeeNobody(t *testing.T) {
	w := newWorld(t)
	for _, role := range []access.Role{access.Admin, access.Engineer, access.Auditor, access.SystemRole("crm")} {
		for _, route := range []string{"POST /v1/footprint", "POST /v1/history", "POST /v1/person/merge"} {
			method, path, _ := strings.Cut(route, " ")
			if rec := w.do(method, path, role, bodies[route]); rec.Code != 403 {
				t.Errorf("%s as %s: %d", route, role, rec.Code)
			}
		}
	}
	if rec := w.do("POST", "/v1/tokens", access.DPO, bodies["POST /v1/tokens"]); rec.Code != 403 {
		t.Errorf("an officer made a token: %d", rec.Code)
	}
}

func TestTableRefusesIncompleteRows(t *testing.T) {
	good := api.Route{Method: "GET", Pattern: "/x", Permission: access.SelfRead, Summary: "x", Handler: func(http.ResponseWriter, *http.Request) {}}
	for name, change := range map[string]func(*api.Route){
		"no permission":      func(r *api.Route) { r.Permission = "" },
		"unknown permission": func(r *api.Route) { r.Permission = "everything" },
		"no handler":         func(r *api.Route) { r.Handler = nil },
		"no method":          func(r *api.Route) { r.Method = "" },
		"no summary":         func(r *api.Route) { r.Summary = "" },
		"taken":              func(r *api.Route) { r.Pattern = "/healthz" },
		"page, no console":   func(r *api.Route) { r.Face = api.Page },
		"unknown problem":    func(r *api.Route) { r.Problems = []string{"oh.no"} },
	} {
		row := good
		change(&row)
		if _, err := api.New(api.Config{Mounts: []api.Route{row}}); err == nil {
			t.Errorf("%s: the table was taken", name)
		}
	}
	if _, err := api.New(api.Config{Mounts: []api.Route{good}}); err != nil {
		t.Errorf("a complete row: %v", err)
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/healthz", "/v1/self", "/nowhere", "/v1/systems"} {
		h := w.do("GET", path, access.DPO, "").Header()
		for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if h.Get("Habeas-Request") == "" {
			t.Errorf("%s: the request has no name", path)
		}
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	w := newWorld(t)
	if rec := w.do("GET", "/nowhere", access.DPO, ""); rec.Code != 404 || code(t, rec) != "route.unknown" {
		t.Errorf("unknown path: %d", rec.Code)
	}
	rec := w.do("GET", "/v1/footprint", access.DPO, "")
	if rec.Code != 405 || code(t, rec) != "route.method" || rec.Header().Get("Allow") != "POST" {
		t.Errorf("wrong method: %d, Allow %q", rec.Code, rec.Header().Get("Allow"))
	}
}

func TestFootprintPassesTheQuestionOn(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest("POST", "/v1/footprint", strings.NewReader(`{"identifier":{"kind":"Email","value":"`+planted+`"},"as_of":"2024-01-02T03:04:05Z","as_known":"1-42-0","reason":"she asked"}`))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Authorization", "bearer "+w.tokens[access.DPO])
	r.Header.Set(api.MinPosition, "1-40-2")
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, r)
	q := w.desk.query
	if rec.Code != 200 || q.Identifier.Kind != "email" || q.Identifier.Value.Expose() != planted || q.Reason.Expose() != "she asked" ||
		q.AsOf.String() != "2024-01-02T03:04:05Z" || q.AsKnown.Position.String() != "1-42-0" || q.Min.String() != "1-40-2" || q.Caller.Name != "t-dpo" {
		t.Errorf("%d %s: asked %+v", rec.Code, rec.Body, q)
	}
	// I1: neither the access log nor the record of the request repeats it.
	if strings.Contains(w.lines.String(), "priya") {
		t.Error("the log holds the identifier")
	}
	for _, want := range []string{"route=\"POST /v1/footprint\"", "status=200", "token=", "request="} {
		if !strings.Contains(w.lines.String(), want) {
			t.Errorf("the log lacks %s: %s", want, w.lines)
		}
	}
}

func TestBadQuestionsArePointedAtAndNeverRepeated(t *testing.T) {
	w := newWorld(t)
	for body, want := range map[string]string{
		`{`:                                "ends too early",
		`[]`:                               "want an object",
		`{"identifier":{"kind":"email"}}`:  "want a value",
		`{"identifier":"` + planted + `"}`: "want an object",
		`{"` + planted + `":1}`:            "no members but",
		`{"ref":"a"} {}`:                   "nothing after it",
		`{}`:                               "either identifier or ref",
		`{"ref":"a","identifier":{"kind":"e","value":"v"}}`:     "either identifier or ref",
		`{"ref":"a","as_of":"` + planted + `"}`:                 "RFC 3339",
		`{"ref":"a","as_known":"` + planted + `"}`:              "position",
		`{"identifier":{"kind":"` + planted + `","value":"v"}}`: "kind of identifier",
		`{"ref":"` + strings.Repeat("a", 70<<10) + `"}`:         "65536 bytes",
	} {
		rec := w.do("POST", "/v1/footprint", access.DPO, body)
		if rec.Code < 400 || rec.Code > 499 || !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%.60s: %d %s", body, rec.Code, rec.Body)
		}
		if strings.Contains(rec.Body.String(), "priya") {
			t.Errorf("the problem repeats the identifier: %s", rec.Body)
		}
	}
	r := httptest.NewRequest("POST", "/v1/footprint", strings.NewReader(`identifier=a`))
	r.Header.Set("Authorization", "Bearer "+w.tokens[access.DPO])
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, r)
	if code(t, rec) != "request.media_type" {
		t.Errorf("a form: %s", rec.Body)
	}
}

// A question that is wrong in one part says which part and what was expected.
func TestFaultsOfAQuestionPointAtThePart(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ path, body, part string }{
		{"/v1/footprint", `{"identifier":{"kind":"email","value":"priya"}}`, "identifier/value"},
		{"/v1/history", `{"identifier":{"kind":"email","value":"priya"},"as_known":"1-99-0"}`, "as_known"},
		{"/v1/person/merge", `{"identifier_a":{"kind":"email","value":"priya"},"b":"x","reason":"y"}`, "identifier_a/value"},
		{"/v1/person/mark", `{"identifier":{"kind":"email","value":"priya"},"reason":"y"}`, "identifier/value"},
	} {
		w.desk.err = fmt.Errorf("find: %w", &desk.Fault{Part: c.part, Text: "want an e-mail address"})
		rec := w.do("POST", c.path, access.DPO, c.body)
		var p api.Problem
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if p.Status != 400 || p.Code != "request.malformed" || p.Pointer != "/"+c.part || p.Detail != "want an e-mail address" {
			t.Errorf("%s: %s", c.path, rec.Body)
		}
	}
}

func TestErrorsOfTheDeskBecomeStableCodes(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{&desk.Ambiguous{Candidates: []events.Candidate{{Ref: "r1"}}}, 409, "person.ambiguous"},
		{&desk.NotFound{Unknown: []events.Unknown{{System: "crm", Why: "silent"}}}, 404, "person.not_found"},
		{&desk.Limited{RetryAfter: 7}, 429, "rate.limited"},
		{fmt.Errorf("x: %w", desk.ErrForbidden), 403, "permission.denied"},
		{fmt.Errorf("x: %w", desk.ErrNotRecorded), 503, "look.not_recorded"},
		{desk.ErrBehind, 503, "position.not_reached"},
		{desk.ErrGone, 404, "reference.unknown"},
		{errors.New("disk of " + planted), 500, "server.error"},
	} {
		w.desk.err = c.err
		rec := w.do("POST", "/v1/footprint", access.DPO, `{"ref":"x"}`)
		if rec.Code != c.status || code(t, rec) != c.code {
			t.Errorf("%v: %d %s", c.err, rec.Code, rec.Body)
		}
		if strings.Contains(rec.Body.String(), "priya") {
			t.Error("an inner error was shown")
		}
		if c.status == 429 && rec.Header().Get("Retry-After") != "7" {
			t.Errorf("Retry-After %q", rec.Header().Get("Retry-After"))
		}
		if c.code == "person.ambiguous" && !strings.Contains(rec.Body.String(), `"ref":"r1"`) {
			t.Errorf("the candidates are missing: %s", rec.Body)
		}
		if c.code == "person.not_found" && !strings.Contains(rec.Body.String(), `"why":"silent"`) {
			t.Errorf("nothing found, and no word of what is unknown: %s", rec.Body)
		}
	}
}

func TestDecisionNeedsAReason(t *testing.T) {
	w := newWorld(t)
	if rec := w.do("POST", "/v1/person/merge", access.DPO, `{"a":"x","b":"y","reason":""}`); rec.Code != 400 {
		t.Errorf("a merge without a reason: %d", rec.Code)
	}
	rec := w.do("POST", "/v1/person/merge", access.DPO, bodies["POST /v1/person/merge"])
	if rec.Code != 200 || strings.TrimSpace(rec.Body.String()) != `{"position":"1-7-0"}` || w.desk.decision.A != "x" {
		t.Errorf("merge: %d %s", rec.Code, rec.Body)
	}
}

func TestTokensAreMadeShownOnceAndEnded(t *testing.T) {
	w := newWorld(t)
	rec := w.do("POST", "/v1/tokens", access.Admin, `{"name":"ana","roles":["caseworker"]}`)
	var made api.CreatedToken
	if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil || rec.Code != 201 || made.Secret == "" {
		t.Fatalf("create: %d %s", rec.Code, rec.Body)
	}
	w.tokens["ana"] = made.Secret
	if rec := w.do("GET", "/v1/self", "ana", ""); rec.Code != 200 || !strings.Contains(rec.Body.String(), `"caseworker"`) {
		t.Fatalf("self: %d %s", rec.Code, rec.Body)
	}
	if rec := w.do("GET", "/v1/tokens", access.Admin, ""); strings.Contains(rec.Body.String(), "hash") || strings.Contains(rec.Body.String(), made.Secret[20:]) {
		t.Error("the list shows secrets")
	}
	for body, want := range map[string]string{
		`{"name":"ana","roles":["viewer"]}`:                                "token.name_taken",
		`{"name":"x","roles":["king"]}`:                                    "request.malformed",
		`{"name":"x","roles":["admin","dpo"]}`:                             "request.malformed",
		`{"name":"Two Words","roles":["viewer"]}`:                          "request.malformed",
		`{"name":"x","roles":["viewer"],"expires":"2001-01-01T00:00:00Z"}`: "request.malformed",
	} {
		if got := code(t, w.do("POST", "/v1/tokens", access.Admin, body)); got != want {
			t.Errorf("%s: %s", body, got)
		}
	}
	if rec := w.do("DELETE", "/v1/tokens/"+string(made.Token.ID), access.Admin, ""); rec.Code != 204 {
		t.Fatalf("revoke: %d", rec.Code)
	}
	if rec := w.do("GET", "/v1/self", "ana", ""); rec.Code != 401 || code(t, rec) != "token.invalid" {
		t.Errorf("a revoked token: %d", rec.Code)
	}
	if rec := w.do("DELETE", "/v1/tokens/nobody", access.Admin, ""); code(t, rec) != "token.unknown" {
		t.Errorf("revoke an absent one: %s", rec.Body)
	}
	acts := w.acts()
	if !slices.Contains(acts, "token.create") || !slices.Contains(acts, "token.revoke") {
		t.Errorf("recorded %v", acts)
	}
}

func (w *world) acts() []string {
	p, err := w.log.List(audit.Filter{}, -1, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, e := range p.Entries {
		out = append(out, string(e.Entry.Act))
	}
	return out
}

// I7 for acts: no record, no act.
func TestNoTokenWithoutARecord(t *testing.T) {
	w := newWorld(t)
	w.j.Refuse = true
	if rec := w.do("POST", "/v1/tokens", access.Admin, `{"name":"ana","roles":["viewer"]}`); rec.Code != 503 || code(t, rec) != "look.not_recorded" {
		t.Errorf("create while the journal is down: %d", rec.Code)
	}
	if rec := w.do("GET", "/v1/audit", access.Auditor, ""); rec.Code != 503 {
		t.Errorf("reading the record unrecorded: %d", rec.Code)
	}
	w.j.Refuse = false
	for _, tok := range w.store.List(context.Background()) {
		if tok.Name == "ana" {
			t.Error("the token was made")
		}
	}
}

func TestAuditIsReadProvedAndSigned(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.do("POST", "/v1/tokens", access.Admin, fmt.Sprintf(`{"name":"n%d","roles":["viewer"]}`, i))
	}
	var page audit.Page
	if err := json.Unmarshal(w.do("GET", "/v1/audit?act=token.create&limit=2", access.Auditor, "").Body.Bytes(), &page); err != nil || len(page.Entries) != 2 {
		t.Fatalf("page: %+v, %v", page, err)
	}
	key := strings.TrimSpace(w.do("GET", "/v1/audit/key", access.Auditor, "").Body.String())
	check, err := audit.OpenCheckpoint(w.do("GET", "/v1/audit/checkpoint", access.Auditor, "").Body.Bytes(), key)
	if err != nil {
		t.Fatal(err)
	}
	var proof audit.Proof
	if err := json.Unmarshal(w.do("GET", fmt.Sprintf("/v1/audit/proof?index=2&size=%d", check.Size), access.Auditor, "").Body.Bytes(), &proof); err != nil || proof.Check(check) != nil {
		t.Errorf("proof: %v, %v", err, proof.Check(check))
	}
	if got := code(t, w.do("GET", "/v1/audit/proof?index=999", access.Auditor, "")); got != "audit.out_of_range" {
		t.Errorf("a proof beyond the end: %s", got)
	}
	if got := code(t, w.do("GET", "/v1/audit?before=x", access.Auditor, "")); got != "request.malformed" {
		t.Errorf("a bad page: %s", got)
	}
	if !slices.Contains(w.acts(), "audit.read") {
		t.Error("reading the record was not recorded")
	}
}

func TestRefusalsAreRecorded(t *testing.T) {
	w := newWorld(t)
	w.do("POST", "/v1/footprint", access.Engineer, bodies["POST /v1/footprint"])
	p, err := w.log.List(audit.Filter{Outcome: audit.Refused}, -1, 0)
	if err != nil || len(p.Entries) != 1 || p.Entries[0].Entry.Name != "t-engineer" || p.Entries[0].Entry.Act != "footprint.read" {
		t.Errorf("recorded %+v, %v", p, err)
	}
}

func TestGuessingTokensIsSlowedDown(t *testing.T) {
	w := newWorld(t)
	w.tokens["wrong"] = "hbs_nonsense"
	last := 0
	for range 20 {
		last = w.do("GET", "/v1/self", "wrong", "").Code
	}
	if last != 429 {
		t.Errorf("after twenty wrong tokens: %d", last)
	}
	if rec := w.do("GET", "/v1/self", access.DPO, ""); rec.Code != 200 {
		t.Errorf("a right token from the same address: %d", rec.Code)
	}
}

func TestQuarantine(t *testing.T) {
	w := newWorld(t)
	if rec := w.do("POST", "/v1/quarantine/1-1-0/mend", access.DPO, `{"event":{}}`); rec.Code != 200 || !strings.Contains(rec.Body.String(), `"rejected":[]`) {
		t.Errorf("mend: %d %s", rec.Code, rec.Body)
	}
	if rec := w.do("POST", "/v1/quarantine/1-1-0/discard", access.DPO, `{"reason":"noise"}`); rec.Code != 204 {
		t.Errorf("discard: %d", rec.Code)
	}
	if got := code(t, w.do("GET", "/v1/quarantine/zero", access.DPO, "")); got != "quarantine.gone" {
		t.Errorf("a bad position: %s", got)
	}
	w.desk.err = desk.ErrGone
	if got := code(t, w.do("GET", "/v1/quarantine/1-1-0", access.DPO, "")); got != "quarantine.gone" {
		t.Errorf("an absent event: %s", got)
	}
}

func TestPanicIsOneProblemAndOneLine(t *testing.T) {
	w := newWorld(t, api.Route{Method: "GET", Pattern: "/boom", Permission: access.Public, Summary: "x",
		Handler: func(http.ResponseWriter, *http.Request) { panic("at " + planted) }})
	if rec := w.do("GET", "/boom", "", ""); rec.Code != 500 || code(t, rec) != "server.error" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if strings.Contains(w.lines.String(), "priya") {
		t.Error("the log repeats what the handler panicked with")
	}
}

func TestReadyz(t *testing.T) {
	ready := errors.New("map is behind")
	s, err := api.New(api.Config{Ready: func(context.Context) error { return ready }})
	if err != nil {
		t.Fatal(err)
	}
	get := func() int {
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, httptest.NewRequest("GET", "/readyz", nil))
		return rec.Code
	}
	if got := get(); got != 503 {
		t.Errorf("not ready: %d", got)
	}
	ready = nil
	if got := get(); got != 200 {
		t.Errorf("ready: %d", got)
	}
}

// A stream may take as long as it likes while it keeps coming, and is bounded
// by its handler only.
func TestStreamedBodyHasNoBound(t *testing.T) {
	var got int64
	w := newWorld(t, api.Route{Method: "POST", Pattern: "/v1/events", Permission: access.EventsWrite, Summary: "x", Stream: true,
		Handler: func(_ http.ResponseWriter, r *http.Request) { got, _ = io.Copy(io.Discard, r.Body) }})
	server := httptest.NewServer(w.server)
	defer server.Close()
	r, _ := http.NewRequest("POST", server.URL+"/v1/events", strings.NewReader(strings.Repeat("x", 1<<20)))
	r.Header.Set("Authorization", "Bearer "+w.tokens[access.SystemRole("crm")])
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got != 1<<20 {
		t.Errorf("read %d bytes", got)
	}
}

// A client that stops in the middle of its headers is let go.
func TestHeadersThatNeverEnd(t *testing.T) {
	w := newWorld(t)
	s := api.HTTPServer(w.server, slog.New(slog.DiscardHandler))
	s.ReadHeaderTimeout = 50 * time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	defer s.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = c.Write([]byte("GET /healthz HTTP/1.1\r\nHost: x\r\n"))
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.ReadAll(c); err != nil {
		t.Errorf("the server did not let go: %v", err)
	}
}

func TestOpenAPIGolden(t *testing.T) {
	w := newWorld(t)
	got := w.do("GET", "/v1/openapi.json", "", "").Body.Bytes()
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
		}
	}
	if err := json.Unmarshal(got, &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatalf("not OpenAPI: %v", err)
	}
	seen := map[string]bool{}
	for path, ops := range doc.Paths {
		for method, op := range ops {
			if seen[op.OperationID] || op.OperationID == "" {
				t.Errorf("%s %s: operation id %q is taken or empty", method, path, op.OperationID)
			}
			seen[op.OperationID] = true
		}
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile("testdata/openapi.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the published description changed; if that is meant, run the test with UPDATE_GOLDEN=1")
	}
}

func TestProblemsExplainThemselves(t *testing.T) {
	w := newWorld(t)
	for _, c := range api.Codes() {
		rec := w.do("GET", "/problems/"+c, "", "")
		if rec.Code != 200 || !strings.Contains(rec.Body.String(), c) || rec.Body.Len() < 40 {
			t.Errorf("%s: %d %s", c, rec.Code, rec.Body)
		}
	}
}

func FuzzFootprintBody(f *testing.F) {
	f.Add(`{"identifier":{"kind":"email","value":"a@example.org"},"as_of":"2024-01-02T03:04:05Z"}`)
	f.Add(`{"ref":"x","as_known":"1-2-3"}`)
	f.Add("{\"ref\":\"\xff\"}")
	s, err := api.New(api.Config{Mounts: []api.Route{{Method: "POST", Pattern: "/f", Permission: access.Public, Summary: "x", Handler: func(w http.ResponseWriter, r *http.Request) {
		var q api.PersonQuestion
		if p := api.ReadJSON(r, &q); p != nil {
			p.Write(w, r)
		}
	}}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/f", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		if rec.Code >= 500 {
			t.Fatalf("%q: %d", body, rec.Code)
		}
	})
}
