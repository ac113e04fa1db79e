package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/desk"
)

// NewRecipient asks to register a recipient by name, or to correct one that was.
type NewRecipient struct {
	ID      string `json:"id"`                // the code by which systems name it in record.shared
	Class   string `json:"class"`             // a class of the catalogue, or undeclared
	Kind    string `json:"kind,omitempty"`    // controller, processor, ...; that of the class if absent
	Name    string `json:"name"`              // what it calls itself
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2; that of the class if absent
	Contact string `json:"contact,omitempty"` // whom to write to; kept sealed
}

// RecipientView is one recipient: of the catalogue, or registered.
type RecipientView struct {
	ID      string `json:"id"`
	Class   string `json:"class,omitempty"` // of a registered one
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Named   bool   `json:"named"` // false: a class, whose members have names of their own
	Country string `json:"country,omitempty"`
	Contact string `json:"contact,omitempty"`
	// Registered is when it was registered by name; absent where the catalogue
	// itself has it.
	Registered *events.Instant `json:"registered,omitempty"`
}

// RecipientList lists the recipients, those of the catalogue first.
type RecipientList struct {
	Recipients []RecipientView `json:"recipients"`
}

// RegisteredRecipient says where a registration stands in the journal.
type RegisteredRecipient struct {
	Recipient RecipientView `json:"recipient"`
	Position  string        `json:"position"`
	Corrected bool          `json:"corrected"` // it takes the place of a former registration
}

func (s *Server) recipientRoutes() []api.Route {
	return []api.Route{
		{Method: "GET", Pattern: "/v1/recipients", Permission: access.RecipientsRead, Handler: s.serveRecipients, Gives: RecipientList{},
			Summary: "Every recipient of the catalogue and every one registered by name, with its contact. The look is recorded first.", Problems: []string{"look.not_recorded"}},
		{Method: "POST", Pattern: "/v1/recipients", Permission: access.RecipientsAdd, Handler: s.serveRegister, Takes: NewRecipient{}, Gives: RegisteredRecipient{},
			Summary: "Register a recipient by name, or correct its registration. It is a fact of the journal; earlier events are not rewritten.", Problems: []string{"look.not_recorded"}},
	}
}

// Lengths of what is registered, in characters.
const (
	maxRecipientName    = 200
	maxRecipientContact = 500
)

func (n *NewRecipient) read() (Named, *api.Problem) {
	var out Named
	bad := func(pointer, want string) *api.Problem {
		p := api.NewProblem("request.malformed", want)
		p.Pointer = pointer
		return p
	}
	var err error
	if out.ID, err = events.ParseCode(n.ID); err != nil {
		return out, bad("/id", "id: "+err.Error())
	}
	if strings.HasPrefix(string(out.ID), string(events.Undeclared)+".") {
		return out, bad("/id", "id: "+string(events.Undeclared)+" is kept for codes that no catalogue knows; choose another")
	}
	if out.Class, err = events.ParseCode(n.Class); err != nil {
		return out, bad("/class", "class: "+err.Error())
	}
	if n.Kind != "" && out.Kind.UnmarshalText([]byte(n.Kind)) != nil {
		return out, bad("/kind", "kind: want controller, processor, authority, individual, public or unspecified")
	}
	if n.Country != "" {
		out.Country, err = events.ParseCode(n.Country)
		if err != nil || !new(catalogue.Catalogue).Declared(catalogue.FieldCountry, out.Country) {
			return out, bad("/country", "country: want two letters of ISO 3166-1, such as gb")
		}
	}
	if out.Name = strings.TrimSpace(n.Name); !written(out.Name, maxRecipientName) || out.Name == "" {
		return out, bad("/name", fmt.Sprintf("name: want one line of 1 to %d characters", maxRecipientName))
	}
	contact := strings.TrimSpace(n.Contact)
	if !written(contact, maxRecipientContact) {
		return out, bad("/contact", fmt.Sprintf("contact: want one line of at most %d characters", maxRecipientContact))
	}
	out.Contact = events.NewPlaintext(contact)
	return out, nil
}

// written reports whether text is one line that can be shown.
func written(text string, most int) bool {
	return utf8.ValidString(text) && utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, unicode.IsControl)
}

