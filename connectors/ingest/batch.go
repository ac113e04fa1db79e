package ingest

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/habeas-data/habeas/events"
)

// batch carries one Submit from admission to durability. out[i] answers obs[i].
type batch struct {
	g   *Gateway
	who Caller
	cat Catalogue
	obs []*events.Observation
	out []Outcome
	*scratch
	// years is the catalogue's, if it knows of financial years.
	years financialYears
	// vault is the vault position that the events of the batch need.
	vault uint64
	// original holds the observations that had a code replaced, as they came.
	original map[int]*events.Observation
}

// keepOriginal remembers observation i before its first code is replaced.
func (b *batch) keepOriginal(i int) {
	if b.original[i] != nil {
		return
	}
	if b.original == nil {
		b.original = map[int]*events.Observation{}
	}
	o := *b.obs[i]
	o.Event.Categories = slices.Clone(o.Event.Categories)
	b.original[i] = &o
}

// reject answers for observation i, once.
func (b *batch) reject(i int, r *events.Rejection) {
	if b.out[i].Status == 0 {
		b.out[i] = Outcome{Status: Rejected, Rejection: r} // what was to be said of its words does not matter now
	}
}

// admit checks what needs no vault: who speaks, and whether a word is known.
func (b *batch) admit() {
	for i, o := range b.obs {
		e := &o.Event
		switch {
		case e.Source == Self || e.Source == events.Undeclared:
			b.reject(i, &events.Rejection{Pointer: "/source", Code: "event.source.forbidden",
				Reason: "no event from outside may speak for habeas itself"})
		case !b.who.Any && e.Source != b.who.System:
			b.reject(i, &events.Rejection{Pointer: "/source", Code: "event.source.forbidden",
				Reason: "this token may speak for its own system only"})
		case e.Kind == events.EventRetracted && e.RetractsSource != e.Source:
			b.reject(i, &events.Rejection{Pointer: "/data/source", Code: "event.source.forbidden",
				Reason: "a system may take back its own events only"})
		case b.kinds(o):
			b.reject(i, &events.Rejection{Pointer: "/data/subject", Code: "event.limit",
				Reason: "this source has sent too many different kinds of identifier; want local ids as <system>.<what>, with the id in the value"})
		case e.Kind.Internal():
			b.reject(i, &events.Rejection{Pointer: "/type", Code: "event.type.unknown",
				Reason: "this kind of event is written by habeas itself"})
		}
	}
}

// kinds reports whether an identifier of o is of a kind too many.
func (b *batch) kinds(o *events.Observation) bool {
	for k := range o.Subject {
		if b.tooManyKinds(o.Event.Source, o.Subject[k].Kind) {
			return true
		}
	}
	return !o.Item.IsZero() && b.tooManyKinds(o.Event.Source, o.Item.Kind)
}

// resolve has the vault put a handle in the place of every identifier.
func (b *batch) resolve(ctx context.Context) error {
	named := 0
	for _, o := range b.obs {
		named += len(o.Subject)
	}
	refs := make([]events.Ref, named) // of all events: one piece of memory for a batch
	for i, o := range b.obs {
		if b.out[i].Status == 0 {
			n := len(o.Subject)
			o.Event.Subject, refs = refs[:n:n], refs[n:]
			b.gather(i, o)
		}
	}
	found, seq, err := b.g.cfg.Vault.Resolve(ctx, b.look)
	if err != nil {
		return err
	}
	if len(found) != len(b.look) {
		return fmt.Errorf("vault answered %d of %d look-ups", len(found), len(b.look))
	}
	b.vault = seq
	for j := range found {
		b.place(&b.put[j], &found[j], b.look[j].Event)
	}
	for i, o := range b.obs {
		if b.out[i].Status == 0 {
			b.g.finish(o, b.cat)
		}
	}
	return nil
}

// A target is where the answer to one look-up goes: a reference of the event,
// or a code that is to stand for an unknown one.
type target struct {
	pointer string // into the event, without the index of a subject
	subject int    // index of a subject, or -1
	ref     *events.Ref
	code    *events.Code
}

func (b *batch) ask(i int, system events.Code, id events.Identifier, t target) {
	b.look = append(b.look, Lookup{i, system, id})
	b.put = append(b.put, t)
}

func (b *batch) place(t *target, f *Found, i int) {
	e := &b.obs[i].Event
	switch {
	case f.Err != nil:
		pointer := t.pointer
		if t.subject >= 0 {
			pointer += "/" + strconv.Itoa(t.subject)
		}
		b.reject(i, &events.Rejection{Pointer: pointer, Code: "event.identifier.form", Reason: f.Err.Error()})
	case t.code != nil:
		if f.Fresh {
			b.g.undecl.add(e.Source)
		}
		b.g.Counts.undeclared.Add(1)
		*t.code = UndeclaredCode(f.Ref.Handle)
		b.warn(i, t.pointer, notDeclared)
	default:
		*t.ref = f.Ref
		if t.subject >= 0 && f.Erased != 0 {
			e.Flags |= erasedFlag(e, f.Erased)
		}
	}
}

