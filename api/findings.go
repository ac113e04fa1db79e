package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// Examiner says where observed and declared disagree, and takes what people
// decide about it.
type Examiner interface {
	Findings(ctx context.Context, q desk.FindingQuery, emit func(*desk.FindingLine) error) (*desk.FindingPage, error)
	Finding(ctx context.Context, who access.Caller, id string) (*desk.FindingView, error)
	DecideFinding(context.Context, desk.FindingOrder) (*desk.FindingView, error)
}

// NewFindingDecision decides about one finding.
type NewFindingDecision struct {
	ID      string `json:"id"`
	Outcome string `json:"outcome"` // accepted, resolved, or reopened to take an earlier word back
	Reason  string `json:"reason"`  // why; sealed
	// Review is the day until which it is accepted, YYYY-MM-DD; a year from today
	// if absent.
	Review string `json:"review,omitempty"`
}

// FindingRow is one line of the list as a stream: a finding, or at last the page
// without findings. A list without its last line is not whole.
type FindingRow struct {
	Finding *desk.FindingLine `json:"finding,omitempty"`
	End     *desk.FindingPage `json:"end,omitempty"`
}

func (s *Server) findingRoutes() []Route {
	return []Route{
		{Method: "GET", Pattern: "/v1/findings", Permission: access.FindingsRead, Handler: s.findings, Stream: true, Gives: desk.FindingPage{},
			Summary: "Where what systems report and what the catalogue declares disagree: in pages, as CSV, or with Accept: application/x-ndjson as a stream of lines. Findings about single people, by reference, need findings.people; that look is recorded first.",
			Query: map[string]string{"rule": "name of a rule, or an alias", "verdict": "info, warn, review, gap, conflict or error", "status": "open (if absent), accepted, resolved or all",
				"system": "only of this system", "as_of": "a day (its end) or RFC 3339: as known and decided then", "after": "next of the page before",
				"limit": "findings about single people in a page, up to 5000; a page may be empty and not the last", "format": "json or csv"},
			Problems: []string{"look.not_recorded"}},
		{Method: "POST", Pattern: "/v1/findings", Permission: access.FindingsDecide, Handler: s.decideFinding, Takes: NewFindingDecision{}, Gives: desk.FindingView{},
			Summary: "Accept a finding until a day, say that it is mended, or take such a word back. The decision is recorded first.", Problems: []string{"look.not_recorded", "finding.unknown"}},
		{Method: "GET", Pattern: "/v1/findings/{id}", Permission: access.FindingsRead, Handler: s.finding, Gives: desk.FindingView{},
			Summary: "One finding: what, where, since when, of how many people, what the rule rests on and what to do. The look is recorded.", Problems: []string{"look.not_recorded", "finding.unknown"}},
	}
}

// findingQuery reads the question from the query of the URL: it holds codes only.
func findingQuery(r *http.Request) (desk.FindingQuery, *Problem) {
	v := r.URL.Query()
	var f fields
	q := desk.FindingQuery{Caller: CallerOf(r.Context()), Rule: v.Get("rule"), Verdict: v.Get("verdict"), Status: v.Get("status"),
		System: f.code("system", v.Get("system")), After: v.Get("after")}
	var err error
	if q.AsOf, q.AsOfDay, err = desk.ParseAsOf(v.Get("as_of")); err != nil {
		return q, deskProblem(err)
	}
	if n := v.Get("limit"); n != "" {
		if q.Limit, err = strconv.Atoi(n); err != nil || q.Limit < 0 || q.Limit > duePageTop {
			f.fail("limit", errors.New("want a number up to 5000"))
		}
	}
	if form := v.Get("format"); form != "" && form != "json" && form != "csv" {
		f.fail("format", errors.New("want json or csv"))
	}
	return q, f.bad
}

func (s *Server) findings(w http.ResponseWriter, r *http.Request) {
	q, p := findingQuery(r)
	if p != nil {
		p.Write(w, r)
		return
	}
	switch {
	case r.URL.Query().Get("format") == "csv":
		s.findingCSV(w, r, q)
		return
	case strings.Contains(r.Header.Get("Accept"), "application/x-ndjson"):
		s.findingRows(w, r, q)
		return
	}
	if q.Limit == 0 {
		q.Limit = duePage
	}
	list := []desk.FindingLine{}
	page, err := s.cfg.Desk.Findings(r.Context(), q, func(f *desk.FindingLine) error { list = append(list, *f); return nil })
	if err != nil {
		s.fail(w, r, err)
		return
	}
	page.Findings = list
	WriteJSON(w, r, http.StatusOK, page)
}

