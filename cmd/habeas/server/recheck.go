package server

import (
	"encoding/json"
	"net/http"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
)

// Recheck asks about identifiers that a source has brought back.
type Recheck struct {
	Identifiers []api.IdentifierIn `json:"identifiers"`
}

// Rechecked answers for each of them, in order.
type Rechecked struct {
	Results []RecheckedOne `json:"results"`
}

// RecheckedOne says whether one identifier was erased in that system, and when.
type RecheckedOne struct {
	Erased bool   `json:"erased"`
	At     string `json:"at,omitempty"`
	Error  string `json:"error,omitempty"`
}

// maxRecheck is how many identifiers one request may ask about.
const maxRecheck = 1000

func (s *Server) recheck(w http.ResponseWriter, r *http.Request) {
	id, err := events.ParseCode(r.PathValue("id"))
	if err != nil || !api.CallerOf(r.Context()).MaySpeakFor(id) {
		api.WriteProblem(w, r, http.StatusForbidden, "permission.denied", "a system may ask about its own identifiers only")
		return
	}
	var in Recheck
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Identifiers) == 0 || len(in.Identifiers) > maxRecheck {
		api.WriteProblem(w, r, http.StatusBadRequest, "request.malformed", "want 1 to 1000 identifiers as {\"identifiers\":[{\"kind\":...,\"value\":...}]}")
		return
	}
	if err := api.Record(r.Context(), s.audit, api.CallerOf(r.Context()), events.Code(access.SystemsRecheck), id, audit.Done); err != nil {
		s.fail(w, r, "record the question", err)
		return
	}
	out := Rechecked{Results: make([]RecheckedOne, len(in.Identifiers))}
	for i, x := range in.Identifiers {
		kind, err := events.ParseCode(x.Kind)
		var at events.Instant
		if err == nil {
			at, err = s.vault.Suppressed(r.Context(), events.Identifier{Kind: kind, Value: events.NewPlaintext(x.Value)}, id)
		}
		if err != nil {
			out.Results[i].Error = "not an identifier of its kind"
			continue
		}
		out.Results[i] = RecheckedOne{Erased: at != 0, At: at.String()}
	}
	api.WriteJSON(w, r, http.StatusOK, out)
}
