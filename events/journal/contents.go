package journal

import (
	"hash/maphash"

	"github.com/habeas-data/habeas/events"
)

// seed makes the digests of contents those of this process: they never leave it.
var seed = maphash.MakeSeed()

// codes stands in for the table of a frame: a code is its own digest, so that
// equal events have equal forms in any frame.
type codes struct{}

func (codes) Symbol(c events.Code) uint64 { return maphash.String(seed, string(c))>>36 | 1 }

// sumsOf digests what each event says, leaving out its id and its flags, which
// the gateway sets by what it knows at the time. Never zero.
func sumsOf(evs []*events.Event) []uint32 {
	sums := make([]uint32, len(evs))
	b := make([]byte, 0, 512)
	var said events.Event
	for i, e := range evs {
		said = *e
		said.ID, said.Flags = events.EventID{}, 0
		b = events.AppendEvent(b[:0], &said, codes{})
		sums[i] = uint32(maphash.Bytes(seed, b)) | 1
	}
	return sums
}
