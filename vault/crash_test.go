package vault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/keys"
	"github.com/habeas-data/habeas/vault/vaulttest"
)

// A crash is what Step returns to end a process at a durable step.
type crash struct{ step string }

func (c crash) Error() string { return "crash at " + c.step }
func (c crash) Crash() bool   { return true }

// crashAt lets the first n steps pass and ends at the next. seen lists them.
type crashAt struct {
	n    int
	seen []string
}

func (c *crashAt) step(name string) error {
	c.seen = append(c.seen, name)
	if len(c.seen) > c.n {
		return crash{name}
	}
	return nil
}

// One row of the fault table: what is done, and what must hold afterwards
// whether it was cut off or done again.
type faultRow struct {
	name string
	do   func(v *vault.Vault) error
	// half holds after the crash and opening again, whole after doing it again.
	half, whole func(t *testing.T, v *vault.Vault)
}

var (
	noneHalf = func(*testing.T, *vault.Vault) {}
)

// I9: every durable step of every act, cut off there; then open,
// check, look, do it again, check, look.
func TestCrashAtEveryStep(t *testing.T) {
	t.Parallel()
	base := vaulttest.NewPlace(t)
	v := base.Open(t)
	ann, bob := handle(t, v, "crm", "email=ann@example.org"), handle(t, v, "crm", "email=bob@example.org")
	for i := range 40 {
		handle(t, v, "crm", fmt.Sprintf("email=p%d@example.org", i))
	}
	note, err := v.Seal(ctx, []byte("a note"))
	if err != nil {
		t.Fatal(err)
	}
	forget(t, v, handle(t, v, "crm", "email=earlier@example.org"))
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	gone := func(h events.Handle, id string) func(*testing.T, *vault.Vault) {
		return func(t *testing.T, v *vault.Vault) {
			t.Helper()
			if revealed(t, v, h, vault.ForTasks()) != "" || len(find(t, v, id)) != 0 {
				t.Error("it is still known")
			}
		}
	}
	rows := []faultRow{
		{"allocate", func(v *vault.Vault) error {
			_, err := v.Resolver().Resolve(ctx, "crm", vaulttest.IDs("email=new@example.org"))
			return err
		}, noneHalf, func(t *testing.T, v *vault.Vault) {
			if p := find(t, v, "email=new@example.org"); len(p) != 1 {
				t.Errorf("%d pairs", len(p))
			}
		}},
		{"retire", func(v *vault.Vault) error { return v.Retire(ctx, ann) }, noneHalf, func(t *testing.T, v *vault.Vault) {
			if len(find(t, v, "email=ann@example.org")) != 0 || revealed(t, v, ann, vault.ForTasks()) == "" {
				t.Error("it is not retired")
			}
		}},
		{"forget", func(v *vault.Vault) error {
			_, err := v.Forget(ctx, []events.Handle{ann}, vaulttest.NothingLives())
			return err
		}, func(t *testing.T, v *vault.Vault) {
			// Found and openable, retired and openable for tasks, or gone: never
			// found and closed, or gone here and there in the log only.
			found, open := len(find(t, v, "email=ann@example.org")) == 1, revealed(t, v, ann, vault.ForTasks()) != ""
			if found && !open {
				t.Error("it is found and cannot be opened")
			}
		}, gone(ann, "email=ann@example.org")},
		{"shred", func(v *vault.Vault) error { return v.Shred(ctx, note) }, noneHalf, func(t *testing.T, v *vault.Vault) {
			if _, err := v.Revealer().OpenNote(ctx, note); !errors.Is(err, vault.ErrUnknown) {
				t.Errorf("note: %v", err)
			}
		}},
		{"suppress", func(v *vault.Vault) error {
			return v.Suppress(ctx, vault.Suppression{Identifier: vaulttest.ID("email=ann@example.org"), Purpose: vault.Marketing})
		}, noneHalf, func(t *testing.T, v *vault.Vault) {
			if got, err := v.MarketingSuppressed(ctx, vaulttest.ID("email=ann@example.org"), "email"); err != nil || !got {
				t.Errorf("%v, %v", got, err)
			}
		}},
		{"seal", func(v *vault.Vault) error {
			_, err := v.Seal(ctx, make([]byte, 400<<10))
			return err
		}, noneHalf, noneHalf},
		{"rotate", func(v *vault.Vault) error { return v.Rotate(ctx, nil) }, noneHalf, func(t *testing.T, v *vault.Vault) {
			s, err := v.Status(ctx)
			if err != nil || s.UntilRotation != 0 || s.Epoch < 2 || s.Forgotten != 1 {
				t.Errorf("%+v, %v", s, err)
			}
			for _, l := range s.Locations {
				if len(l.Old(s.Epoch)) > 0 || l.Behind != nil {
					t.Errorf("%s still holds epochs %v, %v", l.Path, l.Old(s.Epoch), l.Behind)
				}
			}
		}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for n := 0; ; n++ {
				at := &crashAt{n: 1 << 30}
				place := base.Backup(t)
				copies := func(c *vault.Config) { c.Step, c.KeyCopies, c.Create = at.step, []string{place.Root + "/copy"}, false }
				makeDir(t, place.Root+"/copy")
				v := place.Open(t, copies)
				at.seen, at.n = nil, n
				err := row.do(v)
				at.n = 1 << 30
				if len(at.seen) <= n {
					if err != nil {
						t.Fatalf("with no crash: %v", err)
					}
					row.whole(t, v)
					sound(t, v)
					t.Logf("%d steps: %v", n, at.seen)
					return
				}
				name := at.seen[n]
				if err == nil {
					t.Errorf("step %d, %s: reported as done", n, name)
				}
				_ = v.Close()
				v, err = place.TryOpen(copies)
				if err != nil {
					t.Fatalf("step %d, %s: open again: %v", n, name, err)
				}
				sound(t, v)
				row.half(t, v)
				if revealed(t, v, bob) != "bob@example.org" || handle(t, v, "crm", "email=p3@example.org").IsZero() {
					t.Errorf("step %d, %s: a neighbour was lost", n, name)
				}
				if err := row.do(v); err != nil {
					t.Errorf("step %d, %s: again: %v", n, name, err)
				}
				row.whole(t, v)
				sound(t, v)
				if t.Failed() {
					t.Fatalf("after a crash at step %d, %s", n, name)
				}
				_ = v.Close()
			}
		})
	}
}

