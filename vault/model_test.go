package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/vaulttest"
)

// A model of the vault: what is known of each (system, identifier).
type known struct {
	live    events.Handle
	retired map[events.Handle]bool
	erased  bool // the live one came after an erasure
}

// Random histories against the model, cut by reopening, rebuilding, rotating
// and restoring the ledger: the vault says what the model says.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 3))
			place := vaulttest.NewPlace(t)
			v := place.Open(t)
			model := map[string]*known{}
			var gone []events.Handle
			for range 120 {
				system, id := fmt.Sprintf("s%d", rng.IntN(2)), fmt.Sprintf("email=p%d@example.org", rng.IntN(8))
				k := model[system+" "+id]
				if k == nil {
					k = &known{retired: map[events.Handle]bool{}}
					model[system+" "+id] = k
				}
				switch rng.IntN(12) {
				case 0, 1, 2, 3:
					r := resolve(t, v, system, id)[0]
					if fresh := k.live.IsZero(); r.Fresh != fresh || !fresh && r.Ref.Handle != k.live {
						t.Fatalf("resolve %s %s: %+v, model %+v", system, id, r, k)
					}
					if r.Fresh {
						k.erased = len(k.retired) > 0
					}
					if k.live = r.Ref.Handle; k.erased != (r.Erased != 0) {
						t.Fatalf("resolve %s %s: %+v, model %+v", system, id, r, k)
					}
				case 4, 5:
					if k.live.IsZero() {
						continue
					}
					if err := v.Retire(ctx, k.live); err != nil {
						t.Fatal(err)
					}
					k.retired[k.live], k.live = true, events.Handle{}
				case 6, 7:
					for h := range k.retired {
						forget(t, v, h)
						delete(k.retired, h)
						gone = append(gone, h)
					}
				case 8:
					if k.live.IsZero() {
						continue
					}
					forget(t, v, k.live)
					gone, k.live = append(gone, k.live), events.Handle{}
				case 9:
					_ = v.Close()
					v = place.Open(t)
				case 10:
					if err := v.Rotate(ctx, nil); err != nil {
						t.Fatal(err)
					}
				case 11:
					if err := v.Rebuild(ctx); err != nil {
						t.Fatal(err)
					}
					if _, err := v.Restore(ctx); err != nil {
						t.Fatal(err)
					}
				}
			}
			for name, k := range model {
				system, id, _ := strings.Cut(name, " ")
				found := events.Handle{}
				for _, p := range find(t, v, id) {
					if string(p.System) == system {
						found = p.Handle
					}
				}
				if found != k.live {
					t.Errorf("%s: found %s, model %s", name, found, k.live)
				}
				for h := range k.retired {
					if revealed(t, v, h) != "" || revealed(t, v, h, vault.ForTasks()) == "" {
						t.Errorf("%s: a retired handle is wrong", name)
					}
				}
			}
			for _, h := range gone {
				if revealed(t, v, h, vault.ForTasks()) != "" {
					t.Error("a forgotten handle is revealed")
				}
			}
			sound(t, v)
		})
	}
}

// I1: no error and no log line holds what was planted, whatever is done.
func TestNothingPersonalInLogsAndErrors(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	place := vaulttest.NewPlace(t)
	place.Stream.Plant("planted")
	cfg := func(c *vault.Config) { c.Logger = logger }
	v := place.Open(t, cfg)
	r := v.Resolver()
	tell := func(what string, err error) {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
		fmt.Fprintf(&out, "%s: %v %+v %#v\n", what, err, err, err)
	}
	for _, id := range []string{"email=planted", "phone=planted", "nhs_number=planted", "date_of_birth=planted", "ip=planted", "crm.contact=planted\xff",
		"ni_number=planted", "passport=plan", "email=planted@pla nted"} {
		_, err := r.Resolve(ctx, "crm", vaulttest.IDs(id))
		tell("resolve", err)
		_, err = r.Find(ctx, vaulttest.ID(id))
		tell("find", err)
		_, err = r.Normalise(vaulttest.ID(id))
		tell("normalise", err)
		tell("suppress", v.Suppress(ctx, vault.Suppression{Identifier: vaulttest.ID(id), Purpose: vault.Marketing}))
		_, err = v.Suppressed(ctx, vaulttest.ID(id), "crm")
		tell("suppressed", err)
	}
	h := handle(t, v, "crm", "email=planted@example.org")
	note, err := v.Seal(ctx, []byte("planted"))
	if err != nil {
		t.Fatal(err)
	}
	r.EventID("crm", events.NewPlaintext("planted"))
	broken := errors.New("broken")
	_, err = v.Forget(ctx, []events.Handle{h}, vault.ForgetGuard{Fence: func(context.Context) error { return broken }, Living: vaulttest.NothingLives().Living})
	tell("forget", err)
	place.Stream.Break(1, 1, 1, 1, 1, 1, 1, 1)
	_, err = r.Resolve(ctx, "crm", vaulttest.IDs("email=planted2@example.org"))
	tell("log down", err)
	forget(t, v, h)
	if err := v.Shred(ctx, note); err != nil {
		t.Fatal(err)
	}
	_, err = v.Revealer().OpenNote(ctx, note)
	tell("shredded", err)
	if err := v.Rotate(ctx, nil); err != nil {
		t.Fatal(err)
	}
	_ = v.Close()
	_, err = r.Find(ctx, vaulttest.ID("email=planted@example.org"))
	tell("closed", err)
	v = place.Open(t, cfg)
	sound(t, v)
	if s := out.String(); strings.Contains(strings.ToLower(s), "plant") {
		i := strings.Index(strings.ToLower(s), "plant")
		t.Errorf("what was planted came out: ...%s...", s[max(0, i-80):min(len(s), i+40)])
	}
	if !strings.Contains(out.String(), "loses the vault") {
		t.Error("creating keys must warn loudly that losing them loses the vault")
	}
	if pair := fmt.Sprintf("%+v %v", vault.Pair{Handle: h}, vault.Suppression{Identifier: vaulttest.ID("email=planted@x")}); strings.Contains(pair, "planted") {
		t.Error("a value prints its plaintext")
	}
}

