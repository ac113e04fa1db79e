package identity

import (
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// An Applier writes the rows of events. It holds a buffer and remembers links
// that nothing can change any more; one goroutine owns it.
type Applier struct {
	key []byte
	// Links with anchored evidence: two generations, the older dropped when the
	// younger is full. Forgetting one only costs a look at its row.
	young, old map[[2]events.Handle]struct{}
	joined     []events.Handle
}

// Joined lists the handles about which the last event brought new evidence of
// identity, once or more often. It is valid until the next event.
func (a *Applier) Joined() []events.Handle { return a.joined }

const linksKept = 1 << 17

func (a *Applier) settled(p, o events.Handle) bool {
	k := [2]events.Handle{p, o}
	if _, ok := a.young[k]; ok {
		return true
	}
	_, ok := a.old[k]
	return ok
}

func (a *Applier) settle(p, o events.Handle) {
	if a.young == nil || len(a.young) >= linksKept {
		a.old, a.young = a.young, make(map[[2]events.Handle]struct{}, 1024)
	}
	a.young[[2]events.Handle{p, o}] = struct{}{}
}

// Apply writes what the event says about identity. The event has passed
// inventory.Check.
func (a *Applier) Apply(b inventory.Batch, r *events.Recorded) error {
	a.joined = a.joined[:0]
	switch r.Kind {
	case events.SubjectLinked, events.SubjectUnlinked:
		a.words(b, r)
		return nil
	case events.IdentifierMarked:
		a.mark(b, r)
		return nil
	}
	if len(r.Subject) == 0 {
		return nil
	}
	p := Member{r.Subject[0].Handle, r.Source, r.Subject[0].Kind}
	for _, o := range r.Subject[1:] {
		if err := a.link(b, r, p, Member{o.Handle, r.Source, o.Kind}, NotCrossing); err != nil {
			return err
		}
	}
	if ref := r.RecipientRef; !ref.IsZero() && r.Recipient.Code != "" {
		return a.link(b, r, p, Member{ref.Handle, r.Recipient.Code, ref.Kind}, OtherCrosses)
	}
	return nil
}

// link notes that p and o were seen together: the evidence under p, and under o
// that there is some. After the first such event, and the first anchored one,
// it writes nothing more.
func (a *Applier) link(b inventory.Batch, r *events.Recorded, p, o Member, crossing Crossing) error {
	if p.Handle == o.Handle || a.settled(p.Handle, o.Handle) {
		return nil
	}
	row, err := a.row(b, p, o)
	if err != nil {
		return err
	}
	fresh := row.n == 0
	row.system, row.crossing = b.Symbol(o.System), crossing
	if row.see(evidence(r)) {
		b.Set(a.key, appendLink(make([]byte, 0, 48), &row))
		a.joined = append(a.joined, p.Handle, o.Handle)
	}
	if row.seen[row.n-1].Anchored {
		a.settle(p.Handle, o.Handle)
	}
	if !fresh {
		return nil
	}
	back, err := a.row(b, o, p)
	if err != nil || back.mirror != 0 {
		return err
	}
	back.mirror = b.Symbol(o.Kind)
	if back.n == 0 {
		back.system = b.Symbol(p.System)
	}
	b.Set(a.key, appendLink(make([]byte, 0, 8), &back))
	return nil
}

// row reads the link row of h and o, whose key stays in a.key; an empty row if
// there is none.
func (a *Applier) row(b inventory.Batch, h, o Member) (linkRow, error) {
	a.key = linkKey(a.key, h.Handle, uint32(b.Symbol(o.Kind)), o.Handle)
	v, ok, err := b.Get(a.key)
	if err != nil {
		return linkRow{}, fmt.Errorf("read link row: %w", err)
	}
	if !ok {
		return linkRow{}, nil
	}
	return parseLink(v)
}

func evidence(r *events.Recorded) Evidence {
	return Evidence{
		Time: r.Time, Recorded: r.At, Position: r.Position, ID: inventory.MarkOf(r.ID),
		Anchored: r.Flags&events.Anchored != 0,
	}
}

// words notes what was said about the first identifier and each of the others.
func (a *Applier) words(b inventory.Batch, r *events.Recorded) {
	w := Word{
		Linked: r.Kind == events.SubjectLinked, ByHand: r.Source == inventory.Operator,
		Anchored: r.Flags&events.Anchored != 0, System: r.Source, Evidence: evidence(r), Reason: r.Event.Evidence,
	}
	first := r.Subject[0]
	a.joined = append(a.joined, first.Handle)
	for _, o := range r.Subject[1:] {
		a.joined = append(a.joined, o.Handle)
		for _, d := range [2][2]events.Ref{{first, o}, {o, first}} {
			w.Other = d[1]
			a.key = handKey(a.key, d[0].Handle, d[1].Handle, r.Position)
			b.Set(a.key, appendWord(nil, &w))
		}
	}
}

func (a *Applier) mark(b inventory.Batch, r *events.Recorded) {
	for _, s := range r.Subject {
		a.key = appendPlace(append(append(a.key[:0], FamilyMark), s.Handle[:]...), r.Position)
		shared := byte(0)
		if r.Flags&events.SharedMark != 0 {
			shared = 1
		}
		e := evidence(r)
		b.Set(a.key, appendEvidence([]byte{shared}, &e))
		a.joined = append(a.joined, s.Handle)
	}
}
