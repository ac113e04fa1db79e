package desk

import (
	"fmt"
	"sync"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// latestReports remembers what systems have reported, as of the last position that
// was asked about: every look needs all of it, and most looks find the map where
// the one before found it. The same position says the same in every build of the
// map (I4).
type latestReports struct {
	mu   sync.Mutex
	at   events.Position    // guarded by mu
	list []inventory.System // guarded by mu; what it lists is not changed
}

// systems lists what systems have reported by the view's position. The list may
// not be changed.
func (d *Desk) systems(v View) ([]inventory.System, error) {
	at := v.Position()
	r := &d.latest
	r.mu.Lock()
	list, same := r.list, r.at == at
	r.mu.Unlock()
	if list != nil && same {
		return list, nil
	}
	list, err := inventory.Systems(v)
	if err != nil {
		return nil, fmt.Errorf("read what systems reported: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.list == nil || at.Compare(r.at) > 0 {
		r.at, r.list = at, list
	}
	return list, nil
}
