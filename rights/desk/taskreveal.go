package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
)

// namesFor are the names that a target is given: a system of ours those by which
// it knows the person and no others; a recipient the reference under which it was
// sent the data, and where it was given none, the identifiers that the disclosure
// carried (E6).
func (p *taskPerson) namesFor(b *cases.TaskBody, parts []cases.Part) (out []events.Handle) {
	if b.Recipient != "" || b.Person != nil {
		return p.disclosedTo(b, parts)
	}
	for _, x := range parts {
		out = addHandle(out, x.Handle)
	}
	for _, m := range p.members {
		if m.System == b.System {
			out = addHandle(out, m.Handle)
		}
	}
	return out
}

func addHandle(list []events.Handle, h events.Handle) []events.Handle {
	if h.IsZero() || slices.Contains(list, h) {
		return list
	}
	return append(list, h)
}

// disclosedTo are the names that the disclosures behind the parts of a task carried
// to its recipient.
func (p *taskPerson) disclosedTo(b *cases.TaskBody, parts []cases.Part) (out []events.Handle) {
	var refs, carried []events.Handle
	for i := range p.rows {
		r := &p.rows[i]
		if r.Event.Kind != events.RecordShared || !toRecipient(r.Event, b) || !p.sharedPart(r, parts) {
			continue
		}
		refs = addHandle(refs, r.Event.RecipientRef.Handle)
		carried = addHandle(carried, r.Handle)
		for _, m := range p.members {
			if m.System == r.System() && slices.Contains(r.Others, inventory.ShortOf(m.Handle)) {
				carried = addHandle(carried, m.Handle)
			}
		}
	}
	if len(refs) > 0 {
		return refs
	}
	return carried
}

func toRecipient(e *events.Event, b *cases.TaskBody) bool {
	if b.Person != nil {
		return e.Recipient.Person.Handle == b.Person.Handle
	}
	return e.Recipient.Code == b.Recipient
}

// sharedPart reports whether a disclosure was of something that the task is about:
// of the same system, and of a category of it where it names any.
func (p *taskPerson) sharedPart(r *inventory.Row, parts []cases.Part) bool {
	return slices.ContainsFunc(parts, func(x cases.Part) bool {
		h := p.holding(x.Holding)
		if h == nil {
			return x.Handle == r.Handle // off the map by now: what was shared under its handle
		}
		return h.System == r.System() && (len(r.Categories) == 0 ||
			slices.ContainsFunc(r.Categories, func(c events.Category) bool { return c.Code == h.Category.Code || c.Code == "" }))
	})
}

// leftVersion is the version of the sealed note of a claim that left something out.
const leftVersion = 1

// A leftNote says which holdings a claim did not give out, because they were kept
// back when it was made.
type leftNote struct {
	V    int      `json:"v"`
	Left []string `json:"left"`
}

func encodeLeft(held []string) ([]byte, error) {
	b, err := json.Marshal(leftNote{V: leftVersion, Left: held})
	if err != nil {
		return nil, errors.New("encode what a claim left out: it does not fit its form")
	}
	return b, nil
}

func decodeLeft(b []byte) ([]string, error) {
	var n leftNote
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil || n.V != leftVersion || len(n.Left) == 0 {
		return nil, errors.New("decode what a claim left out: not in its form")
	}
	return n.Left, nil
}
