package api

import (
	"context"
	"net/http"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// MinPosition is the header by which a client that has just written asks for
// an answer that includes what it wrote.
const MinPosition = "Habeas-Min-Position"

// IdentifierIn is an identifier in the body of a request.
type IdentifierIn struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

func (id *IdentifierIn) read(pointer string) (events.Identifier, *Problem) {
	if id == nil {
		return events.Identifier{}, nil
	}
	kind, err := events.ParseCode(id.Kind)
	if err != nil {
		p := NewProblem("request.malformed", "kind of identifier: "+err.Error())
		p.Pointer = pointer + "/kind"
		return events.Identifier{}, p
	}
	if id.Value == "" {
		p := NewProblem("request.malformed", "want a value")
		p.Pointer = pointer + "/value"
		return events.Identifier{}, p
	}
	return events.Identifier{Kind: kind, Value: events.NewPlaintext(id.Value)}, nil
}

// PersonQuestion asks about one person, by an identifier or by the ref of an
// earlier answer.
type PersonQuestion struct {
	Identifier *IdentifierIn `json:"identifier,omitempty"`
	Ref        string        `json:"ref,omitempty"`
	AsOf       string        `json:"as_of,omitempty"`    // a day (its end) or RFC 3339: what was held then
	AsKnown    string        `json:"as_known,omitempty"` // a day (its end), RFC 3339 or position: as recorded by then
	Reason     string        `json:"reason,omitempty"`   // why; sealed with the record of the look
}

func (q *PersonQuestion) read(r *http.Request) (desk.Query, *Problem) {
	out := desk.Query{Caller: CallerOf(r.Context()), Ref: q.Ref, Reason: events.NewPlaintext(q.Reason)}
	if (q.Identifier == nil) == (q.Ref == "") {
		return out, NewProblem("request.malformed", "want either identifier or ref")
	}
	var p *Problem
	if out.Identifier, p = q.Identifier.read("/identifier"); p != nil {
		return out, p
	}
	var err error
	if out.AsOf, out.AsOfDay, err = desk.ParseAsOf(q.AsOf); err != nil {
		return out, deskProblem(err)
	}
	known, err := desk.ParseAsKnown(q.AsKnown)
	if err != nil {
		return out, deskProblem(err)
	}
	out.AsKnown = known
	if h := r.Header.Get(MinPosition); h != "" {
		if out.Min, err = events.ParsePosition(h); err != nil {
			return out, NewProblem("request.malformed", MinPosition+": "+err.Error())
		}
	}
	return out, nil
}

func (s *Server) footprint(w http.ResponseWriter, r *http.Request) {
	ask(s, w, r, s.cfg.Desk.Footprint)
}

func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	ask(s, w, r, s.cfg.Desk.History)
}

func ask[T any](s *Server, w http.ResponseWriter, r *http.Request, of func(context.Context, desk.Query) (T, error)) {
	var in PersonQuestion
	p := ReadJSON(r, &in)
	var q desk.Query
	if p == nil {
		q, p = in.read(r)
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	v, err := of(r.Context(), q)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, v)
}

// PairDecision says that two references are of one person, or are not.
type PairDecision struct {
	A string `json:"a"` // ref of an earlier answer or candidate
	B string `json:"b"`
	// IdentifierA and IdentifierB name the two themselves, where a reference
	// would stand for both: after they were joined.
	IdentifierA *IdentifierIn `json:"identifier_a,omitempty"`
	IdentifierB *IdentifierIn `json:"identifier_b,omitempty"`
	Reason      string        `json:"reason"`
}

// MarkDecision says that an identifier is shared by several people, or is not.
type MarkDecision struct {
	Identifier *IdentifierIn `json:"identifier"`
	Shared     bool          `json:"shared"`
	Reason     string        `json:"reason"`
}

// Decided says where a decision stands in the journal. Pass the position in
// Habeas-Min-Position to see it at work.
type Decided struct {
	Position string `json:"position"`
}

func (s *Server) merge(w http.ResponseWriter, r *http.Request) { s.pair(w, r, s.cfg.Desk.Merge) }
func (s *Server) split(w http.ResponseWriter, r *http.Request) { s.pair(w, r, s.cfg.Desk.Split) }

type decide func(context.Context, desk.Decision) (events.Position, error)

func (s *Server) pair(w http.ResponseWriter, r *http.Request, act decide) {
	var in PairDecision
	if p := ReadJSON(r, &in); p != nil {
		p.Write(w, r)
		return
	}
	c := desk.Decision{A: in.A, B: in.B, Reason: events.NewPlaintext(in.Reason)}
	for _, e := range []struct {
		ref, pointer string
		in           *IdentifierIn
		out          *events.Identifier
	}{{in.A, "/identifier_a", in.IdentifierA, &c.IdentifierA}, {in.B, "/identifier_b", in.IdentifierB, &c.IdentifierB}} {
		if e.in == nil && e.ref == "" || e.in != nil && e.ref != "" {
			NewProblem("request.malformed", "want a or identifier_a, and b or identifier_b").Write(w, r)
			return
		}
		var p *Problem
		if *e.out, p = e.in.read(e.pointer); p != nil {
			p.Write(w, r)
			return
		}
	}
	s.decided(w, r, act, c)
}

func (s *Server) mark(w http.ResponseWriter, r *http.Request) {
	var in MarkDecision
	p := ReadJSON(r, &in)
	if p == nil && in.Identifier == nil {
		p = NewProblem("request.malformed", "want identifier")
	}
	var id events.Identifier
	if p == nil {
		id, p = in.Identifier.read("/identifier")
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	s.decided(w, r, s.cfg.Desk.Mark, desk.Decision{Identifier: id, Shared: in.Shared, Reason: events.NewPlaintext(in.Reason)})
}

func (s *Server) decided(w http.ResponseWriter, r *http.Request, act decide, d desk.Decision) {
	d.Caller = CallerOf(r.Context())
	if d.Reason.IsZero() {
		NewProblem("request.malformed", "want a reason: a decision about identity is explained").Write(w, r)
		return
	}
	at, err := act(r.Context(), d)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, Decided{at.String()})
}
