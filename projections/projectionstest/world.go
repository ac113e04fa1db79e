package projectionstest

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A World gives names in tests their handles and ids, the same every time, and
// keeps a clock that moves by a minute with every event.
type World struct {
	clock events.Instant
	ids   int
}

// NewWorld begins on 1 March 2025.
func NewWorld() *World {
	return &World{clock: events.InstantOf(time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC))}
}

// Now is the world's clock.
func (w *World) Now() events.Instant { return w.clock }

// Set moves the clock.
func (w *World) Set(t time.Time) { w.clock = events.InstantOf(t) }

// HandleOf is the handle of a name in a system.
func HandleOf(system, name string) events.Handle {
	sum := sha256.Sum256([]byte(system + "\x00" + name))
	return events.Handle(sum[:16])
}

// IDOf is the id of a name.
func IDOf(name string) events.EventID {
	sum := sha256.Sum256([]byte("event\x00" + name))
	return events.EventID(sum[:16])
}

// Event returns an event of a system about handles it knows; the first is the
// primary.
func (w *World) Event(kind events.Kind, system string, subject ...events.Ref) *events.Event {
	w.ids++
	w.clock += events.Instant(time.Minute / time.Microsecond)
	return &events.Event{
		ID: IDOf(fmt.Sprint(w.ids)), Kind: kind, Source: events.Code(system), Time: w.clock,
		Flags: events.Anchored, Subject: subject,
	}
}

// Stored returns a record.stored event about a local id.
func (w *World) Stored(system, id, activity string, categories ...events.Code) *events.Event {
	e := w.Event(events.RecordStored, system, events.Ref{Handle: HandleOf(system, id), Kind: events.Code(system + ".id")})
	e.Activity.Code = events.Code(activity)
	e.Dataset = "records"
	e.Provenance = events.Provided
	for _, c := range categories {
		e.Categories = append(e.Categories, events.Category{Code: c})
	}
	return e
}
