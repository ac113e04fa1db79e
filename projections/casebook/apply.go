package casebook

import (
	"cmp"
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// An Applier writes the rows of events. It keeps nothing between them.
type Applier struct{}

// Apply writes what a fact of a case or a task says, if it counts. It passes over
// every other kind. The event has passed inventory.Check.
func (Applier) Apply(b Batch, r *events.Recorded) error {
	switch r.Kind {
	case events.CaseRecorded:
		if err := applyCase(b, r); err != nil {
			return fmt.Errorf("apply a fact of a case: %w", err)
		}
	case events.TaskRecorded:
		if err := applyTask(b, r); err != nil {
			return fmt.Errorf("apply a fact of a task: %w", err)
		}
	}
	return nil
}

// applyCase takes the fact if it is the next version of its case. A fact that
// lost a race writes nothing at all.
func applyCase(b Batch, r *events.Recorded) error {
	h, err := headOf(b, r.Of)
	if err != nil {
		return err
	}
	first := h == nil
	if first && (r.Count != 1 || r.Why != actOpened) || !first && r.Count != h.Version+1 {
		return nil
	}
	t, err := readTotals(b)
	if err != nil {
		return err
	}
	var was [][]byte
	if first {
		t.Cases++
		h = &Head{ID: r.Of, Number: t.Cases, Rights: r.Channels, Received: cmp.Or(r.From, r.Date), Opened: r.At}
		b.Set(caseKey(r.Of), four(h.Number))
	} else {
		was = h.indexKeys()
		t.Statuses[h.Status()]--
	}
	h.take(r)
	t.Statuses[h.Status()]++
	if err := reindex(b, was, h.indexKeys()); err != nil {
		return err
	}
	b.Set(headKey(h.Number), appendHead(nil, h, b))
	b.Set(factKey(r.Of, r.Count), appendFact(nil, r, b))
	b.Set(key(rowTotals), appendTotals(nil, t))
	return nil
}

// headOf reads the head of a case; nil, if it was not opened.
func headOf(r rows, id events.EventID) (*Head, error) {
	v, ok, err := r.Get(caseKey(id))
	if err != nil || !ok {
		return nil, err
	}
	if len(v) != 4 {
		return nil, fmt.Errorf("read the number of a case: %w", errForm)
	}
	k := headKey(binary.BigEndian.Uint32(v))
	v, ok, err = r.Get(k)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("read the row of a case: it has a number and no head")
	}
	h, err := parseHead(r, k, v)
	if err == nil && h.ID != id {
		err = fmt.Errorf("read the row of a case: %w", errKey)
	}
	return h, err
}

// rows are what is read while facts are applied.
type rows interface {
	Get(key []byte) (value []byte, ok bool, err error)
	events.Names
}

// applyTask takes the fact if it is the next version of its task and names the
// same case.
func applyTask(b Batch, r *events.Recorded) error {
	t, err := taskOf(b, r.Digest)
	if err != nil {
		return err
	}
	first := t == nil
	if first && r.Count != 1 || !first && (r.Count != t.Version+1 || r.Of != t.Case) {
		return nil
	}
	if first {
		t = &Task{ID: r.Digest, Case: r.Of, System: r.ScopeSystem, Recipient: r.Recipient.Code, Verb: r.Condition,
			Planned: r.At, First: r.Position, Body: r.Note}
		b.Set(ofCaseKey(t.Case, t.ID), nil)
	}
	was, counted, keys := t.State, !first && !t.Abandoned(), [][]byte(nil)
	if !first {
		keys = t.indexKeys()
	}
	t.take(r)
	if err := reindex(b, keys, t.indexKeys()); err != nil {
		return err
	}
	b.Set(taskKey(t.ID), appendTask(nil, t, b))
	b.Set(taskFactKey(t.ID, r.Count), appendFact(nil, r, b))
	return countTask(b, t, was, counted)
}

// countTask moves the task from the state it was counted in, if it was, to the one
// it is in.
func countTask(b Batch, t *Task, was events.Code, counted bool) error {
	tally, err := readTally(b, t.Case)
	if err != nil {
		return err
	}
	totals, err := readTotals(b)
	if err != nil {
		return err
	}
	for _, x := range []*Tally{&tally, &totals.Tasks} {
		if counted {
			x[stateIndex(was)]--
		}
		x.add(t)
	}
	b.Set(tallyKey(t.Case), appendTally(nil, &tally))
	b.Set(key(rowTotals), appendTotals(nil, totals))
	return nil
}

func taskOf(r rows, id events.EventID) (*Task, error) {
	k := taskKey(id)
	v, ok, err := r.Get(k)
	if err != nil || !ok {
		return nil, err
	}
	return parseTask(r, k, v)
}
