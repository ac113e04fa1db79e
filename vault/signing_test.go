package vault_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/keys"
	"github.com/habeas-data/habeas/vault/vaulttest"
)

// The key that signs backups is read back from the key directory alone, stays
// the same over a rotation, and is another one for another vault.
func TestBackupKey(t *testing.T) {
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	key := v.BackupKey()
	if len(key) != 32 {
		t.Fatalf("%d bytes", len(key))
	}
	if err := v.Rotate(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := vault.BackupKey(t.Context(), place.Config().KeyDir)
	if err != nil || !bytes.Equal(again, key) {
		t.Errorf("after a rotation another key: %v", err)
	}
	if bytes.Equal(vaulttest.New(t).BackupKey(), key) {
		t.Error("two vaults sign alike")
	}
	if _, err := vault.BackupKey(t.Context(), t.TempDir()); !errors.Is(err, keys.ErrMissing) && !errors.Is(err, keys.ErrExposed) {
		t.Errorf("an empty directory: %v", err)
	}
}
