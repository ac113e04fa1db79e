package projections

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/findings"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/retention"
)

// A batch is what one transaction will write.
type batch struct {
	rows  map[string][]byte // nil for a row that goes
	bytes int               // estimate of the transaction's size
	at    stand
	dirty bool // holds at least one event or one whole frame
}

// A feed turns frames into batches and commits them. While one batch commits
// the next is assembled; rows not yet committed are read from the batches. One
// goroutine owns a feed.
type feed struct {
	s      *store
	cur    *batch
	flying *batch // committing; nil if none
	done   chan error
	read   *reader             // at the last commit that was waited for
	recent []map[string][]byte // rows of the last batches committed, newest first
	filter *filter
	stop   chan struct{} // closed to end learning
	learnt chan struct{} // closed when learning has ended

	inv *inventory.Applier
	id  identity.Applier
	fac *facets.Applier
	// keep notes what due dates are found by.
	keep retention.Applier
	find *findings.Applier
	book casebook.Applier
	ev   events.Event
	wal  *walWatch

	maxRows, maxBytes int
}

// Room that one event may need at most: its row with three observations, its
// references and its links in both directions.
const (
	roomRows  = 8 + 2*events.MaxSubjects
	roomBytes = 2*events.MaxEventBytes + roomRows*256
	rowExtra  = 32 // what Badger counts for an entry beside key and value

	recentBatches = 8 // whose rows are kept to be read again
)

func newFeed(s *store) (*feed, error) {
	f := &feed{
		s: s, done: make(chan error, 1), filter: newFilter(maphash.MakeSeed()),
		stop: make(chan struct{}), learnt: make(chan struct{}),
	}
	f.cur = f.batch(s.committed())
	f.read = s.reader(f.cur.at.ts)
	// Badger refuses a transaction of more than this; stay well below.
	f.maxRows = int(s.db.MaxBatchCount()/10*8) - roomRows
	f.maxBytes = int(s.db.MaxBatchSize()/10*8) - roomBytes
	if f.maxRows < roomRows || f.maxBytes < 1<<14 {
		return nil, fmt.Errorf("map: a write buffer of %d bytes is too small for one event", s.cfg.MemTable)
	}
	var err error
	if f.inv, err = inventory.NewApplier(f.read, s.gone, s.bodies); err != nil {
		return nil, fmt.Errorf("load map: %w", err)
	}
	f.fac = facets.NewApplier(s.facets)
	if f.find, err = findings.NewApplier(f.read); err != nil {
		return nil, fmt.Errorf("load map: %w", err)
	}
	if f.wal, err = newWALWatch(s, f.read); err != nil {
		return nil, err
	}
	f.filter.blank = f.cur.at.ts == 0
	go f.learn()
	return f, nil
}

func (f *feed) learn() {
	defer close(f.learnt)
	if f.filter.blank {
		return
	}
	r := f.s.reader(f.s.committed().ts)
	defer r.close()
	f.filter.learn(r, f.stop)
}

func (f *feed) batch(at stand) *batch {
	return &batch{rows: make(map[string][]byte, f.s.cfg.BatchKeys*5/4), at: at}
}

// close lets go of the feed's readers. No commit may be in flight.
func (f *feed) close() {
	close(f.stop)
	<-f.learnt
	f.read.close()
}

// Get reads through the batches not yet committed. The value is valid until the
// next call.
func (f *feed) Get(key []byte) ([]byte, bool, error) {
	if v, ok := f.cur.rows[string(key)]; ok {
		return v, v != nil, nil
	}
	if f.flying != nil {
		if v, ok := f.flying.rows[string(key)]; ok {
			return v, v != nil, nil
		}
	}
	if f.filter.absent(key) {
		return nil, false, nil
	}
	for _, rows := range f.recent {
		if v, ok := rows[string(key)]; ok {
			return v, v != nil, nil
		}
	}
	return f.read.Get(key)
}

// Set writes into the batch being assembled.
func (f *feed) Set(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	f.put(key, value)
}

// Delete takes a row away in the batch being assembled.
func (f *feed) Delete(key []byte) { f.put(key, nil) }

func (f *feed) put(key, value []byte) {
	old, ok := f.cur.rows[string(key)]
	if ok {
		f.cur.bytes -= len(old)
	} else {
		f.cur.bytes += len(key) + rowExtra
		if used := &f.s.used[key[0]]; !used.Load() {
			used.Store(true)
		}
		if filtered(key) {
			f.filter.add(key)
		}
	}
	f.cur.bytes += len(value)
	f.cur.rows[string(key)] = value
}

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

// frame applies the events of a frame that are not applied yet.
func (f *feed) frame(seq uint64, fr *events.Frame, next []byte) error {
	for i := range fr.Count {
		pos := events.Position{Generation: fr.Generation, Seq: seq, Index: i}
		if pos.Compare(f.cur.at.position) <= 0 {
			continue // applied before a restart, or split off an earlier batch
		}
		rows, size := f.inv.Unflushed()
		more, bytes := f.fac.Unflushed()
		if len(f.cur.rows)+rows+more > f.maxRows || f.cur.bytes+size+bytes > f.maxBytes {
			// E1: a transaction too big splits at an event. The position says
			// how far into the frame it got; the checkpoint is still that of
			// the frame before.
			if err := f.cut(false); err != nil {
				return err
			}
		}
		if err := f.event(pos, fr, int(i)); err != nil {
			return fmt.Errorf("apply event %s to map: %w", pos, err)
		}
		f.cur.at.position, f.cur.at.recorded, f.cur.at.whole = pos, fr.Recorded, false
		f.cur.at.events++
		f.cur.dirty = true
	}
	f.cur.at.checkpoint, f.cur.at.whole, f.cur.dirty = next, true, true
	if len(f.cur.rows) >= f.s.cfg.BatchKeys {
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
	f.cur.at.quarantined++
}

func quarantineKey(p events.Position) []byte {
	b := binary.BigEndian.AppendUint32([]byte{familyQuarantine}, p.Generation)
	b = binary.BigEndian.AppendUint64(b, p.Seq)
	return binary.BigEndian.AppendUint32(b, p.Index)
}
