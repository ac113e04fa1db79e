package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/vault"
)

// A Named is a recipient that somebody registered by name. The journal has its
// code only; the rest is sealed in the vault, because a contact is often a
// person's address (I1).
type Named struct {
	catalogue.Instance
	Contact events.Plaintext
	Since   events.Instant
	note    events.EventID
}

// namedVersion is the version of the sealed form.
const namedVersion = 1

// namedNote is the sealed form of a Named. Its id stands there too: a note under
// another recipient's code is no name for it.
type namedNote struct {
	V       int    `json:"v"`
	ID      string `json:"id"`
	Class   string `json:"class"`
	Kind    string `json:"kind,omitempty"`
	Name    string `json:"name"`
	Country string `json:"country,omitempty"`
	Contact string `json:"contact,omitempty"`
}

func (n *Named) encode() ([]byte, error) {
	b, err := json.Marshal(namedNote{V: namedVersion, ID: string(n.ID), Class: string(n.Class), Kind: string(n.Kind),
		Name: n.Name, Country: string(n.Country), Contact: n.Contact.Expose()})
	if err != nil {
		return nil, errors.New("encode a recipient: it does not fit its form")
	}
	return b, nil
}

func decodeNamed(b []byte) (Named, error) {
	var x namedNote
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&x); err != nil {
		// The decoder's own words could repeat the text.
		return Named{}, errors.New("decode a recipient: not in its form")
	}
	if x.V != namedVersion {
		return Named{}, fmt.Errorf("decode a recipient: version %d is not known here; want %d", x.V, namedVersion)
	}
	n := Named{Contact: events.NewPlaintext(x.Contact)}
	var err error
	if n.ID, err = events.ParseCode(x.ID); err == nil {
		n.Class, err = events.ParseCode(x.Class)
	}
	if err == nil && x.Country != "" {
		n.Country, err = events.ParseCode(x.Country)
	}
	if err == nil && x.Kind != "" {
		err = n.Kind.UnmarshalText([]byte(x.Kind))
	}
	if err != nil || x.Name == "" {
		return Named{}, errors.New("decode a recipient: a part of it is not in its form")
	}
	n.Name = x.Name
	return n, nil
}

// with is the catalogue in force once list are registered.
func (s *Shelf) with(list map[events.Code]Named) (*catalogue.Catalogue, error) {
	in := make([]catalogue.Instance, 0, len(list))
	for _, id := range slices.Sorted(maps.Keys(list)) {
		in = append(in, list[id].Instance)
	}
	return s.base.Load().WithInstances(in...)
}

// takes reports whether a recipient may be registered under the class.
func (s *Shelf) takes(class events.Code) bool {
	r, ok := s.base.Load().Recipient(class)
	return class == events.Undeclared || ok && !r.Named && r.Class == ""
}

// taken reports whether the catalogue itself has given the code away.
func (s *Shelf) taken(id events.Code) bool {
	_, ok := s.base.Load().System(id)
	return ok || id == events.Undeclared || id == inventory.Operator
}

// loadRecipients puts the recipients registered so far into the catalogue in
// force: those the map has, and those the journal has beyond it.
func (s *Server) loadRecipients(ctx context.Context) error {
	list, err := s.registrations(ctx)
	if err != nil {
		return fmt.Errorf("read the registered recipients: %w", err)
	}
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	named := map[events.Code]Named{}
	for _, r := range list {
		n, ok, err := s.openNamed(ctx, r)
		if err != nil {
			return fmt.Errorf("read the registered recipient %s: %w", r.ID, err)
		}
		if ok {
			named[r.ID] = n
		}
	}
	c, err := s.shelf.with(named)
	if err != nil {
		return fmt.Errorf("put the registered recipients into the catalogue: %w", err)
	}
	s.shelf.named = named
	s.shelf.current.Store(c)
	return nil
}

// openNamed opens the note of a registration, and fits it to the catalogue in
// force, which may have changed since: a body that the catalogue names itself by
// now needs no registration, and a class that is gone leaves it undeclared.
func (s *Server) openNamed(ctx context.Context, r inventory.Registration) (Named, bool, error) {
	b, err := s.vault.Revealer().OpenNote(ctx, r.Note)
	if errors.Is(err, vault.ErrUnknown) {
		s.log.Error("a registered recipient has lost its name and is undeclared until it is registered again", "recipient", string(r.ID))
		return Named{}, false, nil
	}
	if err != nil {
		return Named{}, false, err
	}
	n, err := decodeNamed(b)
	if err != nil {
		return Named{}, false, err
	}
	if n.ID != r.ID {
		return Named{}, false, errors.New("its note is of another recipient")
	}
	n.Since, n.note = r.Time, r.Note
	if s.shelf.taken(n.ID) {
		s.log.Warn("the catalogue names a registered recipient itself; its own word is used", "recipient", string(n.ID))
		return Named{}, false, nil
	}
	if !s.shelf.takes(n.Class) {
		s.log.Warn("the class of a registered recipient is not in the catalogue any more", "recipient", string(n.ID), "class", string(n.Class))
		n.Class = events.Undeclared
	}
	return n, true, nil
}

// registrations reads the last registration of each code, from the map and from
// the part of the journal that the map has not taken in: after a restore that is
// the whole of it.
func (s *Server) registrations(ctx context.Context) ([]inventory.Registration, error) {
	v := s.graph.View()
	list, err := inventory.Recipients(v)
	at, from := v.Position(), bytes.Clone(v.Checkpoint())
	if err = errors.Join(err, v.Close()); err != nil {
		return nil, err
	}
	if at.Compare(s.last()) >= 0 {
		return list, nil
	}
	last := map[events.Code]inventory.Registration{}
	for _, r := range list {
		last[r.ID] = r
	}
	var e events.Recorded
	err = eventSource{s.events}.Replay(ctx, from, func(seq uint64, f *events.Frame, _ []byte) error {
		for i := range f.Count {
			// What cannot be decoded or placed the map quarantines (I5).
			if f.Event(int(i), &e.Event) != nil || e.Kind != events.RecipientRegistered || inventory.Check(&e.Event) != nil {
				continue
			}
			e.Position, e.At = events.Position{Generation: f.Generation, Seq: seq, Index: i}, f.Recorded
			last[e.Recipient.Code] = inventory.RegistrationOf(&e)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return slices.Collect(maps.Values(last)), nil
}
