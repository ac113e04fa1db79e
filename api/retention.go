package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// Keeper answers until when things are kept, and takes orders about keeping and
// erasing.
type Keeper interface {
	Due(ctx context.Context, q desk.DueQuery, emit func(*desk.DueItem) error) (*desk.DuePage, error)
	Forecast(ctx context.Context, who access.Caller, from events.Date) (*desk.Forecast, error)
	Waiting(context.Context, access.Caller) (*desk.WaitingList, error)
	PlaceHold(context.Context, desk.HoldOrder) (desk.HoldView, error)
	LiftHold(ctx context.Context, who access.Caller, id string, reason events.Plaintext) (desk.Lifted, error)
	Holds(context.Context, access.Caller) (desk.HoldList, error)
	Propose(context.Context, desk.DisposalOrder) (desk.DisposalView, error)
	ApproveDisposal(ctx context.Context, who access.Caller, id string) (desk.DisposalView, error)
	RunDisposal(ctx context.Context, who access.Caller, id string) (desk.DisposalRun, error)
	Disposals(context.Context, access.Caller) (desk.DisposalList, error)
}

// DueQuestion asks what has ended by a day. An empty field leaves its side open.
type DueQuestion struct {
	On       string `json:"on,omitempty"`    // YYYY-MM-DD; today if absent
	Until    string `json:"until,omitempty"` // adds what ends by then
	System   string `json:"system,omitempty"`
	Activity string `json:"activity,omitempty"`
	Rule     string `json:"rule,omitempty"`
	Status   string `json:"status,omitempty"` // due, overdue, paused, on_hold, running
	Hold     string `json:"hold,omitempty"`   // only what this hold keeps
	After    string `json:"after,omitempty"`  // next of the page before
	Limit    int    `json:"limit,omitempty"`  // items in a page, up to 5000; 500 if absent
}

const (
	duePage    = 500
	duePageTop = 5000
)

// DueLine is one line of the list as a stream: an item, or at last the page
// without items. A list without its last line is not whole.
type DueLine struct {
	Item *desk.DueItem `json:"item,omitempty"`
	End  *desk.DuePage `json:"end,omitempty"`
}

// keeping is the part of the table about keeping and erasing.
func (s *Server) keeping() []Route {
	looks := []string{"look.not_recorded"}
	batch := []string{"look.not_recorded", "disposal.unknown"}
	due := func(method string, takes any, query map[string]string) Route {
		return Route{Method: method, Pattern: "/v1/retention/due", Permission: access.RetentionRead, Handler: s.due, Stream: true, Takes: takes, Gives: desk.DuePage{}, Query: query,
			Summary: "What is due to be erased on a day, by reference; in pages, or with Accept: application/x-ndjson as a stream of lines. The look is recorded first.", Problems: looks}
	}
	return []Route{
		due("GET", nil, map[string]string{"on": "YYYY-MM-DD; today if absent", "until": "adds what ends by then", "system": "only of this system", "activity": "only of this activity",
			"rule": "only by this rule", "status": "due, overdue, paused, on_hold or running", "hold": "only what this hold keeps", "after": "next of the page before", "limit": "items in a page, up to 5000"}),
		due("POST", DueQuestion{}, nil),
		{Method: "GET", Pattern: "/v1/retention/forecast", Permission: access.RetentionRead, Handler: s.forecast, Stream: true, Gives: desk.Forecast{},
			Summary: "What ends in the coming twelve months, counted by month, rule and system. The look is recorded.", Problems: looks, Query: map[string]string{"from": "YYYY-MM-DD; today if absent"}},
		{Method: "GET", Pattern: "/v1/retention/waiting", Permission: access.RetentionRead, Handler: s.waiting, Stream: true, Gives: desk.WaitingList{},
			Summary: "What has no end because the moment it counts from has not been reported, and may never be. The look is recorded.", Problems: looks},
		{Method: "GET", Pattern: "/v1/retention/batches", Permission: access.RetentionRead, Handler: s.batches, Gives: desk.DisposalList{},
			Summary: "The batches that were proposed for erasure, newest first."},
		{Method: "POST", Pattern: "/v1/retention/batches", Permission: access.DisposalPropose, Handler: s.propose, Stream: true, Takes: NewBatch{}, Gives: desk.DisposalView{},
			Summary: "Put together what has ended and may go, for somebody else to approve.", Problems: append([]string{"disposal.empty"}, looks...)},
		{Method: "POST", Pattern: "/v1/retention/batches/{id}/approve", Permission: access.DisposalApprove, Handler: s.approveBatch, Gives: desk.DisposalView{},
			Summary: "Approve a batch that somebody else proposed.", Problems: batch},
		{Method: "POST", Pattern: "/v1/retention/batches/{id}/run", Permission: access.DisposalRun, Handler: s.runBatch, Stream: true, Gives: desk.DisposalRun{},
			Summary: "Decide on the erasure of every holding of an approved batch. This release erases nothing.", Problems: append([]string{"disposal.fuse", "disposal.stale"}, batch...)},
		{Method: "GET", Pattern: "/v1/holds", Permission: access.HoldsRead, Handler: s.holds, Gives: desk.HoldList{},
			Summary: "Every hold, those that stand first. The look is recorded.", Problems: looks},
		{Method: "POST", Pattern: "/v1/holds", Permission: access.HoldsManage, Handler: s.placeHold, Takes: NewHold{}, Gives: desk.HoldView{},
			Summary: "Place a hold: what it covers, now and later, is not erased while it stands.", Problems: looks},
		{Method: "POST", Pattern: "/v1/holds/{id}/lift", Permission: access.HoldsManage, Handler: s.liftHold, Stream: true, Takes: HoldEnd{}, Gives: desk.Lifted{},
			Summary: "Lift a hold, and see what becomes due by it. Nothing is erased that day.", Problems: append([]string{"hold.gone"}, looks...)},
	}
}

