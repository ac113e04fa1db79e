package events

import (
	"encoding/binary"
	"errors"
)

// A writer writes one event. After the first thing wrong err keeps it, and the
// bytes are of no use.
type writer struct {
	b    []byte
	s    Symbols
	pack *Pack // or leaves a hole of one byte for each code, to be filled in a frame
	said int   // where b goes on with what the gateway has no part in
	err  error
}

// event writes every field that is there, in the order of tags, and finds what
// the decoder would refuse. It is one function on purpose, see field.
func (w *writer) event(e *Event) {
	if !e.Kind.Known() {
		w.err = errors.New("kind is not known")
	}
	w.b = append(w.b, eventVersion, byte(e.Kind))
	w.id(1, &e.ID)
	w.code(2, e.Source)
	w.instant(3, e.Time)
	w.byte(4, uint8(e.Flags), 0xff)
	w.said = len(w.b)
	w.subject(e.Subject)
	w.code(6, e.SubjectType)
	w.activity(e.Activity)
	w.categories(e.Categories)
	w.code(9, e.Dataset)
	w.ref(10, &e.Item)
	w.ref(11, &e.Within)
	w.date(12, e.RecordDate)
	w.byte(13, uint8(e.Medium), len(media)-1)
	w.code(14, e.Controller)
	w.byte(15, uint8(e.Marks), 1<<(len(markNames)-1)-1)
	w.byte(16, uint8(e.Provenance), len(provenances)-1)
	w.code(17, e.ObtainedFrom.Code)
	w.ref(18, &e.ObtainedFrom.Person)
	w.code(19, e.Basis)
	w.code(20, e.LegalDuty)
	w.code(21, e.Place)
	w.code(22, e.Country)
	w.byte(23, uint8(e.Action), len(actions)-1)
	w.code(24, e.Channel)
	w.code(25, e.Recipient.Code)
	w.ref(26, &e.Recipient.Person)
	w.ref(27, &e.RecipientRef)
	w.code(28, e.Condition)
	w.byte(29, uint8(e.Consideration), len(considerations)-1)
	w.code(30, e.TransferTo)
	w.code(31, e.Safeguard)
	w.byte(32, uint8(e.ActingAs), len(actings)-1)
	w.code(33, e.WithheldOn)
	w.date(34, e.WithheldUntil)
	w.byte(35, uint8(e.Removal), len(removals)-1)
	w.codes(36, e.Channels)
	w.byte(37, uint8(e.Method), len(methods)-1)
	w.byte(38, uint8(e.GivenBy), len(givers)-1)
	w.code(39, e.Wording)
	w.code(40, e.Ground)
	w.code(41, e.Milestone)
	w.date(42, e.Date)
	w.mark(43, e.Automated)
	w.mark(44, e.Significant)
	w.code(45, e.Logic)
	w.code(46, e.NoticeVersion)
	w.byte(47, uint8(e.State), len(states)-1)
	w.code(48, e.Evidence)
	w.id(49, &e.Retracts)
	w.code(50, e.RetractsSource)
	w.code(51, e.Why)
	w.instant(52, e.Through)
	w.instant(53, e.Since)
	w.codes(54, e.Covers)
	w.id(55, &e.Note)
	w.code(56, e.ScopeSystem)
	w.date(57, e.From)
	w.date(58, e.To)
	w.date(59, e.Review)
	w.id(60, &e.Of)
	w.id(61, &e.Digest)
	w.count(62, e.Count)
}

// wrong keeps the first thing wrong.
func (w *writer) wrong(tag byte, why string) {
	if w.err == nil {
		w.err = errors.New(fieldByTag[tag].name + " " + why)
	}
}

// Each of these looks whether there is anything and leaves the rest to another
// function, so that the look becomes part of event.

func (w *writer) code(tag byte, c Code) {
	if c != "" {
		w.tagged(tag, c)
	}
}

func (w *writer) ref(tag byte, r *Ref) {
	if r.Kind != "" || r.Handle != (Handle{}) {
		w.b = append(w.b, tag)
		w.handle(tag, r)
	}
}