// What was indexed or suppressed under an older rule is found under it.
func TestOlderRules(t *testing.T) {
	t.Parallel()
	v := vaulttest.New(t)
	old := handle(t, v, "crm", "email=ann+news@example.org")
	if err := v.Suppress(ctx, vault.Suppression{Identifier: vaulttest.ID("email=bob+news@example.org"), Purpose: vault.Erasure, Scope: "crm", At: 9}); err != nil {
		t.Fatal(err)
	}
	v.ExtendRule("email", func(s string) (string, error) {
		local, domain, _ := strings.Cut(strings.ToLower(s), "@")
		local, _, _ = strings.Cut(local, "+")
		return local + "@" + domain, nil
	})
	if got := resolve(t, v, "crm", "email=ann+news@example.org")[0]; got.Fresh || got.Ref.Handle != old {
		t.Errorf("resolved under the newer rule: %+v", got)
	}
	if p := find(t, v, "email=ann+news@example.org"); len(p) != 1 || p[0].Handle != old {
		t.Errorf("found %v", p)
	}
	if got := resolve(t, v, "crm", "email=bob+news@example.org")[0]; got.Erased != 9 {
		t.Errorf("suppression under the older rule: %+v", got)
	}
	a, b := handle(t, v, "crm", "email=carl+x@example.org"), handle(t, v, "crm", "email=carl+y@example.org")
	if a != b {
		t.Error("the newer rule does not apply to new entries")
	}
	forget(t, v, old)
	if p := find(t, v, "email=ann+news@example.org"); len(p) != 0 {
		t.Errorf("found %v", p)
	}
	sound(t, v)
}

// EventID is keyed, stable over restarts, and different for each source.
func TestEventID(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	id := func(source, s string) events.EventID {
		return v.Resolver().EventID(events.Code(source), events.NewPlaintext(s))
	}
	a := id("crm", "evt-1")
	if a.IsZero() || a == id("crm", "evt-2") || a == id("hr", "evt-1") || a != id("crm", "evt-1") {
		t.Error("event ids")
	}
	_ = v.Close()
	v = place.Open(t)
	if id("crm", "evt-1") != a {
		t.Error("the id changed over a restart")
	}
	if other := vaulttest.New(t); other.Resolver().EventID("crm", events.NewPlaintext("evt-1")) == a {
		t.Error("two vaults give the same id")
	}
}

// fsck sees what does not agree, and Rebuild mends the index.
func TestCheckSees(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	resolve(t, v, "crm", "email=ann@example.org", "email=bob@example.org")
	last := v.Last()
	_ = v.Close()
	// The index of an older day under a position of today: rows are missing.
	cfg := place.Config()
	if err := vault.LoseRow(cfg.Dir); err != nil {
		t.Fatal(err)
	}
	v = place.Open(t)
	c, err := v.Check(ctx)
	if err != nil || v.Last() != last {
		t.Fatalf("%d, %v", v.Last(), err)
	}
	codes := map[string]bool{}
	for _, p := range c.Problems {
		codes[p.Code] = true
	}
	if !codes["slot.missing"] || !codes["count.wrong"] {
		t.Errorf("fsck sees %v", codes)
	}
	if err := v.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	sound(t, v)
	if len(find(t, v, "email=ann@example.org")) != 1 {
		t.Error("not mended")
	}
	var slots []uint64
	if err := v.Each(ctx, func(p vault.PairInfo) error { slots = append(slots, p.Slot); return nil }); err != nil || len(slots) != 2 {
		t.Errorf("each: %v, %v", slots, err)
	}
	// A lost index is made again from the log.
	_ = v.Close()
	if err := os.RemoveAll(cfg.Dir); err != nil {
		t.Fatal(err)
	}
	v = place.Open(t)
	if sound(t, v); len(find(t, v, "email=bob@example.org")) != 1 {
		t.Error("the index was not made again")
	}
}
