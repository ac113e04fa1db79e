package server

import (
	"context"
	"net/http"
	"slices"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/console"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
)

func (s *Server) openAPI(context.Context) (err error) {
	s.metrics = newMetrics(s)
	sessions := access.NewSessions(s.access, nil)
	// Behind a proxy that ends TLS the cookie must not travel without it.
	sessions.Secure = s.cfg.InsecureListen
	sessions.PerToken = s.cfg.SessionsPerToken
	pages, err := console.New(console.Config{
		Desk: s.desk, Cases: s.desk, Tasks: s.desk, Access: s.access, Sessions: sessions, Links: s.links, Catalogue: s.shelf.Current, Zone: london(),
		Now: s.clock.now, Log: s.log.With("part", "console"),
		Record: func(ctx context.Context, who access.Caller, act, target events.Code) error {
			return api.Record(ctx, s.audit, who, act, target, audit.Done)
		},
		Audit: func(ctx context.Context, before int64, limit int) (api.AuditPage, error) {
			return api.ReadAudit(ctx, s.audit, s.access, audit.Filter{}, before, limit)
		},
	})
	if err != nil {
		return err
	}
	cfg := api.Config{
		Access: s.access, Sessions: sessions, Pages: pages, Desk: s.desk, Cases: s.desk, Tasks: s.desk, Audit: s.audit, Catalogue: s.shelf.Current, Mend: mender{s},
		Ready: s.Ready, Now: s.clock.now, Log: s.log.With("part", "api"), TLSAhead: s.cfg.InsecureListen,
		Mounts: slices.Concat(s.routes(), s.recipientRoutes(), s.adoptRoutes(), s.restoreRoutes(), s.clockRoutes(), s.taskRoutes(), pages.Routes()),
	}
	s.api, err = api.New(cfg)
	return err
}

// routes are what this package adds to the table: ingest and operations.
func (s *Server) routes() []api.Route {
	busy := func(w http.ResponseWriter, r *http.Request) {
		api.WriteProblem(w, r, http.StatusConflict, "operation.running", "the same operation is running already; wait for it to end")
	}
	return []api.Route{
		{Method: "POST", Pattern: "/v1/events", Permission: access.EventsWrite, Stream: true,
			Handler: s.gateway.HTTP(caller, api.WriteProblem).ServeHTTP, Takes: map[string]any{}, Gives: ingest.Answer{},
			Summary: "Take CloudEvents: one, a batch, a stream of lines, or in binary mode. Answers once they are durable."},
		{Method: "GET", Pattern: "/metrics", Permission: access.MetricsRead, Handler: s.metrics.handler.ServeHTTP, Media: "text/plain",
			Summary: "Measurements for Prometheus. They name nobody."},
		{Method: "GET", Pattern: "/favicon.ico", Permission: access.Public, Media: "image/x-icon", Summary: "Nothing: browsers ask for it.",
			Handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }},
		{Method: "GET", Pattern: "/v1/vault/status", Permission: access.VaultRead, Handler: s.vaultStatus, Gives: VaultStatus{},
			Summary: "Epoch of the vault's keys, entries, and what is readable until the next rotation."},
		{Method: "POST", Pattern: "/v1/vault/rotate", Permission: access.VaultRotate, Handler: s.vaultRotate, Stream: true, Gives: VaultStatus{},
			Summary: "Destroy the old keys: what was forgotten becomes unreadable everywhere."},
		{Method: "POST", Pattern: "/v1/systems/{id}/recheck", Permission: access.SystemsRecheck, Handler: s.recheck, Body: 1 << 20, Takes: Recheck{}, Gives: Rechecked{},
			Summary: "Tell a source that restored itself which of its identifiers were erased."},
		{Method: "POST", Pattern: "/v1/fsck", Permission: access.FsckRun, Handler: s.recorded("fsck.run", long(s.Fsck, busy)), Stream: true, Media: "application/x-ndjson",
			Summary: "Check the stores against each other; a stream of progress, then the report."},
		{Method: "POST", Pattern: "/v1/rebuild", Permission: access.RebuildRun, Handler: s.recorded("rebuild.run", long(s.Rebuild, busy)), Stream: true, Media: "application/x-ndjson",
			Summary: "Build the map anew beside the serving one, and switch; a stream of progress, then the report."},
		{Method: "POST", Pattern: "/v1/backup", Permission: access.BackupRun, Handler: s.serveBackup, Stream: true, Media: "application/x-tar",
			Summary: "A backup of the running server, without keys and ledger."},
	}
}

