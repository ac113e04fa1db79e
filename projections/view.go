package projections

import (
	"sync"

	"github.com/habeas-data/habeas/events"
)

// A View is the map at one position. It never waits for writers and never
// changes. One goroutine may use it at a time. It must be closed: while it is
// open the store keeps what it sees.
type View struct {
	*reader
	at   stand
	once sync.Once
	err  error
}

// View opens a snapshot of the last committed batch. On a closed map every
// reading of it returns ErrClosed.
func (m *Map) View() *View {
	m.mu.Lock()
	s := m.cur
	if m.closed {
		m.mu.Unlock()
		v := &View{reader: &reader{s: s}}
		v.once.Do(func() {}) // nothing to release
		return v
	}
	s.hold()
	m.mu.Unlock()
	rows := s.rows.Snapshot()
	v := &View{reader: &reader{s: s, rows: rows}}
	if at, ok := rows.Mark().(*stand); ok {
		v.at, v.limit = *at, at.position
	} else if err := v.find(); err != nil {
		v.reader.close()
		v.rows = broken{err}
	}
	return v
}

// find reads where the view stands, as it was left before the store was opened; an
// empty map stands nowhere.
func (v *View) find() error {
	at, ok, err := v.Get(keyStands)
	if err != nil || !ok {
		return err
	}
	v.at, err = parseStand(at)
	v.limit = v.at.position
	return err
}

// broken rows are those of a view that cannot say where it stands.
type broken struct{ err error }

func (b broken) Get([]byte) ([]byte, bool, error)                        { return nil, false, b.err }
func (b broken) Scan(_, _ []byte, _ func(key, value []byte) error) error { return b.err }

// Position is the last event that the view sees.
func (v *View) Position() events.Position { return v.at.position }

// Recorded is the stamp of that event's frame.
func (v *View) Recorded() events.Instant { return v.at.recorded }

// Checkpoint is the place in the log up to which the view has every event: a
// reader of the log goes on from there.
func (v *View) Checkpoint() []byte { return v.at.checkpoint }

// Close lets the store forget what the view kept. Twice is fine.
func (v *View) Close() error {
	v.once.Do(func() {
		v.reader.close()
		v.err = v.s.letGo()
	})
	return v.err
}
