package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
)

// Looker answers questions about a person.
type Looker interface {
	Footprint(context.Context, desk.Query) (*events.Footprint, error)
	History(context.Context, desk.Query) (*events.History, error)
}

// Decider takes what a person decides by hand about identity.
type Decider interface {
	Merge(context.Context, desk.Decision) (events.Position, error)
	State(context.Context, desk.StateDecision) (events.Position, error)
	Split(context.Context, desk.Decision) (events.Position, error)
	Mark(context.Context, desk.Decision) (events.Position, error)
}

// Surveyor answers questions about systems and what they sent.
type Surveyor interface {
	Systems(context.Context, access.Caller) (desk.Survey, error)
	Quarantine(context.Context, access.Caller) (desk.QuarantineList, error)
	QuarantineOpen(context.Context, access.Caller, events.Position) (desk.QuarantineBody, error)
	Reason(context.Context, access.Caller, events.EventID) (desk.ReasonView, error)
}

// Desk is what this package asks.
type Desk interface {
	Looker
	Decider
	Surveyor
	Keeper
	Assessor
	Recorder
	Examiner
}

// Mender acts on quarantined events. Its errors wrap desk.ErrGone when there
// is no such event.
type Mender interface {
	// Mend sends the mended event in the place of the quarantined one.
	Mend(ctx context.Context, who access.Caller, at events.Position, event []byte) (events.IngestResult, error)
	Discard(ctx context.Context, who access.Caller, at events.Position, reason events.Plaintext) error
}

// deskProblem turns the desk's errors into problems.
func deskProblem(err error) *Problem {
	var many *desk.Ambiguous
	var none *desk.NotFound
	var limited *desk.Limited
	var fault *desk.Fault
	var refusal *cases.Refusal
	switch {
	case errors.As(err, &refusal):
		return refusalProblem(refusal)
	case errors.As(err, &fault):
		p := NewProblem("request.malformed", fault.Text)
		if fault.Part != "" {
			p.Pointer = "/" + fault.Part
		}
		return p
	case errors.As(err, &many):
		return NewProblem("person.ambiguous", "").With("candidates", many.Candidates).With("as_of", many.AsOf).With("unknown", many.Unknown).With("words", many.Words).With("contested", many.Contested)
	case errors.As(err, &none):
		return NewProblem("person.not_found", "").With("as_of", none.AsOf).With("unknown", none.Unknown).With("words", none.Words)
	case errors.As(err, &limited):
		return NewProblem("rate.limited", limited.Error()).With("retry_after", limited.RetryAfter)
	case errors.Is(err, desk.ErrForbidden):
		return NewProblem("permission.denied", denied(err))
	case errors.Is(err, desk.ErrNotRecorded):
		return NewProblem("look.not_recorded", "")
	case errors.Is(err, desk.ErrBehind):
		return NewProblem("position.not_reached", "")
	case errors.Is(err, desk.ErrQuestion):
		return NewProblem("request.malformed", err.Error())
	case errors.Is(err, desk.ErrGone):
		return NewProblem("reference.unknown", "")
	case errors.Is(err, context.DeadlineExceeded):
		return NewProblem("server.unavailable", "it took too long")
	}
	if p := decisionProblem(err); p != nil {
		return p
	}
	return NewProblem("server.error", "")
}

// denied is what an error says beyond that something is not permitted: which
// permission it needs, or that somebody else must do it.
func denied(err error) string {
	_, why, _ := strings.Cut(err.Error(), desk.ErrForbidden.Error()+": ")
	return why
}

// fail answers with the problem of an error and logs what is our own fault.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := DeskProblem(w, err)
	if p.Status >= 500 {
		s.cfg.Log.ErrorContext(r.Context(), "a request went wrong", "request", RequestID(r.Context()), "route", r.Pattern, "error", err)
	}
	p.Write(w, r)
}

// DeskProblem turns an error of the desk into a problem and sets the headers
// that go with it.
func DeskProblem(w http.ResponseWriter, err error) *Problem {
	p := deskProblem(err)
	var limited *desk.Limited
	switch {
	case errors.As(err, &limited):
		w.Header().Set("Retry-After", strconv.Itoa(limited.RetryAfter))
	case p.Status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	return p
}
