package facets

import "github.com/habeas-data/habeas/events"

// A journal remembers the handles about which there was new evidence of
// identity lately, so that whoever counts people asks again about those alone.
type journal struct {
	handles []events.Handle
	base    uint64 // number of the first of handles
}

// joinedKept bounds the memory: whoever falls further behind begins anew.
const joinedKept = 1 << 17

func (j *journal) add(hs []events.Handle) {
	if len(j.handles)+len(hs) > joinedKept {
		j.base += uint64(len(j.handles))
		j.handles = nil
	}
	j.handles = append(j.handles, hs...)
}

// since lists what was added from a number on; not ok if it is not kept.
func (j *journal) since(n uint64) (hs []events.Handle, next uint64, ok bool) {
	next = j.base + uint64(len(j.handles))
	if n < j.base || n > next {
		return nil, next, false
	}
	return append([]events.Handle(nil), j.handles[n-j.base:]...), next, true
}
