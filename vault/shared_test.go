package vault_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/vaulttest"
)

// twin opens a second vault on the same stream, as another process would: its
// own index, its own copy of the keys.
func twin(t testing.TB, place *vaulttest.Place) *vault.Vault {
	t.Helper()
	dir := t.TempDir()
	cfg := place.Config()
	for from, to := range map[string]string{cfg.KeyDir: dir + "/keys", cfg.LedgerDir: dir + "/ledger"} {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(to, 0o700); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(to)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if err := os.Chmod(to+"/"+e.Name(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return place.Open(t, func(c *vault.Config) {
		c.Dir, c.KeyDir, c.LedgerDir, c.Create = dir+"/data/vault", dir+"/keys", dir+"/ledger", false
	})
}

// Two processes on one log never give two handles to one pair.
func TestTwoVaultsOneLog(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	a := place.Open(t)
	b := twin(t, place)
	vaults := []*vault.Vault{a, b}
	var mu sync.Mutex
	given := map[string]events.Handle{}
	owner := map[events.Handle]string{}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 1))
			for range 60 {
				n := rng.IntN(4) + 1
				ids := make([]string, n)
				for i := range ids {
					ids[i] = fmt.Sprintf("email=p%d@example.org", rng.IntN(200))
				}
				system := fmt.Sprintf("s%d", rng.IntN(2))
				out := resolve(t, vaults[rng.IntN(2)], system, ids...)
				mu.Lock()
				for i := range out {
					k, h := system+" "+ids[i], out[i].Ref.Handle
					if have, ok := given[k]; ok && have != h {
						t.Errorf("%s has two handles", k)
					}
					if have, ok := owner[h]; ok && have != k {
						t.Errorf("one handle for %s and %s", k, have)
					}
					given[k], owner[h] = h, k
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	sound(t, a)
	sound(t, b)
	for _, v := range vaults {
		for k, h := range given {
			var system, id string
			if _, err := fmt.Sscan(k, &system, &id); err != nil {
				t.Fatal(err)
			}
			if got := handle(t, v, system, id); got != h {
				t.Errorf("%s: %s, given %s", k, got, h)
			}
		}
	}
}

// What one process forgets, the other forgets as soon as it reads on.
func TestForgettingReachesTheOther(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	a := place.Open(t)
	gone, kept := handle(t, a, "crm", "email=ann@example.org"), handle(t, a, "crm", "email=bob@example.org")
	b := twin(t, place)
	if len(find(t, b, "email=ann@example.org")) != 1 {
		t.Fatal("the other does not see the entry")
	}
	forget(t, a, gone)
	if err := b.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	if len(find(t, b, "email=ann@example.org")) != 0 || revealed(t, b, gone, vault.ForTasks()) != "" || revealed(t, b, kept) == "" {
		t.Error("the other still knows it")
	}
	sound(t, a)
	sound(t, b)
	if s, err := b.Status(ctx); err != nil || s.UntilRotation != 1 {
		t.Errorf("status of the other: %+v, %v", s, err)
	}
}

// An unknown outcome is settled by reading on, both ways.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]vaulttest.Fault{
		"not saved":         {vaulttest.FailBefore},
		"saved":             {vaulttest.FailAfter},
		"saved, then not":   {vaulttest.FailAfter, vaulttest.FailBefore},
		"not saved, thrice": {vaulttest.FailBefore, vaulttest.FailBefore, vaulttest.FailBefore},
	} {
		t.Run(name, func(t *testing.T) {
			place := vaulttest.NewPlace(t)
			v := place.Open(t)
			place.Stream.Break(faults...)
			h := handle(t, v, "crm", "email=ann@example.org")
			if got := resolve(t, v, "crm", "email=ann@example.org")[0]; got.Fresh || got.Ref.Handle != h {
				t.Errorf("second: %+v, first %s", got, h)
			}
			place.Stream.Break(faults...)
			forget(t, v, h)
			place.Stream.Break(faults...)
			if err := v.Suppress(ctx, vault.Suppression{Identifier: vaulttest.ID("email=ann@example.org"), Purpose: vault.Marketing}); err != nil {
				t.Fatal(err)
			}
			place.Stream.Break(faults...)
			id, err := v.Seal(ctx, []byte("note"))
			if err != nil {
				t.Fatal(err)
			}
			sound(t, v)
			_ = v.Close()
			v = place.Open(t)
			sound(t, v)
			if body, err := v.Revealer().OpenNote(ctx, id); err != nil || string(body) != "note" {
				t.Errorf("note: %q, %v", body, err)
			}
		})
	}
}

// A log that stays broken refuses allocation with an error and answers what is
// known.
func TestLogDown(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	known := handle(t, v, "crm", "email=ann@example.org")
	down := make([]vaulttest.Fault, 100)
	for i := range down {
		down[i] = vaulttest.FailBefore
	}
	place.Stream.Break(down...)
	if _, err := v.Resolver().Resolve(ctx, "crm", vaulttest.IDs("email=bob@example.org")); !errors.Is(err, vaulttest.ErrBroken) {
		t.Errorf("allocated without a log: %v", err)
	}
	if got := handle(t, v, "crm", "email=ann@example.org"); got != known {
		t.Error("what is known must be answered")
	}
}

// One bad identifier concerns its own request only.
func TestBatch(t *testing.T) {
	t.Parallel()
	v := vaulttest.New(t)
	answers, seq, err := v.Resolver().ResolveBatch(ctx, []vault.Request{
		{System: "crm", IDs: vaulttest.IDs("email=ann@example.org", "email=nobody")},
		{System: "crm", IDs: vaulttest.IDs("email=ann@example.org", "phone=020 7946 0018")},
		{System: "crm"},
	})
	if err != nil || seq != v.Last() || len(answers) != 3 {
		t.Fatalf("%v, %d, %v", answers, seq, err)
	}
	var bad *vault.InvalidError
	if !errors.As(answers[0].Err, &bad) || bad.Index != 1 || bad.Kind != "email" || answers[0].Resolved != nil {
		t.Errorf("bad: %v", answers[0].Err)
	}
	if len(answers[1].Resolved) != 2 || answers[1].Err != nil || !answers[1].Resolved[0].Fresh || len(answers[2].Resolved) != 0 {
		t.Errorf("good: %+v", answers[1])
	}
	if got := len(find(t, v, "email=ann@example.org")); got != 1 {
		t.Errorf("%d pairs", got)
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	h := handle(t, v, "crm", "email=ann@example.org")
	if _, err := place.TryOpen(); err == nil {
		t.Error("opened twice")
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := v.Resolver().Resolve(done, "crm", vaulttest.IDs("email=new@example.org")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Errorf("close twice: %v", err)
	}
	_, e1 := v.Resolver().Resolve(ctx, "crm", vaulttest.IDs("email=ann@example.org"))
	_, e2 := v.Resolver().Find(ctx, vaulttest.ID("email=ann@example.org"))
	_, e3 := v.Revealer().Reveal(ctx, []events.Handle{h})
	_, e4 := v.Seal(ctx, nil)
	_, e5 := v.Check(ctx)
	_, e6 := v.Status(ctx)
	for i, err := range []error{e1, e2, e3, e4, e5, e6, v.Retire(ctx, h), v.Rotate(ctx, nil), v.Rebuild(ctx)} {
		if !errors.Is(err, vault.ErrClosed) {
			t.Errorf("call %d on a closed vault: %v", i+1, err)
		}
	}
}

// Callers of every kind at once, under the race detector.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	v := vaulttest.New(t)
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 2))
			for i := range 20 {
				id := fmt.Sprintf("email=p%d@example.org", rng.IntN(30))
				h := handle(t, v, "crm", id)
				switch rng.IntN(6) {
				case 0:
					forget(t, v, h)
				case 1:
					if w == 0 && i%10 == 0 {
						if err := v.Rotate(ctx, nil); err != nil {
							t.Error(err)
						}
					}
				case 2:
					if _, err := v.Revealer().Reveal(ctx, []events.Handle{h}); err != nil {
						t.Error(err)
					}
				case 3:
					if err := v.Each(ctx, func(p vault.PairInfo) error {
						_, err := v.Revealer().Reveal(ctx, []events.Handle{p.Handle})
						return err
					}); err != nil {
						t.Error(err)
					}
				default:
					find(t, v, id)
				}
			}
		})
	}
	wg.Wait()
	sound(t, v)
}
