package api

import (
	"net/http"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// PersonStateDecision says that a person has died, is a minor or lacks capacity.
type PersonStateDecision struct {
	Ref    string `json:"ref"`   // of an earlier answer or candidate
	State  string `json:"state"` // deceased, minor or lacks_capacity
	Date   string `json:"date"`  // since when, such as 2026-03-14
	Reason string `json:"reason"`
}

func (s *Server) personState(w http.ResponseWriter, r *http.Request) {
	var in PersonStateDecision
	if p := ReadJSON(r, &in); p != nil {
		p.Write(w, r)
		return
	}
	bad := func(pointer, want string) {
		p := NewProblem("request.malformed", want)
		p.Pointer = pointer
		p.Write(w, r)
	}
	d := desk.StateDecision{Caller: CallerOf(r.Context()), Ref: in.Ref, Reason: events.NewPlaintext(in.Reason)}
	var err error
	if d.State, err = events.ParseState(in.State); err != nil {
		bad("/state", "state: "+err.Error())
		return
	}
	if d.Date, err = events.ParseDate(in.Date); err != nil || d.Date.IsZero() {
		bad("/date", "date: want a day such as 2026-03-14")
		return
	}
	if d.Reason.IsZero() {
		bad("/reason", "want a reason: a decision about a person is explained")
		return
	}
	at, err := s.cfg.Desk.State(r.Context(), d)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, Decided{at.String()})
}
