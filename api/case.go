package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	law "github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
)

// CaseDesk keeps the cases: what people asked, and what became of it.
type CaseDesk interface {
	OpenCase(context.Context, desk.CaseOrder) (desk.CaseOpened, error)
	ListCases(context.Context, desk.CaseQuery) (desk.CaseList, error)
	ExportCases(ctx context.Context, q desk.CaseQuery, emit func(*desk.CaseLine) error) error
	ShowCase(ctx context.Context, who access.Caller, id string) (*desk.CaseView, error)
	PlanCase(ctx context.Context, who access.Caller, id string, on events.Date) (*desk.CasePlan, error)
	ConfirmCase(context.Context, desk.CaseConfirmOrder) (desk.CaseDone, error)
	AssessCase(context.Context, desk.CaseAssessOrder) (desk.CaseDone, error)
	DecideCase(context.Context, desk.CaseDecideOrder) (desk.CaseDone, error)
	ApproveCase(context.Context, desk.CaseApproveOrder) (desk.CaseDone, error)
	RefuseCase(context.Context, desk.CaseRefuseOrder) (desk.CaseDone, error)
	ClockCase(context.Context, desk.CaseClockOrder) (desk.CaseDone, error)
	WithdrawCase(context.Context, desk.CaseStep) (desk.CaseDone, error)
	DuplicateCase(ctx context.Context, s desk.CaseStep, of string) (desk.CaseDone, error)
	LetterCase(context.Context, desk.CaseLetterOrder) (desk.CaseLetterView, error)
	AnswerCase(context.Context, desk.CaseAnswerOrder) (desk.CaseAnswered, error)
	CloseCase(context.Context, desk.CaseStep) (desk.CaseDone, error)
	RunCase(context.Context, desk.RunOrder) (*desk.RunView, error)
	PackageCase(context.Context, desk.PackageOrder) (*desk.PackageView, error)
	DownloadPackage(context.Context, desk.DownloadOrder) (*desk.PackageFetch, error)
	SendPackage(context.Context, desk.SendOrder) (*desk.SendView, error)
	CertifyCase(context.Context, desk.CaseStep) (*desk.CertificateView, error)
	Certificate(context.Context, desk.CertificateQuery) (*desk.CertificateView, error)
	OpenCommitment(context.Context, desk.CommitmentOrder) (*desk.OpeningView, error)
}

// CaseRow is one line of the list as a stream: a case, or at last how many there
// were. A list without its last line is not whole.
type CaseRow struct {
	Case *desk.CaseLine `json:"case,omitempty"`
	End  *RowsEnd       `json:"end,omitempty"`
}

// RowsEnd ends a list as a stream.
type RowsEnd struct {
	Count int `json:"count"`
}

const casePageTop = 1000

