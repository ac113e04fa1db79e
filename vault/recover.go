package vault

import (
	"context"

	"fmt"
	"slices"

	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
	"github.com/habeas-data/habeas/vault/ledger"
)

// recover brings keys, index, log and ledger to one state. It runs before the
// writer starts, so it may do the writer's work.
func (v *Vault) recover(ctx context.Context, created bool) error {
	rebuild, err := v.compare()
	if err != nil {
		return err
	}
	if err := v.dir.Finish(); err != nil {
		return err
	}
	if rebuild {
		if err := v.clearIndex(); err != nil {
			return err
		}
	}
	v.meta.Vault = v.table.Vault
	v.meta.NextSlot = max(v.meta.NextSlot, v.table.NextSlot)
	pending := v.pending(rebuild)
	for _, a := range pending {
		if rebuild || v.meta.Seq == 0 {
			break // nothing stands under former keys
		}
		// A crash fell between the change of the key table and the index.
		if err := v.moveFor(ctx, a); err != nil {
			return fmt.Errorf("finish forgetting: %w", err)
		}
	}
	if err := v.begin(ctx, created); err != nil {
		return err
	}
	if err := v.catchUp(ctx); err != nil {
		return err
	}
	for _, a := range pending {
		if err := v.finishForget(ctx, a.Change); err != nil {
			return fmt.Errorf("finish forgetting: %w", err)
		}
	}
	if err := v.commit(v.batchAt(v.table.Seq)); err != nil {
		return err
	}
	if err := v.forgetDue(ctx); err != nil {
		return fmt.Errorf("forget what others forgot: %w", err)
	}
	_, err = v.replayLedger(ctx, v.meta.Ledger)
	return err
}

func (v *Vault) batchAt(table uint64) *index.Batch {
	b := v.ix.Begin(v.meta)
	b.Meta.Table = table
	return b
}

// compare refuses parts that do not belong together and says whether the index
// must be made anew.
func (v *Vault) compare() (rebuild bool, err error) {
	m, t := &v.meta, v.table
	empty := m.Vault == [16]byte{}
	if !empty && keys.VaultID(m.Vault) != t.Vault {
		return false, fmt.Errorf("open vault: the keys at %s and the index at %s: %w", v.cfg.KeyDir, v.cfg.Dir, ErrOtherVault)
	}
	rebuild = v.cfg.Restore
	if last := v.log.Last().Seq; last < m.Seq && !rebuild {
		return false, fmt.Errorf("open vault: its log ends at frame %d and the index has read %d: %w: bring back the whole log, or open with restore to make the index anew from what is left", last, m.Seq, ErrLogLost)
	}
	if m.Table > t.Seq && !rebuild {
		return false, fmt.Errorf("open vault: the key table at %s lacks %d changes that the index has seen: %w: bring back its newest copy, or open with restore, which forgets again and makes the index anew", v.cfg.KeyDir, m.Table-t.Seq, ErrKeysOlder)
	}
	size, torn := v.ledger.Size()
	if uint64(size) < m.Ledger {
		if !v.cfg.Restore && !v.cfg.AcceptNoLedger {
			return false, fmt.Errorf("open vault: the restore ledger at %s is older than the vault: %w: bring back its newest copy", v.cfg.LedgerDir, ledger.ErrDamaged)
		}
		m.Ledger = 0
	}
	if torn > 0 {
		v.cfg.Logger.Warn("dropped the torn last record of the restore ledger", "bytes", torn)
	}
	if !empty && m.Table < t.Seq-uint64(len(v.dir.Applied())) {
		// The index is older than the key table's epoch: the former keys of its
		// rows are gone, so its rows cannot be moved, only made anew.
		v.cfg.Logger.Warn("the vault's index is older than its keys and is made anew from the log", "frames", v.log.Last().Seq)
		rebuild = true
	}
	return rebuild, nil
}

// clearIndex empties the index; the log fills it again.
func (v *Vault) clearIndex() error {
	// A crash after this leaves an empty index, which Open fills.
	if err := v.ix.Clear(); err != nil {
		return fmt.Errorf("clear index: %w", err)
	}
	// Up to the epoch: the changes since are still to be told to log and ledger, also
	// if a crash falls before they are.
	v.meta = index.Meta{Vault: v.table.Vault, Table: v.table.Seq - uint64(len(v.dir.Applied()))}
	v.clearMemory()
	return nil
}

// clearMemory forgets what is in memory of rows, pairs and handles.
func (v *Vault) clearMemory() {
	v.rows.clear()
	v.pairs.clear()
	v.handles.clear()
}

// pending lists the changes of the key table that the index has not seen, and
// so perhaps neither log nor ledger.
func (v *Vault) pending(all bool) []keys.Applied {
	if all {
		return v.dir.Applied()
	}
	return slices.DeleteFunc(slices.Clone(v.dir.Applied()), func(a keys.Applied) bool { return a.Seq <= v.meta.Table })
}

// begin writes the first record of a new log, and refuses an empty one that
// should not be.
func (v *Vault) begin(ctx context.Context, created bool) error {
	if v.log.Last().Seq > 0 || v.meta.Seq > 0 {
		return nil
	}
	if !created && !v.cfg.Create && !v.cfg.Restore {
		return fmt.Errorf("open vault: there are keys at %s and its log is empty: %w: bring back the log", v.cfg.KeyDir, ErrLogLost)
	}
	if v.table.NextSlot > 0 && !v.cfg.Restore {
		return fmt.Errorf("open vault: the keys at %s have seen entries and the log is empty: %w: bring back the log", v.cfg.KeyDir, ErrLogLost)
	}
	rec := record{kind: recCreated, vault: v.table.Vault}
	err := v.write(ctx, func(b *index.Batch) ([][]byte, error) {
		if b.Meta.Seq > 0 {
			return nil, nil // another process was first
		}
		return [][]byte{rec.append(nil)}, nil
	}, nil)
	if err != nil {
		return fmt.Errorf("begin the vault's log: %w", err)
	}
	return nil
}
