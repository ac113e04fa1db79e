package projections

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/runs"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/findings"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/retention"
)

// A feed turns frames into batches and commits them. One goroutine owns a feed.
type feed struct {
	s     *store
	batch *runs.Batch
	at    stand // what the batch reaches
	dirty bool  // the batch holds at least one frame

	inv *inventory.Applier
	id  identity.Applier
	fac *facets.Applier
	// keep notes what due dates are found by.
	keep retention.Applier
	find *findings.Applier
	book casebook.Applier
	ev   events.Event
}

func newFeed(s *store) (*feed, error) {
	f := &feed{s: s, at: s.committed(), fac: facets.NewApplier(s.facets)}
	r := s.reader()
	defer r.close()
	var err error
	if f.inv, err = inventory.NewApplier(r, s.gone, s.bodies); err != nil {
		return nil, fmt.Errorf("load map: %w", err)
	}
	if f.find, err = findings.NewApplier(r); err != nil {
		return nil, fmt.Errorf("load map: %w", err)
	}
	f.batch = s.rows.Begin()
	return f, nil
}

// close drops what is not committed.
func (f *feed) close() { f.batch.Discard() }

// Get reads a row as the batch leaves it. The value must not be changed.
func (f *feed) Get(key []byte) ([]byte, bool, error) { return f.batch.Get(key) }

// Set writes into the batch being assembled.
func (f *feed) Set(key, value []byte) {
	if used := &f.s.used[key[0]]; !used.Load() {
		used.Store(true)
	}
	f.batch.Set(key, value)
}

// Delete takes a row away in the batch being assembled.
func (f *feed) Delete(key []byte) { f.batch.Delete(key) }

// Symbol numbers a code; a new number commits with the batch that first used
// it.
func (f *feed) Symbol(c events.Code) uint64 {
	n, fresh := f.s.symbols.add(c)
	if fresh {
		f.Set(symbolKey(n), []byte(c))
	}
	return n
}

// Name returns a code by its number.
func (f *feed) Name(n uint64) (events.Code, error) { return f.s.symbols.Name(n) }

// batchBytes ends a batch of fewer rows: one that is written again and again counts
// once among the rows, and takes memory each time.
const batchBytes = 4 << 20

// frame applies the events of a frame that is not applied yet.
func (f *feed) frame(seq uint64, fr *events.Frame, next []byte) error {
	for i := range fr.Count {
		pos := events.Position{Generation: fr.Generation, Seq: seq, Index: i}
		if pos.Compare(f.at.position) <= 0 {
			continue // applied before a restart
		}
		if i%64 == 63 {
			runtime.Gosched() // whoever waits for an answer goes first
		}
		if err := f.event(pos, fr, int(i)); err != nil {
			return fmt.Errorf("apply event %s to map: %w", pos, err)
		}
		f.at.position, f.at.recorded = pos, fr.Recorded
		f.at.events++
	}
	f.at.checkpoint, f.dirty = next, true
	if f.batch.Len() >= f.s.cfg.BatchKeys || f.batch.Bytes() >= batchBytes {
		return f.cut(false)
	}
	return nil
}

// event applies one event, or puts it into quarantine (I5). An error means that
// the store cannot be read; nothing more may be applied then.
func (f *feed) event(pos events.Position, fr *events.Frame, i int) error {
	err := fr.Event(i, &f.ev)
	if err == nil {
		err = inventory.Check(&f.ev)
	}
	if err == nil && (fr.Recorded < inventory.EarliestTime || fr.Recorded > inventory.LatestTime) {
		err = errors.New("the frame's stamp is outside the years 1601 to 9999")
	}
	if err != nil {
		f.quarantine(pos, fr.Recorded, err)
		return nil
	}
	r := &events.Recorded{Event: f.ev, Position: pos, At: fr.Recorded, Catalogue: fr.Catalogue}
	switch err := f.inv.Apply(f, r); {
	case errors.Is(err, inventory.ErrRefused):
		f.quarantine(pos, fr.Recorded, err)
		return nil
	case err != nil:
		return err
	}
	if err := f.keep.Apply(f, r, f.inv.Noted().Changed); err != nil {
		return err
	}
	if err := f.find.Apply(f, r, f.inv.Noted()); err != nil {
		return err
	}
	if err := f.book.Apply(f, r); err != nil {
		return err
	}
	if err := f.id.Apply(f, r); err != nil {
		return err
	}
	f.fac.Apply(r, f.inv.Noted(), f.s.gone, f.id.Joined())
	return nil
}

// quarantine notes position and reason, never content.
func (f *feed) quarantine(pos events.Position, at events.Instant, why error) {
	v := binary.AppendVarint(nil, int64(at))
	f.Set(quarantineKey(pos), append(v, why.Error()...))
	f.at.quarantined++
}

func quarantineKey(p events.Position) []byte {
	b := binary.BigEndian.AppendUint32([]byte{familyQuarantine}, p.Generation)
	b = binary.BigEndian.AppendUint64(b, p.Seq)
	return binary.BigEndian.AppendUint32(b, p.Index)
}
