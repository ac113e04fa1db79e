package casebook

import (
	"bytes"

	"github.com/habeas-data/habeas/events"
)

// Again reads a row and writes it again: the key and the value it would have. It
// says nothing of rows that belong to it.
func Again(s interface {
	events.Names
	events.Symbols
}, k, v []byte) ([]byte, []byte, error) {
	if len(k) < 2 || k[0] != Family {
		return nil, nil, errKey
	}
	switch k[1] {
	case rowHead:
		h, err := parseHead(s, k, v)
		if err != nil {
			return nil, nil, err
		}
		return headKey(h.Number), appendHead(nil, h, s), nil
	case rowFact, rowTaskFact:
		f, err := parseFact(s, k, v)
		if err != nil {
			return nil, nil, err
		}
		own := factKey(f.Event.Of, f.Event.Count)
		if f.Event.Kind == events.TaskRecorded {
			own = taskFactKey(f.Event.Digest, f.Event.Count)
		}
		return own, appendFact(nil, &events.Recorded{Event: f.Event, Position: f.Position, At: f.Recorded}, s), nil
	case rowTask:
		t, err := parseTask(s, k, v)
		if err != nil {
			return nil, nil, err
		}
		return taskKey(t.ID), appendTask(nil, t, s), nil
	case rowTally:
		t, err := parseTally(v)
		if err != nil || len(k) != 18 {
			return nil, nil, errForm
		}
		return bytes.Clone(k), appendTally(nil, &t), nil
	case rowTotals:
		t, err := parseTotals(v)
		if err != nil || len(k) != 2 {
			return nil, nil, errForm
		}
		return bytes.Clone(k), appendTotals(nil, t), nil
	}
	return nil, nil, errKey
}

// Tables names the acts and the states in the order of their numbers.
func Tables() (out []string) {
	for i := range acts {
		out = append(out, "act "+string(acts[i]))
	}
	for _, s := range states[1:] {
		out = append(out, "state "+string(s))
	}
	for _, s := range Statuses() {
		out = append(out, "status "+s.String())
	}
	return out
}
