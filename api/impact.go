package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// Assessor counts the people that something touches, and lists them.
type Assessor interface {
	Impact(context.Context, desk.ImpactQuery) (*desk.Impact, error)
	ImpactPeople(ctx context.Context, q desk.ImpactQuery, begin func(*desk.Impact) error, each func(*desk.ImpactPerson) error) error
	ListRequests(context.Context, access.Caller) ([]desk.ListRequest, error)
	ApproveList(ctx context.Context, who access.Caller, id string) (desk.ListRequest, error)
}

// ImpactQuestion asks how many people are touched. An empty field means all.
type ImpactQuestion struct {
	System     string   `json:"system,omitempty"`
	Recipient  string   `json:"recipient,omitempty"`  // what was shared with it, not what is held
	Categories []string `json:"categories,omitempty"` // any of them; health means health/diagnosis too
	Activity   string   `json:"activity,omitempty"`
	// From and To bound a window: a day (included) or an RFC 3339 time. Times are
	// widened to whole UTC days. Without both it is about now.
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
	Reason string `json:"reason,omitempty"` // why; sealed with the record of the look
}

// ImpactLine is one line of a list of people: first the counts, then people, at
// last how many they were. A list without its last line is not whole.
type ImpactLine struct {
	Impact *desk.Impact       `json:"impact,omitempty"`
	Person *desk.ImpactPerson `json:"person,omitempty"`
	End    *ImpactEnd         `json:"end,omitempty"`
}

// ImpactEnd closes a list.
type ImpactEnd struct {
	Listed uint64 `json:"listed"`
}

// ListRequests are the lists that wait for a second person.
type ListRequests struct {
	Requests []desk.ListRequest `json:"requests"`
}

func (q *ImpactQuestion) read(r *http.Request) (desk.ImpactQuery, *Problem) {
	out := desk.ImpactQuery{Caller: CallerOf(r.Context()), Reason: events.NewPlaintext(q.Reason)}
	var bad *Problem
	code := func(pointer, text string) events.Code {
		if text == "" || bad != nil {
			return ""
		}
		c, err := events.ParseCode(text)
		if err != nil {
			bad = NewProblem("request.malformed", err.Error())
			bad.Pointer = pointer
		}
		return c
	}
	out.System, out.Recipient = code("/system", q.System), code("/recipient", q.Recipient)
	activity, sub, _ := strings.Cut(q.Activity, "/")
	out.Activity = events.Activity{Code: code("/activity", activity), SubPurpose: code("/activity", sub)}
	for i, text := range q.Categories {
		at := "/categories/" + strconv.Itoa(i)
		c, element, _ := strings.Cut(text, "/")
		if c == "" && bad == nil {
			bad = NewProblem("request.malformed", "want the id of a category")
			bad.Pointer = at
		}
		out.Categories = append(out.Categories, events.Category{Code: code(at, c), Element: code(at, element)})
	}
	if bad == nil {
		out.From, bad = windowEnd("/from", q.From, false)
	}
	if bad == nil {
		out.To, bad = windowEnd("/to", q.To, true)
	}
	if h := r.Header.Get(MinPosition); bad == nil && h != "" {
		var err error
		if out.Min, err = events.ParsePosition(h); err != nil {
			bad = NewProblem("request.malformed", MinPosition+": "+err.Error())
		}
	}
	return out, bad
}

// windowEnd reads one end of a window: the day it begins on or, for its end, the
// day after the last.
func windowEnd(pointer, text string, end bool) (events.Date, *Problem) {
	if text == "" {
		return 0, nil
	}
	if d, err := events.ParseDate(text); err == nil {
		if end {
			d++
		}
		return d, nil
	}
	t, err := events.ParseInstant(text)
	if err != nil {
		p := NewProblem("request.malformed", "want a day such as 2025-03-14 or an RFC 3339 time")
		p.Pointer = pointer
		return 0, p
	}
	if end {
		t += 24*3600*1_000_000 - 1 // a moment within a day takes in the day
	}
	return t.Day(), nil
}

func (s *Server) impact(w http.ResponseWriter, r *http.Request) {
	var in ImpactQuestion
	p := ReadJSON(r, &in)
	var q desk.ImpactQuery
	if p == nil {
		q, p = in.read(r)
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	v, err := s.cfg.Desk.Impact(r.Context(), q)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, v)
}

func (s *Server) impactPeople(w http.ResponseWriter, r *http.Request) {
	var in ImpactQuestion
	r.Body = http.MaxBytesReader(w, r.Body, defaultBody)
	p := ReadJSON(r, &in)
	var q desk.ImpactQuery
	if p == nil {
		q, p = in.read(r)
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	control := http.NewResponseController(w)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	begun, listed := false, uint64(0)
	err := s.cfg.Desk.ImpactPeople(r.Context(), q, func(head *desk.Impact) error {
		begun = true
		w.Header().Set("Content-Type", "application/x-ndjson")
		return enc.Encode(ImpactLine{Impact: head})
	}, func(one *desk.ImpactPerson) error {
		if listed++; listed%256 == 0 {
			// A server that has no deadlines (in tests) writes without.
			_ = control.SetWriteDeadline(time.Now().Add(stepTime))
			_ = control.Flush()
		}
		return enc.Encode(ImpactLine{Person: one})
	})
	if err == nil {
		err = enc.Encode(ImpactLine{End: &ImpactEnd{listed}})
	}
	switch {
	case err == nil:
	case begun:
		// The list ends without its last line, so nobody takes it for whole.
		s.cfg.Log.ErrorContext(r.Context(), "a list of people was not finished", "request", RequestID(r.Context()), "error", err)
		panic(http.ErrAbortHandler)
	default:
		var need *desk.NeedsApproval
		if errors.As(err, &need) {
			NewProblem("approval.needed", need.Error()).With("request", need.Request).Write(w, r)
			return
		}
		s.fail(w, r, err)
	}
}

func (s *Server) listRequests(w http.ResponseWriter, r *http.Request) {
	list, err := s.cfg.Desk.ListRequests(r.Context(), CallerOf(r.Context()))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, ListRequests{list})
}

func (s *Server) approveList(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Desk.ApproveList(r.Context(), CallerOf(r.Context()), r.PathValue("id"))
	switch {
	case errors.Is(err, desk.ErrSamePerson):
		NewProblem("permission.denied", desk.ErrSamePerson.Error()).Write(w, r)
	case err != nil:
		s.fail(w, r, err)
	default:
		WriteJSON(w, r, http.StatusOK, v)
	}
}
