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
	at := s.pin()
	m.mu.Unlock()
	v := &View{reader: s.reader(at.ts), at: at}
	v.limit = at.position
	return v
}

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
		v.err = v.s.unpin(v.at.ts)
	})
	return v.err
}
