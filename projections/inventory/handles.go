package inventory

import "github.com/habeas-data/habeas/events"

// Handles calls fn once for each handle that has rows of its own, in the order
// of handles.
func Handles(r Scanner, fn func(events.Handle) error) error {
	var last events.Handle
	return r.Scan([]byte{FamilyEvent}, nil, func(k, _ []byte) error {
		h := events.Handle(k[1:17])
		if h == last {
			return nil
		}
		last = h
		return fn(h)
	})
}
