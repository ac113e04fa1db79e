package ingest

import (
	"github.com/habeas-data/habeas/events"
)

// A Warning says what a source should look at in an event that was taken. It
// repeats no word of the event.
type Warning struct {
	Line    int    `json:"line"`
	Pointer string `json:"pointer"` // RFC 6901 JSON pointer into the event
	Text    string `json:"text"`
	// Kept is the note under which the event waits for a person.
	Kept string `json:"kept,omitempty"`
}

const (
	notDeclared = "this code is not in the catalogue; the event was taken and the code is kept sealed until somebody declares it. Correct it if it is misspelt"
	tooMany     = "this source has brought too many codes of its own; the event was taken and the code is stored as undeclared"
	isLate      = "the event is older than the erasure of its person; it is kept sealed and a person decides about it"
	wasLate     = "the event is older than the erasure of its person; somebody has decided about it before, so it is not kept again"
	otherSaid   = "an event of the same id came before with other contents; the first one stands. A change needs a new id"
	nothingYet  = "no event of that id has come yet; the retraction is recorded and will hold when one does"
	notLately   = "no event of that id came lately; if one came earlier it is taken back, and if none did it will be when one does"
)

// warn notes something about observation i, once for each place.
func (b *batch) warn(i int, pointer, text string) {
	o := &b.out[i]
	for _, w := range o.Warnings {
		if w.Pointer == pointer && w.Text == text {
			return
		}
	}
	o.Warnings = append(o.Warnings, Warning{Pointer: pointer, Text: text})
}

// remark says what the journal's answer about event e, made of observation i,
// means to its sender.
func (b *batch) remark(i int, e *events.Event, s Stored) {
	if e.Kind == events.EventQuarantined {
		text := isLate
		if b.out[i].Kept.IsZero() {
			text = wasLate
		}
		b.warn(i, "/time", text)
		return
	}
	if s.Duplicate && s.Other {
		b.warn(i, "/id", otherSaid)
	}
	if e.Kind != events.EventRetracted || b.g.cfg.Seen == nil {
		return
	}
	switch seen, all := b.g.cfg.Seen(e.Retracts); {
	case seen:
	case all:
		b.warn(i, "/data/id", nothingYet)
	default:
		b.warn(i, "/data/id", notLately)
	}
}