// caseRoutes is the part of the table about cases; none without a desk of cases.
func (s *Server) caseRoutes() []Route {
	d := s.cfg.Cases
	if d == nil {
		return nil
	}
	problems := []string{"look.not_recorded", "case.unknown", "case.refused", "case.not_yours"}
	row := func(method, path string, p access.Permission, h http.HandlerFunc, takes, gives any, summary string) Route {
		return Route{Method: method, Pattern: "/v1/cases" + path, Permission: p, Handler: h, Takes: takes, Gives: gives, Summary: summary, Problems: problems}
	}
	list := row("GET", "", access.CasesList, s.caseList, nil, desk.CaseList{},
		"The requests of people by right, date and state, what is due soonest first: in pages, or with Accept: application/x-ndjson as a stream of lines. It names nobody.")
	list.Stream, list.Query = true, map[string]string{"status": "one state, such as open or waiting", "right": "only about this right", "due_before": "due on this day or before, YYYY-MM-DD",
		"overdue": "true: only what is overdue", "order": "newest: the newest first", "after": "next of the page before", "limit": "cases in a page, up to 1000"}
	plan := row("GET", "/{id}/plan", access.CasesRead, s.casePlan, nil, desk.CasePlan{},
		"What is proposed and decided for each holding, as on a day. It destroys nothing. The look is recorded first.")
	plan.Stream, plan.Query = true, map[string]string{"on": "YYYY-MM-DD; today if absent. A day to come is a forecast"}
	cert := row("GET", "/{id}/certificate", access.CertificateRead, s.certificate, nil, desk.CertificateView{}, "A certificate that was drawn: as JSON, or as the file that is verified, or as PDF.")
	cert.Query = map[string]string{"number": "which; the last if absent", "form": "json (if absent), file (byte for byte what habeas verify reads) or pdf"}
	pack := row("POST", "/{id}/package", access.CasesAnswer, act(s, (*NewPackage).order, d.PackageCase), NewPackage{}, desk.PackageView{},
		"Make the answer to a request for access, or the copy for portability: encrypted as it is made, to a passphrase or a public key of age.")
	fetch := row("GET", "/{id}/package", access.CasesAnswer, s.fetchPackage, nil, nil, "Fetch a package. It is recorded before the first byte is given.")
	fetch.Media, fetch.Query = "application/octet-stream", map[string]string{"package": "which, by id or its beginning; the last if absent"}
	send := row("POST", "/{id}/send", access.CasesAnswer, act(s, (*CaseSend).order, d.SendPackage), CaseSend{}, desk.SendView{}, "Send the copy for portability straight to another controller (Article 20(2)).")
	pack.Stream, fetch.Stream, send.Stream = true, true, true
	routes := []Route{
		list, plan, cert, pack, fetch, send,
		row("POST", "", access.CasesOpen, act(s, (*NewCase).order, d.OpenCase), NewCase{}, desk.CaseOpened{}, "Record a request, and learn by when it must be answered."),
		row("GET", "/{id}", access.CasesRead, s.caseShow, nil, desk.CaseView{}, "One case: what was asked, its clocks, and every step. The look is recorded first."),
		row("POST", "/{id}/confirm", access.CasesIdentity, act(s, (*CaseConfirmation).order, d.ConfirmCase), CaseConfirmation{}, desk.CaseDone{}, "Accept that the joined records are this person's."),
		row("POST", "/{id}/assess", access.CasesDecide, act(s, (*NewAssessment).order, d.AssessCase), NewAssessment{}, desk.CaseDone{}, "Put on record what somebody found out, such as that an exemption applies."),
		row("POST", "/{id}/decide", access.CasesDecide, act(s, (*CaseDecision).order, d.DecideCase), CaseDecision{}, desk.CaseDone{}, "Decide about items of the plan, with a reason, or accept what is proposed."),
		row("POST", "/{id}/approve", access.CasesApprove, act(s, (*CaseApproval).order, d.ApproveCase), CaseApproval{}, desk.CaseDone{}, "Approve a plan that somebody else decided."),
		row("POST", "/{id}/refuse", access.CasesRefuse, act(s, (*CaseRefusal).order, d.RefuseCase), CaseRefusal{}, desk.CaseDone{}, "Refuse a whole request as manifestly unfounded or excessive."),
		row("POST", "/{id}/withdraw", access.CasesOpen, act(s, (*CaseReason).order, d.WithdrawCase), CaseReason{}, desk.CaseDone{}, "Record that the person withdrew the request."),
		row("POST", "/{id}/letter", access.CasesAnswer, act(s, (*NewLetter).order, d.LetterCase), NewLetter{}, desk.CaseLetterView{}, "Draft a letter, or keep one as it is sent."),
		row("POST", "/{id}/answer", access.CasesAnswer, act(s, (*CaseSent).order, d.AnswerCase), CaseSent{}, desk.CaseAnswered{}, "Record that the answer was sent. It never waits for targets."),
		row("POST", "/{id}/duplicate", access.CasesOpen, act(s, (*CaseSame).order, func(ctx context.Context, o sameOrder) (desk.CaseDone, error) {
			return d.DuplicateCase(ctx, o.CaseStep, o.of)
		}),
			CaseSame{}, desk.CaseDone{}, "Record that the case is the same as another."),
		row("POST", "/{id}/run", access.CasesRun, act(s, (*CaseRun).order, d.RunCase), CaseRun{}, desk.RunView{}, "Send the tasks of the approved plan to systems and recipients. Done twice, it is done once."),
		row("POST", "/{id}/certify", access.CasesClose, act(s, (*CaseReason).order, d.CertifyCase), CaseReason{}, desk.CertificateView{}, "Draw the certificate of a case that is complete. It names nobody."),
		row("POST", "/{id}/commitment", access.CasesRead, act(s, (*CaseCommitment).order, d.OpenCommitment), CaseCommitment{}, desk.OpeningView{}, "Show the sealed body behind one commitment of a certificate, for habeas verify --open. The look is recorded first."),
		row("POST", "/{id}/close", access.CasesClose, act(s, (*CaseReason).order, d.CloseCase), CaseReason{}, desk.CaseDone{}, "Close a case of which nothing is left to do."),
	}
	for _, m := range []struct {
		kind    string
		needs   access.Permission
		summary string
	}{
		{"identity", access.CasesIdentity, "Record that proof of who asks was asked for in doubt, came, failed, or was checked without doubt."},
		{"authority", access.CasesOpen, "Record that authority to act for the person was asked for, or came."},
		{"fee", access.CasesOpen, "Record that a fee was asked for, or paid."},
		{"clarify", access.CasesOpen, "Record that the person was asked what they mean, or answered."},
		{"extend", access.CasesRefuse, "Record that the person was told, with the reasons, that it takes longer."},
	} {
		read := func(in *CaseMark, f *fields, st desk.CaseStep) desk.CaseClockOrder { return in.order(m.kind, f, st) }
		routes = append(routes, row("POST", "/{id}/"+m.kind, m.needs, act(s, read, d.ClockCase), CaseMark{}, desk.CaseDone{}, m.summary))
	}
	return routes
}