// A second crash while Open finishes the first one changes nothing.
func TestCrashWhileFinishing(t *testing.T) {
	t.Parallel()
	base := vaulttest.NewPlace(t)
	v := base.Open(t)
	ann := handle(t, v, "crm", "email=ann@example.org")
	for i := range 40 {
		handle(t, v, "crm", fmt.Sprintf("email=p%d@example.org", i))
	}
	at := &crashAt{n: 1 << 30}
	_ = v.Close()
	v = base.Open(t, func(c *vault.Config) { c.Step = at.step })
	if err := v.Retire(ctx, ann); err != nil {
		t.Fatal(err)
	}
	at.seen, at.n = nil, 2 // past the puncture
	if _, err := v.Forget(ctx, []events.Handle{ann}, vaulttest.NothingLives()); err == nil {
		t.Fatal("no crash")
	}
	_ = v.Close()
	for n := 0; ; n++ {
		place := base.Backup(t)
		at := &crashAt{n: n}
		v, err := place.TryOpen(func(c *vault.Config) { c.Step, c.Create = at.step, false })
		if err == nil {
			_ = v.Close()
			if n < 3 {
				t.Errorf("only %d steps to finish: %v", n, at.seen)
			}
			return
		}
		v = place.Open(t)
		if revealed(t, v, ann, vault.ForTasks()) != "" || len(find(t, v, "email=p3@example.org")) != 1 {
			t.Errorf("after crashes up to %s", at.seen[n])
		}
		sound(t, v)
	}
}

// Each way in which keys, index, log and ledger may not belong together has its
// own error, and says what to do.
func TestRefused(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	handle(t, v, "crm", "email=ann@example.org")
	_ = v.Close()
	other := vaulttest.NewPlace(t)
	w := other.Open(t)
	handle(t, w, "crm", "email=bob@example.org")
	_ = w.Close()
	for name, c := range map[string]struct {
		change func(*vault.Config)
		want   error
	}{
		"nothing there": {func(c *vault.Config) {
			c.KeyDir, c.Log, c.Create = t.TempDir()+"/k", vaulttest.NewStream(t).Handle(), false
		}, vault.ErrNoVault},
		"no keys":              {func(c *vault.Config) { c.KeyDir = t.TempDir() + "/k" }, keys.ErrMissing},
		"keys of another":      {func(c *vault.Config) { c.KeyDir, c.LedgerDir = other.Config().KeyDir, other.Config().LedgerDir }, vault.ErrOtherVault},
		"log of another":       {func(c *vault.Config) { c.Dir, c.Log = t.TempDir()+"/vault", other.Config().Log }, vault.ErrOtherVault},
		"ledger of another":    {func(c *vault.Config) { c.LedgerDir = other.Config().LedgerDir }, errAny},
		"log empty":            {func(c *vault.Config) { c.Log, c.Create = vaulttest.NewStream(t).Handle(), false }, vault.ErrLogLost},
		"log shorter":          {func(c *vault.Config) { c.Log, c.Create = place.Stream.Copy(1).Handle(), false }, vault.ErrLogLost},
		"keys inside the data": {func(c *vault.Config) { c.KeyDir = c.Dir + "/keys" }, errAny},
		"unknown phone region": {func(c *vault.Config) { c.Region = "England" }, errAny},
		"log empty, no index": {func(c *vault.Config) {
			c.Dir, c.Log, c.Create = t.TempDir()+"/vault", vaulttest.NewStream(t).Handle(), false
		}, vault.ErrLogLost},
		"neither Dir nor log":   {func(c *vault.Config) { c.Dir, c.Log = "", nil }, errAny},
		"environment KEK is no": {func(c *vault.Config) { c.KEK = keys.EnvKEK{Variable: "HABEAS_TEST_KEK"} }, keys.ErrWrongKey},
	} {
		v, err := place.TryOpen(c.change)
		if err == nil {
			_ = v.Close()
		}
		if err == nil || c.want != errAny && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	// None of these attempts did any harm.
	v = place.Open(t)
	sound(t, v)
	if len(find(t, v, "email=ann@example.org")) != 1 {
		t.Error("the vault was harmed")
	}
}

var errAny = errors.New("any")