// findingRows streams the list. An error after the first line can only end it
// without its last.
func (s *Server) findingRows(w http.ResponseWriter, r *http.Request, q desk.FindingQuery) {
	enc := json.NewEncoder(w)
	control := http.NewResponseController(w)
	n := 0
	page, err := s.cfg.Desk.Findings(r.Context(), q, func(f *desk.FindingLine) error {
		if n++; n == 1 {
			w.Header().Set("Content-Type", "application/x-ndjson")
		}
		if n%100 == 0 {
			defer control.Flush() //nolint:errcheck // whoever reads sees it later
		}
		return enc.Encode(FindingRow{Finding: f})
	})
	switch {
	case err == nil:
		if n == 0 {
			w.Header().Set("Content-Type", "application/x-ndjson")
		}
		_ = enc.Encode(FindingRow{End: page})
	case n == 0:
		s.fail(w, r, err)
	default:
		s.cfg.Log.WarnContext(r.Context(), "a list of findings broke off", "error", err)
		panic(http.ErrAbortHandler) // so that nobody takes it for whole
	}
}

// findingHeads are the columns of the CSV form.
var findingHeads = []string{"id", "rule", "verdict", "status", "system", "activity", "category", "subject_type", "recipient", "country", "place", "about",
	"at", "last", "people", "people_now", "people_at_most", "review", "text", "source", "remedy"}

// findingCSV streams the whole list; it has no pages.
func (s *Server) findingCSV(w http.ResponseWriter, r *http.Request, q desk.FindingQuery) {
	out := csv.NewWriter(w)
	began := false
	begin := func() error {
		if began {
			return nil
		}
		began = true
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="findings.csv"`)
		return out.Write(findingHeads)
	}
	_, err := s.cfg.Desk.Findings(r.Context(), q, func(f *desk.FindingLine) error {
		if err := begin(); err != nil {
			return err
		}
		return out.Write(findingCells(f))
	})
	if err != nil && !began {
		s.fail(w, r, err)
		return
	}
	if err == nil {
		err = begin()
	}
	out.Flush()
	if err = errors.Join(err, out.Error()); err != nil {
		s.cfg.Log.WarnContext(r.Context(), "a list of findings broke off", "error", err)
		panic(http.ErrAbortHandler) // so that nobody takes it for whole
	}
}

func findingCells(f *desk.FindingLine) []string {
	number := func(n *uint64) string {
		if n == nil {
			return ""
		}
		return strconv.FormatUint(*n, 10)
	}
	review := ""
	if n := len(f.Decisions); n > 0 {
		review = f.Decisions[n-1].Review.String()
	}
	cells := []string{f.ID, f.Rule, f.Verdict, f.Status}
	columns := []string{"system", "activity", "category", "subject_type", "recipient", "country", "place"}
	for _, name := range columns {
		cells = append(cells, f.About[name])
	}
	var rest []string
	for name, code := range f.About {
		if !slices.Contains(columns, name) {
			rest = append(rest, name+"="+code)
		}
	}
	slices.Sort(rest)
	return append(cells, strings.Join(rest, " "), f.At.String(), f.Last.String(), number(f.People), number(f.PeopleNow), strconv.FormatBool(f.AtMost), review, f.Text, f.Source, f.Remedy)
}

func (s *Server) finding(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Desk.Finding(r.Context(), CallerOf(r.Context()), r.PathValue("id"))
	s.answerFinding(w, r, v, err)
}

func (s *Server) decideFinding(w http.ResponseWriter, r *http.Request) {
	var in NewFindingDecision
	p := ReadJSON(r, &in)
	var f fields
	o := desk.FindingOrder{Caller: CallerOf(r.Context()), ID: in.ID, Outcome: f.code("outcome", in.Outcome), Review: f.date("review", in.Review), Reason: events.NewPlaintext(in.Reason)}
	if p == nil {
		p = f.bad
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	v, err := s.cfg.Desk.DecideFinding(r.Context(), o)
	s.answerFinding(w, r, v, err)
}

func (s *Server) answerFinding(w http.ResponseWriter, r *http.Request, v *desk.FindingView, err error) {
	switch {
	case errors.Is(err, desk.ErrGone):
		NewProblem("finding.unknown", "").Write(w, r)
	case err != nil:
		s.fail(w, r, err)
	default:
		WriteJSON(w, r, http.StatusOK, v)
	}
}
