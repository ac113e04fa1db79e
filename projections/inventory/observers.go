package inventory

import (
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// Observers lists the handles whose rows keep one of some events. It reads every
// row of the map: nothing else knows whom an event was about.
func Observers(r Scanner, ids map[Mark]struct{}) ([]events.Handle, error) {
	var out []events.Handle
	var head header
	err := r.Scan([]byte{FamilyEvent}, nil, func(k, v []byte) error {
		h, err := keyHandle(k)
		if err != nil {
			return fmt.Errorf("read event row, key of %d bytes: %w", len(k), err)
		}
		if n := len(out); n > 0 && out[n-1] == h {
			return nil
		}
		if _, err := parseRow(v, 0, &head, nil); err != nil {
			return err
		}
		for i := range head.n {
			if _, ok := ids[head.obs[i].ID]; ok {
				out = append(out, h)
				break
			}
		}
		return nil
	})
	return out, err
}
