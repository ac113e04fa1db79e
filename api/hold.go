package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// NewHold places a hold on a person, an item, a system, an activity or a
// category, or on what several of them have in common.
type NewHold struct {
	Identifier *IdentifierIn `json:"identifier,omitempty"`
	Item       *IdentifierIn `json:"item,omitempty"`
	System     string        `json:"system,omitempty"`
	Activity   string        `json:"activity,omitempty"`
	Category   string        `json:"category,omitempty"` // code or code/element
	From       string        `json:"from,omitempty"`     // days of the records, inclusive
	To         string        `json:"to,omitempty"`
	Ground     string        `json:"ground"` // claims, law, inquiry, regulator, crime, audit
	Owner      string        `json:"owner"`  // who answers for it; sealed
	Review     string        `json:"review"` // the day it is looked at again
	Ref        string        `json:"ref,omitempty"`
}

// HoldEnd lifts a hold.
type HoldEnd struct {
	Reason string `json:"reason"`
}

// NewBatch says what a batch is to hold.
type NewBatch struct {
	On       string `json:"on,omitempty"` // what ended by this day; today if absent, never later
	System   string `json:"system,omitempty"`
	Activity string `json:"activity,omitempty"`
}

func (h *NewHold) read(r *http.Request) (desk.HoldOrder, *Problem) {
	var f fields
	o := desk.HoldOrder{Caller: CallerOf(r.Context()), System: f.code("system", h.System), Activity: f.code("activity", h.Activity),
		From: f.date("from", h.From), To: f.date("to", h.To), Ground: f.code("ground", h.Ground), Review: f.date("review", h.Review),
		Owner: events.NewPlaintext(h.Owner), Text: events.NewPlaintext(h.Ref)}
	category, element, _ := strings.Cut(h.Category, "/")
	o.Category = events.Category{Code: f.code("category", category), Element: f.code("category", element)}
	if h.Review == "" {
		f.fail("review", errors.New("want a date as YYYY-MM-DD, such as 2027-03-14"))
	}
	var p *Problem
	if o.Identifier, p = h.Identifier.read("/identifier"); p == nil {
		o.Item, p = h.Item.read("/item")
	}
	if p == nil {
		p = f.bad
	}
	return o, p
}

func (s *Server) placeHold(w http.ResponseWriter, r *http.Request) {
	var in NewHold
	p := ReadJSON(r, &in)
	var o desk.HoldOrder
	if p == nil {
		o, p = in.read(r)
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	v, err := s.cfg.Desk.PlaceHold(r.Context(), o)
	keep(s, w, r, v, err)
}

func (s *Server) liftHold(w http.ResponseWriter, r *http.Request) {
	var in HoldEnd
	if p := ReadJSON(r, &in); p != nil {
		p.Write(w, r)
		return
	}
	v, err := s.cfg.Desk.LiftHold(r.Context(), CallerOf(r.Context()), r.PathValue("id"), events.NewPlaintext(in.Reason))
	if errors.Is(err, desk.ErrGone) {
		NewProblem("hold.gone", "no hold of that id stands; see habeas hold list. One that was lifted stays lifted").Write(w, r)
		return
	}
	keep(s, w, r, v, err)
}

func (s *Server) holds(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Desk.Holds(r.Context(), CallerOf(r.Context()))
	keep(s, w, r, v, err)
}

func (s *Server) batches(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Desk.Disposals(r.Context(), CallerOf(r.Context()))
	keep(s, w, r, v, err)
}

func (s *Server) propose(w http.ResponseWriter, r *http.Request) {
	var in NewBatch
	p := ReadJSON(r, &in)
	var f fields
	o := desk.DisposalOrder{Caller: CallerOf(r.Context()), On: f.date("on", in.On), System: f.code("system", in.System), Activity: f.code("activity", in.Activity)}
	if p == nil {
		p = f.bad
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	v, err := s.cfg.Desk.Propose(r.Context(), o)
	if errors.Is(err, desk.ErrGone) {
		NewProblem("disposal.empty", "nothing has ended by then that may go; habeas retention due says what is paused, on hold or waits for a person").Write(w, r)
		return
	}
	keep(s, w, r, v, err)
}

func (s *Server) approveBatch(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Desk.ApproveDisposal(r.Context(), CallerOf(r.Context()), r.PathValue("id"))
	keepBatch(s, w, r, v, err)
}

func (s *Server) runBatch(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Desk.RunDisposal(r.Context(), CallerOf(r.Context()), r.PathValue("id"))
	keepBatch(s, w, r, v, err)
}

// keepBatch is keep for one batch, which may not be there.
func keepBatch[T any](s *Server, w http.ResponseWriter, r *http.Request, v T, err error) {
	if errors.Is(err, desk.ErrGone) {
		NewProblem("disposal.unknown", "no batch of that id was proposed; see habeas retention batches").Write(w, r)
		return
	}
	keep(s, w, r, v, err)
}