func (w *writer) id(tag byte, id *EventID) {
	if *id != (EventID{}) {
		w.b = append(append(w.b, tag), id[:]...)
	}
}

func (w *writer) instant(tag byte, v Instant) {
	if v != 0 {
		w.b = binary.AppendVarint(append(w.b, tag), int64(v))
	}
}

func (w *writer) date(tag byte, v Date) {
	if v != 0 {
		w.day(tag, v)
	}
}

func (w *writer) byte(tag byte, v uint8, most int) {
	if v != 0 {
		w.small(tag, v, most)
	}
}

func (w *writer) mark(tag byte, set bool) {
	if set {
		w.b = append(w.b, tag)
	}
}

func (w *writer) count(tag byte, v uint32) {
	if v != 0 {
		w.b = binary.AppendUvarint(append(w.b, tag), uint64(v))
	}
}

func (w *writer) codes(tag byte, list []Code) {
	if len(list) > 0 {
		w.list(tag, list)
	}
}

func (w *writer) tagged(tag byte, c Code) {
	w.b = append(w.b, tag)
	w.symbol(tag, c)
}

// symbol writes the number of a code, 0 for none.
func (w *writer) symbol(tag byte, c Code) {
	switch {
	case c == "":
		w.b = append(w.b, 0)
	case w.pack == nil:
		w.b = binary.AppendUvarint(w.b, w.s.Symbol(c))
	default:
		n := w.pack.number(c)
		if n == 0 {
			w.wrong(tag, "is not in the form of a code")
		}
		w.pack.holes = append(w.pack.holes, hole{uint32(len(w.b)), n})
		w.b = append(w.b, 1)
	}
}

func (w *writer) handle(tag byte, r *Ref) {
	if r.Kind == "" || r.Handle.IsZero() {
		w.wrong(tag, "has a handle without a kind, or a kind without a handle")
	}
	w.b = append(w.b, r.Handle[:]...)
	w.symbol(tag, r.Kind)
}

func (w *writer) small(tag, v byte, most int) {
	if int(v) > most {
		w.wrong(tag, "is not in its list")
	}
	w.b = append(w.b, tag, v)
}

func (w *writer) day(tag byte, v Date) {
	if v < 0 || v > maxDate {
		w.wrong(tag, "is not between 1600 and 9999")
		return
	}
	w.b = binary.AppendUvarint(append(w.b, tag), uint64(v))
}

func (w *writer) list(tag byte, list []Code) {
	if len(list) > MaxCategories {
		w.wrong(tag, "has too many elements")
	}
	w.b = binary.AppendUvarint(append(w.b, tag), uint64(len(list)))
	for _, c := range list {
		if c == "" {
			w.wrong(tag, "has an empty element")
		}
		w.symbol(tag, c)
	}
}

func (w *writer) subject(list []Ref) {
	const tag = 5
	if len(list) == 0 {
		return
	}
	if len(list) > MaxSubjects {
		w.wrong(tag, "has too many elements")
	}
	w.b = binary.AppendUvarint(append(w.b, tag), uint64(len(list)))
	for i := range list {
		if list[i].IsZero() {
			w.wrong(tag, "has an empty element")
		}
		w.handle(tag, &list[i])
	}
}

func (w *writer) activity(a Activity) {
	const tag = 7
	if a.Code == "" {
		if a.SubPurpose != "" {
			w.wrong(tag, "has no code")
		}
		return
	}
	w.tagged(tag, a.Code)
	w.symbol(tag, a.SubPurpose)
}

func (w *writer) categories(list []Category) {
	const tag = 8
	if len(list) == 0 {
		return
	}
	if len(list) > MaxCategories {
		w.wrong(tag, "has too many elements")
	}
	w.b = binary.AppendUvarint(append(w.b, tag), uint64(len(list)))
	for i := range list {
		if list[i].Code == "" {
			w.wrong(tag, "has no code")
		}
		w.symbol(tag, list[i].Code)
		w.symbol(tag, list[i].Element)
	}
}
