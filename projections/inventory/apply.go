package inventory

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// ErrRefused is wrapped by every error of an event that decodes but cannot be
// placed: the runner quarantines it (I5). The text holds no data of the event.
var ErrRefused = errors.New("event cannot be placed")

// Check says whether an event can be placed, before anything of it is written.
func Check(e *events.Event) error {
	switch {
	case e.ID.IsZero():
		return fmt.Errorf("%s without an id: %w", e.Kind, ErrRefused)
	case e.Source == "":
		return fmt.Errorf("%s without a source: %w", e.Kind, ErrRefused)
	case e.Time < EarliestTime || e.Time > LatestTime:
		return fmt.Errorf("%s with a time outside the years 1601 to 9999: %w", e.Kind, ErrRefused)
	case len(e.Subject) == 0 && aboutPerson(e.Kind):
		return fmt.Errorf("%s without a subject: %w", e.Kind, ErrRefused)
	case len(e.Subject) > events.MaxSubjects:
		return fmt.Errorf("%s with more than %d identifiers: %w", e.Kind, events.MaxSubjects, ErrRefused)
	case e.Kind == events.EventRetracted && e.Retracts.IsZero():
		return fmt.Errorf("%s without the id it takes back: %w", e.Kind, ErrRefused)
	case (e.Kind == events.EventQuarantined || e.Kind == events.QuarantineResolved) && e.Note.IsZero():
		return fmt.Errorf("%s without a note: %w", e.Kind, ErrRefused)
	case e.Kind == events.RecipientRegistered && (e.Recipient.Code == "" || e.Note.IsZero()):
		return fmt.Errorf("%s without a code or a note: %w", e.Kind, ErrRefused)
	case (e.Kind == events.SubjectLinked || e.Kind == events.SubjectUnlinked) && len(e.Subject) < 2:
		return fmt.Errorf("%s with less than two identifiers: %w", e.Kind, ErrRefused)
	case e.Kind.IsCase():
		return checkCase(e)
	}
	return nil
}

// checkCase refuses a fact of a case or a task that says too little, or that
// carries what it may not: a handle above all (I1).
func checkCase(e *events.Event) error {
	if err := e.CheckCase(); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if e.Source != Operator {
		return fmt.Errorf("%s of another source than habeas: %w", e.Kind, ErrRefused)
	}
	return nil
}

func aboutPerson(k events.Kind) bool {
	switch k {
	case events.EventRetracted, events.SourceSynced, events.CatalogueAdopted,
		events.EventQuarantined, events.QuarantineResolved, events.HoldPlaced, events.HoldLifted,
		events.DisposalProposed, events.DisposalApproved, events.FindingDecided, events.RecipientRegistered,
		events.CaseRecorded, events.TaskRecorded:
		return false
	}
	return true
}

// An Applier writes the rows of events. It holds buffers and the tally of each
// system; one goroutine owns it.
type Applier struct {
	tally     *Tally
	gone      *Retractions
	templates *Templates
	observed  *observed
	said      said

	key, parts, others []byte
	values             slab
	words              []events.Handle
	event, part        events.Event
	head               header
	noted              Noted
}

// Noted says what Apply did with the last event.
type Noted struct {
	// Changed: the row of the event's subject says something new. A repeat
	// changes nothing.
	Changed bool
	// Body numbers the codes of the event: events of one number differ in nothing
	// but particulars and subjects. 0 is no number. The upper half numbers the
	// codes without the categories, the lower half the list of categories.
	Body uint64
	// Reported are the bodies that the event was noted under as observed, see
	// AllObserved. They are valid until the next event.
	Reported []uint64
}

// Noted is about the last event applied.
func (a *Applier) Noted() Noted { return a.noted }

// NewApplier returns an applier that continues from what r holds and shares
// what was loaded from it.
func NewApplier(r Scanner, gone *Retractions, templates *Templates) (*Applier, error) {
	t, err := loadTally(r)
	if err != nil {
		return nil, err
	}
	o, err := loadObserved(r, templates)
	if err != nil {
		return nil, err
	}
	return &Applier{tally: t, gone: gone, templates: templates, observed: o, said: newSaid()}, nil
}

// Apply writes what the event says. The event has passed Check.
func (a *Applier) Apply(b Batch, r *events.Recorded) error {
	a.noted = Noted{Reported: a.noted.Reported[:0]}
	var from *System
	if len(r.Subject) > 0 {
		var err error
		if from, err = a.observe(b, r); err != nil {
			return err
		}
	} else {
		from = a.tally.of(r.Source)
	}
	switch r.Kind {
	case events.EventRetracted:
		if err := a.gone.apply(b, r); err != nil {
			return err
		}
	case events.EventQuarantined, events.QuarantineResolved:
		if err := a.note(b, r); err != nil {
			return err
		}
	case events.RecipientRegistered:
		recipient(b, r)
	}
	a.tally.add(from, r)
	return nil
}

// Flush writes what Apply only counted; called once before each commit, so
// that the counts commit with the position (I3).
func (a *Applier) Flush(b Batch) {
	a.tally.flush(b)
	a.values.renew()
}