// fields reads the texts of a question, and keeps the first that is wrong.
type fields struct{ bad *Problem }

func (f *fields) fail(pointer string, err error) {
	if f.bad == nil && err != nil {
		f.bad = NewProblem("request.malformed", err.Error())
		f.bad.Pointer = "/" + pointer
	}
}

func (f *fields) date(pointer, text string) events.Date {
	if text == "" {
		return 0
	}
	d, err := events.ParseDate(text)
	f.fail(pointer, err)
	return d
}

func (f *fields) code(pointer, text string) events.Code {
	if text == "" {
		return ""
	}
	c, err := events.ParseCode(text)
	f.fail(pointer, err)
	return c
}

func (q *DueQuestion) read(r *http.Request) (desk.DueQuery, *Problem) {
	var f fields
	out := desk.DueQuery{Caller: CallerOf(r.Context()), On: f.date("on", q.On), Until: f.date("until", q.Until), System: f.code("system", q.System),
		Activity: f.code("activity", q.Activity), Rule: q.Rule, Status: q.Status, Hold: q.Hold, After: q.After, Limit: q.Limit}
	if q.Limit < 0 || q.Limit > duePageTop {
		f.fail("limit", errors.New("want at most 5000"))
	}
	return out, f.bad
}

// dueQuestion reads the question from the body, or from the query of a GET.
func dueQuestion(r *http.Request) (q DueQuestion, p *Problem) {
	if r.Method != http.MethodGet {
		return q, ReadJSON(r, &q)
	}
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, NewProblem("request.malformed", "want a query of names and values")
	}
	for name, at := range map[string]*string{"on": &q.On, "until": &q.Until, "system": &q.System, "activity": &q.Activity,
		"rule": &q.Rule, "status": &q.Status, "hold": &q.Hold, "after": &q.After} {
		*at = v.Get(name)
	}
	if n := v.Get("limit"); n != "" {
		if q.Limit, err = strconv.Atoi(n); err != nil {
			return q, NewProblem("request.malformed", "limit: want a number")
		}
	}
	return q, nil
}

func (s *Server) due(w http.ResponseWriter, r *http.Request) {
	in, p := dueQuestion(r)
	var q desk.DueQuery
	if p == nil {
		q, p = in.read(r)
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	if strings.Contains(r.Header.Get("Accept"), "application/x-ndjson") {
		s.dueLines(w, r, q)
		return
	}
	if q.Limit == 0 {
		q.Limit = duePage
	}
	items := []desk.DueItem{}
	page, err := s.cfg.Desk.Due(r.Context(), q, func(it *desk.DueItem) error { items = append(items, *it); return nil })
	if err != nil {
		s.failKeeping(w, r, err)
		return
	}
	page.Items = items
	WriteJSON(w, r, http.StatusOK, page)
}

// dueLines streams the list. An error after the first line can only end it
// without its last.
func (s *Server) dueLines(w http.ResponseWriter, r *http.Request, q desk.DueQuery) {
	enc := json.NewEncoder(w)
	began := false
	begin := func() {
		if !began {
			w.Header().Set("Content-Type", "application/x-ndjson")
			began = true
		}
	}
	control := http.NewResponseController(w)
	n := 0
	page, err := s.cfg.Desk.Due(r.Context(), q, func(it *desk.DueItem) error {
		begin()
		if n++; n == 1 || n%100 == 0 {
			defer control.Flush()
		}
		return enc.Encode(DueLine{Item: it})
	})
	switch {
	case err == nil:
		begin()
		_ = enc.Encode(DueLine{End: page})
	case !began:
		s.failKeeping(w, r, err)
	default:
		s.cfg.Log.WarnContext(r.Context(), "a list of what is due broke off", "error", err)
		panic(http.ErrAbortHandler) // so that nobody takes it for whole
	}
}

// failKeeping answers with the problem of an error that only these routes know.
func (s *Server) failKeeping(w http.ResponseWriter, r *http.Request, err error) {
	var fuse *desk.Fuse
	switch {
	case errors.As(err, &fuse):
		NewProblem("disposal.fuse", fuse.Error()).With("rule", fuse.Code).Write(w, r)
	case errors.Is(err, desk.ErrFrozen):
		NewProblem("restore.unconfirmed", desk.ErrFrozen.Error()).Write(w, r)
	case errors.Is(err, desk.ErrStale):
		NewProblem("disposal.stale", err.Error()).Write(w, r)
	default:
		s.fail(w, r, err)
	}
}

// keep answers with what a question or an order gave.
func keep[T any](s *Server, w http.ResponseWriter, r *http.Request, v T, err error) {
	if err != nil {
		s.failKeeping(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, v)
}

func (s *Server) forecast(w http.ResponseWriter, r *http.Request) {
	var f fields
	from := f.date("from", r.URL.Query().Get("from"))
	if f.bad != nil {
		f.bad.Write(w, r)
		return
	}
	v, err := s.cfg.Desk.Forecast(r.Context(), CallerOf(r.Context()), from)
	keep(s, w, r, v, err)
}

func (s *Server) waiting(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Desk.Waiting(r.Context(), CallerOf(r.Context()))
	keep(s, w, r, v, err)
}
