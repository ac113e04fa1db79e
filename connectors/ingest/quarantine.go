package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A Refused is an event that could not be understood, as it came.
type Refused struct {
	Source events.Code
	// ID is what the source calls it; zero where that could not be read.
	ID      events.Plaintext
	Body    []byte
	Why     *events.Rejection
	Subject []events.Identifier // as far as they could be read
}

// noteID names what is kept of one event. The same event gets the same name
// each time it comes, after a restart too, so that it waits once: base is a
// keyed digest of its source and id, or where that was unreadable of its bytes.
func noteID(what string, base events.EventID) events.EventID {
	sum := sha256.Sum256(append([]byte(what+"\x00"), base[:]...))
	return events.EventID(sum[:16])
}

func (g *Gateway) refusedID(r *Refused) events.EventID {
	if r.ID.IsZero() {
		return noteID("refused bytes", g.cfg.Vault.EventID(r.Source, events.NewPlaintext(string(r.Body))))
	}
	return noteID("refused", g.cfg.Vault.EventID(r.Source, r.ID))
}

// ErrNotYet: what is known of a note cannot be said until the map has caught up.
var ErrNotYet = errors.New("the map has not caught up with the journal yet; sent again later, the event can be kept")

// heard asks whether something is known under a note, and waits.
func (g *Gateway) heard(note events.EventID) (known, waits bool, err error) {
	if g.cfg.Heard == nil {
		return false, false, nil
	}
	return g.cfg.Heard(note)
}

// Quarantine seals an event that could not be understood, so that a person can
// read, mend and replay it, and returns the note under which it waits. An event
// waits once, however often it comes. The note is zero when it is not kept: it
// was mended, discarded or expired before, or its source sends too many.
func (g *Gateway) Quarantine(ctx context.Context, r *Refused) (events.EventID, error) {
	none := events.EventID{}
	note := g.refusedID(r)
	known, waits, err := g.heard(note)
	switch {
	case err != nil:
		return none, fmt.Errorf("quarantine an event: %w", err)
	case waits:
		return note, nil
	case known || !g.mayKeep(r.Source):
		return none, nil
	case len(r.Body) > events.MaxEventBytes:
		return none, errors.New("quarantine an event: larger than an event may be; it was counted, not kept")
	}
	why, err := events.ParseCode(r.Why.Code)
	if err != nil {
		why = "event.json"
	}
	// Behind the fence, so that no handle is forgotten on its way to the journal.
	g.fence.RLock()
	defer g.fence.RUnlock()
	// A crash after the seal leaves a note that nothing names. Sent again, as the
	// source was never answered, the event finds it.
	if err := g.seal(ctx, note, r.Body, r.Why); err != nil {
		return none, fmt.Errorf("quarantine an event: %w", err)
	}
	e := &events.Event{ID: note, Kind: events.EventQuarantined, Source: r.Source,
		Time: events.InstantOf(g.cfg.Now()), Why: why, Note: note}
	seq, err := g.name(ctx, e, r.Subject)
	if err != nil {
		return none, fmt.Errorf("quarantine an event: %w", err)
	}
	if _, err := g.write(ctx, []*events.Event{e}, seq); err != nil {
		return none, err
	}
	return note, nil
}

// lateEvent keeps an event that is older than the erasure of its person out of
// the map: it is sealed and listed, and a person decides. The fact that it waits
// has an id of its own, so that the event itself can still come in. waits is
// false when somebody has decided about it before: it is not kept again.
func (g *Gateway) lateEvent(ctx context.Context, e *events.Event, o *events.Observation) (late *events.Event, waits bool, err error) {
	note := noteID("late", e.ID)
	known, waits, err := g.heard(note)
	if err != nil && !errors.Is(err, ErrNotYet) { // a late event is not refused: it must be kept now
		return nil, false, fmt.Errorf("seal a late event: %w", err)
	}
	if !known {
		waits = true
		body, err := events.EncodeCloudEvent(o)
		if err != nil {
			return nil, false, fmt.Errorf("seal a late event: %w", err)
		}
		if err := g.seal(ctx, note, body, &events.Rejection{Reason: "the event is older than the erasure of the person it speaks of"}); err != nil {
			return nil, false, fmt.Errorf("seal a late event: %w", err)
		}
	}
	return &events.Event{ID: note, Kind: events.EventQuarantined, Source: e.Source, Subject: e.Subject,
		Time: events.InstantOf(g.cfg.Now()), Flags: events.Late, Why: "event.late", Note: note}, waits, nil
}

// name puts the handles of those identifiers that are well formed into e, so
// that an answer about the person can say that something of theirs waits.
func (g *Gateway) name(ctx context.Context, e *events.Event, subject []events.Identifier) (uint64, error) {
	look := make([]Lookup, 0, min(len(subject), events.MaxSubjects))
	for _, id := range subject[:cap(look)] {
		look = append(look, Lookup{len(look), e.Source, id}) // each for itself: one may be what was wrong
	}
	if len(look) == 0 {
		return 0, nil
	}
	found, seq, err := g.cfg.Vault.Resolve(ctx, look)
	if err != nil {
		return 0, err
	}
	for _, f := range found {
		if f.Err == nil {
			e.Subject = append(e.Subject, f.Ref)
		}
	}
	primary := g.cfg.Catalogue().PrimaryKind(e.Source)
	e.Subject = primaryFirst(e.Subject, e.Source, primary)
	return seq, nil
}

// A Kept is the sealed form of a quarantined event: as it came, and what was
// wrong with it.
type Kept struct {
	Pointer string `json:"pointer"`
	Reason  string `json:"reason"`
	Event   string `json:"event"`
}

func (g *Gateway) seal(ctx context.Context, note events.EventID, body []byte, r *events.Rejection) error {
	b, err := json.Marshal(Kept{Pointer: r.Pointer, Reason: r.Reason, Event: string(body)})
	if err != nil {
		return err
	}
	return g.cfg.Vault.SealAs(ctx, note, b)
}

// Resolve ends the quarantine of the event that note seals: it was mended, or
// discarded, or went with its person or its period. why is the code that says
// which; subject is that of the fact that it was quarantined.
func (g *Gateway) Resolve(ctx context.Context, source events.Code, note events.EventID, why events.Code, subject []events.Ref) (events.Position, error) {
	id := sha256.Sum256(append([]byte("resolved"), note[:]...))
	e := &events.Event{ID: events.EventID(id[:16]), Kind: events.QuarantineResolved, Source: source, Subject: subject,
		Time: events.InstantOf(g.cfg.Now()), Why: why, Note: note}
	pos, err := g.Write(ctx, []*events.Event{e}, 0)
	if err != nil {
		return events.Position{}, err
	}
	return pos[0], nil
}
