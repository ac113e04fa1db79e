package events

import (
	"encoding/binary"
	"fmt"
)

// eventVersion is the version of the record form below. A reader knows every
// version ever released through upcasters; a newer one is an error.
const eventVersion = 1

// A Symbols table turns codes into small numbers while encoding. Number 0 is
// never given: it means absent.
type Symbols interface {
	Symbol(Code) uint64
}

// A Names table turns the numbers back. An unknown number is an error.
type Names interface {
	Name(uint64) (Code, error)
}

// A field is one row of the schema of an event: its tag on the wire, its name
// and how it is written and read. The table is the single description of the
// form; encoder, decoder and the schema golden are all made from it.
type field struct {
	tag  byte
	name string
	put  func(w *writer, e *Event) // writes nothing and no tag if absent
	get  func(r *reader, e *Event)
}

// fields is ordered by tag. Tags are part of the frame form: never reorder,
// never reuse.
var fields = []field{
	{1, "id", func(w *writer, e *Event) { w.fixed(1, e.ID[:]) }, func(r *reader, e *Event) { r.fixed(e.ID[:]) }},
	codeField(2, "source", func(e *Event) *Code { return &e.Source }),
	instantField(3, "time", func(e *Event) *Instant { return &e.Time }),
	byteField(4, "flags", 0xff, func(e *Event) *Flags { return &e.Flags }),
	{5, "subject", putSubject, getSubject},
	codeField(6, "subject_type", func(e *Event) *Code { return &e.SubjectType }),
	pairField(7, "activity", func(e *Event) (*Code, *Code) { return &e.Activity.Code, &e.Activity.SubPurpose }),
	{8, "categories", putCategories, getCategories},
	codeField(9, "dataset", func(e *Event) *Code { return &e.Dataset }),
	refField(10, "item", func(e *Event) *Ref { return &e.Item }),
	refField(11, "within", func(e *Event) *Ref { return &e.Within }),
	dateField(12, "record_date", func(e *Event) *Date { return &e.RecordDate }),
	byteField(13, "medium", len(media)-1, func(e *Event) *Medium { return &e.Medium }),
	codeField(14, "controller", func(e *Event) *Code { return &e.Controller }),
	byteField(15, "marks", 1<<(len(markNames)-1)-1, func(e *Event) *Marks { return &e.Marks }),
	byteField(16, "provenance", len(provenances)-1, func(e *Event) *Provenance { return &e.Provenance }),
	codeField(17, "obtained_from", func(e *Event) *Code { return &e.ObtainedFrom.Code }),
	refField(18, "obtained_from_person", func(e *Event) *Ref { return &e.ObtainedFrom.Person }),
	codeField(19, "basis", func(e *Event) *Code { return &e.Basis }),
	codeField(20, "legal_duty", func(e *Event) *Code { return &e.LegalDuty }),
	codeField(21, "place", func(e *Event) *Code { return &e.Place }),
	codeField(22, "country", func(e *Event) *Code { return &e.Country }),
	byteField(23, "action", len(actions)-1, func(e *Event) *Action { return &e.Action }),
	codeField(24, "channel", func(e *Event) *Code { return &e.Channel }),
	codeField(25, "recipient", func(e *Event) *Code { return &e.Recipient.Code }),
	refField(26, "recipient_person", func(e *Event) *Ref { return &e.Recipient.Person }),
	refField(27, "recipient_ref", func(e *Event) *Ref { return &e.RecipientRef }),
	codeField(28, "condition", func(e *Event) *Code { return &e.Condition }),
	byteField(29, "consideration", len(considerations)-1, func(e *Event) *Consideration { return &e.Consideration }),
	codeField(30, "transfer_to", func(e *Event) *Code { return &e.TransferTo }),
	codeField(31, "safeguard", func(e *Event) *Code { return &e.Safeguard }),
	byteField(32, "acting_as", len(actings)-1, func(e *Event) *ActingAs { return &e.ActingAs }),
	codeField(33, "withheld_on", func(e *Event) *Code { return &e.WithheldOn }),
	dateField(34, "withheld_until", func(e *Event) *Date { return &e.WithheldUntil }),
	byteField(35, "removal", len(removals)-1, func(e *Event) *Removal { return &e.Removal }),
	codesField(36, "channels", func(e *Event) *[]Code { return &e.Channels }),
	byteField(37, "method", len(methods)-1, func(e *Event) *Method { return &e.Method }),
	byteField(38, "given_by", len(givers)-1, func(e *Event) *Giver { return &e.GivenBy }),
	codeField(39, "wording", func(e *Event) *Code { return &e.Wording }),
	codeField(40, "ground", func(e *Event) *Code { return &e.Ground }),
	codeField(41, "milestone", func(e *Event) *Code { return &e.Milestone }),
	dateField(42, "date", func(e *Event) *Date { return &e.Date }),
	boolField(43, "automated", func(e *Event) *bool { return &e.Automated }),
	boolField(44, "significant", func(e *Event) *bool { return &e.Significant }),
	codeField(45, "logic", func(e *Event) *Code { return &e.Logic }),
	codeField(46, "notice_version", func(e *Event) *Code { return &e.NoticeVersion }),
	byteField(47, "state", len(states)-1, func(e *Event) *State { return &e.State }),
	codeField(48, "evidence", func(e *Event) *Code { return &e.Evidence }),
	{49, "retracts", func(w *writer, e *Event) { w.fixed(49, e.Retracts[:]) }, func(r *reader, e *Event) { r.fixed(e.Retracts[:]) }},
	codeField(50, "retracts_source", func(e *Event) *Code { return &e.RetractsSource }),
	codeField(51, "why", func(e *Event) *Code { return &e.Why }),
	instantField(52, "through", func(e *Event) *Instant { return &e.Through }),
	instantField(53, "since", func(e *Event) *Instant { return &e.Since }),
	codesField(54, "covers", func(e *Event) *[]Code { return &e.Covers }),
	{55, "note", func(w *writer, e *Event) { w.fixed(55, e.Note[:]) }, func(r *reader, e *Event) { r.fixed(e.Note[:]) }},
}

