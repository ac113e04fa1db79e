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
		if len(k) < eventKeyHead+2 {
			return fmt.Errorf("read event row, key of %d bytes: too short", len(k))
		}
		if n := len(out); n > 0 && out[n-1] == events.Handle(k[1:17]) {
			return nil
		}
		if _, err := parseRow(v, uint16(k[len(k)-2])<<8|uint16(k[len(k)-1]), &head); err != nil {
			return err
		}
		for i := range head.n {
			if _, ok := ids[head.obs[i].ID]; ok {
				out = append(out, events.Handle(k[1:17]))
				break
			}
		}
		return nil
	})
	return out, err
}
