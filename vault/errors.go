package vault

import (
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/normalise"
)

// What callers may branch on. The errors of package keys come through as well.
var (
	// ErrNoVault: nothing is there and Config.Create is not set.
	ErrNoVault = errors.New("there is no vault here")
	// ErrOtherVault: keys, log, index or ledger belong to different vaults.
	ErrOtherVault = errors.New("this belongs to another vault")
	// ErrLogLost: the keys have seen entries and the log is empty or shorter
	// than the index.
	ErrLogLost = errors.New("the vault's log has lost frames")
	// ErrKeysOlder: the key table is older than the index beside it.
	ErrKeysOlder = errors.New("the key table is older than the vault")
	// ErrNoLedger: the restore ledger is missing.
	ErrNoLedger = errors.New("the restore ledger is missing")
	// ErrOlder: the vault is older than the journal needs.
	ErrOlder = errors.New("the vault is older than the journal")
	// ErrClosed: the vault was closed.
	ErrClosed = errors.New("the vault is closed")
	// ErrStopped: an earlier write failed in a way that leaves open what was
	// saved; the vault must be opened again.
	ErrStopped = errors.New("the vault has stopped")
	// ErrUnknown: no such handle or note, or it was forgotten. The two cannot
	// be told apart.
	ErrUnknown = errors.New("not known here")
	// ErrTooLong: a note is longer than MaxNote.
	ErrTooLong = errors.New("the note is too long")
)

// An InvalidError says which identifier of a request is not one of its kind.
type InvalidError struct {
	Index int // in the request
	Kind  events.Code
	Want  string // what was expected
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("identifier %d of kind %s: want %s", e.Index, e.Kind, e.Want)
}

func invalid(i int, err error) error {
	var bad *normalise.Error
	if errors.As(err, &bad) {
		return &InvalidError{i, bad.Kind, bad.Want}
	}
	return err
}
