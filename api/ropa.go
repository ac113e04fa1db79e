package api

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api/ropaview"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/ropa"
)

// Recorder keeps the record of processing activities.
type Recorder interface {
	Ropa(context.Context, desk.RopaQuery) (*ropa.Record, error)
}

// RopaDiff is what changed between two days.
type RopaDiff struct {
	From    events.Date   `json:"from"`
	To      events.Date   `json:"to"`
	Changes []ropa.Change `json:"changes"`
}

// ropaForms are the forms of the record, by the word of the query and by media
// type.
var ropaForms = map[string]struct {
	media string
	write func(io.Writer, *ropa.Record, string) error
}{
	"json":   {media: "application/json"},
	"csv":    {"text/csv; charset=utf-8", func(w io.Writer, r *ropa.Record, _ string) error { return ropaview.CSV(w, r) }},
	"xlsx":   {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", func(w io.Writer, r *ropa.Record, _ string) error { return ropaview.XLSX(w, r) }},
	"jsonld": {"application/ld+json", ropaview.JSONLD},
}

func (s *Server) ropaRoutes() []Route {
	days := map[string]string{"as_of": "YYYY-MM-DD, the day at whose end the record stands; today if absent", "format": "json, csv, xlsx or jsonld"}
	return []Route{
		{Method: "GET", Pattern: "/v1/ropa", Permission: access.RopaRead, Handler: s.ropa, Gives: ropa.Record{}, Query: days,
			Summary: "The record of processing activities (Article 30), from what was declared and what was seen."},
		{Method: "GET", Pattern: "/v1/ropa/diff", Permission: access.RopaRead, Handler: s.ropaDiff, Gives: RopaDiff{},
			Query:   map[string]string{"from": "YYYY-MM-DD", "to": "YYYY-MM-DD; today if absent"},
			Summary: "What changed in the record between two days."},
	}
}

func (s *Server) ropaOf(r *http.Request, key string) (*ropa.Record, *Problem, error) {
	var f fields
	day := f.date(key, r.URL.Query().Get(key))
	if f.bad != nil {
		return nil, f.bad, nil
	}
	rec, err := s.cfg.Desk.Ropa(r.Context(), desk.RopaQuery{Caller: CallerOf(r.Context()), AsOf: day})
	return rec, nil, err
}

func (s *Server) ropa(w http.ResponseWriter, r *http.Request) {
	word := r.URL.Query().Get("format")
	if word == "" {
		word = "json"
	}
	form, ok := ropaForms[word]
	if !ok {
		p := NewProblem("request.malformed", "this format is not known; want json, csv, xlsx or jsonld")
		p.Pointer = "/format"
		p.Write(w, r)
		return
	}
	rec, p, err := s.ropaOf(r, "as_of")
	switch {
	case p != nil:
		p.Write(w, r)
		return
	case err != nil:
		s.fail(w, r, err)
		return
	case form.write == nil:
		WriteJSON(w, r, http.StatusOK, rec)
		return
	}
	// A record is as long as the catalogue, whatever the number of people.
	var b bytes.Buffer
	if err := form.write(&b, rec, "urn:habeas:"+string(rec.Catalogue)+":ropa:"+rec.AsOf.String()); err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", form.media)
	w.Header().Set("Content-Disposition", `attachment; filename="record-of-processing-`+rec.AsOf.String()+"."+word+`"`)
	_, _ = b.WriteTo(w) // the reader has gone; there is nobody to tell
}

func (s *Server) ropaDiff(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("from") == "" {
		p := NewProblem("request.malformed", "want from, the earlier of the two days")
		p.Pointer = "/from"
		p.Write(w, r)
		return
	}
	from, p, err := s.ropaOf(r, "from")
	var to *ropa.Record
	if p == nil && err == nil {
		to, p, err = s.ropaOf(r, "to")
	}
	switch {
	case p != nil:
		p.Write(w, r)
	case err != nil:
		s.fail(w, r, err)
	case from.AsOf > to.AsOf:
		p := NewProblem("request.malformed", "want from, the earlier of the two days, before to")
		p.Pointer = "/from"
		p.Write(w, r)
	default:
		WriteJSON(w, r, http.StatusOK, RopaDiff{From: from.AsOf, To: to.AsOf, Changes: ropa.Diff(from, to)})
	}
}