// act handles one act on a case, or the opening of one.
func act[In, Order, Gives any](s *Server, read func(*In, *fields, desk.CaseStep) Order, do func(context.Context, Order) (Gives, error)) http.HandlerFunc {
	step := func(r *http.Request) desk.CaseStep {
		return desk.CaseStep{Caller: CallerOf(r.Context()), Case: r.PathValue("id")}
	}
	return actOn(step, read, do, func(w http.ResponseWriter, r *http.Request, v Gives, err error) { keepCase(s, w, r, v, err) })
}

// actOn handles an act of a person: whom or what it is about, a body, the order it
// means, and what the desk says. A body may be left out where all of it may.
func actOn[In, About, Order, Gives any](about func(*http.Request) About, read func(*In, *fields, About) Order,
	do func(context.Context, Order) (Gives, error), answer func(http.ResponseWriter, *http.Request, Gives, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if r.ContentLength != 0 {
			if p := ReadJSON(r, &in); p != nil {
				p.Write(w, r)
				return
			}
		}
		var f fields
		o := read(&in, &f, about(r))
		if f.bad != nil {
			f.bad.Write(w, r)
			return
		}
		v, err := do(r.Context(), o)
		answer(w, r, v, err)
	}
}

// keepCase answers with what became of a case, or says why not.
func keepCase[T any](s *Server, w http.ResponseWriter, r *http.Request, v T, err error) {
	keepOf(s, w, r, "case.unknown", v, err)
}

// keepOf is keep, with a problem of its own for what is not there.
func keepOf[T any](s *Server, w http.ResponseWriter, r *http.Request, unknown string, v T, err error) {
	if errors.Is(err, desk.ErrGone) {
		NewProblem(unknown, "").Write(w, r)
		return
	}
	keep(s, w, r, v, err)
}

// decisionProblem turns what the law refuses about a decision into a problem; nil
// for other errors.
func decisionProblem(err error) *Problem {
	if errors.Is(err, law.ErrBeforeReceipt) {
		p := NewProblem("request.malformed", law.ErrBeforeReceipt.Error())
		p.Pointer = "/on"
		return p
	}
	for _, e := range []error{law.ErrNeedsPerson, law.ErrReview, law.ErrTwoPersons, law.ErrBinding, law.ErrHeld, law.ErrNoEnd, law.ErrOutcome, law.ErrNoReason, law.ErrNoPerson} {
		if errors.Is(err, e) {
			return NewProblem("case.refused", e.Error())
		}
	}
	return nil
}

