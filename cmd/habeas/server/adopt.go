package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// An Adoption says which version of the catalogue is in force, and whether it
// is another than before.
type Adoption struct {
	Catalogue string `json:"catalogue"`
	Edition   string `json:"edition"`
	Version   uint32 `json:"version"`
	Changed   bool   `json:"changed"`
	DryRun    bool   `json:"dry_run,omitempty"`
	Position  string `json:"position,omitempty"` // of the fact that it is in force
}

// AdoptOrder asks to read the configured catalogue and decisions again.
type AdoptOrder struct {
	DryRun bool `json:"dry_run,omitempty"` // only say whether they could be adopted
}

func (s *Server) adoptRoutes() []api.Route {
	return []api.Route{{Method: "POST", Pattern: "/v1/catalogue/adopt", Permission: access.CatalogueAdopt, Handler: s.serveAdopt, Takes: AdoptOrder{}, Gives: Adoption{},
		Summary: "Read the configured catalogue and decisions again and put them in force. If anything is wrong with them nothing changes.", Problems: []string{"catalogue.wrong", "look.not_recorded"}}}
}

func (s *Server) serveAdopt(w http.ResponseWriter, r *http.Request) {
	var in AdoptOrder
	if p := api.ReadJSON(r, &in); p != nil {
		p.Write(w, r)
		return
	}
	out, err := s.Adopt(r.Context(), api.CallerOf(r.Context()), in.DryRun)
	switch {
	case errors.Is(err, errWrongCatalogue):
		api.NewProblem("catalogue.wrong", err.Error()).Write(w, r)
	case errors.Is(err, desk.ErrNotRecorded):
		api.NewProblem("look.not_recorded", "").Write(w, r)
	case err != nil:
		s.fail(w, r, "adopt the catalogue", err)
	default:
		api.WriteJSON(w, r, http.StatusOK, out)
	}
}

// errWrongCatalogue comes when the configured declarations cannot be read or
// are wrong in themselves.
var errWrongCatalogue = errors.New("nothing was adopted; the version in force before stays in force")

// Adopt reads the configured catalogue and the decisions over it again and, if
// they differ from those in force, makes them the next version: at once, for
// everybody. Whatever is wrong with them is told together, and then the running
// version stays in force.
func (s *Server) Adopt(ctx context.Context, who access.Caller, dry bool) (Adoption, error) {
	if s.opt.Catalogue != nil {
		return Adoption{}, fmt.Errorf("%w: this server, such as a demo, was started with a catalogue of its own, so there is no file to read again; "+
			"try it with habeas serve --catalogue", errWrongCatalogue)
	}
	in, err := declared(s.cfg.Catalogue, s.cfg.Decisions)
	if err != nil {
		return Adoption{}, fmt.Errorf("%w: %w", errWrongCatalogue, err)
	}
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	now := s.shelf.base.Load()
	out := Adoption{Catalogue: string(in.cat.ID), Edition: in.cat.Edition, Version: now.Version(), DryRun: dry}
	if digestOf(in.cat) == digestOf(now) {
		return out, nil
	}
	next := &Shelf{dir: s.shelf.dir, fresh: true}
	next.put(in.cat.WithVersion(now.Version() + 1))
	out.Version, out.Changed = now.Version()+1, true
	named := s.fit(next)
	c, err := next.with(named)
	if err != nil || dry {
		return out, err
	}
	if err := api.Record(ctx, s.audit, who, events.Code(access.CatalogueAdopt), in.cat.ID, audit.Done); err != nil {
		return out, err
	}
	// Whoever asked may go away: from here on it is done whole, for a fact of which
	// nobody knows whether it was saved would leave journal and server apart.
	ctx = context.WithoutCancel(ctx)
	if next.dir != "" {
		// A crash after this and before the fact leaves a version that the next
		// start finds and adopts.
		if err := next.keep(in); err != nil {
			return out, fmt.Errorf("keep the catalogue: %w; nothing was adopted", err)
		}
	}
	err = next.adopt(ctx, events.InstantOf(s.clock.stamp()), func(ctx context.Context, e *events.Event) error {
		at, err := s.gateway.Write(ctx, []*events.Event{e}, 0)
		if err == nil {
			out.Position = at[0].String()
		}
		return err
	})
	if err != nil {
		return out, err
	}
	s.shelf.base.Store(next.base.Load())
	s.shelf.named = named
	s.shelf.current.Store(c)
	s.log.InfoContext(ctx, "another version of the catalogue is in force", "catalogue", out.Catalogue, "edition", out.Edition, "version", out.Version)
	return out, nil
}

// fit carries the registered recipients over to another version: a body that it
// names itself needs no registration, and a class that is gone leaves its members
// undeclared. The caller holds the shelf's lock.
func (s *Server) fit(to *Shelf) map[events.Code]Named {
	out := maps.Clone(s.shelf.named)
	for id, n := range out {
		if to.taken(id) {
			delete(out, id)
			continue
		}
		if !to.takes(n.Class) {
			n.Class = events.Undeclared
			out[id] = n
		}
	}
	return out
}
