package casebook

import (
	"encoding/binary"

	"github.com/habeas-data/habeas/events"
)

// A Task is what is known of one task without opening what is sealed: a function
// of its facts.
type Task struct {
	ID events.EventID
	// Case is the case that it serves, or the batch of a disposal.
	Case    events.EventID
	Version uint32 // of the last fact that counts

	// System, Recipient and Verb are as first said: a later fact may leave them
	// out and cannot change them.
	System    events.Code
	Recipient events.Code
	Verb      events.Code

	State     events.Code
	Detail    events.Code    // what came of it, as of the last fact
	ActBefore events.Date    // the day before which to act, as of the last fact
	NotBefore events.Instant // as of the last fact
	Lease     events.Instant // end of the claim, as of the last fact
	Attempts  uint32         // how often it was sent

	Planned   events.Instant // when the first fact was recorded
	Touched   events.Instant // when the last was
	First     events.Position
	Place     events.Position // of the last
	Body      events.EventID  // the sealed body of the first fact
	Note      events.EventID  // the last sealed body
	Simulated bool
}

// Ended reports whether nothing more is expected, of its system or of a person: it
// is proven, a person took its state as the end, or no case asks for it.
func (t *Task) Ended() bool {
	return t.State == stateVerified || t.Detail == detailSettled || t.Abandoned() || t.State == stateImpossible && t.Detail == detailBorn
}

// Abandoned reports whether it was made and no case asks for it. It is counted in no
// state.
func (t *Task) Abandoned() bool { return t.Detail == detailAbandoned }

// take changes the task by a fact that counts.
func (t *Task) take(r *events.Recorded) {
	t.Version, t.State, t.Detail, t.NotBefore, t.Lease = r.Count, r.Why, r.Evidence, r.Since, r.Through
	t.Touched, t.Place, t.ActBefore = r.At, r.Position, r.Date
	if !r.Note.IsZero() {
		t.Note = r.Note
	}
	if r.Why == stateSent {
		t.Attempts++
	}
	t.Simulated = t.Simulated || r.Flags&events.Simulated != 0
}

func taskKey(id events.EventID) []byte { return key(rowTask, id[:]) }
func taskFactKey(id events.EventID, version uint32) []byte {
	return key(rowTaskFact, id[:], four(version))
}
func ofCaseKey(of, id events.EventID) []byte { return key(rowOfCase, of[:], id[:]) }
func tallyKey(of events.EventID) []byte      { return key(rowTally, of[:]) }
func systemPrefix(c events.Code) []byte {
	return key(rowSystem, []byte{byte(len(c))}, []byte(c))
}

// A Moment is one of the three at which something falls due for a task.
type Moment uint8

// The moments. The numbers are part of the rows.
const (
	LeaseEnds   Moment = 1 + iota // the claim on it ends
	MayBegin                      // it is not to be given out before
	MustHaveRun                   // midnight UTC at the start of the day before which to act
)

const moments = 3

// at is when the moment comes; false, if it never does.
func (t *Task) at(m Moment) (events.Instant, bool) {
	switch {
	case t.Ended():
		return 0, false
	case m == LeaseEnds:
		return t.Lease, t.Lease != 0
	case m == MayBegin:
		return t.NotBefore, t.NotBefore != 0
	}
	return events.InstantOf(t.ActBefore.Time()), t.ActBefore != 0
}

const momentKeyLen = 3 + 4 + 8 + 16

// momentKey orders by instants; the day before them names the bucket.
func momentKey(m Moment, at events.Instant, id events.EventID) []byte {
	return key(rowMoment, []byte{byte(m)}, four(dayOf(at)), instant8(at), id[:])
}

// dayOf numbers days so that they order as instants do, before the first date,
// too.
func dayOf(at events.Instant) uint32 {
	const day = 86_400_000_000
	n := int64(at) / day
	if int64(at)%day < 0 {
		n--
	}
	return uint32(n) ^ 1<<31
}

// systemKey orders the tasks of a system by the day on which they were planned.
func (t *Task) systemKey() []byte {
	return append(append(systemPrefix(t.System), four(dayOf(t.Planned))...), t.ID[:]...)
}

// indexKeys are the rows by which an unended task is found.
func (t *Task) indexKeys() (out [][]byte) {
	if t.Ended() {
		return nil
	}
	if t.System != "" {
		out = append(out, t.systemKey())
	}
	for m := Moment(1); m <= moments; m++ {
		if at, ok := t.at(m); ok {
			out = append(out, momentKey(m, at, t.ID))
		}
	}
	return out
}

func appendTask(b []byte, t *Task, s events.Symbols) []byte {
	b = append(b, t.Case[:]...)
	b = binary.AppendUvarint(b, uint64(t.Version))
	for _, c := range [...]events.Code{t.System, t.Recipient, t.Verb, t.State, t.Detail} {
		b = appendCode(b, c, s)
	}
	b = binary.AppendUvarint(b, uint64(t.ActBefore))
	for _, at := range [...]events.Instant{t.NotBefore, t.Lease, t.Planned, t.Touched} {
		b = binary.AppendVarint(b, int64(at))
	}
	b = binary.AppendUvarint(b, uint64(t.Attempts))
	b = appendPosition(appendPosition(b, t.First), t.Place)
	b = append(append(b, t.Body[:]...), t.Note[:]...)
	if t.Simulated {
		return append(b, 1)
	}
	return append(b, 0)
}

func parseTask(n events.Names, k, v []byte) (*Task, error) {
	c := cursor{b: v, n: n}
	if len(k) != 18 || k[0] != Family || k[1] != rowTask {
		c.err = errKey
		return nil, c.end("a task")
	}
	t := &Task{ID: events.EventID(k[2:]), Case: c.id(), Version: c.number()}
	for _, p := range [...]*events.Code{&t.System, &t.Recipient, &t.Verb, &t.State, &t.Detail} {
		*p = c.code()
	}
	t.ActBefore = c.date()
	for _, p := range [...]*events.Instant{&t.NotBefore, &t.Lease, &t.Planned, &t.Touched} {
		*p = c.instant()
	}
	t.Attempts, t.First, t.Place, t.Body, t.Note = c.number(), c.position(), c.position(), c.id(), c.id()
	t.Simulated = c.uvarint(1) != 0
	if c.err == nil && (t.ID.IsZero() || t.Case.IsZero() || t.Version == 0 || t.State == "") {
		c.err = errForm
	}
	return t, c.end("a task")
}
