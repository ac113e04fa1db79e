package vault_test

import (
	"context"
	"errors"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/vaulttest"
)

var ctx = context.Background()

func resolve(t testing.TB, v *vault.Vault, system string, ids ...string) []vault.Resolved {
	t.Helper()
	out, err := v.Resolver().Resolve(ctx, events.Code(system), vaulttest.IDs(ids...))
	if err != nil {
		t.Fatalf("resolve: %v", err)
	}
	return out
}

func handle(t testing.TB, v *vault.Vault, system, id string) events.Handle {
	t.Helper()
	return resolve(t, v, system, id)[0].Ref.Handle
}

func find(t testing.TB, v *vault.Vault, id string) []vault.Pair {
	t.Helper()
	p, err := v.Resolver().Find(ctx, vaulttest.ID(id))
	if err != nil {
		t.Fatalf("find: %v", err)
	}
	return p
}

// A handle belongs to one (identifier, system) pair; only the vault knows
// which handles are of one identifier.
func TestOneHandlePerIdentifierAndSystem(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	place.Stream.Plant("priya", "Priya", "contact-77")
	v := place.Open(t)
	first := resolve(t, v, "crm", "email=Priya@Example.org", "crm.contact=contact-77", "email=priya@example.org ")
	if !first[0].Fresh || !first[1].Fresh || first[2].Fresh {
		t.Errorf("fresh: %v %v %v; want the first two", first[0].Fresh, first[1].Fresh, first[2].Fresh)
	}
	if first[0].Ref != first[2].Ref {
		t.Error("two spellings got two handles")
	}
	if first[0].Ref.Kind != "email" || first[0].Ref.Handle.IsZero() || first[0].Ref.Handle == first[1].Ref.Handle {
		t.Errorf("refs: %v %v", first[0].Ref, first[1].Ref)
	}
	other := handle(t, v, "payroll", "email=priya@example.org")
	if other == first[0].Ref.Handle {
		t.Error("two systems share a handle")
	}
	check := func(v *vault.Vault) {
		t.Helper()
		pairs := find(t, v, "email=PRIYA@example.org")
		if len(pairs) != 2 || pairs[0] != (vault.Pair{Handle: first[0].Ref.Handle, System: "crm", Kind: "email"}) || pairs[1].Handle != other {
			t.Errorf("found %v", pairs)
		}
		siblings, err := v.Resolver().Siblings(ctx, other)
		if err != nil || len(siblings) != 2 || siblings[0] != pairs[0] {
			t.Errorf("siblings %v, %v", siblings, err)
		}
		shown, err := v.Revealer().Reveal(ctx, []events.Handle{other, first[0].Ref.Handle, {1}})
		if err != nil || len(shown) != 2 || shown[other].Value.Expose() != "priya@example.org" || shown[first[0].Ref.Handle].Value.Expose() != "Priya@Example.org" {
			t.Errorf("revealed %d, %v", len(shown), err)
		}
		if got := resolve(t, v, "crm", "email=priya@example.org")[0]; got.Fresh || got.Ref != first[0].Ref {
			t.Errorf("resolved again: %+v", got)
		}
	}
	check(v)
	last := v.Last()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v = place.Open(t)
	check(v)
	if v.Last() != last || v.RequireAtLeast(last) != nil || !errors.Is(v.RequireAtLeast(last+1), vault.ErrOlder) {
		t.Errorf("last %d, want %d", v.Last(), last)
	}
}
