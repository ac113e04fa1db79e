package projections

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dgraph-io/badger/v4"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/failpoint"
	"github.com/habeas-data/habeas/projections/inventory"
)

// flush commits everything applied so far and waits for it.
func (f *feed) flush() error {
	for f.cur.dirty || f.fac.Waiting() {
		if err := f.cut(true); err != nil {
			return err
		}
	}
	return f.wait()
}

// wait returns once no commit is in flight. Then readers see it.
func (f *feed) wait() error {
	if f.flying == nil {
		return nil
	}
	b := f.flying
	if err := <-f.done; err != nil {
		return fmt.Errorf("commit batch %d to map at %s: %w", b.at.ts, b.at.position, err)
	}
	f.flying = nil
	f.recent = slices.Insert(f.recent, 0, b.rows)
	f.recent = f.recent[:min(len(f.recent), recentBatches)]
	f.read.close()
	f.read = f.s.reader(b.at.ts)
	return nil
}

// cut sends the batch being assembled on its way and begins the next. With
// settle it also does what can wait for a pause.
func (f *feed) cut(settle bool) error {
	if err := f.wait(); err != nil {
		return err
	}
	if err := checkSpace(f.s.dir, f.s.cfg.MinFree); err != nil {
		return err
	}
	b := f.cur
	f.inv.Flush(f)
	if err := f.fac.Flush(f, &overlay{reader: f.read, f: f}, b.at.position, settle); err != nil {
		return err
	}
	b.at.ts++
	txn := f.s.db.NewTransactionAt(b.at.ts, true)
	defer txn.Discard()
	if err := f.fill(txn, b); err != nil {
		return fmt.Errorf("assemble batch %d for map: %w", b.at.ts, err)
	}
	at := b.at
	f.flying, f.cur = b, f.batch(at)
	// I3: the effects of the events, the position and the checkpoint are one
	// transaction, synced before the callback. A crash before the sync loses
	// the whole batch; the log delivers its events again.
	failpoint.Hit("map.commit.before")
	err := txn.CommitAt(at.ts, func(err error) {
		failpoint.Hit("map.commit.after")
		if err == nil {
			f.s.advance(at)
		}
		f.done <- err
	})
	return err
}

func (f *feed) fill(txn *badger.Txn, b *batch) error {
	for k, v := range b.rows {
		if v == nil {
			if err := txn.Delete([]byte(k)); err != nil {
				return err
			}
			continue
		}
		if err := txn.SetEntry(&badger.Entry{Key: []byte(k), Value: v}); err != nil {
			return err
		}
	}
	if b.at.ts == 1 {
		if err := txn.Set(keyVersion, versions()); err != nil {
			return err
		}
	}
	if err := txn.Set(keyStands, appendStand(nil, &b.at)); err != nil {
		return err
	}
	if err := txn.Set(batchKey(b.at.ts), appendPosition(nil, b.at.position)); err != nil {
		return err
	}
	return f.wal.prune(txn, b.at.ts)
}

// A Quarantined event could not be read or placed.
type Quarantined struct {
	Position events.Position
	Recorded events.Instant
	Reason   string // says what is wrong with its form; holds nothing of it
}

// Quarantined lists up to most events in quarantine, from a position on.
func (v *View) Quarantined(from events.Position, most int) ([]Quarantined, error) {
	var out []Quarantined
	err := v.Scan([]byte{familyQuarantine}, quarantineKey(from), func(k, val []byte) error {
		if len(out) == most {
			return inventory.ErrStop
		}
		at, n := binary.Varint(val)
		if len(k) != 17 || n <= 0 {
			return errors.New("read quarantine row: its form is broken")
		}
		out = append(out, Quarantined{
			Position: events.Position{
				Generation: binary.BigEndian.Uint32(k[1:]), Seq: binary.BigEndian.Uint64(k[5:]),
				Index: binary.BigEndian.Uint32(k[13:]),
			},
			Recorded: events.Instant(at), Reason: strings.Clone(string(val[n:])),
		})
		return nil
	})
	return out, err
}
