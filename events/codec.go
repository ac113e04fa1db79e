package events

import "fmt"

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
// and how it is read. Decoder and schema golden are made from the table; how
// fields are written stands in writer.event, line by line, because asking 62
// functions about an event that has a dozen fields took longer than writing it.
// TestEveryFieldSurvives holds the two together.
type field struct {
	tag  byte
	name string
	get  func(r *reader, e *Event)
}

// fields is ordered by tag. Tags are part of the frame form: never reorder,
// never reuse.
var fields = []field{
	{1, "id", func(r *reader, e *Event) { r.fixed(e.ID[:]) }},
	codeField(2, "source", func(e *Event) *Code { return &e.Source }),
	instantField(3, "time", func(e *Event) *Instant { return &e.Time }),
	byteField(4, "flags", 0xff, func(e *Event) *Flags { return &e.Flags }),
	{5, "subject", getSubject},
	codeField(6, "subject_type", func(e *Event) *Code { return &e.SubjectType }),
	pairField(7, "activity", func(e *Event) (*Code, *Code) { return &e.Activity.Code, &e.Activity.SubPurpose }),
	{8, "categories", getCategories},
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
	{49, "retracts", func(r *reader, e *Event) { r.fixed(e.Retracts[:]) }},
	codeField(50, "retracts_source", func(e *Event) *Code { return &e.RetractsSource }),
	codeField(51, "why", func(e *Event) *Code { return &e.Why }),
	instantField(52, "through", func(e *Event) *Instant { return &e.Through }),
	instantField(53, "since", func(e *Event) *Instant { return &e.Since }),
	codesField(54, "covers", func(e *Event) *[]Code { return &e.Covers }),
	{55, "note", func(r *reader, e *Event) { r.fixed(e.Note[:]) }},
	codeField(56, "scope_system", func(e *Event) *Code { return &e.ScopeSystem }),
	dateField(57, "from", func(e *Event) *Date { return &e.From }),
	dateField(58, "to", func(e *Event) *Date { return &e.To }),
	dateField(59, "review", func(e *Event) *Date { return &e.Review }),
	{60, "of", func(r *reader, e *Event) { r.fixed(e.Of[:]) }},
	{61, "digest", func(r *reader, e *Event) { r.fixed(e.Digest[:]) }},
	{62, "count", getCount},
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
// field is not written. What Check refuses has no binary form.
func AppendEvent(b []byte, e *Event, s Symbols) []byte {
	w := writer{b: b, s: s}
	w.event(e)
	return w.b
}

// An upcaster turns a record of one version into the same record of the next.
// It sees the whole record, its version byte included.
type upcaster func(b []byte) ([]byte, error)

// upcasters holds, by version, the step from every released version to the
// next one. There is one version so far. A new version of the record form is
// added by raising eventVersion and writing the step from the old one here: a
// journal is read for as long as it exists, so no step is ever removed.
var upcasters = map[byte]upcaster{}

// DecodeEvent reads what AppendEvent wrote into e, which it resets first. It
// keeps no reference to b. Trailing bytes, an unknown version, kind, tag or
// word, a field out of order and a field that stands there empty are errors.
func DecodeEvent(b []byte, e *Event, n Names) error {
	*e = Event{}
	if len(b) < 2 {
		return fmt.Errorf("decode event: want a version and a kind, got %d bytes", len(b))
	}
	if b[0] != eventVersion {
		var err error
		if b, err = upcast(b, upcasters); err != nil {
			return err
		}
	}
	e.Kind = Kind(b[1])
	if !e.Kind.Known() {
		return fmt.Errorf("decode event: kind %d is not known here", b[1])
	}
	return decodeFields(b[2:], e, n)
}

// upcast lifts a record step by step to the present version.
func upcast(b []byte, steps map[byte]upcaster) ([]byte, error) {
	for b[0] != eventVersion {
		from := b[0]
		step, ok := steps[from]
		if !ok || from > eventVersion {
			return nil, fmt.Errorf("decode event: version %d is not known here; want at most %d", from, eventVersion)
		}
		next, err := step(b)
		if err != nil {
			return nil, fmt.Errorf("decode event: lift version %d: %w", from, err)
		}
		if len(next) < 2 || next[0] != from+1 {
			return nil, fmt.Errorf("decode event: lift version %d: the step does not end at version %d", from, from+1)
		}
		b = next
	}
	return b, nil
}

func decodeFields(b []byte, e *Event, n Names) error {
	r := reader{b: b, n: n}
	last := byte(0)
	for len(r.b) > 0 {
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
