package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// MendEvent is the mended event, as its system should have sent it.
type MendEvent struct {
	Event json.RawMessage `json:"event"` // a CloudEvent
}

// DiscardEvent says why a quarantined event is thrown away.
type DiscardEvent struct {
	Reason string `json:"reason"`
}

func (s *Server) quarantine(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Desk.Quarantine(r.Context(), CallerOf(r.Context()))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, v)
}

func quarantinePosition(r *http.Request) (events.Position, *Problem) {
	at, err := events.ParsePosition(r.PathValue("position"))
	if err != nil {
		return at, NewProblem("quarantine.gone", "")
	}
	return at, nil
}

func (s *Server) quarantineOpen(w http.ResponseWriter, r *http.Request) {
	at, p := quarantinePosition(r)
	if p != nil {
		p.Write(w, r)
		return
	}
	v, err := s.cfg.Desk.QuarantineOpen(r.Context(), CallerOf(r.Context()), at)
	if err != nil {
		s.quarantineFail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, v)
}

func (s *Server) quarantineMend(w http.ResponseWriter, r *http.Request) {
	at, p := quarantinePosition(r)
	var in MendEvent
	if p == nil {
		p = s.mendable(r, &in)
	}
	if p == nil && len(in.Event) == 0 {
		p = NewProblem("request.malformed", "want event")
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	if err := s.record(r.Context(), "quarantine.mend", ""); err != nil {
		s.fail(w, r, err)
		return
	}
	v, err := s.cfg.Mend.Mend(r.Context(), CallerOf(r.Context()), at, in.Event)
	if err != nil {
		s.quarantineFail(w, r, err)
		return
	}
	if v.Rejected == nil {
		v.Rejected = []events.Rejection{}
	}
	WriteJSON(w, r, http.StatusOK, v)
}

func (s *Server) quarantineDiscard(w http.ResponseWriter, r *http.Request) {
	at, p := quarantinePosition(r)
	var in DiscardEvent
	if p == nil {
		p = s.mendable(r, &in)
	}
	if p == nil && in.Reason == "" {
		p = NewProblem("request.malformed", "want a reason")
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	// Mend records it, since the reason is to be sealed with whom it is about.
	if err := s.cfg.Mend.Discard(r.Context(), CallerOf(r.Context()), at, events.NewPlaintext(in.Reason)); err != nil {
		s.quarantineFail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) mendable(r *http.Request, v any) *Problem {
	if s.cfg.Mend == nil {
		return NewProblem("server.not_configured", "")
	}
	return ReadJSON(r, v)
}

func (s *Server) quarantineFail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, desk.ErrGone) {
		NewProblem("quarantine.gone", "").Write(w, r)
		return
	}
	s.fail(w, r, err)
}
