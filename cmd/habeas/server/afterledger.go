package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/vault"
)

// keptVersion is the version of the form in which a word stands in the restore
// ledger.
const keptVersion = 1

// A keptWord is an event that must hold although an older backup is brought back:
// the event in a frame of its own, and the identifiers behind its handles, for the
// vault of the backup may not know them. It is sealed in the vault and shredded
// with the person.
type keptWord struct {
	V     int        `json:"v"`
	Frame []byte     `json:"frame"`
	Names []keptName `json:"names,omitempty"`
}

// A keptName is an identifier of the event: of its subject by number, or of its
// item.
type keptName struct {
	Subject int         `json:"subject"` // -1: the item
	System  events.Code `json:"system"`
	Kind    events.Code `json:"kind"`
	Value   string      `json:"value"`
}

// outlives reports whether a restore must not lose the event: what a person or a
// court said, and that a look found something gone. What systems stored they send
// again.
func outlives(e *events.Event) bool {
	switch e.Kind {
	case events.ConsentWithdrawn, events.ObjectionMade, events.ObjectionLifted, events.RestrictionSet, events.RestrictionLifted,
		events.HoldPlaced, events.HoldLifted:
		return true
	case events.RecordRemoved:
		return e.Source == inventory.Operator && !e.Of.IsZero()
	}
	return false
}

// keepingJournal is the journal of the gateway: what must outlive a restore is in
// the ledger before it is in the journal, so that nothing acknowledged is lost. A
// crash between the two leaves a word that nobody was told is safe; whoever said it
// says it again.
type keepingJournal struct {
	gatewayJournal
	vault *vault.Vault
	seen  func(events.EventID) (seen, all bool)
}

func (k keepingJournal) Append(ctx context.Context, e []*events.Event, at uint64, catalogue uint32) ([]ingest.Stored, error) {
	var bodies [][]byte
	for _, x := range e {
		if !outlives(x) {
			continue
		}
		if seen, _ := k.seen(x.ID); seen {
			continue
		}
		b, err := encodeKept(ctx, k.vault.Revealer(), x)
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, b)
	}
	if len(bodies) > 0 {
		if _, err := k.vault.Keep(ctx, bodies...); err != nil {
			return nil, fmt.Errorf("enter words in the restore ledger: %w", err)
		}
	}
	return k.gatewayJournal.Append(ctx, e, at, catalogue)
}

func encodeKept(ctx context.Context, r *vault.Revealer, e *events.Event) ([]byte, error) {
	var f events.FrameBuilder
	f.Add(e)
	w := keptWord{V: keptVersion}
	w.Frame, _ = f.Seal(events.FrameHeader{Body: events.EventBody, Count: 1})
	if e.Of.IsZero() || e.Kind == events.HoldLifted {
		if err := w.name(ctx, r, e); err != nil {
			return nil, err
		}
	}
	b, err := json.Marshal(&w)
	if err != nil {
		return nil, errors.New("encode a word for the restore ledger: it does not fit its form")
	}
	return b, nil
}

// name adds the identifiers of an event. A word about one holding has none: the
// holding is known by its handle, or is not in the backup either.
func (w *keptWord) name(ctx context.Context, r *vault.Revealer, e *events.Event) error {
	handles := []events.Handle{e.Item.Handle}
	for _, s := range e.Subject {
		handles = append(handles, s.Handle)
	}
	ids, err := r.Reveal(ctx, handles, vault.ForTasks())
	if err != nil {
		return fmt.Errorf("enter a word in the restore ledger: %w", err)
	}
	for i, h := range handles {
		if id, ok := ids[h]; ok {
			w.Names = append(w.Names, keptName{Subject: i - 1, System: e.Source, Kind: id.Kind, Value: id.Value.Expose()})
		}
	}
	return nil
}

