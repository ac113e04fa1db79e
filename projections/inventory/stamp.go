package inventory

import (
	"encoding/binary"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A recorded stamp is told in one of three ways, whose number stands in the two
// lowest bits. What arrives as it happens lies close after its event; what is
// sent later lies months from it, and is shorter (and for a compressor far
// plainer) as a point in time, which it shares with all that arrived with it.
const (
	stampNear  = 0 // milliseconds from the event's own, signed
	stampPoint = 1 // milliseconds since stampEpoch
	stampExact = 2 // microseconds from the event, signed: not on a millisecond

	stampTag    = 2  // bits
	stampClose  = 19 // bits of a near stamp, so that it fills three bytes at most
	microsPerMs = 1000
)

var stampEpoch = int64(events.InstantOf(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))) / microsPerMs

func zigzag(v int64) uint64   { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

// floorMs is the millisecond that t lies in.
func floorMs(t events.Instant) int64 {
	ms := int64(t) / microsPerMs
	if int64(t)%microsPerMs < 0 {
		ms--
	}
	return ms
}

// stampOf chooses the form of a stamp: its number, in the lowest bits, and value.
func stampOf(recorded, of events.Instant) uint64 {
	if recorded%microsPerMs != 0 {
		return zigzag(int64(recorded-of))<<stampTag | stampExact
	}
	ms := floorMs(recorded)
	if near := zigzag(ms - floorMs(of)); near < 1<<stampClose || ms < stampEpoch {
		return near<<stampTag | stampNear
	}
	return uint64(ms-stampEpoch)<<stampTag | stampPoint
}

// AppendStamp writes when an event of the time of was recorded: a uvarint.
func AppendStamp(b []byte, recorded, of events.Instant) []byte {
	return binary.AppendUvarint(b, stampOf(recorded, of))
}

// StampOf returns what AppendStamp wrote as v. It is false for a value that
// AppendStamp does not write.
func StampOf(v uint64, of events.Instant) (events.Instant, bool) {
	var recorded events.Instant
	switch n := v >> stampTag; v & (1<<stampTag - 1) {
	case stampNear:
		recorded = events.Instant((floorMs(of) + unzigzag(n)) * microsPerMs)
	case stampPoint:
		recorded = events.Instant((stampEpoch + int64(n)) * microsPerMs)
	case stampExact:
		recorded = of + events.Instant(unzigzag(n))
	default:
		return 0, false
	}
	return recorded, stampOf(recorded, of) == v
}
