package inventory

import "github.com/habeas-data/habeas/events"

// hasParticulars reports whether anything in e is particular to one person or
// record: what particular would move.
func hasParticulars(e *events.Event) bool {
	return e.RecordDate|e.WithheldUntil|e.Date|e.From|e.To|e.Review != 0 || e.Through|e.Since != 0 ||
		!e.Item.IsZero() || !e.Within.IsZero() || !e.RecipientRef.IsZero() || !e.ObtainedFrom.Person.IsZero() || !e.Recipient.Person.IsZero() ||
		!e.Retracts.IsZero() || !e.Note.IsZero() || !e.Of.IsZero() || !e.Digest.IsZero()
}

// particular moves what is particular to one person or record from e to p, which
// has nothing else then.
func particular(e, p *events.Event) {
	*p = events.Event{Kind: e.Kind}
	restore(p, e)
	restore(e, new(events.Event))
}

// restore puts the particulars of p into e.
func restore(e, p *events.Event) {
	e.Item, e.Within, e.RecipientRef = p.Item, p.Within, p.RecipientRef
	e.ObtainedFrom.Person, e.Recipient.Person = p.ObtainedFrom.Person, p.Recipient.Person
	e.RecordDate, e.WithheldUntil, e.Date = p.RecordDate, p.WithheldUntil, p.Date
	e.Retracts, e.Note, e.Through, e.Since = p.Retracts, p.Note, p.Through, p.Since
	e.From, e.To, e.Review, e.Of, e.Digest = p.From, p.To, p.Review, p.Of, p.Digest
}
