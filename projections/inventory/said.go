package inventory

import (
	"encoding/binary"

	"github.com/habeas-data/habeas/events"
)

// What the applier knows of the templates that it met, by the text of their
// codes: most events repeat one of some hundreds, and finding it again is most of
// what applying an event costs.

// A saidContext is a context as the applier knows it.
type saidContext struct {
	number uint32 // wholeBody: the table is full
	system *System
	words  []events.Handle // behind codes that no catalogue knows
}

// A saidList is a list of categories as the applier knows it.
type saidList struct {
	number uint32
	full   bool            // the table is, and does not hold it
	words  []events.Handle // behind codes that no catalogue knows
	each   []single        // the categories, one by one; of an empty list the empty one
}

// A single is a list of one category, or of none.
type single struct {
	number uint32 // of the list; 0: of none, or the table is full
	slot   int    // see observed
}

// said finds contexts and lists by the text of their codes. Its size is bounded
// by the tables of templates.
type said struct {
	contexts map[string]*saidContext
	lists    map[string]*saidList
	text     []byte
}

func newSaid() said {
	return said{contexts: make(map[string]*saidContext), lists: make(map[string]*saidList)}
}

// appendContext writes all of an event that belongs to its context, so that no two
// contexts have one text. It is for memory only.
func appendContext(b []byte, e *events.Event, particulars bool) []byte {
	flags := byte(0)
	for i, x := range [...]bool{particulars, e.Automated, e.Significant} {
		if x {
			flags |= 1 << i
		}
	}
	b = append(b, byte(e.Kind), byte(e.Flags), byte(e.Medium), byte(e.Marks), byte(e.Provenance), byte(e.Action), byte(e.Consideration),
		byte(e.ActingAs), byte(e.Removal), byte(e.Method), byte(e.GivenBy), byte(e.State), flags)
	b = binary.AppendUvarint(b, uint64(e.Count))
	for i, c := range [...]*events.Code{
		&e.Source, &e.SubjectType, &e.Activity.Code, &e.Activity.SubPurpose, &e.Dataset, &e.Controller, &e.ObtainedFrom.Code, &e.Basis,
		&e.LegalDuty, &e.Place, &e.Country, &e.Channel, &e.Recipient.Code, &e.Condition, &e.TransferTo, &e.Safeguard, &e.WithheldOn,
		&e.Wording, &e.Ground, &e.Milestone, &e.Logic, &e.NoticeVersion, &e.Evidence, &e.RetractsSource, &e.Why, &e.ScopeSystem,
	} {
		if *c != "" {
			b = appendText(append(b, byte(i+1)), *c)
		}
	}
	for i, list := range [...][]events.Code{e.Channels, e.Covers} {
		for _, c := range list {
			b = appendText(append(b, byte(100+i)), c)
		}
	}
	return b
}

func appendText(b []byte, c events.Code) []byte {
	return append(binary.AppendUvarint(b, uint64(len(c))), c...)
}

// context returns the context of a body. The event itself is left as it is.
func (a *Applier) context(b Batch, e *events.Event, particulars bool) *saidContext {
	a.said.text = appendContext(a.said.text[:0], e, particulars)
	if c, ok := a.said.contexts[string(a.said.text)]; ok {
		return c
	}
	a.event = *e
	a.event.ID, a.event.Time, a.event.Subject, a.event.Categories = events.EventID{}, 0, nil, nil
	particular(&a.event, &a.part)
	body := []byte{0}
	if particulars {
		body[0] = 1
	}
	c := &saidContext{
		number: a.templates.contexts.intern(b, events.AppendEvent(body, &a.event, b)),
		system: a.tally.of(e.Source),
		words:  contextWords(e),
	}
	if c.number != wholeBody { // what has no number has no bound
		a.said.contexts[string(a.said.text)] = c
	}
	return c
}

// list returns the list of categories of a body.
func (a *Applier) list(b Batch, cs []events.Category) *saidList {
	t := a.said.text[:0]
	for i := range cs {
		t = appendText(appendText(t, cs[i].Code), cs[i].Element)
	}
	a.said.text = t
	if l, ok := a.said.lists[string(t)]; ok {
		return l
	}
	l := &saidList{number: a.intern(b, cs), words: listWords(cs)}
	l.full = l.number == 0 && len(cs) > 0
	for i := range cs {
		s := single{number: a.intern(b, cs[i:i+1])}
		s.slot = a.observed.slot(s.number)
		l.each = append(l.each, s)
	}
	if len(cs) == 0 {
		l.each = []single{{}}
	}
	if !l.full {
		a.said.lists[string(t)] = l
	}
	return l
}

func (a *Applier) intern(b Batch, cs []events.Category) uint32 {
	if len(cs) == 0 {
		return 0
	}
	only := events.Event{Kind: events.RecordStored, Categories: cs}
	return a.templates.categories.intern(b, events.AppendEvent(nil, &only, b))
}

func contextWords(e *events.Event) (out []events.Handle) {
	for _, c := range [...]events.Code{
		e.Activity.Code, e.Activity.SubPurpose, e.SubjectType, e.Recipient.Code, e.ObtainedFrom.Code, e.Milestone, e.Controller,
	} {
		out = appendWord(out, c)
	}
	return out
}

func listWords(cs []events.Category) (out []events.Handle) {
	for _, c := range cs {
		out = appendWord(appendWord(out, c.Code), c.Element)
	}
	return out
}

func appendWord(out []events.Handle, c events.Code) []events.Handle {
	if h := wordHandle(c); !h.IsZero() {
		out = append(out, h)
	}
	return out
}
