package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/vault"
)

// vaultLog shows a raw log to the vault, its only writer.
type vaultLog struct{ log *journal.RawLog }

func (l vaultLog) Append(ctx context.Context, records [][]byte, expect uint64) (uint64, error) {
	seq, err := l.log.Append(ctx, records, expect)
	if errors.Is(err, journal.ErrStale) {
		return 0, fmt.Errorf("%w: %w", vault.ErrStale, err)
	}
	return seq, err
}

func (l vaultLog) Last() vault.Mark {
	c := l.log.Last()
	return vault.Mark{Seq: c.Seq, State: c.Marshal()}
}

func (l vaultLog) Replay(ctx context.Context, from vault.Mark, fn func(uint64, events.Instant, [][]byte) error) error {
	at := journal.Checkpoint{Seq: from.Seq}
	if len(from.State) > 0 {
		var err error
		if at, err = journal.ParseCheckpoint(from.State); err != nil {
			return err
		}
	}
	return l.log.Replay(ctx, at, fn)
}

// gatewayVault shows the vault to the gateway.
type gatewayVault struct {
	*vault.Resolver
	v *vault.Vault
}

// Resolve asks for the identifiers of each event together, so that one that is
// malformed leaves nothing allocated for its event.
func (g gatewayVault) Resolve(ctx context.Context, look []ingest.Lookup) ([]ingest.Found, uint64, error) {
	ids := make([]events.Identifier, len(look))
	requests := make([]vault.Request, 0, len(look))
	starts := make([]int, 0, len(look))
	for i := range look {
		ids[i] = look[i].ID
		if i > 0 && look[i].Event == look[i-1].Event && look[i].System == look[i-1].System {
			r := &requests[len(requests)-1]
			r.IDs = ids[starts[len(starts)-1] : i+1]
			continue
		}
		starts = append(starts, i)
		requests = append(requests, vault.Request{System: look[i].System, IDs: ids[i : i+1]})
	}
	answers, seq, err := g.ResolveBatch(ctx, requests)
	if err != nil {
		return nil, 0, err
	}
	out := make([]ingest.Found, len(look))
	for k, a := range answers {
		found := out[starts[k] : starts[k]+len(requests[k].IDs)]
		var bad *vault.InvalidError
		if errors.As(a.Err, &bad) {
			found[bad.Index].Err = fmt.Errorf("want %s", bad.Want)
			continue
		}
		for j, r := range a.Resolved {
			found[j] = ingest.Found{Ref: r.Ref, Erased: r.Erased, Fresh: r.Fresh}
		}
	}
	return out, seq, nil
}

func (g gatewayVault) SealAs(ctx context.Context, id events.EventID, body []byte) error {
	return g.v.SealAs(ctx, id, body)
}

// deskFinder shows the vault's look-ups to the desk.
type deskFinder struct {
	r *vault.Resolver
	// known says whether anybody could send identifiers of a kind.
	known func(kind events.Code) bool
}

func (f deskFinder) Find(ctx context.Context, id events.Identifier) ([]identity.Member, error) {
	if !f.known(id.Kind) {
		return nil, &desk.Fault{Text: "this is not a kind of identifier that any system of the catalogue sends; want email, phone, nhs_number or the like, or a local one such as platform.member"}
	}
	pairs, err := f.r.Find(ctx, id)
	return members(pairs, asFault(err))
}

func (f deskFinder) Siblings(ctx context.Context, h events.Handle) ([]identity.Member, error) {
	return members(f.r.Siblings(ctx, h))
}

// asFault tells the desk that an identifier is not one of its kind.
func asFault(err error) error {
	var bad *vault.InvalidError
	if errors.As(err, &bad) {
		return &desk.Fault{Text: "want " + bad.Want}
	}
	return err
}

func members(pairs []vault.Pair, err error) ([]identity.Member, error) {
	if err != nil {
		return nil, err
	}
	out := make([]identity.Member, len(pairs))
	for i, p := range pairs {
		out[i] = identity.Member{Handle: p.Handle, System: p.System, Kind: p.Kind}
	}
	return out, nil
}

// deskRevealer opens what the vault seals, for the desk only.
type deskRevealer struct{ r *vault.Revealer }

func (d deskRevealer) Reveal(ctx context.Context, h []events.Handle) (map[events.Handle]events.Identifier, error) {
	return d.r.Reveal(ctx, h)
}

func (d deskRevealer) OpenNote(ctx context.Context, id events.EventID) ([]byte, error) {
	b, err := d.r.OpenNote(ctx, id)
	if errors.Is(err, vault.ErrUnknown) {
		err = errors.Join(desk.ErrGone, err)
	}
	return b, err
}

// deskAllocator gives handles to identifiers that a person decides about.
type deskAllocator struct{ r *vault.Resolver }

func (a deskAllocator) Allocate(ctx context.Context, system events.Code, ids []events.Identifier) ([]events.Ref, uint64, error) {
	answers, seq, err := a.r.ResolveBatch(ctx, []vault.Request{{System: system, IDs: ids}})
	if err != nil {
		return nil, 0, err
	}
	if answers[0].Err != nil {
		return nil, 0, asFault(answers[0].Err)
	}
	refs := make([]events.Ref, len(ids))
	for i, r := range answers[0].Resolved {
		refs[i] = r.Ref
	}
	return refs, seq, nil
}

func (a deskAllocator) EventID(source events.Code, id events.Plaintext) events.EventID {
	return a.r.EventID(source, id)
}

// globalKinds are the kinds of identifier that mean the same in every system.
var globalKinds = map[events.Code]bool{
	"email": true, "phone": true, "name": true, "postal_address": true, "date_of_birth": true, "device": true,
	"ip": true, "cookie": true, "nhs_number": true, "ni_number": true, "passport": true,
}

// knownKind reports whether a kind is global, or local to a system of the
// catalogue or to one that has sent events. A misspelt kind must not be answered
// as if nothing were held.
func (s *Server) knownKind(kind events.Code) bool {
	system := kind.System()
	if system == "" {
		return globalKinds[kind]
	}
	if _, ok := s.shelf.Current().System(system); ok {
		return true
	}
	v := s.graph.View()
	defer v.Close()
	return v.Uses(system)
}