// observe merges the event into the row of its primary handle, and notes whom it
// mentions. It reads one row, and writes it only if it changed.
func (a *Applier) observe(b Batch, r *events.Recorded) (*System, error) {
	e := &r.Event
	if r.Kind == events.MilestoneReached && r.Date == 0 {
		dated := r.Event
		dated.Date = r.Time.Day() // each day is a milestone of its own, in a row of its own
		e = &dated
	}
	found := hasParticulars(e)
	c, l := a.cut(b, e, found)
	s := shape{c.number, l.number}
	a.others = shorten(a.others[:0], r.Subject[1:])
	month := monthOf(r.Time)
	a.key = eventKey(a.key, r.Subject[0].Handle, s, a.others, a.parts, month)
	v, ok, err := b.Get(a.key)
	if err != nil {
		return nil, fmt.Errorf("read event row: %w", err)
	}
	a.head.n, a.head.more, a.head.days = 0, false, 0
	if ok {
		old, err := parseRow(v, month, &a.head, a.templates)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(old, a.parts) {
			return nil, fmt.Errorf("%s meets another with the same signature: %w", r.Kind, ErrRefused)
		}
	}
	o := Obs{Time: r.Time, Recorded: r.At, Position: r.Position, Catalogue: r.Catalogue, ID: MarkOf(r.ID), era: a.templates.eras.at(b, r)}
	if s.context != wholeBody {
		if a.noted.Reported, err = a.observed.see(b, a.noted.Reported, s.context, l.each, &o); err != nil {
			return nil, err
		}
	}
	if a.head.add(&o, r.Kind == events.RecordShared) { // else said before: writes nothing
		v := a.values.take(len(a.parts) + maxHead + maxObsBytes*a.head.n)
		b.Set(a.key, a.values.keep(appendRow(v, &a.head, month, a.parts)))
		a.noted.Changed = true
		if s.context != wholeBody {
			a.noted.Body = s.body()
		}
	}
	return c.system, a.refer(b, r, found)
}

// cut cuts a body: the particulars stand in a.parts then, the words of the codes in
// a.words. A body that meets a full table is kept whole, as particulars.
func (a *Applier) cut(b Batch, e *events.Event, found bool) (*saidContext, *saidList) {
	a.parts = a.parts[:0]
	l := a.list(b, e.Categories)
	if !l.full {
		if c := a.context(b, e, found); c.number != wholeBody {
			a.words = append(append(a.words[:0], c.words...), l.words...)
			if found {
				a.part = events.Event{Kind: e.Kind}
				restore(&a.part, e)
				a.parts = events.AppendEvent(a.parts, &a.part, b)
			}
			return c, l
		}
	}
	a.part = *e
	a.part.ID, a.part.Time, a.part.Subject = events.EventID{}, 0, nil
	a.parts = events.AppendEvent(a.parts, &a.part, b)
	a.words = append(append(a.words[:0], contextWords(e)...), listWords(e.Categories)...)
	return &saidContext{number: wholeBody, system: a.tally.of(e.Source)}, &saidList{}
}

// signature tells particulars apart under one handle and template. 64 bits of
// SHA-256 are enough: what collides is refused, never merged.
func signature(part []byte) [8]byte {
	sum := sha256.Sum256(part)
	return [8]byte(sum[:8])
}

func shorten(b []byte, refs []events.Ref) []byte {
	if len(refs) == 0 {
		return b
	}
	var all [events.MaxSubjects]Short
	s := all[:0]
	for _, r := range refs {
		s = append(s, ShortOf(r.Handle))
	}
	slices.SortFunc(s, func(x, y Short) int { return bytes.Compare(x[:], y[:]) })
	for _, x := range slices.Compact(s) {
		b = append(b, x[:]...)
	}
	return b
}

// Roles of a reference: in which field of the events it stood.
const (
	RoleItem = 1 << iota
	RoleWithin
	RoleRecipient
	RoleOrigin
	RoleWord // the text of a code that no catalogue knows
)

// refer notes under each handle the event mentions beside its subject whom it
// was mentioned with: others in one photo, and whether it may be forgotten.
func (a *Applier) refer(b Batch, r *events.Recorded, particulars bool) error {
	for _, h := range a.words {
		if err := a.mention(b, h, RoleWord, r); err != nil {
			return err
		}
	}
	if !particulars {
		return nil // no handle stands anywhere else
	}
	for _, m := range [...]struct {
		h    events.Handle
		role byte
	}{
		{r.Item.Handle, RoleItem}, {r.Within.Handle, RoleWithin},
		{r.Recipient.Person.Handle, RoleRecipient}, {r.ObtainedFrom.Person.Handle, RoleOrigin},
	} {
		if err := a.mention(b, m.h, m.role, r); err != nil {
			return err
		}
	}
	return nil
}

// wordHandle is the handle behind a code that no catalogue knows, written as
// "undeclared." and the handle; the zero handle for every other code.
func wordHandle(c events.Code) events.Handle {
	text, ok := strings.CutPrefix(string(c), string(events.Undeclared)+".")
	if !ok {
		return events.Handle{}
	}
	h, err := events.ParseHandle(text)
	if err != nil {
		return events.Handle{}
	}
	return h
}

// mention notes under h that an event about r's primary handle named it.
func (a *Applier) mention(b Batch, h events.Handle, role byte, r *events.Recorded) error {
	if h.IsZero() {
		return nil
	}
	a.key = append(handlePrefix(a.key, FamilyReference, h), r.Subject[0].Handle[:]...)
	v, ok, err := b.Get(a.key)
	if err != nil {
		return fmt.Errorf("read reference row: %w", err)
	}
	if ok && len(v) == 1 {
		if role |= v[0]; role == v[0] {
			return nil
		}
	}
	b.Set(a.key, []byte{role})
	return nil
}