// recorded puts an operation into the audit log before it begins.
func (s *Server) recorded(act events.Code, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := api.Record(r.Context(), s.audit, api.CallerOf(r.Context()), act, "", audit.Done); err != nil {
			s.fail(w, r, "record the operation", err)
			return
		}
		next(w, r)
	}
}

// caller says for whom a request that passed the permission check may speak.
func caller(r *http.Request) ingest.Caller {
	who := api.CallerOf(r.Context())
	for _, role := range who.Roles {
		if id := role.System(); id != "" {
			return ingest.Caller{System: id, Token: who.Token}
		}
		if role == access.Operator {
			return ingest.Caller{Any: true, Token: who.Token}
		}
	}
	return ingest.Caller{}
}

// VaultStatus says what a person must know about the vault's keys.
type VaultStatus struct {
	Epoch         uint32            `json:"epoch"`
	Began         events.Instant    `json:"began"`
	Created       events.Instant    `json:"created"`
	Entries       uint64            `json:"entries"`
	Retired       uint64            `json:"retired"`
	Notes         uint64            `json:"notes"`
	Forgotten     uint64            `json:"forgotten"`
	UntilRotation uint64            `json:"readable_until_rotation"`
	KeyNodes      int               `json:"key_nodes"`
	KEK           string            `json:"kek"`
	Locations     []VaultKeyStorage `json:"locations"`
}

// VaultKeyStorage is one place that holds the keys.
type VaultKeyStorage struct {
	Path   string   `json:"path"`
	Epochs []uint32 `json:"epochs"`
	Behind string   `json:"behind,omitempty"`
}

func (s *Server) vaultStatus(w http.ResponseWriter, r *http.Request) {
	st, err := s.vault.Status(r.Context())
	if err != nil {
		s.fail(w, r, "read the vault's state", err)
		return
	}
	out := VaultStatus{Epoch: st.Epoch, Began: st.Began, Created: st.Created, Entries: st.Entries, Retired: st.Retired, Notes: st.Notes,
		Forgotten: st.Forgotten, UntilRotation: st.UntilRotation, KeyNodes: int(st.KeyNodes), KEK: st.KEK, Locations: []VaultKeyStorage{}}
	for _, l := range st.Locations {
		k := VaultKeyStorage{Path: l.Path, Epochs: l.Epochs}
		if l.Behind != nil {
			k.Behind = l.Behind.Error()
		}
		out.Locations = append(out.Locations, k)
	}
	api.WriteJSON(w, r, http.StatusOK, out)
}

func (s *Server) vaultRotate(w http.ResponseWriter, r *http.Request) {
	if err := api.Record(r.Context(), s.audit, api.CallerOf(r.Context()), "vault.rotate", "", audit.Done); err != nil {
		s.fail(w, r, "record the rotation", err)
		return
	}
	if err := s.vault.Rotate(r.Context(), nil); err != nil {
		s.fail(w, r, "rotate the vault's keys", err)
		return
	}
	s.vaultStatus(w, r)
}

func (s *Server) serveBackup(w http.ResponseWriter, r *http.Request) {
	if err := api.Record(r.Context(), s.audit, api.CallerOf(r.Context()), "backup.run", "", audit.Done); err != nil {
		s.fail(w, r, "record the backup", err)
		return
	}
	w.Header().Set("Content-Type", "application/x-tar")
	w.Header().Set("Content-Disposition", `attachment; filename="habeas-backup.tar.gz"`)
	if err := s.Backup(r.Context(), w); err != nil {
		// The file ends without its closing part, so nobody takes it for whole.
		s.log.ErrorContext(r.Context(), "the backup was not finished", "error", err)
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, what string, err error) {
	s.log.ErrorContext(r.Context(), "an operation went wrong", "operation", what, "error", err)
	api.WriteProblem(w, r, http.StatusServiceUnavailable, "operation.failed", what+": it did not succeed; the server's log says why")
}
