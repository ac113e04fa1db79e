package identity

import (
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Living reports whether a handle still stands for something, so that the vault
// may not forget it: it has holdings, or disclosures not older than since, or
// it was seen together with a handle that has. An e-mail address lives as long
// as the customer number beside it.
//
// It errs towards living: a removal reported under another handle of the person
// does not count here.
func Living(r inventory.Reader, since events.Instant, h events.Handle) (bool, error) {
	if ok, err := inventory.Living(r, since, h); ok || err != nil {
		return ok, err
	}
	alive, n := false, 0
	err := r.Scan(prefix(FamilyLink, h), nil, func(k, _ []byte) error {
		if len(k) != 37 {
			return fmt.Errorf("read link row: key of %d bytes", len(k))
		}
		ok, err := inventory.Living(r, since, events.Handle(k[21:]))
		if err != nil {
			return err
		}
		if n++; ok || n > maxLivingLinks {
			alive = true // too many to ask each: it is in use
			return inventory.ErrStop
		}
		return nil
	})
	return alive, err
}

const maxLivingLinks = 4096