// decodeKept reads a word. Its errors repeat nothing of it (I1).
func decodeKept(b []byte) (*keptWord, *events.Event, error) {
	form := errors.New("a word of the restore ledger is not in its form")
	w, e := new(keptWord), new(events.Event)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(w); err != nil || w.V != keptVersion || d.More() {
		return nil, nil, form
	}
	f, err := events.DecodeFrame(w.Frame)
	if err != nil || f.Count != 1 || f.Body != events.EventBody || f.Event(0, e) != nil {
		return nil, nil, form
	}
	for _, n := range w.Names {
		if n.Subject < -1 || n.Subject >= len(e.Subject) {
			return nil, nil, form
		}
	}
	return w, e, nil
}

// kept calls fn for every word of the ledger. One that cannot be read is told of
// and left.
func (s *Server) kept(ctx context.Context, fn func(id events.EventID, at events.Instant, w *keptWord, e *events.Event) error) error {
	return s.vault.EachKept(ctx, func(id events.EventID, at events.Instant, body []byte) error {
		w, e, err := decodeKept(body)
		if err != nil {
			s.log.WarnContext(ctx, "the restore ledger holds a word that cannot be read; its period ends it", "error", err)
			return nil
		}
		return fn(id, at, w, e)
	})
}

// replayMargin is how much of the time before a backup is said again: what the
// backup has already is not changed by it.
const replayMargin = time.Hour

// sayAgain puts on the journal what was said since the backup that was brought
// back. It may be called again: every word has its id.
func (s *Server) sayAgain(ctx context.Context, made time.Time) (n int, err error) {
	type word struct {
		w *keptWord
		e *events.Event
	}
	var words []word
	since := events.InstantOf(made.Add(-replayMargin))
	if err := s.kept(ctx, func(_ events.EventID, at events.Instant, w *keptWord, e *events.Event) error {
		if at >= since {
			words = append(words, word{w, e})
		}
		return nil
	}); err != nil {
		return 0, err
	}
	for _, x := range words {
		at, err := s.rename(ctx, x.w, x.e)
		if err != nil {
			return n, err
		}
		if _, err := (gatewayJournal{s.events}).Append(ctx, []*events.Event{x.e}, at, s.shelf.Current().Number()); err != nil {
			return n, fmt.Errorf("say again what was said since the backup: %w", err)
		}
		n++
	}
	return n, nil
}

// rename gives an event the handles of the vault as it is now.
func (s *Server) rename(ctx context.Context, w *keptWord, e *events.Event) (uint64, error) {
	at := s.vault.Last()
	for _, name := range w.Names {
		answers, seq, err := s.vault.Resolver().ResolveBatch(ctx, []vault.Request{{System: name.System,
			IDs: []events.Identifier{{Kind: name.Kind, Value: events.NewPlaintext(name.Value)}}}})
		if err == nil {
			err = answers[0].Err
		}
		if err != nil {
			return 0, fmt.Errorf("find who said something since the backup: %w", err)
		}
		at = max(at, seq)
		if name.Subject < 0 {
			e.Item = answers[0].Resolved[0].Ref
		} else {
			e.Subject[name.Subject] = answers[0].Resolved[0].Ref
		}
	}
	return at, nil
}

// expireKept ends the words whose person is gone, and those so old that no backup
// that may be restored is without them.
func (s *Server) expireKept(ctx context.Context) error {
	var over []events.EventID
	before := events.InstantOf(s.clock.now().Add(-ledgerPeriod))
	if err := s.kept(ctx, func(id events.EventID, at events.Instant, w *keptWord, e *events.Event) error {
		if at < before {
			over = append(over, id)
			return nil
		}
		for _, name := range w.Names {
			if name.Subject < 0 {
				continue
			}
			if gone, err := s.gone(ctx, e.Subject[name.Subject].Handle); !gone || err != nil {
				return err
			}
		}
		if len(w.Names) > 0 {
			over = append(over, id)
		}
		return nil
	}); err != nil {
		return err
	}
	for _, id := range over {
		if err := s.vault.Shred(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
