package vault_test

import (
	"errors"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/vaulttest"
)

func instant(s string) events.Instant {
	i, err := events.ParseInstant(s)
	if err != nil {
		panic(err)
	}
	return i
}

// Resurrection is found at allocation, after the entry itself is gone,
// for as long as the suppression has its period, and in that system only.
func TestErasureIsRememberedForItsPeriod(t *testing.T) {
	t.Parallel()
	now := instant("2026-01-01T00:00:00Z").Time()
	place := vaulttest.NewPlace(t)
	place.Stream.Plant("ann@example.org")
	open := func() *vault.Vault {
		return place.Open(t, func(c *vault.Config) { c.Now = func() time.Time { return now } })
	}
	v := open()
	at := instant("2025-12-24T10:00:00Z")
	if err := v.Suppress(ctx, vault.Suppression{Identifier: vaulttest.ID("email=Ann@Example.org"), Purpose: vault.Erasure, Scope: "crm",
		At: at, Until: instant("2027-01-01T00:00:00Z")}); err != nil {
		t.Fatal(err)
	}
	if got := resolve(t, v, "crm", "email=ann@example.org")[0]; !got.Fresh || got.Erased != at {
		t.Errorf("crm: %+v", got)
	}
	if got := resolve(t, v, "payroll", "email=ann@example.org")[0]; !got.Erased.IsZero() {
		t.Errorf("payroll: %+v", got)
	}
	if got, err := v.Suppressed(ctx, vaulttest.ID("email=ann@example.org"), "crm"); err != nil || got != at {
		t.Errorf("suppressed: %v, %v", got, err)
	}
	sound(t, v)
	if err := v.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	_ = v.Close()
	v = open()
	if got := resolve(t, v, "crm", "email=ann@example.org")[0]; got.Fresh || got.Erased != at {
		t.Errorf("after a rebuild: %+v", got)
	}
	// Both lists have a period: what has passed is forgotten with its key.
	now = instant("2027-01-01T00:00:01Z").Time()
	if got, err := v.Suppressed(ctx, vaulttest.ID("email=ann@example.org"), "crm"); err != nil || !got.IsZero() {
		t.Errorf("after its period: %v, %v", got, err)
	}
	swept, err := v.Sweep(ctx, vaulttest.NothingLives(), -time.Hour)
	if err != nil || swept.Expired == 0 {
		t.Errorf("sweep: %+v, %v", swept, err)
	}
	if s, err := v.Status(ctx); err != nil || s.Suppressions != 0 {
		t.Errorf("status: %+v, %v", s, err)
	}
	if got := resolve(t, v, "crm", "email=ann@example.org")[0]; !got.Fresh || !got.Erased.IsZero() {
		t.Errorf("after its period: %+v", got)
	}
	sound(t, v)
	_ = v.Close()
	sound(t, open())
}

func TestMarketingSuppression(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	add := func(id string, channel events.Code) {
		t.Helper()
		if err := v.Suppress(ctx, vault.Suppression{Identifier: vaulttest.ID(id), Purpose: vault.Marketing, Scope: channel, At: 1}); err != nil {
			t.Fatal(err)
		}
	}
	is := func(id string, channel events.Code, want bool) {
		t.Helper()
		if got, err := v.MarketingSuppressed(ctx, vaulttest.ID(id), channel); err != nil || got != want {
			t.Errorf("%s by %s: %v, %v; want %v", id, channel, got, err, want)
		}
	}
	is("email=ann@example.org", "email", false)
	add("email=ann@example.org", "email")
	add("phone=020 7946 0018", "")
	is("email=ANN@example.org", "email", true)
	is("email=ann@example.org", "sms", false)
	is("phone=+442079460018", "sms", true)
	sound(t, v)
	if err := v.Lift(ctx, vaulttest.ID("email=ann@example.org"), "email"); err != nil {
		t.Fatal(err)
	}
	is("email=ann@example.org", "email", false)
	_ = v.Close()
	v = place.Open(t)
	is("email=ann@example.org", "email", false)
	is("phone=+442079460018", "sms", true)
	sound(t, v)
	for _, s := range []vault.Suppression{{Identifier: vaulttest.ID("email=a@b"), Purpose: vault.Erasure}, {Identifier: vaulttest.ID("email=a@b")}} {
		if v.Suppress(ctx, s) == nil {
			t.Errorf("accepted %v", s.Purpose)
		}
	}
	var bad *vault.InvalidError
	if err := v.Suppress(ctx, vault.Suppression{Identifier: vaulttest.ID("email=nobody"), Purpose: vault.Marketing}); !errors.As(err, &bad) {
		t.Errorf("bad identifier: %v", err)
	}
}

