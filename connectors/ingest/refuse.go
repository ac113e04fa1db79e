package ingest

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/habeas-data/habeas/events"
)

// refuse keeps what could not be understood, so that a person can mend it, and
// returns the note under which it waits. The caller is told in any case, so a
// quarantine that fails loses nothing. What was refused because of who sent it
// is not kept: that is no mistake in the event.
func (t *taker) refuse(ctx context.Context, e element, why *events.Rejection) events.EventID {
	r := &Refused{Source: t.who.System, Body: e.raw, Why: why}
	var h head
	if e.obs != nil {
		h.source, r.ID, r.Subject = e.obs.Event.Source, e.obs.ExternalID, e.obs.Subject
	} else {
		h = headOf(e.raw)
		r.ID, r.Subject = h.id, h.subject
	}
	if t.who.Any {
		r.Source = h.source
	}
	if e.obs == nil {
		t.g.Counts.Refused(r.Source, 1)
	}
	if r.Source == "" || r.Source == Self || len(e.raw) == 0 || why.Code == "event.source.forbidden" {
		return events.EventID{}
	}
	note, err := t.g.Quarantine(ctx, r)
	if err != nil {
		t.g.cfg.Log.WarnContext(ctx, "a refused event was not kept", "system", string(r.Source), "error", err)
	}
	return note
}

// A head is what could be read of an event that was refused.
type head struct {
	source  events.Code
	id      events.Plaintext
	subject []events.Identifier
}

// headOf reads an event leniently: what stands in the wrong form is passed over,
// and what remains is enough to know the event and its person again.
func headOf(raw []byte) (h head) {
	var body struct {
		Source lenient `json:"source"`
		ID     lenient `json:"id"`
		Data   struct {
			Subject []struct {
				Kind  lenient `json:"kind"`
				Value lenient `json:"value"`
			} `json:"subject"`
		} `json:"data"`
	}
	var wrong *json.UnmarshalTypeError // the decoder has gone on behind it
	if err := json.Unmarshal(raw, &body); err != nil && !errors.As(err, &wrong) {
		return head{}
	}
	if c, err := events.ParseCode(string(body.Source)); err == nil {
		h.source = c
	}
	h.id = events.NewPlaintext(string(body.ID))
	for _, s := range body.Data.Subject {
		if kind, err := events.ParseCode(string(s.Kind)); err == nil && s.Value != "" {
			h.subject = append(h.subject, events.Identifier{Kind: kind, Value: events.NewPlaintext(string(s.Value))})
		}
	}
	return h
}

// lenient is a text, or nothing where something else stands.
type lenient string

// UnmarshalJSON takes a text and passes over everything else.
func (l *lenient) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*l = lenient(s)
	}
	return nil
}

// structured writes an event that came in binary mode in the form in which it
// can be read, mended and sent again.
func structured(header func(string) string, body []byte) []byte {
	m := map[string]any{}
	for _, name := range [...]string{"specversion", "id", "source", "type", "time", "subject", "datacontenttype"} {
		if v := header("ce-" + name); v != "" {
			m[name] = v
		}
	}
	if json.Valid(body) {
		m["data"] = json.RawMessage(body)
	} else {
		m["data"] = string(body)
	}
	b, err := json.Marshal(m)
	if err != nil {
		return body
	}
	return b
}