func (s *Server) serveRegister(w http.ResponseWriter, r *http.Request) {
	var in NewRecipient
	p := api.ReadJSON(r, &in)
	var n Named
	if p == nil {
		n, p = in.read()
	}
	if p == nil && !s.shelf.takes(n.Class) {
		p = api.NewProblem("request.malformed", "class: want a class of the catalogue whose members have names of their own (habeas recipients list shows them), or undeclared")
		p.Pointer = "/class"
	}
	if p == nil && s.individual(&n) {
		p = api.NewProblem("request.malformed", "members of this class are people, and everybody who may read the catalogue would read their names: have the source name the person by an identifier, {kind, value}, in its event; nothing was registered")
		p.Pointer = "/class"
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	if s.shelf.taken(n.ID) {
		api.WriteProblem(w, r, http.StatusConflict, "recipient.taken", "the catalogue has a recipient or system of this id already; choose another id; nothing was registered")
		return
	}
	at, corrected, err := s.register(r.Context(), api.CallerOf(r.Context()), &n)
	switch {
	case errors.Is(err, desk.ErrNotRecorded):
		api.NewProblem("look.not_recorded", "").Write(w, r)
	case err != nil:
		s.fail(w, r, "register a recipient", err)
	default:
		api.WriteJSON(w, r, http.StatusOK, RegisteredRecipient{s.namedView(&n), at.String(), corrected})
	}
}

// individual reports whether who would be registered is a person: their name
// belongs into the vault, under an identifier (I1).
func (s *Server) individual(n *Named) bool {
	if n.Kind != "" {
		return n.Kind == catalogue.KindIndividual
	}
	r, ok := s.shelf.Current().Recipient(n.Class)
	return ok && r.Kind == catalogue.KindIndividual
}

// register makes the registration a fact and puts it into the catalogue in
// force. What it replaces is shredded: a contact that was corrected is not kept.
func (s *Server) register(ctx context.Context, who access.Caller, n *Named) (at events.Position, corrected bool, err error) {
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	named := maps.Clone(s.shelf.named)
	if named == nil {
		named = map[events.Code]Named{}
	}
	former, corrected := named[n.ID]
	named[n.ID] = *n
	next, err := s.shelf.with(named)
	if err != nil {
		return at, false, err
	}
	if err := api.Record(ctx, s.audit, who, events.Code(access.RecipientsAdd), n.ID, audit.Done); err != nil {
		return at, false, err
	}
	body, err := n.encode()
	if err != nil {
		return at, false, err
	}
	// A crash after the note and before the event leaves a note that nothing
	// names; the recipient is registered again by whoever got no answer.
	if n.note, err = s.vault.Seal(ctx, body); err != nil {
		return at, false, err
	}
	n.Since = events.InstantOf(s.clock.now())
	e := &events.Event{ID: n.note, Kind: events.RecipientRegistered, Source: inventory.Operator, Time: n.Since, Note: n.note,
		Recipient: events.Party{Code: n.ID}}
	done, err := s.gateway.Write(ctx, []*events.Event{e}, s.vaults.Last().Seq)
	if err != nil {
		return at, false, err
	}
	named[n.ID] = *n
	s.shelf.named = named
	s.shelf.current.Store(next)
	if corrected {
		// A crash before this leaves the former note sealed, named by an event that
		// is not the last of its code.
		if err := s.vault.Shred(ctx, former.note); err != nil {
			s.log.ErrorContext(ctx, "the former registration of a recipient was not shredded", "recipient", string(n.ID), "error", err)
		}
	}
	return done[0], corrected, nil
}

func (s *Server) serveRecipients(w http.ResponseWriter, r *http.Request) {
	// I7: the list shows contacts.
	if err := api.Record(r.Context(), s.audit, api.CallerOf(r.Context()), events.Code(access.RecipientsRead), "", audit.Done); err != nil {
		api.NewProblem("look.not_recorded", "").Write(w, r)
		return
	}
	api.WriteJSON(w, r, http.StatusOK, RecipientList{s.recipients()})
}

func (s *Server) recipients() []RecipientView {
	out := []RecipientView{}
	base := s.shelf.base.Load()
	for i := range base.Recipients {
		x := &base.Recipients[i]
		out = append(out, RecipientView{ID: string(x.ID), Kind: string(x.Kind), Name: x.Name, Named: x.Named, Country: string(x.Country)})
		for _, in := range x.Instances {
			out = append(out, instanceView(&in))
		}
	}
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.shelf.named)) {
		n := s.shelf.named[id]
		out = append(out, s.namedView(&n))
	}
	return out
}

func instanceView(in *catalogue.Instance) RecipientView {
	return RecipientView{ID: string(in.ID), Class: string(in.Class), Kind: string(in.Kind), Name: in.Name, Named: true, Country: string(in.Country)}
}

func (s *Server) namedView(n *Named) RecipientView {
	v := instanceView(&n.Instance)
	if r, ok := s.shelf.Current().Recipient(n.ID); ok {
		v.Kind, v.Country = string(r.Kind), string(r.Country)
	}
	v.Contact, v.Registered = n.Contact.Expose(), &n.Since
	return v
}
