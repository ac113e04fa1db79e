package index

import (
	"encoding/binary"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// Purpose says what a slot holds.
type Purpose uint8

// Purposes are part of the disk form.
const (
	Entry       Purpose = 1
	Note        Purpose = 2
	Suppression Purpose = 3
)

// State of an entry. Part of the disk form.
type State uint8

const (
	// Live: look-ups find it.
	Live State = 0
	// Retired: an erasure was approved; only its tasks reveal it.
	Retired State = 1
	// Swept: nothing lived under it any more; still found, and the next
	// observation revives it.
	Swept State = 2
)

func (s State) String() string {
	switch s {
	case Live:
		return "live"
	case Retired:
		return "retired"
	case Swept:
		return "swept"
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// A Slot is what the index knows of one slot. Kind and system are codes that
// the events carry too; what is personal stands in Sealed.
type Slot struct {
	Purpose   Purpose
	State     State
	Parts     uint16
	Allocated events.Instant
	Changed   events.Instant // of the state
	ID        [16]byte       // handle or note id
	System    events.Code
	Kind      events.Code
	Sealed    []byte // as in the log; part 0 of a note
}

func encodeSlot(s *Slot) []byte {
	b := make([]byte, 0, 48+len(s.System)+len(s.Kind)+len(s.Sealed))
	b = append(b, formVersion, byte(s.Purpose), byte(s.State))
	b = binary.BigEndian.AppendUint16(b, s.Parts)
	b = binary.BigEndian.AppendUint64(b, uint64(s.Allocated))
	b = binary.BigEndian.AppendUint64(b, uint64(s.Changed))
	b = append(b, s.ID[:]...)
	b = append(append(b, byte(len(s.System))), s.System...)
	b = append(append(b, byte(len(s.Kind))), s.Kind...)
	return append(b, s.Sealed...)
}

func decodeSlot(b []byte) (*Slot, error) {
	const fixed = 3 + 2 + 8 + 8 + 16
	if len(b) < fixed+2 || b[0] != formVersion || b[1] < 1 || b[1] > 3 || b[2] > 2 {
		return nil, fmt.Errorf("row of %d bytes is not of a form known here", len(b))
	}
	s := &Slot{Purpose: Purpose(b[1]), State: State(b[2]), Parts: binary.BigEndian.Uint16(b[3:])}
	s.Allocated = events.Instant(binary.BigEndian.Uint64(b[5:]))
	s.Changed = events.Instant(binary.BigEndian.Uint64(b[13:]))
	copy(s.ID[:], b[21:])
	b = b[fixed:]
	for _, c := range []*events.Code{&s.System, &s.Kind} {
		if len(b) == 0 || int(b[0]) >= len(b)+1 || len(b) < 1+int(b[0]) {
			return nil, fmt.Errorf("row ends too early")
		}
		*c = events.Code(b[1 : 1+int(b[0])])
		b = b[1+int(b[0]):]
	}
	s.Sealed = b
	return s, nil
}

func encodeMeta(m *Meta) []byte {
	b := append([]byte{formVersion}, m.Vault[:]...)
	for _, v := range []uint64{m.Seq, m.StateSeq, m.Table, m.Ledger, m.NextSlot, m.Counts.Rows, m.Counts.Entries, m.Counts.Retired,
		m.Counts.Notes, m.Counts.Suppressions, m.Counts.Forgotten} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	return append(b, m.State...)
}

func decodeMeta(b []byte) (Meta, error) {
	var m Meta
	const size = 1 + 16 + 11*8
	if len(b) < size || b[0] != formVersion {
		return m, fmt.Errorf("read index: its own description of %d bytes is not of a form known here", len(b))
	}
	copy(m.Vault[:], b[1:])
	for i, p := range []*uint64{&m.Seq, &m.StateSeq, &m.Table, &m.Ledger, &m.NextSlot, &m.Counts.Rows, &m.Counts.Entries, &m.Counts.Retired,
		&m.Counts.Notes, &m.Counts.Suppressions, &m.Counts.Forgotten} {
		*p = binary.BigEndian.Uint64(b[17+8*i:])
	}
	m.State = append([]byte(nil), b[size:]...)
	return m, nil
}
