package vault_test

import (
	"errors"
	"os"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/vaulttest"
)

func kept(t *testing.T, v *vault.Vault) (out []string) {
	t.Helper()
	if err := v.EachKept(ctx, func(_ events.EventID, _ events.Instant, body []byte) error {
		out = append(out, string(body))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// A7: a word that must outlive a restore stands in the ledger, comes back with an
// older backup, and is gone everywhere once it is shredded.
func TestKeptNotesOutliveARestore(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	resolve(t, v, "crm", "email=ann@example.org")
	_ = v.Close()
	before := place.Backup(t)
	v = place.Open(t)
	var bodies [][]byte
	for i := range 100 {
		bodies = append(bodies, append([]byte{'o', byte(i)}, make([]byte, 3000)...))
	}
	ids, err := v.Keep(ctx, bodies...)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Shred(ctx, ids[0]); err != nil {
		t.Fatal(err)
	}
	if got := kept(t, v); len(got) != 99 || got[0][:2] != "o\x01" {
		t.Fatalf("kept %d", len(got))
	}
	if _, err := v.Keep(ctx, make([]byte, 129<<10)); !errors.Is(err, vault.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
	sound(t, v)
	_ = v.Close()

	// The keys and the ledger are of today, the rest of the backup.
	old := before.Config()
	for to, from := range map[string]string{old.KeyDir: place.Config().KeyDir, old.LedgerDir: place.Config().LedgerDir} {
		if err := errors.Join(os.RemoveAll(to), os.Rename(from, to)); err != nil {
			t.Fatal(err)
		}
	}
	v = before.Open(t, func(c *vault.Config) { c.Restore = true })
	if _, err := v.Restore(ctx); err != nil {
		t.Fatal(err)
	}
	if got := kept(t, v); len(got) != 99 {
		t.Errorf("after the restore: %d", len(got))
	}
	if b, err := v.Revealer().OpenNote(ctx, ids[7]); err != nil || string(b[:2]) != "o\x07" {
		t.Errorf("after the restore: %q %v", b, err)
	}
	if err := v.Shred(ctx, ids[7]); err != nil {
		t.Fatal(err)
	}
	if got := kept(t, v); len(got) != 98 {
		t.Errorf("shredded: %d", len(got))
	}
	sound(t, v)
}
