package measure

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/vault"
)

// system is habeas without its edges: gateway, vault, journal and, if asked
// for, a map that follows.
type system struct {
	dir     string
	journal *journal.Journal
	log     *journal.EventLog
	vault   *vault.Vault
	cat     *catalogue.Catalogue
	gateway *ingest.Gateway
	m       *follower // nil without a map
}

func openSystem(ctx context.Context, o Options, dir string, withMap bool) (s *system, err error) {
	s = &system{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.journal, err = journal.Open(ctx, journal.Config{Dir: filepath.Join(dir, "journal")}); err != nil {
		return s, err
	}
	if s.log, err = s.journal.Events(ctx); err != nil {
		return s, err
	}
	raw, err := s.journal.Raw(ctx, "vault")
	if err != nil {
		return s, err
	}
	if s.vault, err = vault.Open(ctx, vault.Config{Dir: filepath.Join(dir, "vault"), KeyDir: filepath.Join(dir, "keys"), LedgerDir: filepath.Join(dir, "ledger"),
		Log: vaultLog{raw}, Create: true}); err != nil {
		return s, err
	}
	c, err := o.Load().Catalogue()
	if err != nil {
		return s, err
	}
	s.cat = c.WithVersion(1)
	s.gateway = ingest.New(ingest.Config{Vault: gatewayVault{s.vault}, Journal: eventJournal{s.log},
		Catalogue: func() ingest.Catalogue { return s.cat }, Now: time.Now, MaxInFlight: 1 << 16})
	if withMap {
		s.m, err = follow(ctx, dir, s.log)
	}
	return s, err
}

// close closes everything; what is on disk afterwards has settled.
func (s *system) close() error {
	var errs []error
	if s.m != nil {
		errs = append(errs, s.m.stop())
	}
	if s.vault != nil {
		errs = append(errs, s.vault.Close())
	}
	if s.journal != nil {
		errs = append(errs, s.journal.Close())
	}
	return errors.Join(errs...)
}

// send submits a batch as sources do and refuses anything but acceptance.
func (s *system) send(last *latest) func(context.Context, []*events.Observation) error {
	who := ingest.Caller{Any: true}
	return func(ctx context.Context, list []*events.Observation) error {
		out, err := s.gateway.Submit(ctx, who, list)
		if err != nil {
			return err
		}
		for i := range out {
			if out[i].Status != ingest.Accepted {
				return fmt.Errorf("an event of the load was %s, want accepted", out[i].Status)
			}
			last.see(out[i].Position)
		}
		return nil
	}
}

// footprint answers as the desk does, up to where names and the catalogue come
// in: who is behind the address, what belongs to them, what is held.
func (s *system) footprint(ctx context.Context, email string) (int, error) {
	f, err := s.read(ctx, email)
	if err != nil {
		return 0, err
	}
	rows := len(f.Unmatched)
	for _, h := range f.Holdings {
		rows += 1 + len(h.Disclosures)
	}
	return rows, nil
}

func (s *system) read(ctx context.Context, email string) (*inventory.Folded, error) {
	pairs, err := s.vault.Resolver().Find(ctx, events.Identifier{Kind: "email", Value: events.NewPlaintext(email)})
	if err != nil {
		return nil, fmt.Errorf("find: %w", err)
	}
	start := make([]events.Handle, len(pairs))
	for i, p := range pairs {
		start[i] = p.Handle
	}
	v := s.m.View()
	defer v.Close() //nolint:errcheck // reading only
	g := &identity.MapGraph{Reader: v, SiblingsOf: s.siblings, MayJoinSystems: s.cat.MayJoinSystems}
	who, err := identity.Resolve(ctx, start, g, identity.Query{})
	if err != nil {
		return nil, fmt.Errorf("resolve: %w", err)
	}
	handles := make([]events.Handle, len(who.Members))
	for i, m := range who.Members {
		handles[i] = m.Handle
	}
	rows, err := inventory.Rows(v, handles...)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return inventory.Fold(rows, inventory.Query{}), nil
}

func (s *system) siblings(ctx context.Context, h events.Handle) ([]identity.Member, error) {
	pairs, err := s.vault.Resolver().Siblings(ctx, h)
	return members(pairs), err
}

func members(pairs []vault.Pair) []identity.Member {
	out := make([]identity.Member, 0, len(pairs))
	for _, p := range pairs {
		out = append(out, identity.Member{Handle: p.Handle, System: p.System, Kind: p.Kind})
	}
	return out
}

// gatewayVault shows the vault to the gateway.
type gatewayVault struct{ *vault.Vault }

func (g gatewayVault) Resolve(ctx context.Context, l []ingest.Lookup) ([]ingest.Found, uint64, error) {
	req := make([]vault.Request, len(l))
	ids := make([]events.Identifier, len(l))
	for i := range l {
		ids[i] = l[i].ID
		req[i] = vault.Request{System: l[i].System, IDs: ids[i : i+1]}
	}
	answers, seq, err := g.Resolver().ResolveBatch(ctx, req)
	if err != nil {
		return nil, 0, err
	}
	out := make([]ingest.Found, len(answers))
	for i, a := range answers {
		if a.Err != nil {
			out[i].Err = a.Err
			continue
		}
		r := a.Resolved[0]
		out[i] = ingest.Found{Ref: r.Ref, Erased: r.Erased, Fresh: r.Fresh}
	}
	return out, seq, nil
}

func (g gatewayVault) EventID(source events.Code, id events.Plaintext) events.EventID {
	return g.Resolver().EventID(source, id)
}
