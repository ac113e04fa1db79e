package vault

import (
	"context"
	"fmt"

	"github.com/habeas-data/habeas/vault/keys"
)

// backupPurpose names the long-lived key under which backups are signed.
const backupPurpose = "backup manifest"

// BackupKey is the key under which backups of this vault's journal are signed.
// It outlives rotations and stands in no backup: whoever holds it holds the key
// directory already.
func (v *Vault) BackupKey() []byte { return v.table.Sub(backupPurpose) }

// BackupKey reads that key from a key directory whose vault is not there yet, as
// before a restore. Errors: those of package keys.
func BackupKey(ctx context.Context, keyDir string) ([]byte, error) {
	d, err := keys.Open(ctx, keys.Config{Dir: keyDir})
	if err != nil {
		return nil, fmt.Errorf("read the key that signs backups: %w", err)
	}
	key := d.Table().Sub(backupPurpose)
	return key, d.Close()
}