// An older backup is brought back beside the newest ledger: what had been
// forgotten, retired and suppressed is so again, everyone else is still there.
func TestRestoreForgetsAgain(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	gone, retired, kept := handle(t, v, "crm", "email=gone@example.org"), handle(t, v, "crm", "email=retired@example.org"), handle(t, v, "crm", "email=kept@example.org")
	_ = v.Close()
	backup := place.Backup(t)
	v = place.Open(t)
	forget(t, v, gone)
	if err := v.Retire(ctx, retired); err != nil {
		t.Fatal(err)
	}
	if err := v.Suppress(ctx, vault.Suppression{Identifier: vaulttest.ID("email=gone@example.org"), Purpose: vault.Erasure, Scope: "crm", At: 5}); err != nil {
		t.Fatal(err)
	}
	if err := v.Rotate(ctx, nil); err != nil {
		t.Fatal(err)
	}
	_ = v.Close()
	now := place.Config()
	check := func(t *testing.T, v *vault.Vault) {
		t.Helper()
		if revealed(t, v, gone, vault.ForTasks()) != "" || len(find(t, v, "email=gone@example.org")) != 0 {
			t.Error("what was forgotten came back")
		}
		if len(find(t, v, "email=retired@example.org")) != 0 || revealed(t, v, retired, vault.ForTasks()) == "" {
			t.Error("what was retired came back, or is gone")
		}
		if p := find(t, v, "email=kept@example.org"); len(p) != 1 || p[0].Handle != kept {
			t.Errorf("kept: %v", p)
		}
		if got := resolve(t, v, "crm", "email=gone@example.org")[0]; !got.Fresh || got.Erased != 5 {
			t.Errorf("observed again: %+v", got)
		}
		if r, err := v.Restore(ctx); err != nil || r.Retired+r.Forgotten+r.Suppressed != 0 {
			t.Errorf("restore again: %+v, %v", r, err)
		}
		sound(t, v)
	}
	t.Run("log and index from the backup, keys of today", func(t *testing.T) {
		q := backup.Backup(t)
		v := q.Open(t, func(c *vault.Config) { c.KeyDir, c.LedgerDir, c.Create = now.KeyDir, now.LedgerDir, false })
		check(t, v)
	})
	t.Run("log, index and keys from the backup", func(t *testing.T) {
		q := backup.Backup(t)
		ledger := place.Backup(t).Config().LedgerDir
		v := q.Open(t, func(c *vault.Config) { c.LedgerDir, c.Create = ledger, false })
		check(t, v)
	})
	t.Run("keys from the backup under the index of today", func(t *testing.T) {
		q := place.Backup(t)
		old := backup.Backup(t).Config().KeyDir
		set := func(c *vault.Config) { c.KeyDir, c.Create = old, false }
		if _, err := q.TryOpen(set); !errors.Is(err, vault.ErrKeysOlder) {
			t.Fatalf("an older key table was accepted: %v", err)
		}
		v := q.Open(t, set, func(c *vault.Config) { c.Restore = true })
		check(t, v)
	})
	t.Run("without the ledger", func(t *testing.T) {
		q := backup.Backup(t)
		set := func(c *vault.Config) { c.LedgerDir, c.Create = t.TempDir()+"/none", false }
		if _, err := q.TryOpen(set); !errors.Is(err, vault.ErrNoLedger) {
			t.Fatalf("a missing ledger was accepted: %v", err)
		}
		q.Open(t, set, func(c *vault.Config) { c.AcceptNoLedger = true })
	})
}
