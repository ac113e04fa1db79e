package measure

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/vault"
)

// finder shows the vault to the desk.
type finder struct{ s *system }

func (f finder) Find(ctx context.Context, id events.Identifier) ([]identity.Member, error) {
	pairs, err := f.s.vault.Resolver().Find(ctx, id)
	return members(pairs), err
}

func (f finder) Siblings(ctx context.Context, h events.Handle) ([]identity.Member, error) {
	return f.s.siblings(ctx, h)
}

// revealer leaves out the options that the desk does not know.
type revealer struct{ *vault.Revealer }

func (r revealer) Reveal(ctx context.Context, handles []events.Handle) (map[events.Handle]events.Identifier, error) {
	return r.Revealer.Reveal(ctx, handles)
}

// nobody stands where the desk could decide something, which is not measured.
type nobody struct{}

var errNobody = errors.New("no decision is made while measuring")

func (nobody) Allocate(context.Context, events.Code, []events.Identifier) ([]events.Ref, uint64, error) {
	return nil, 0, errNobody
}

func (nobody) EventID(events.Code, events.Plaintext) events.EventID { return events.EventID{} }

func (nobody) Append(context.Context, *events.Event, uint64) (events.Position, error) {
	return events.Position{}, errNobody
}

// looks measures whole answers of the desk: the look recorded first (sealed
// note and audit entry, each fsynced), then the map read, the names revealed
// and the catalogue joined.
func (s *system) looks(ctx context.Context, o Options, census Census, m Metrics) (err error) {
	raw, err := s.journal.Raw(ctx, "audit")
	if err != nil {
		return err
	}
	log, err := audit.Open(ctx, audit.Config{Dir: filepath.Join(s.dir, "audit"), Journal: auditLog{raw},
		KeyFile: filepath.Join(s.dir, "audit.key"), Create: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	d, err := desk.Open(ctx, desk.Deps{Map: s.m, View: func() desk.View { return s.m.View() }, Finder: finder{s},
		Revealer: revealer{s.vault.Revealer()}, Sealer: s.vault, Allocator: nobody{}, Appender: nobody{}, Audit: log,
		Catalogue: func() *catalogue.Catalogue { return s.cat }, Rand: rand.Reader})
	if err != nil {
		return err
	}
	who := access.Caller{Token: "bench", Name: "bench", Roles: []access.Role{access.DPO}}
	ask := func(ctx context.Context, email string) (int, error) {
		f, err := d.Footprint(ctx, desk.Query{Caller: who, Identifier: events.Identifier{Kind: "email", Value: events.NewPlaintext(email)}})
		if err != nil {
			return 0, fmt.Errorf("ask the desk: %w", err)
		}
		rows := 0
		for _, h := range f.Holdings {
			rows += 1 + len(h.Disclosures)
		}
		return rows, nil
	}
	for _, q := range s.questions(census, "habeas.look") {
		l, err := AskIdle(ctx, q.people, ask, o.AskFor)
		if err != nil {
			return err
		}
		l.Report(m, q.name)
	}
	return nil
}