// gather asks for the handles of one observation. Handles are always of the
// reporting system's own pairs, except the name by which a recipient knows the
// person, which is the recipient's.
func (b *batch) gather(i int, o *events.Observation) {
	e := &o.Event
	for k := range o.Subject {
		b.ask(i, e.Source, o.Subject[k], target{pointer: "/data/subject", subject: k, ref: &e.Subject[k]})
	}
	b.one(i, b.item(o), e.Source, "/data/item", &e.Item)
	b.one(i, o.Within, e.Source, "/data/within", &e.Within)
	b.one(i, o.RecipientPerson, e.Source, "/data/recipient", &e.Recipient.Person)
	b.one(i, o.ObtainedFromPerson, e.Source, "/data/obtained_from", &e.ObtainedFrom.Person)
	recipient := e.Recipient.Code
	if recipient == "" || !b.declared("recipient", recipient) {
		recipient = e.Source // nobody's name space but the sender's own
	}
	b.undeclaredCodes(i, e)
	b.one(i, o.RecipientRef, recipient, "/data/recipient_ref", &e.RecipientRef)
	e.ID = b.g.cfg.Vault.EventID(e.Source, o.ExternalID)
	if e.Kind == events.EventRetracted {
		e.Retracts = b.g.cfg.Vault.EventID(e.RetractsSource, o.Retracts)
	}
}

// item is what the record concerns: as the source says, or else the financial year
// that its day lies in, where years end one by one.
func (b *batch) item(o *events.Observation) events.Identifier {
	e := &o.Event
	if b.years == nil || e.RecordDate.IsZero() || !o.Item.IsZero() || !e.Kind.IsRecord() {
		return o.Item
	}
	end, ok := b.years.FinancialYear(e.Activity.Code, e.RecordDate)
	if !ok {
		return o.Item
	}
	return events.Identifier{Kind: financialYear, Value: events.NewPlaintext(end.String())}
}

// financialYears is asked in which financial year of an activity a day lies.
type financialYears interface {
	FinancialYear(activity events.Code, day events.Date) (events.Date, bool)
}

// financialYear is the kind of the item that stands for one.
const financialYear events.Code = "financial_year"

func (b *batch) one(i int, id events.Identifier, system events.Code, pointer string, ref *events.Ref) {
	if !id.IsZero() {
		b.ask(i, system, id, target{pointer: pointer, subject: -1, ref: ref})
	}
}

// erasedFlag says what it means that an erased person is spoken of again: an
// event from before is late; data the person gave afresh is a return; anything
// else is a resurrection. None of them erases by itself. That something is gone
// is none of these, however late.
func erasedFlag(e *events.Event, erased events.Instant) events.Flags {
	switch {
	case e.Kind == events.RecordRemoved:
		return 0 // the system says itself that the data is gone
	case e.Time <= erased:
		return events.Late
	case e.Provenance == events.Provided:
		return events.Returned
	}
	return events.Resurrection
}

// finish orders the subject and sets the flags that need the catalogue.
func (g *Gateway) finish(o *events.Observation, cat Catalogue) {
	e := &o.Event
	if e.Flags&events.DatasetDefaulted != 0 {
		e.Dataset = e.Activity.Code // which may be a handle by now
	}
	primary := cat.PrimaryKind(e.Source)
	e.Subject = primaryFirst(e.Subject, e.Source, primary)
	if len(e.Subject) > 0 && anchors(e.Subject[0].Kind, e.Source, primary) {
		e.Flags |= events.Anchored
	}
	if g.cfg.Simulated {
		e.Flags |= events.Simulated
	}
}

func rank(kind, source, primary events.Code) int {
	switch {
	case kind == primary:
		return 0
	case kind.System() == source:
		return 1
	case kind.System() == "" && events.StrengthOf(kind) == events.Unique:
		return 2
	case events.StrengthOf(kind) == events.Unique:
		return 3
	case events.StrengthOf(kind) == events.Shareable:
		return 4
	}
	return 5
}

// anchors says whether a system may join other identifiers to one of this
// kind: its primary kind, its own local ids, and what is unique everywhere.
func anchors(kind, source, primary events.Code) bool { return rank(kind, source, primary) <= 2 }

// primaryFirst drops repeats and moves the identifier that the system knows
// best to the front; the rest keep their order.
func primaryFirst(refs []events.Ref, source, primary events.Code) []events.Ref {
	if len(refs) == 1 {
		return refs
	}
	out := refs[:0]
	best := -1
next:
	for _, r := range refs {
		for _, have := range out {
			if have.Handle == r.Handle {
				continue next
			}
		}
		out = append(out, r)
		if best < 0 || rank(r.Kind, source, primary) < rank(out[best].Kind, source, primary) {
			best = len(out) - 1
		}
	}
	if best > 0 {
		first := out[best]
		copy(out[1:best+1], out[:best])
		out[0] = first
	}
	return out
}

// append makes what was not rejected durable.
func (b *batch) append(ctx context.Context) error {
	var held map[int]events.EventID
	for i, o := range b.obs {
		if b.out[i].Status != 0 {
			continue
		}
		e := &o.Event
		if e.Flags&events.Late != 0 && !b.who.AcceptLate {
			as := o
			if came := b.original[i]; came != nil {
				as = came
			}
			late, waits, err := b.g.lateEvent(ctx, e, as)
			if err != nil {
				return err
			}
			if e = late; waits {
				if held == nil {
					held = map[int]events.EventID{}
				}
				held[i] = late.Note
			}
		}
		b.list = append(b.list, e)
		b.at = append(b.at, i)
	}
	list := b.list
	if len(list) == 0 {
		return nil
	}
	stored, err := b.g.cfg.Journal.Append(ctx, list, b.vault, b.cat.Number())
	if err != nil {
		return err
	}
	if len(stored) != len(list) {
		return fmt.Errorf("journal answered %d of %d events", len(stored), len(list))
	}
	for j, s := range stored {
		i := b.at[j]
		o := &b.out[i]
		o.Status, o.Position, o.Kept = Accepted, s.Position, held[i]
		if s.Duplicate {
			o.Status = Duplicate
		}
		b.remark(i, list[j], s)
	}
	return nil
}
