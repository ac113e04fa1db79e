package api

import (
	"net/http"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// own is the table of this package's routes. Others are mounted beside it.
func (s *Server) own() []Route {
	person := []string{"person.not_found", "person.ambiguous", "look.not_recorded", "position.not_reached", "rate.limited"}
	return []Route{
		{Method: "GET", Pattern: "/healthz", Permission: access.Public, Handler: s.healthz, Media: "text/plain",
			Summary: "Whether the process lives."},
		{Method: "GET", Pattern: "/readyz", Permission: access.Public, Handler: s.readyz, Media: "text/plain",
			Summary: "Whether the server can take events and answer.", Problems: []string{"server.unavailable"}},
		{Method: "GET", Pattern: "/v1/openapi.json", Permission: access.Public, Handler: s.describe, Gives: map[string]any{},
			Summary: "This description."},
		{Method: "GET", Pattern: "/problems/{code}", Permission: access.Public, Handler: problemPage, Media: "text/plain",
			Summary: "What a problem's code means and what to do about it."},
		{Method: "GET", Pattern: "/v1/self", Permission: access.SelfRead, Handler: s.self, Gives: Self{},
			Summary: "Which token one holds and what it may do."},

		{Method: "POST", Pattern: "/v1/footprint", Permission: access.FootprintRead, Handler: s.footprint, Takes: PersonQuestion{}, Gives: events.Footprint{},
			Summary: "What is held about one person. The look is recorded first.", Problems: person},
		{Method: "POST", Pattern: "/v1/history", Permission: access.HistoryRead, Handler: s.history, Takes: PersonQuestion{}, Gives: events.History{},
			Summary: "One person's timeline, oldest first. The look is recorded first.", Problems: person},
		{Method: "POST", Pattern: "/v1/person/merge", Permission: access.IdentityDecide, Handler: s.merge, Takes: PairDecision{}, Gives: Decided{},
			Summary: "Decide that two references are of one person.", Problems: []string{"reference.unknown", "look.not_recorded"}},
		{Method: "POST", Pattern: "/v1/person/split", Permission: access.IdentityDecide, Handler: s.split, Takes: PairDecision{}, Gives: Decided{},
			Summary: "Decide that two references are of different people.", Problems: []string{"reference.unknown", "look.not_recorded"}},
		{Method: "POST", Pattern: "/v1/person/mark", Permission: access.IdentityDecide, Handler: s.mark, Takes: MarkDecision{}, Gives: Decided{},
			Summary: "Mark an identifier as shared by several people, or as not shared after all.", Problems: []string{"look.not_recorded"}},
		{Method: "POST", Pattern: "/v1/person/state", Permission: access.IdentityDecide, Handler: s.personState, Takes: PersonStateDecision{}, Gives: Decided{},
			Summary: "Record that a person has died, is a minor or lacks capacity.", Problems: []string{"reference.unknown", "look.not_recorded"}},

		{Method: "POST", Pattern: "/v1/impact", Permission: access.ImpactRead, Handler: s.impact, Takes: ImpactQuestion{}, Gives: desk.Impact{},
			Summary: "How many people something touches: a breach of a system, the end of a recipient. The look is recorded first.", Problems: []string{"look.not_recorded", "position.not_reached"}},
		{Method: "POST", Pattern: "/v1/impact/people", Permission: access.ImpactList, Handler: s.impactPeople, Stream: true, Takes: ImpactQuestion{}, Gives: ImpactLine{}, Media: "application/x-ndjson",
			Summary: "Those people by name, as a stream of lines. The look is recorded first.", Problems: []string{"approval.needed", "look.not_recorded", "position.not_reached"}},
		{Method: "GET", Pattern: "/v1/impact/requests", Permission: access.ImpactApprove, Handler: s.listRequests, Gives: ListRequests{},
			Summary: "Lists of people that wait for a second person."},
		{Method: "POST", Pattern: "/v1/impact/requests/{id}/approve", Permission: access.ImpactApprove, Handler: s.approveList, Gives: desk.ListRequest{},
			Summary: "Let somebody else's list pass, once, within the hour.", Problems: []string{"reference.unknown", "look.not_recorded"}},

		{Method: "GET", Pattern: "/v1/systems", Permission: access.SystemsRead, Handler: s.systems, Gives: desk.Survey{},
			Summary: "Every system of the catalogue: whether it reports, and since when."},
		{Method: "GET", Pattern: "/v1/catalogue", Permission: access.CatalogueRead, Handler: s.catalogue, Gives: catalogue.Catalogue{},
			Summary: "The catalogue in force."},

		{Method: "GET", Pattern: "/v1/quarantine", Permission: access.QuarantineRead, Handler: s.quarantine, Gives: desk.QuarantineList{},
			Summary: "Events that could not be understood, without their contents."},
		{Method: "GET", Pattern: "/v1/quarantine/{position}", Permission: access.QuarantineOpen, Handler: s.quarantineOpen, Gives: desk.QuarantineBody{},
			Summary: "The sealed contents of one of them. The look is recorded first.", Problems: []string{"quarantine.gone", "look.not_recorded"}},
		{Method: "POST", Pattern: "/v1/quarantine/{position}/mend", Permission: access.QuarantineMend, Handler: s.quarantineMend, Takes: MendEvent{}, Gives: events.IngestResult{},
			Summary: "Send the mended event in its place.", Problems: []string{"quarantine.gone", "server.not_configured"}},
		{Method: "POST", Pattern: "/v1/quarantine/{position}/discard", Permission: access.QuarantineMend, Handler: s.quarantineDiscard, Takes: DiscardEvent{},
			Summary: "Throw it away, with a reason.", Problems: []string{"quarantine.gone", "server.not_configured"}},

		{Method: "GET", Pattern: "/v1/tokens", Permission: access.TokensManage, Handler: s.tokens, Gives: TokenList{},
			Summary: "Every token, without its secret."},
		{Method: "POST", Pattern: "/v1/tokens", Permission: access.TokensManage, Handler: s.createToken, Takes: NewToken{}, Gives: CreatedToken{},
			Summary: "Make a token. Its secret is shown this once.", Problems: []string{"token.name_taken", "look.not_recorded"}},
		{Method: "DELETE", Pattern: "/v1/tokens/{id}", Permission: access.TokensManage, Handler: s.revokeToken,
			Summary: "End a token at once.", Problems: []string{"token.unknown", "look.not_recorded"}},

		{Method: "GET", Pattern: "/v1/audit", Permission: access.AuditRead, Handler: s.auditPage, Gives: AuditPage{},
			Summary: "The record of looks and decisions, newest first. Reading it is recorded too.",
			Query: map[string]string{"before": "records before this index", "limit": "at most so many, up to 500", "actor": "id of a token",
				"act": "such as footprint.read", "outcome": "such as found", "from": "RFC 3339, inclusive", "to": "RFC 3339, exclusive", "case": "id of a case"}},
		{Method: "GET", Pattern: "/v1/audit/export", Permission: access.AuditRead, Handler: s.auditExport, Stream: true, Media: "application/x-ndjson",
			Summary: "The record, oldest first, with what proves it: a head, a line for each record, and the signed checkpoint. Exporting is recorded too.",
			Query: map[string]string{"actor": "id of a token", "act": "such as footprint.read", "outcome": "such as found", "from": "RFC 3339, inclusive",
				"to": "RFC 3339, exclusive", "case": "id of a case"}},
		{Method: "GET", Pattern: "/v1/audit/checkpoint", Permission: access.AuditRead, Handler: s.auditCheckpoint, Media: "text/plain",
			Summary: "Size and root of the record, signed (c2sp.org/tlog-checkpoint)."},
		{Method: "GET", Pattern: "/v1/audit/key", Permission: access.AuditRead, Handler: s.auditKey, Media: "text/plain",
			Summary: "The public key that checks checkpoints."},
		{Method: "GET", Pattern: "/v1/audit/proof", Permission: access.AuditRead, Handler: s.auditProof, Gives: audit.Proof{},
			Summary: "Proof that a record stands in the log.", Problems: []string{"audit.out_of_range"},
			Query: map[string]string{"index": "number of the record", "size": "size of the checkpoint; the present one if absent"}},
		{Method: "GET", Pattern: "/v1/audit/growth", Permission: access.AuditRead, Handler: s.auditGrowth, Gives: audit.Growth{},
			Summary: "Proof that a later checkpoint only adds to an earlier one.", Problems: []string{"audit.out_of_range"},
			Query: map[string]string{"from": "size of the earlier checkpoint", "to": "size of the later one; the present one if absent"}},
		{Method: "GET", Pattern: "/v1/audit/reasons/{note}", Permission: access.AuditOpen, Handler: s.auditReason, Gives: desk.ReasonView{},
			Summary: "The reason that was given for a look or decision. Opening it is recorded.", Problems: []string{"reference.unknown", "look.not_recorded"}},
	}
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Ready != nil {
		if err := s.cfg.Ready(r.Context()); err != nil {
			s.cfg.Log.WarnContext(r.Context(), "not ready", "error", err)
			NewProblem("server.unavailable", "a part of the server is not ready; its log says which").Write(w, r)
			return
		}
	}
	s.healthz(w, r)
}

func (s *Server) describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(s.openapi)
}
