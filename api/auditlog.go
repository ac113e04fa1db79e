package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
)

// auditPage lists the record of looks and decisions. Reading it is recorded
// too.
func (s *Server) auditPage(w http.ResponseWriter, r *http.Request) {
	f, before, limit, p := auditQuery(r)
	if p != nil {
		p.Write(w, r)
		return
	}
	if err := s.record(r.Context(), "audit.read", ""); err != nil {
		s.fail(w, r, err)
		return
	}
	page, err := ReadAudit(r.Context(), s.cfg.Audit, s.cfg.Access, f, before, limit)
	if err != nil {
		s.auditFail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, page)
}

// An AuditPage is a part of the record, with the names of the tokens in it.
type AuditPage struct {
	audit.Page
	// Names says which token an id was, for those that acted and those that were
	// acted on, where that is still known.
	Names map[events.Code]events.Code `json:"names,omitempty"`
}

// Who says a token by name and id, where the name is known; else the id alone.
func (p *AuditPage) Who(id events.Code) string {
	if name := p.Names[id]; name != "" {
		return string(name) + " (" + string(id) + ")"
	}
	return string(id)
}

// ReadAudit lists the record. Whoever calls it has recorded that it is read.
func ReadAudit(ctx context.Context, log *audit.Log, tokens *access.Store, f audit.Filter, before int64, limit int) (AuditPage, error) {
	page, err := log.List(f, before, limit)
	if err != nil {
		return AuditPage{}, err
	}
	known := map[events.Code]events.Code{}
	for _, t := range tokens.List(ctx) {
		known[t.ID] = t.Name
	}
	names := map[events.Code]events.Code{}
	for _, n := range page.Entries {
		if n.Entry.Name != "" {
			known[n.Entry.Actor] = n.Entry.Name // what the record itself says
		}
		for _, id := range []events.Code{n.Entry.Actor, n.Entry.Target} {
			if name := known[id]; name != "" && name != id {
				names[id] = name
			}
		}
	}
	return AuditPage{page, names}, nil
}

func auditQuery(r *http.Request) (f audit.Filter, before int64, limit int, p *Problem) {
	q := r.URL.Query()
	wrong := func(name, want string) *Problem { return NewProblem("request.malformed", name+": "+want) }
	for name, at := range map[string]*events.Code{"actor": &f.Actor, "act": &f.Act, "outcome": &f.Outcome} {
		if text := q.Get(name); text != "" {
			c, err := events.ParseCode(text)
			if err != nil {
				return f, 0, 0, wrong(name, err.Error())
			}
			*at = c
		}
	}
	for name, at := range map[string]*events.Instant{"from": &f.From, "to": &f.To} {
		if text := q.Get(name); text != "" {
			t, err := events.ParseInstant(text)
			if err != nil {
				return f, 0, 0, wrong(name, err.Error())
			}
			*at = t
		}
	}
	before, p = intQuery(r, "before", -1)
	if p != nil {
		return f, 0, 0, p
	}
	if text := q.Get("case"); text != "" {
		var err error
		if f.Case, err = events.ParseEventID(text); err != nil {
			return f, 0, 0, wrong("case", "want the whole id of a case, 32 hexadecimal digits")
		}
	}
	n, p := intQuery(r, "limit", 100)
	return f, before, int(min(n, 500)), p
}

// auditExport writes the record as lines that anybody can check without the
// server. That it was exported is recorded first, and so the last record of a
// whole export is that of itself.
func (s *Server) auditExport(w http.ResponseWriter, r *http.Request) {
	f, _, _, p := auditQuery(r)
	if p != nil {
		p.Write(w, r)
		return
	}
	if err := s.record(r.Context(), "audit.export", ""); err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	if err := s.cfg.Audit.Export(r.Context(), w, f); err != nil {
		// The last line is missing then, by which whoever reads it sees that it was
		// cut.
		s.cfg.Log.WarnContext(r.Context(), "an export of the audit log was cut", "error", err)
	}
}

func intQuery(r *http.Request, name string, absent int64) (int64, *Problem) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, NewProblem("request.malformed", name+": want a number from 0")
	}
	return n, nil
}

func (s *Server) auditFail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, audit.ErrRange) {
		NewProblem("audit.out_of_range", "").Write(w, r)
		return
	}
	s.fail(w, r, err)
}

func (s *Server) auditCheckpoint(w http.ResponseWriter, r *http.Request) {
	b, err := s.cfg.Audit.SignedCheckpoint()
	if err != nil {
		s.auditFail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(b)
}

func (s *Server) auditKey(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintln(w, s.cfg.Audit.PublicKey())
}

func (s *Server) auditProof(w http.ResponseWriter, r *http.Request) {
	index, p := intQuery(r, "index", 0)
	size, q := intQuery(r, "size", s.cfg.Audit.Size())
	if p == nil {
		p = q
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	v, err := s.cfg.Audit.Proof(index, size)
	if err != nil {
		s.auditFail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, v)
}

func (s *Server) auditGrowth(w http.ResponseWriter, r *http.Request) {
	from, p := intQuery(r, "from", 1)
	to, q := intQuery(r, "to", s.cfg.Audit.Size())
	if p == nil {
		p = q
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	v, err := s.cfg.Audit.Growth(from, to)
	if err != nil {
		s.auditFail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, v)
}

// auditReason opens the sealed reason of one record. The desk records that.
func (s *Server) auditReason(w http.ResponseWriter, r *http.Request) {
	id, err := events.ParseEventID(r.PathValue("note"))
	if err != nil {
		NewProblem("reference.unknown", "").Write(w, r)
		return
	}
	v, err := s.cfg.Desk.Reason(r.Context(), CallerOf(r.Context()), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, v)
}
