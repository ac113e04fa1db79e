package events

import (
	"strings"
	"time"
)

// maxAhead is how far ahead of this server's clock an event may be dated.
const maxAhead = 24 * time.Hour

// DecodeCloudEvent reads one CloudEvent 1.0 in structured JSON form and checks
// everything that needs no catalogue and no vault. Exactly one of the results
// is set. It keeps no reference to body.
//
// now is the present time, against which future dates are refused; the zero
// time checks none. A time must lie in 1900 or later. CloudEvents' extension
// attributes, dataschema and the trace context are accepted and dropped.
// subject is refused, because every broker on the way shows it and sources put
// people's names there; it would be no kindness to drop it in silence.
func DecodeCloudEvent(body []byte, now time.Time) (*Observation, *Rejection) {
	if len(body) > MaxEventBytes {
		return nil, tooLarge()
	}
	d := newDecoder(body, new(Observation))
	d.setNow(now)
	if !d.event() {
		return nil, d.rej
	}
	return d.o, nil
}

func (d *decoder) setNow(now time.Time) {
	if !now.IsZero() {
		d.limit = InstantOf(now.Add(maxAhead))
	}
}

func tooLarge() *Rejection {
	return &Rejection{Code: RejectLimit, Reason: "want an event of at most 32768 bytes"}
}

// The attributes by their number in attrNames. An event must have the first
// six, which are missed in this order.
const (
	attrVersion = iota
	attrID
	attrSource
	attrType
	attrTime
	attrData
	attrContentType
	attrSchema
)

var attrNames = [...]string{"specversion", "id", "source", "type", "time", "data", "datacontenttype", "dataschema"}

const attrsNeeded = 6

// event reads the whole body as one event.
func (d *decoder) event() bool {
	if d.peek() != '{' {
		return d.syntax("an object")
	}
	d.i++
	seen, null, later := 0, 0, -1
	var extensions []string
	for n := 0; ; n++ {
		name, ok := d.field(n)
		if !ok {
			break
		}
		attr := attribute(name)
		if attr < 0 {
			if extensions, ok = d.extension(name, n, extensions); !ok {
				return false
			}
			continue
		}
		d.enter(attrNames[attr])
		if (seen|null)>>attr&1 != 0 {
			return d.fail(RejectDuplicateKey, "want this field once")
		}
		seen |= 1 << attr
		switch {
		case d.peek() == 'n' && attr != attrData: // in CloudEvents null is as if left out
			seen, null = seen&^(1<<attr), null|1<<attr
			ok = d.literal("null")
		case attr != attrData:
			ok = d.attribute(attr)
		case seen>>attrType&1 != 0:
			ok = d.data()
		default: // what data may hold depends on a type that comes after it
			later = d.i
			ok = d.skip()
		}
		if !ok {
			return false
		}
		d.depth = 0
	}
	return d.rej == nil && d.end() && d.complete(seen) && (later < 0 || d.dataAt(later))
}

// attribute returns the number of a name, or -1.
func attribute(name []byte) int {
	for i := range attrNames {
		if string(name) == attrNames[i] {
			return i
		}
	}
	return -1
}

// end makes sure that nothing follows.
func (d *decoder) end() bool {
	if d.peek(); d.i < len(d.b) {
		return d.syntax("nothing after the event")
	}
	return true
}

// complete refuses an event for the first attribute it ought to have.
func (d *decoder) complete(seen int) bool {
	for i, name := range attrNames[:attrsNeeded] {
		if seen>>i&1 == 0 {
			return d.failAt(name, RejectMissing, "an event must have this attribute")
		}
	}
	return true
}

// attribute reads the value of a known attribute other than data.
func (d *decoder) attribute(attr int) bool {
	s, ok := d.text("text")
	return ok && d.set(attr, s)
}

// set takes the value of a known attribute other than data, from JSON or from
// a header.
func (d *decoder) set(attr int, s []byte) bool {
	e := &d.o.Event
	switch attr {
	case attrVersion:
		if string(s) != "1.0" {
			return d.fail(RejectVersion, "want 1.0")
		}
	case attrID:
		return d.asPlaintext(s, &d.o.ExternalID)
	case attrSource:
		return d.asCode(s, &e.Source)
	case attrType:
		k, err := ParseType(string(s))
		if err != nil {
			return d.fail(RejectType, err.Error())
		}
		e.Kind = k
	case attrTime:
		return d.asInstant(s, &e.Time)
	case attrContentType:
		if !isJSON(string(s)) {
			return d.fail(RejectAttribute, "want data as application/json")
		}
	}
	return true
}

// isJSON reports whether a media type means JSON data.
func isJSON(media string) bool {
	media, _, _ = strings.Cut(media, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	return media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json") && !strings.HasPrefix(media, "application/cloudevents")
}

// data reads the data that begins here; the kind is known.
func (d *decoder) data() bool {
	level := d.depth
	if !d.object(dataShape, d.o.Event.Kind) {
		return false
	}
	d.depth = level
	return d.finish()
}

// dataAt reads the data that was passed over at byte i.
func (d *decoder) dataAt(i int) bool {
	d.i = i
	d.depth = 0
	d.enter(attrNames[attrData])
	return d.data()
}

// maxExtensions is how many attributes of others one event may carry.
const maxExtensions = 32

// extension passes over an attribute that is not ours.
func (d *decoder) extension(name []byte, n int, before []string) ([]string, bool) {
	if string(name) == "subject" || string(name) == "data_base64" {
		reason := "habeas takes data as a JSON object only"
		if string(name) == "subject" {
			reason = subjectRefused
		}
		return before, d.failAt(string(name), RejectAttribute, reason)
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return before, d.unknown(name, n, "; fields of the contract belong inside data, and an attribute has a name of a-z and 0-9")
		}
	}
	if len(name) == 0 || len(name) > MaxCode || len(before) == maxExtensions {
		return before, d.fail(RejectLimit, "want at most 32 extension attributes, with names of 1 to 64 letters and digits")
	}
	for _, other := range before {
		if other == string(name) {
			return before, d.fail(RejectDuplicateKey, "want every attribute once; an extension attribute is there twice")
		}
	}
	before = append(before, string(name))
	if showable(name) {
		d.enter(string(name))
	}
	ok := d.scalar()
	d.depth = 0
	return before, ok
}

const subjectRefused = "habeas does not take the CloudEvents attribute subject, because every broker on the way shows it; name the person in data"

// scalar passes over a value of an extension attribute.
func (d *decoder) scalar() bool {
	switch c := d.peek(); {
	case c == '"':
		_, ok := d.text("")
		return ok
	case c == 't':
		return d.literal("true")
	case c == 'f':
		return d.literal("false")
	case c == 'n':
		return d.literal("null")
	case c == '-' || c >= '0' && c <= '9':
		return d.number()
	}
	return d.wrong("text, a number, or true or false")
}
