package vault_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// What is kept in memory of a handle never outlives it: siblings and revealed
// values are those of the vault as it is, however often they were asked for.
func TestSiblingsAskedAgain(t *testing.T) {
	t.Parallel()
	v := vaulttest.New(t)
	const id = "email=ann@example.org"
	crm, shop := handle(t, v, "crm", id), handle(t, v, "shop", id)
	want := func(h events.Handle, n int) {
		t.Helper()
		for range 2 {
			s, err := v.Resolver().Siblings(ctx, h)
			if err != nil || len(s) != n {
				t.Errorf("siblings: %+v, %v; want %d", s, err, n)
			}
			if got := revealed(t, v, h); (got != "") != (n > 0) {
				t.Errorf("revealed %q with %d siblings", got, n)
			}
		}
	}
	want(crm, 2)
	want(shop, 2)
	desk := handle(t, v, "desk", id)
	want(crm, 3)
	if err := v.Retire(ctx, crm); err != nil {
		t.Fatal(err)
	}
	want(crm, 0)
	want(shop, 2)
	forget(t, v, crm, desk)
	want(crm, 0)
	want(desk, 0)
	want(shop, 1)
	if err := v.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	want(desk, 0)
	want(shop, 1)
	if again := handle(t, v, "crm", id); again == crm {
		t.Error("a forgotten handle came back")
	}
	want(shop, 2)
	sound(t, v)
}

// Many systems learn of one identifier in one frame and in many: each gets one
// handle, and what is kept in memory is what the index says.
func TestOneIdentifierManySystems(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	const id = "email=ann@example.org"
	given := map[string]events.Handle{}
	for round := range 4 {
		var requests []vault.Request
		var systems []string
		for n := range 12 {
			system := fmt.Sprintf("s%d", n%(3*(round+1)))
			systems = append(systems, system)
			requests = append(requests, vault.Request{System: events.Code(system), IDs: vaulttest.IDs(id, id)})
		}
		answers, _, err := v.Resolver().ResolveBatch(ctx, requests)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range answers {
			for _, r := range a.Resolved {
				if have, ok := given[systems[i]]; ok && have != r.Ref.Handle {
					t.Fatalf("round %d: a second handle in %s", round, systems[i])
				}
				given[systems[i]] = r.Ref.Handle
			}
		}
		hot := find(t, v, id)
		v.DropCaches()
		if cold := find(t, v, id); !slices.Equal(hot, cold) || len(cold) != len(given) {
			t.Errorf("round %d: in memory %v, in the index %v", round, hot, cold)
		}
	}
	sound(t, v)
}
