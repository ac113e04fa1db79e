// Package keys owns the key directory: the epoch key, and the key table that is
// sealed under it. The table is all that is needed to open the vault and to
// find anything in it; it lives apart from the data directory and its backups.
//
// A key directory holds, for epoch N (ten digits):
//
//	current          names the vault and the epoch in force
//	epoch-N.key      the epoch key, wrapped by the key-encrypting provider (KEK)
//	table-N.base     the table as it was when the epoch began, sealed
//	table-N.log      what changed since: one sealed record per change
//
// Forgetting appends one record to the log, in proportion to what is forgotten.
// Rotation writes a new base under a new epoch key and then destroys the old
// epoch key everywhere: from then on nobody can read what the old table held.
//
// The package never keeps a key in a file that others may read, never repairs
// damage by guessing, and never goes back to an older epoch.
package keys

import "errors"

// What callers may branch on. Each error says in its text what to do.
var (
	// ErrMissing: the directory holds no keys.
	ErrMissing = errors.New("no vault keys here")
	// ErrExists: the directory already holds keys, so none are created.
	ErrExists = errors.New("vault keys exist already")
	// ErrEpochGone: the table is there, the key of its epoch is not. Either it
	// was destroyed by a rotation (an old copy of the table came back), or it
	// was lost.
	ErrEpochGone = errors.New("the epoch key is gone")
	// ErrWrongKey: the epoch key does not open the table, or the KEK does not
	// open the epoch key.
	ErrWrongKey = errors.New("the key does not fit")
	// ErrOtherVault: the files belong to another vault.
	ErrOtherVault = errors.New("the keys belong to another vault")
	// ErrExposed: others may read the keys.
	ErrExposed = errors.New("the keys are readable by others")
	// ErrDamaged: a file of the directory is damaged.
	ErrDamaged = errors.New("the key table is damaged")
	// ErrOlder: a location holds newer keys than the directory.
	ErrOlder = errors.New("these keys are not the newest")
	// ErrLocked: another process uses the directory.
	ErrLocked = errors.New("the key directory is in use")
	// ErrUnreachable: a declared key location cannot be written.
	ErrUnreachable = errors.New("a key location cannot be reached")
	// ErrRemains: the new epoch is in force, and an old one is still somewhere.
	ErrRemains = errors.New("an old epoch remains")
)
