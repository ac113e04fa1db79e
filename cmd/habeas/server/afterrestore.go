package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/atomicfile"
)

// A restoration is the mark that a restore leaves in the data directory: until a
// person confirms, nothing is erased, sent out or forgotten, for what was decided
// since the backup may be missing (A7).
type restoration struct {
	V        int       `json:"v"`
	Made     time.Time `json:"made"`     // the backup
	Restored time.Time `json:"restored"` // when it was brought back
	NoLedger bool      `json:"no_ledger,omitempty"`
	// Said is how many words of the ledger were said again; -1: not yet.
	Said int `json:"said"`
}

const restorationVersion = 1

func (s *Server) restorationFile() string { return filepath.Join(s.cfg.Data, "restored.json") }

// markRestored leaves the mark. It is there before the directory gets its name, so
// no server starts on a restored directory without it.
func (s *Server) markRestored(made time.Time, noLedger bool) error {
	return s.writeRestoration(&restoration{V: restorationVersion, Made: made, Restored: time.Now().UTC(), NoLedger: noLedger, Said: -1})
}

func (s *Server) writeRestoration(r *restoration) error {
	b, err := json.Marshal(r)
	if err == nil {
		err = atomicfile.Write(s.restorationFile(), append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("mark the directory as restored: %w", err)
	}
	return nil
}

// loadRestoration reads the mark. One that cannot be read freezes as well.
func (s *Server) loadRestoration(context.Context) error {
	b, err := os.ReadFile(s.restorationFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	r := new(restoration)
	if err == nil {
		err = json.Unmarshal(b, r)
	}
	if err == nil && r.V != restorationVersion {
		err = fmt.Errorf("version %d is not known here; want %d", r.V, restorationVersion)
	}
	if err != nil {
		return fmt.Errorf("read the mark of a restore at %s: %w", s.restorationFile(), err)
	}
	s.restored.Store(r)
	return nil
}

// frozen reports whether destructive acts wait for a person.
func (s *Server) frozen() bool { return s.restored.Load() != nil }

// recall says again, once, what the ledger knows that the backup did not. It runs
// before anybody is served: an objection must stand before the next event about
// the person is taken.
func (s *Server) recall(ctx context.Context) error {
	r := s.restored.Load()
	if r == nil {
		return nil
	}
	if r.Said < 0 {
		n, err := s.sayAgain(ctx, r.Made)
		if err != nil {
			return err
		}
		// A crash before this says all of it again, which changes nothing.
		next := *r
		next.Said = n
		if err := s.writeRestoration(&next); err != nil {
			return err
		}
		s.restored.Store(&next)
	}
	s.log.Warn("this server was restored from a backup: nothing is erased, sent out or forgotten until a person confirms it with habeas restore confirm",
		"backup", r.Made, "restored", r.Restored, "said_again", s.restored.Load().Said)
	return nil
}

// RestoreState says whether a restored server waits for a word.
type RestoreState struct {
	Frozen   bool       `json:"frozen"`
	Backup   *time.Time `json:"backup,omitempty"`
	Restored *time.Time `json:"restored,omitempty"`
	// NoLedger: what was erased since the backup may have come back.
	NoLedger bool `json:"no_ledger,omitempty"`
	// SaidAgain counts holds, objections, withdrawals, restrictions and erasures
	// since the backup that the ledger brought back.
	SaidAgain int `json:"said_again"`
}

// RestoreConfirm is why a restored server may go on.
type RestoreConfirm struct {
	Reason string `json:"reason"`
}

func (s *Server) restoreRoutes() []api.Route {
	return []api.Route{
		{Method: "GET", Pattern: "/v1/restore", Permission: access.RestoreConfirm, Handler: s.serveRestoreState, Gives: RestoreState{},
			Summary: "Whether this server was restored and waits for a person before it erases, sends out or forgets anything."},
		{Method: "POST", Pattern: "/v1/restore/confirm", Permission: access.RestoreConfirm, Handler: s.serveRestoreConfirm, Takes: RestoreConfirm{}, Gives: RestoreState{},
			Summary: "Confirm that a restored server may go on to erase, send out and forget.", Problems: []string{"look.not_recorded"}},
	}
}

func (s *Server) restoreState() RestoreState {
	r := s.restored.Load()
	if r == nil {
		return RestoreState{}
	}
	return RestoreState{Frozen: true, Backup: &r.Made, Restored: &r.Restored, NoLedger: r.NoLedger, SaidAgain: max(r.Said, 0)}
}

func (s *Server) serveRestoreState(w http.ResponseWriter, r *http.Request) {
	api.WriteJSON(w, r, http.StatusOK, s.restoreState())
}

func (s *Server) serveRestoreConfirm(w http.ResponseWriter, r *http.Request) {
	var in RestoreConfirm
	if p := api.ReadJSON(r, &in); p != nil {
		p.Write(w, r)
		return
	}
	if in.Reason == "" {
		api.NewProblem("request.malformed", "want a reason: what was looked at").Write(w, r)
		return
	}
	// I7: who lifted the freeze is on record before it is lifted.
	if err := s.desk.RecordReason(r.Context(), api.CallerOf(r.Context()), "restore.confirm", events.NewPlaintext(in.Reason), audit.Done); err != nil {
		api.NewProblem("look.not_recorded", "").Write(w, r)
		return
	}
	if err := s.confirmRestore(); err != nil {
		s.fail(w, r, "confirm the restore", err)
		return
	}
	api.WriteJSON(w, r, http.StatusOK, s.restoreState())
}

// confirmRestore takes the mark away. A crash before it is gone leaves the server
// frozen, and a person confirms again.
func (s *Server) confirmRestore() error {
	if err := os.Remove(s.restorationFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := atomicfile.SyncDir(s.cfg.Data); err != nil {
		return err
	}
	s.restored.Store(nil)
	return nil
}