// fieldByTag finds a field in one step while decoding.
var fieldByTag = func() (t [256]*field) {
	for i := range fields {
		t[fields[i].tag] = &fields[i]
	}
	return t
}()

// AppendEvent appends the binary form of e to b. Equal events give equal bytes
// under equal symbols: fields stand in the order of their tags and an absent
// field is not written.
func AppendEvent(b []byte, e *Event, s Symbols) []byte {
	w := writer{b: append(b, eventVersion, byte(e.Kind)), s: s}
	for i := range fields {
		fields[i].put(&w, e)
	}
	return w.b
}

// DecodeEvent reads what AppendEvent wrote into e, which it resets first. It
// keeps no reference to b. Trailing bytes, an unknown version, kind, tag or
// word, a field out of order and a field that stands there empty are errors.
func DecodeEvent(b []byte, e *Event, n Names) error {
	*e = Event{}
	if len(b) < 2 {
		return fmt.Errorf("decode event: want a version and a kind, got %d bytes", len(b))
	}
	if b[0] != eventVersion {
		return fmt.Errorf("decode event: version %d is not known here; want at most %d", b[0], eventVersion)
	}
	e.Kind = Kind(b[1])
	if !e.Kind.Known() {
		return fmt.Errorf("decode event: kind %d is not known here", b[1])
	}
	r := reader{b: b[2:], n: n}
	last := byte(0)
	for len(r.b) > 0 && r.err == nil {
		tag := r.b[0]
		f := fieldByTag[tag]
		if f == nil {
			return fmt.Errorf("decode %s: field %d is not known here", e.Kind, tag)
		}
		if tag <= last {
			return fmt.Errorf("decode %s: field %s stands out of order", e.Kind, f.name)
		}
		last, r.b = tag, r.b[1:]
		f.get(&r, e)
		if r.err != nil {
			return fmt.Errorf("decode %s: field %s: %w", e.Kind, f.name, r.err)
		}
	}
	return nil
}

type writer struct {
	b []byte
	s Symbols
}

func (w *writer) uvarint(v uint64) { w.b = binary.AppendUvarint(w.b, v) }

func (w *writer) code(c Code) {
	if c == "" {
		w.uvarint(0)
		return
	}
	w.uvarint(w.s.Symbol(c))
}

func (w *writer) fixed(tag byte, v []byte) {
	for _, x := range v {
		if x != 0 {
			w.b = append(append(w.b, tag), v...)
			return
		}
	}
}

func (w *writer) ref(r *Ref) {
	w.b = append(w.b, r.Handle[:]...)
	w.code(r.Kind)
}

// reader reads one event. After the first error every read returns zero and
// err keeps the first cause.
type reader struct {
	b   []byte
	n   Names
	err error
}

func (r *reader) fail(format string, a ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, a...)
	}
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || (n > 1 && r.b[n-1] == 0) {
		r.fail("want a number in its shortest form")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.fail("ends too early")
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) raw(dst []byte) {
	if len(r.b) < len(dst) {
		r.fail("want %d bytes, got %d", len(dst), len(r.b))
		return
	}
	copy(dst, r.b)
	r.b = r.b[len(dst):]
}

func (r *reader) fixed(dst []byte) {
	r.raw(dst)
	for _, x := range dst {
		if x != 0 {
			return
		}
	}
	r.fail("is there but empty")
}

func (r *reader) optionalCode() Code {
	v := r.uvarint()
	if v == 0 || r.err != nil {
		return ""
	}
	c, err := r.n.Name(v)
	if err != nil {
		r.fail("%v", err)
	}
	return c
}

