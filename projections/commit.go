package projections

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/failpoint"
	"github.com/habeas-data/habeas/projections/inventory"
)

// flush commits everything applied so far, and what waited for a pause.
func (f *feed) flush() error {
	for f.dirty || f.fac.Waiting() {
		if err := f.cut(true); err != nil {
			return err
		}
	}
	return nil
}

// cut commits the batch being assembled and begins the next. With settle it also
// does what can wait for a pause.
func (f *feed) cut(settle bool) error {
	if err := checkSpace(f.s.dir, f.s.cfg.MinFree); err != nil {
		return err
	}
	f.inv.Flush(f)
	pending := &reader{s: f.s, rows: f.batch, limit: f.at.position}
	if err := f.fac.Flush(f, pending, f.at.position, settle); err != nil {
		return err
	}
	f.at.batches++
	if f.at.batches == 1 {
		f.Set(keyVersion, versions())
	}
	f.Set(keyStands, appendStand(nil, &f.at))
	// I3: the effects of the events, the position and the checkpoint are one
	// batch. A crash loses it whole, and every later one; the log delivers their
	// events again.
	failpoint.Hit("map.commit.before")
	at := f.at
	if err := f.batch.Commit(&at); err != nil {
		return fmt.Errorf("commit batch %d to map at %s: %w", f.at.batches, f.at.position, err)
	}
	failpoint.Hit("map.commit.after")
	f.s.advance(f.at)
	f.batch, f.dirty = f.s.rows.Begin(), false
	return nil
}

// durable writes what is committed to disk. Nothing waits to be committed.
func (f *feed) durable() error {
	f.batch.Discard()
	err := f.s.rows.Flush()
	f.batch = f.s.rows.Begin()
	return err
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