// refusalProblem says why a case, or a task, does not allow an act: under the
// refusal's own code, which is as stable as those of this package.
func refusalProblem(r *cases.Refusal) *Problem {
	general := "case.refused"
	switch r.Code {
	case cases.SelfApproval:
		general = "case.not_yours"
	case cases.NothingAsked, cases.NotARequest, cases.DateBeforeReceipt, cases.DateInFuture, cases.DateOutOfOrder, cases.NoReason, cases.RefusalNeedsReason, cases.ExtensionNoReason, cases.BodyIncomplete:
		general = "request.malformed"
	}
	p := NewProblem(general, r.Text)
	p.Code, p.Type = string(r.Code), "/problems/"+string(r.Code)
	return p
}

func (s *Server) caseShow(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Cases.ShowCase(r.Context(), CallerOf(r.Context()), r.PathValue("id"))
	keepCase(s, w, r, v, err)
}

func (s *Server) casePlan(w http.ResponseWriter, r *http.Request) {
	var f fields
	on := f.date("on", r.URL.Query().Get("on"))
	if f.bad != nil {
		f.bad.Write(w, r)
		return
	}
	v, err := s.cfg.Cases.PlanCase(r.Context(), CallerOf(r.Context()), r.PathValue("id"), on)
	keepCase(s, w, r, v, err)
}

// caseQuery reads the question of a list: codes and dates only.
func caseQuery(r *http.Request) (desk.CaseQuery, *Problem) {
	var f fields
	v := r.URL.Query()
	q := desk.CaseQuery{Caller: CallerOf(r.Context()), Overdue: v.Get("overdue") == "true", Status: v.Get("status"), Right: catalogue.RightKind(v.Get("right")), DueBy: f.date("due_before", v.Get("due_before")),
		After: v.Get("after"), Newest: v.Get("order") == "newest"}
	if o := v.Get("order"); o != "" && o != "newest" && o != "due" {
		f.fail("order", errors.New("want due or newest"))
	}
	if n := v.Get("limit"); n != "" {
		var err error
		if q.Limit, err = strconv.Atoi(n); err != nil || q.Limit < 0 || q.Limit > casePageTop {
			f.fail("limit", errors.New("want a number up to 1000"))
		}
	}
	return q, f.bad
}

func (s *Server) caseList(w http.ResponseWriter, r *http.Request) {
	q, p := caseQuery(r)
	if p != nil {
		p.Write(w, r)
		return
	}
	if strings.Contains(r.Header.Get("Accept"), "application/x-ndjson") {
		s.caseRows(w, r, q)
		return
	}
	v, err := s.cfg.Cases.ListCases(r.Context(), q)
	keepCase(s, w, r, v, err)
}

// caseRows streams the list.
func (s *Server) caseRows(w http.ResponseWriter, r *http.Request, q desk.CaseQuery) {
	rows(s, w, r, func(emit func(any) error) error {
		return s.cfg.Cases.ExportCases(r.Context(), q, func(c *desk.CaseLine) error { return emit(CaseRow{Case: c}) })
	}, func(n int) any { return CaseRow{End: &RowsEnd{Count: n}} })
}

// rows streams a list as lines, the last of which ends it. An error after the
// first line can only end it without its last.
func rows(s *Server, w http.ResponseWriter, r *http.Request, export func(emit func(any) error) error, end func(n int) any) {
	enc := json.NewEncoder(w)
	control := http.NewResponseController(w)
	n := 0
	begin := func() {
		if n == 0 {
			w.Header().Set("Content-Type", "application/x-ndjson")
		}
	}
	err := export(func(line any) error {
		begin()
		if n++; n%100 == 0 {
			defer control.Flush() //nolint:errcheck // whoever reads sees it later
		}
		return enc.Encode(line)
	})
	switch {
	case err == nil:
		begin()
		_ = enc.Encode(end(n))
	case n == 0:
		keepCase(s, w, r, 0, err)
	default:
		s.cfg.Log.WarnContext(r.Context(), "a list broke off", "error", err)
		panic(http.ErrAbortHandler) // so that nobody takes it for whole
	}
}