func (r *reader) code() Code {
	c := r.optionalCode()
	if c == "" {
		r.fail("is there but empty")
	}
	return c
}

func (r *reader) ref(v *Ref) {
	r.fixed(v.Handle[:])
	v.Kind = r.code()
}

// count reads the length of a list of elements of at least size bytes each, so
// that a lying length cannot make it allocate.
func (r *reader) count(size, most int) int {
	n := r.uvarint()
	if n == 0 || n > uint64(most) || n > uint64(len(r.b)/size) {
		r.fail("want a list of 1 to %d", most)
		return 0
	}
	return int(n)
}

func codeField(tag byte, name string, at func(*Event) *Code) field {
	return field{tag, name, func(w *writer, e *Event) {
		if c := *at(e); c != "" {
			w.b = append(w.b, tag)
			w.code(c)
		}
	}, func(r *reader, e *Event) { *at(e) = r.code() }}
}

func pairField(tag byte, name string, at func(*Event) (*Code, *Code)) field {
	return field{tag, name, func(w *writer, e *Event) {
		if a, b := at(e); *a != "" {
			w.b = append(w.b, tag)
			w.code(*a)
			w.code(*b)
		}
	}, func(r *reader, e *Event) {
		a, b := at(e)
		*a, *b = r.code(), r.optionalCode()
	}}
}

func codesField(tag byte, name string, at func(*Event) *[]Code) field {
	return field{tag, name, func(w *writer, e *Event) {
		if l := *at(e); len(l) > 0 {
			w.b = append(w.b, tag)
			w.uvarint(uint64(len(l)))
			for _, c := range l {
				w.code(c)
			}
		}
	}, func(r *reader, e *Event) {
		n := r.count(1, MaxCategories)
		l := make([]Code, 0, n)
		for range n {
			l = append(l, r.code())
		}
		*at(e) = l
	}}
}

func refField(tag byte, name string, at func(*Event) *Ref) field {
	return field{tag, name, func(w *writer, e *Event) {
		if v := at(e); !v.IsZero() {
			w.b = append(w.b, tag)
			w.ref(v)
		}
	}, func(r *reader, e *Event) { r.ref(at(e)) }}
}

func instantField(tag byte, name string, at func(*Event) *Instant) field {
	return field{tag, name, func(w *writer, e *Event) {
		if v := *at(e); v != 0 {
			w.b = append(w.b, tag)
			w.b = binary.AppendVarint(w.b, int64(v))
		}
	}, func(r *reader, e *Event) {
		*at(e) = Instant(unzigzag(r.uvarint()))
		if *at(e) == 0 {
			r.fail("is there but empty")
		}
	}}
}

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

func dateField(tag byte, name string, at func(*Event) *Date) field {
	return field{tag, name, func(w *writer, e *Event) {
		if v := *at(e); v > 0 {
			w.b = append(w.b, tag)
			w.uvarint(uint64(v))
		}
	}, func(r *reader, e *Event) {
		v := r.uvarint()
		if v == 0 || v > uint64(maxDate) {
			r.fail("want a day up to the year 9999")
		}
		*at(e) = Date(v)
	}}
}

var maxDate = func() Date { d, _ := ParseDate("9999-12-31"); return d }()

func byteField[T ~uint8](tag byte, name string, most int, at func(*Event) *T) field {
	return field{tag, name, func(w *writer, e *Event) {
		if v := *at(e); v != 0 {
			w.b = append(w.b, tag, byte(v))
		}
	}, func(r *reader, e *Event) {
		v := r.byte()
		if v == 0 || int(v) > most {
			r.fail("value %d is not known here", v)
		}
		*at(e) = T(v)
	}}
}

func boolField(tag byte, name string, at func(*Event) *bool) field {
	return field{tag, name, func(w *writer, e *Event) {
		if *at(e) {
			w.b = append(w.b, tag)
		}
	}, func(_ *reader, e *Event) { *at(e) = true }}
}

func putSubject(w *writer, e *Event) {
	if len(e.Subject) == 0 {
		return
	}
	w.b = append(w.b, 5)
	w.uvarint(uint64(len(e.Subject)))
	for i := range e.Subject {
		w.ref(&e.Subject[i])
	}
}

func getSubject(r *reader, e *Event) {
	n := r.count(17, MaxSubjects)
	e.Subject = make([]Ref, n)
	for i := range e.Subject {
		r.ref(&e.Subject[i])
	}
}

func putCategories(w *writer, e *Event) {
	if len(e.Categories) == 0 {
		return
	}
	w.b = append(w.b, 8)
	w.uvarint(uint64(len(e.Categories)))
	for _, c := range e.Categories {
		w.code(c.Code)
		w.code(c.Element)
	}
}

func getCategories(r *reader, e *Event) {
	n := r.count(2, MaxCategories)
	e.Categories = make([]Category, n)
	for i := range e.Categories {
		e.Categories[i] = Category{r.code(), r.optionalCode()}
	}
}
