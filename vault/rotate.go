package vault

import (
	"context"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
)

// Rotate begins a new epoch: what was forgotten before it can from then on be
// read by nobody, in no copy. It costs in proportion to the key table, not to
// the vault; look-ups and allocation go on meanwhile. Progress, if not nil, is
// told each step. An error that wraps keys.ErrRemains says that the new epoch is
// in force and where an old key still is.
func (v *Vault) Rotate(ctx context.Context, progress func(step string)) error {
	v.keysMu.Lock()
	defer v.keysMu.Unlock()
	if err := v.usable(); err != nil {
		return err
	}
	v.tableMu.Lock()
	before := v.table.Epoch
	err := v.dir.Rotate(ctx, progress)
	after := v.dir.Stats()
	v.tableMu.Unlock()
	if after.Epoch == before {
		return fmt.Errorf("rotate the vault's keys: %w", err)
	}
	v.clearMemory() // a pair that is not believed any more stands there until another needs its place
	v.cfg.Logger.Info("vault keys rotated", "epoch", after.Epoch)
	rec := (&record{kind: recRotated, epoch: after.Epoch, at: after.Began}).append(nil)
	if e := v.do(ctx, func() error {
		return v.write(ctx, func(*index.Batch) ([][]byte, error) { return [][]byte{rec}, nil }, nil)
	}); e != nil && err == nil {
		return fmt.Errorf("record epoch %d: %w", after.Epoch, e)
	}
	if err != nil {
		return fmt.Errorf("rotate the vault's keys: %w", err)
	}
	return nil
}

// A Status says how the vault stands.
type Status struct {
	Vault   keys.VaultID
	Created events.Instant
	Epoch   uint32
	Began   events.Instant // of the epoch
	Last    uint64         // frame of the log
	Entries uint64         // pairs, retired ones included
	Retired uint64
	Notes   uint64
	// Suppressions are both lists together.
	Suppressions uint64
	Forgotten    uint64 // ever
	// UntilRotation were forgotten in this epoch: removed, and readable to
	// whoever has an old copy and the present epoch key, until the next rotation.
	UntilRotation uint64
	KeyNodes      int // size of the key table
	KEK           string
	Locations     []keys.Location
}

// Status reads the counters and looks at every key location.
func (v *Vault) Status(ctx context.Context) (Status, error) {
	if err := v.usable(); err != nil {
		return Status{}, err
	}
	var m index.Meta
	if err := v.view(func(*index.Reader) (err error) {
		m, err = v.ix.Meta()
		return err
	}); err != nil {
		return Status{}, err
	}
	k := v.dir.Stats()
	return Status{Vault: v.table.Vault, Created: v.table.Created, Epoch: k.Epoch, Began: k.Began, Last: m.Seq,
		Entries: m.Counts.Entries, Retired: m.Counts.Retired, Notes: m.Counts.Notes, Suppressions: m.Counts.Suppressions,
		Forgotten: k.Forgotten, UntilRotation: k.Fresh, KeyNodes: k.Nodes, KEK: k.KEK, Locations: v.dir.Locations()}, nil
}

// CatchUp reads what other processes have appended to the log. Allocation does
// so by itself; a process that only looks up calls this to see new pairs, and
// to forget what others forgot.
func (v *Vault) CatchUp(ctx context.Context) error {
	if err := v.do(ctx, func() error { return v.catchUp(ctx) }); err != nil {
		return err
	}
	// What is due is forgotten before the writer takes the next job.
	return v.do(ctx, func() error { return nil })
}
