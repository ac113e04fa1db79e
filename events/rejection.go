package events

// A Rejection says why one event was refused, where, and what was expected. It
// never holds a value of the event (I1): a name that the sender made up is
// shown only where it could be a field's, and otherwise counted.
type Rejection struct {
	Line    int    `json:"line,omitempty"` // 1-based: line of NDJSON, element of a batch
	Pointer string `json:"pointer"`        // RFC 6901 JSON pointer into the event
	Code    string `json:"code"`           // stable, such as event.field.missing
	Reason  string `json:"reason"`
	// Kept names the note under which the event waits, sealed, for a person to
	// mend it. The gateway sets it.
	Kept string `json:"kept,omitempty"`
}

func (r *Rejection) Error() string { return r.Pointer + ": " + r.Reason }

// The stable codes of rejections. RejectionCodes says what each means.
const (
	RejectJSON         = "event.json"
	RejectUTF8         = "event.utf8"
	RejectDepth        = "event.depth"
	RejectDuplicateKey = "event.duplicate_key"
	RejectLimit        = "event.limit"
	RejectVersion      = "event.version"
	RejectType         = "event.type.unknown"
	RejectAttribute    = "event.attribute.refused"
	RejectMissing      = "event.field.missing"
	RejectUnknown      = "event.field.unknown"
	RejectNotOfKind    = "event.field.kind"
	RejectFieldType    = "event.field.type"
	RejectContradicts  = "event.field.contradicts"
	RejectCode         = "event.code.form"
	RejectWord         = "event.word.unknown"
	RejectTime         = "event.time"
	RejectIdentifier   = "event.identifier.form"
	RejectSource       = "event.source.forbidden"
)

// A RejectionCode is one stable code and its meaning.
type RejectionCode struct {
	Code    string `json:"code"`
	Meaning string `json:"meaning"`
}

// RejectionCodes lists every code a Rejection may carry, for documentation.
// Codes may be added; none is renamed or given another meaning.
func RejectionCodes() []RejectionCode {
	return []RejectionCode{
		{RejectJSON, "The text is not JSON, or not one JSON object (of a batch: not one array) with nothing after it."},
		{RejectUTF8, "A text is not valid UTF-8, or an escape names half a surrogate pair."},
		{RejectDepth, "Lists and objects are nested deeper than any event needs."},
		{RejectDuplicateKey, "One object has the same field twice; JSON readers disagree on which one counts."},
		{RejectLimit, "Too large, too many or too few: of the event, a list or a text."},
		{RejectVersion, "specversion is not 1.0."},
		{RejectType, "type is not a kind of event that a source system may send."},
		{RejectAttribute, "A CloudEvents attribute that habeas does not take: subject, data_base64, or a datacontenttype that is not JSON."},
		{RejectMissing, "A field that this kind of event must have is not there."},
		{RejectUnknown, "A field that no event has, or a CloudEvents attribute whose name is not a-z and 0-9."},
		{RejectNotOfKind, "A field that other kinds of event have, but not this one."},
		{RejectFieldType, "A text where a list belongs, a number where a text belongs, and the like."},
		{RejectContradicts, "Two fields of the event cannot both be true."},
		{RejectCode, "A code is not made of a-z, 0-9, dot, underscore and hyphen, or could hide a number of a person."},
		{RejectWord, "A word is not in the closed list of this field."},
		{RejectTime, "A time or date is not in the form of RFC 3339, before 1900, or more than a day ahead."},
		{RejectIdentifier, "The value of an identifier, or the id of the event, cannot be one of its kind."},
		{RejectSource, "The caller may not speak for this system. Given by the gateway."},
	}
}
