package keys

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/habeas-data/habeas/events"
)

// Rotate begins a new epoch. The order matters: seal the table
// under a new key, read it back, ship it to every declared location, switch,
// destroy the old key everywhere. Before the switch any error leaves the old
// epoch in force; after it the new one is, and an error that wraps ErrRemains
// says where an old key still is. Progress, if not nil, is told each step.
func (d *Dir) Rotate(ctx context.Context, progress func(step string)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped != nil {
		return d.stopped
	}
	step := func(name string) error {
		if progress != nil {
			progress(name)
		}
		return d.cfg.Step("rotate: " + name)
	}
	next := *d.table // shares the trees: they are the same keys, sealed anew
	next.Epoch++
	next.Began = events.InstantOf(d.cfg.Now())
	if err := d.prepare(ctx, &next, step); err != nil {
		// Nothing was switched. What was written is destroyed, here or by Open.
		return errors.Join(fmt.Errorf("rotate to epoch %d: %w", next.Epoch, err), d.undo(err))
	}
	if err := step("switch"); err != nil {
		return err
	}
	// A crash before the rename leaves the old epoch in force and the new one
	// is destroyed by Open; after it, the new one is in force and Open destroys
	// the old one here and in every location it can reach.
	if err := d.switchTo(d.cfg.Dir, next.Epoch); err != nil {
		d.stopped = fmt.Errorf("rotate to epoch %d: switch: %w: open the vault again: %w", next.Epoch, ErrDamaged, err)
		return d.stopped
	}
	old := d.table.Epoch
	if err := d.adopt(ctx, &next); err != nil {
		d.stopped = fmt.Errorf("rotate to epoch %d: %w", next.Epoch, err)
		return d.stopped
	}
	if err := step("destroy"); err != nil {
		return err
	}
	return d.destroyOld(ctx, old)
}

// interrupted reports whether Step plays a crash: then nothing may be tidied.
func interrupted(err error) bool {
	var c interface{ Crash() bool }
	return errors.As(err, &c) && c.Crash()
}

func (d *Dir) prepare(ctx context.Context, next *Table, step func(string) error) error {
	if err := step("seal"); err != nil {
		return err
	}
	for _, dir := range d.cfg.Copies {
		if err := checkMode(dir); err != nil {
			return fmt.Errorf("key location %s: %w: make it reachable or take it off the list: %w", dir, ErrUnreachable, err)
		}
	}
	if err := writeEpoch(ctx, &d.cfg, next); err != nil {
		return err
	}
	if err := step("verify"); err != nil {
		return err
	}
	if err := d.verify(ctx, next); err != nil {
		return err
	}
	for _, dir := range d.cfg.Copies {
		if err := step("ship"); err != nil {
			return err
		}
		if err := d.shipEpoch(dir, next.Epoch); err != nil {
			return fmt.Errorf("ship to key location %s: %w: make it reachable or take it off the list: %w", dir, ErrUnreachable, err)
		}
	}
	return nil
}

// verify reads the new epoch from disk as Open would and compares it with what
// is in memory.
func (d *Dir) verify(ctx context.Context, next *Table) error {
	back, s, err := readBase(ctx, &d.cfg, next.Vault, next.Epoch)
	if err != nil {
		return fmt.Errorf("verify the new key table: %w", err)
	}
	defer back.Entries.Wipe()
	got, want := encodeTable(back), encodeTable(next)
	same := sha256.Sum256(got) == sha256.Sum256(want)
	clear(got)
	clear(want)
	if !same {
		return fmt.Errorf("verify the new key table: it reads back differently: %w", ErrDamaged)
	}
	b, err := os.ReadFile(filepath.Join(d.cfg.Dir, logFile(next.Epoch)))
	if err != nil {
		return fmt.Errorf("verify the new key table: %w", err)
	}
	if changes, _, torn, err := readLog(s, next.Vault, next.Epoch, next.Seq, b); err != nil || torn || len(changes) > 0 {
		return fmt.Errorf("verify the new key table: its log is not empty: %w", errors.Join(ErrDamaged, err))
	}
	return nil
}

func (d *Dir) undo(cause error) error {
	if interrupted(cause) {
		return nil
	}
	var errs []error
	for _, dir := range d.cfg.locations() {
		errs = append(errs, destroyOthers(dir, d.table.Epoch))
	}
	return errors.Join(errs...)
}

// adopt makes next the table in force in memory.
func (d *Dir) adopt(ctx context.Context, next *Table) error {
	key, err := readEpochKey(ctx, d.cfg.Dir, next.Vault, next.Epoch, d.cfg.KEK)
	if err != nil {
		return err
	}
	defer clear(key)
	s, err := newSeals(key)
	if err != nil {
		return err
	}
	f, b, err := openLog(filepath.Join(d.cfg.Dir, logFile(next.Epoch)))
	if err != nil {
		return err
	}
	if err := d.log.Close(); err != nil {
		return errors.Join(err, f.Close())
	}
	d.log, d.size, d.seals, d.head = f, int64(len(b)), s, bytes.Clone(b)
	d.table.Epoch, d.table.Began, d.table.Fresh = next.Epoch, next.Began, 0
	d.applied = nil
	return nil
}

// destroyOld switches the copies and destroys the old epoch everywhere. A
// location that fails keeps an old key: it is named, and tried again by the
// next Open and the next Rotate.
func (d *Dir) destroyOld(ctx context.Context, old uint32) error {
	var errs []error
	for _, dir := range d.cfg.locations() {
		err := d.switchTo(dir, d.table.Epoch)
		if err == nil {
			delete(d.behind, dir)
			err = destroyOthers(dir, d.table.Epoch)
		}
		if err != nil {
			d.behind[dir] = err
			errs = append(errs, fmt.Errorf("key location %s: %w", dir, err))
		}
	}
	if err := d.cfg.KEK.Destroy(ctx, old); err != nil {
		errs = append(errs, fmt.Errorf("key provider %s: %w", d.cfg.KEK.Name(), err))
	}
	if len(errs) > 0 {
		return fmt.Errorf("epoch %d is in force, but %w: %w", d.table.Epoch, ErrRemains, errors.Join(errs...))
	}
	return nil
}
