package casebook

import (
	"encoding/binary"
	"math"

	"github.com/habeas-data/habeas/events"
)

// A Head is what lists show of a case: a function of its facts.
type Head struct {
	ID events.EventID
	// Number counts the cases in the order in which they were opened, from 1 on.
	Number uint32
	// Version is that of the last fact that counts.
	Version uint32
	Rights  []events.Code // as on the first fact

	Received events.Date
	Due      events.Date // as of the last fact; absent: the clock does not run, or has ended
	Answered events.Date // as of the last fact; absent: not, or not everything
	Closed   events.Date // absent where tasks came up after it was closed

	Opened  events.Instant // when the first fact was recorded
	Touched events.Instant // when the last was
	// Place is the position of the last fact.
	Place  events.Position
	Last   events.Code // the act of the last fact
	LastOn events.Date // its day

	Acts   Acts   // seen so far
	Others uint32 // facts whose act this package does not know
	// Simulated: a fact was stamped by a clock that was set by hand.
	Simulated bool
	// Tasks counts them by state.
	Tasks Tally

	status Status
}

// Status is where the case stands.
func (h *Head) Status() Status { return h.status }

// Class tells which list by due date the case stands in.
func (h *Head) Class() Class { return h.Status().Class() }

// take changes the head by a fact that counts.
func (h *Head) take(r *events.Recorded) {
	h.Version, h.Due, h.Answered, h.Touched, h.Place, h.Last, h.LastOn = r.Count, r.Review, r.To, r.At, r.Position, r.Why, r.Date
	h.Simulated = h.Simulated || r.Flags&events.Simulated != 0
	if i := actIndex(r.Why); i >= 0 {
		h.Acts |= 1 << i
	} else {
		h.Others++
	}
	h.status, _ = ParseStatus(string(r.Condition))
	switch {
	case h.status != Closed:
		h.Closed = 0
	case h.Closed == 0:
		h.Closed = max(r.Date, r.To) // of one that was answered before it was opened: the day of that
	}
}

func caseKey(id events.EventID) []byte { return key(rowCase, id[:]) }
func headKey(number uint32) []byte     { return key(rowHead, four(^number)) }
func factKey(id events.EventID, version uint32) []byte {
	return key(rowFact, id[:], four(version))
}

// noDue stands in keys for a case that is not due: after all that are.
const noDue = math.MaxUint32

// dueKey is the row that lists by due date are read from.
func (h *Head) dueKey() []byte {
	due := uint32(h.Due)
	if h.Due == 0 {
		due = noDue
	}
	return key(rowDue, []byte{byte(h.status)}, four(due), four(h.Number))
}

// indexKeys are the rows by which lists find a case.
func (h *Head) indexKeys() [][]byte {
	return [][]byte{h.dueKey(), statusKey(h.status, h.Number)}
}

func statusKey(s Status, number uint32) []byte {
	return key(rowStatus, []byte{byte(s)}, four(^number))
}

const headSimulated = 1

func appendHead(b []byte, h *Head, s events.Symbols) []byte {
	b = append(b, h.ID[:]...)
	b = binary.AppendUvarint(b, uint64(h.Version))
	b = binary.AppendUvarint(b, uint64(len(h.Rights)))
	for _, c := range h.Rights {
		b = appendCode(b, c, s)
	}
	for _, d := range [...]events.Date{h.Received, h.Due, h.Answered, h.Closed, h.LastOn} {
		b = binary.AppendUvarint(b, uint64(d))
	}
	b = binary.AppendVarint(b, int64(h.Opened))
	b = binary.AppendVarint(b, int64(h.Touched))
	b = appendPosition(b, h.Place)
	b = appendCode(b, h.Last, s)
	b = binary.AppendUvarint(b, uint64(h.Acts))
	b = binary.AppendUvarint(b, uint64(h.Others))
	flags := byte(0)
	if h.Simulated {
		flags = headSimulated
	}
	return append(b, flags, byte(h.status))
}

// parseHead reads a head without its tally of tasks.
func parseHead(n events.Names, k, v []byte) (*Head, error) {
	c := cursor{b: v, n: n}
	if len(k) != 6 || k[0] != Family || k[1] != rowHead {
		c.err = errKey
		return nil, c.end("a case")
	}
	h := &Head{Number: ^binary.BigEndian.Uint32(k[2:]), ID: c.id(), Version: c.number()}
	for range c.uvarint(events.MaxCategories) {
		h.Rights = append(h.Rights, c.code())
	}
	for _, d := range [...]*events.Date{&h.Received, &h.Due, &h.Answered, &h.Closed, &h.LastOn} {
		*d = c.date()
	}
	h.Opened, h.Touched, h.Place = c.instant(), c.instant(), c.position()
	h.Last, h.Acts, h.Others = c.code(), Acts(c.uvarint(allActs)), c.number()
	flags := c.uvarint(headSimulated)
	h.Simulated, h.status = flags != 0, Status(c.uvarint(uint64(Closed)))
	if c.err == nil && (h.ID.IsZero() || h.Number == 0 || h.Version == 0 || h.Last == "" || hasEmpty(h.Rights)) {
		c.err = errForm
	}
	return h, c.end("a case")
}

func hasEmpty(list []events.Code) bool {
	for _, c := range list {
		if c == "" {
			return true
		}
	}
	return false
}
