package events

import (
	"fmt"
	"unicode/utf8"
)

// EncodeCloudEvent writes an observation as a CloudEvent in structured JSON
// form, such that DecodeCloudEvent gives the same observation back. The result
// holds the personal data in the clear.
//
// It refuses a kind that sources may not send, a field that the kind does not
// carry, a missing one, and text that is not UTF-8. It does not check the form
// of codes and dates, which the types keep.
func EncodeCloudEvent(o *Observation) ([]byte, error) {
	e := &o.Event
	if !onAll.has(e.Kind) {
		return nil, fmt.Errorf("encode %s: a source cannot send this kind of event", e.Kind)
	}
	w := jsonWriter{b: append(make([]byte, 0, 768), '{')}
	w.name("specversion")
	w.text("1.0")
	w.name("id")
	w.text(o.ExternalID.Expose())
	w.name("source")
	w.text(string(e.Source))
	w.name("type")
	w.text(e.Kind.Type())
	w.name("time")
	w.text(e.Time.String())
	w.name("data")
	w.data(o)
	w.b = append(w.b, '}')
	switch {
	case w.fail != "":
		return nil, fmt.Errorf("encode %s: %s", e.Kind, w.fail)
	case o.ExternalID.IsZero() || e.Source == "" || e.Time == 0:
		return nil, fmt.Errorf("encode %s: want id, source and time", e.Kind)
	case len(w.b) > MaxEventBytes:
		return nil, fmt.Errorf("encode %s: want at most %d bytes, got %d", e.Kind, MaxEventBytes, len(w.b))
	}
	return w.b, nil
}

// data writes the data of o. A dataset that the decoder filled in is left out,
// so that the decoder fills it in again.
func (w *jsonWriter) data(o *Observation) {
	if o.Event.Flags&DatasetDefaulted != 0 {
		plain := *o
		plain.Event.Dataset = ""
		o = &plain
	}
	w.object(dataShape, o.Event.Kind, o)
}

const hexDigits = "0123456789abcdef"

// text writes a JSON string.
func (w *jsonWriter) text(s string) {
	if !utf8.ValidString(s) {
		w.refuse("a text is not valid UTF-8")
	}
	w.b = append(w.b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if plain[c] && c != 0x7f {
			continue
		}
		w.b = append(w.b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			w.b = append(w.b, '\\', c)
		case '\n':
			w.b = append(w.b, '\\', 'n')
		default:
			w.b = append(w.b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	w.b = append(append(w.b, s[start:]...), '"')
}
