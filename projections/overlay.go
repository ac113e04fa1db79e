package projections

import (
	"errors"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
)

// An overlay reads the rows of events and links as they will be once the batch
// being assembled is committed. No other batch may be in flight. It serves one
// flush, which writes nothing of those families.
type overlay struct {
	*reader
	f    *feed
	keys []string // of the batch, sorted; nil until first needed
}

var _ facets.Reader = (*overlay)(nil)

// Get reads through the batch.
func (o *overlay) Get(key []byte) ([]byte, bool, error) { return o.f.Get(key) }

// Retracted lists what took the event back, as of the batch.
func (o *overlay) Retracted(id inventory.Mark) []inventory.Retraction {
	return o.f.s.gone.Of(id, o.f.cur.at.position)
}

// Name returns a code by its number.
func (o *overlay) Name(n uint64) (events.Code, error) { return o.f.s.symbols.Name(n) }

// Scan merges the rows of the store with those of the batch.
func (o *overlay) Scan(prefix, start []byte, fn func(key, value []byte) error) error {
	from := string(start)
	if len(from) == 0 {
		from = string(prefix)
	}
	mine := o.under(string(prefix), from)
	if len(mine) == 0 {
		return o.reader.Scan(prefix, start, fn)
	}
	stopped := false
	own := func(k string) error {
		err := fn([]byte(k), o.f.cur.rows[k])
		stopped = errors.Is(err, inventory.ErrStop)
		return err
	}
	err := o.reader.Scan(prefix, start, func(k, v []byte) error {
		for len(mine) > 0 && mine[0] <= string(k) {
			same := mine[0] == string(k)
			if err := own(mine[0]); err != nil {
				return err
			}
			mine = mine[1:]
			if same {
				return nil // the batch has a newer one
			}
		}
		err := fn(k, v)
		stopped = errors.Is(err, inventory.ErrStop)
		return err
	})
	for ; err == nil && !stopped && len(mine) > 0; mine = mine[1:] {
		err = own(mine[0])
	}
	if errors.Is(err, inventory.ErrStop) {
		return nil
	}
	return err
}

// under lists the keys of the batch with a prefix, from a key on.
func (o *overlay) under(prefix, from string) []string {
	if o.keys == nil {
		o.keys = make([]string, 0, len(o.f.cur.rows))
		for k := range o.f.cur.rows {
			if k[0] == inventory.FamilyEvent || k[0] == identity.FamilyLink {
				o.keys = append(o.keys, k)
			}
		}
		slices.Sort(o.keys)
	}
	at, _ := slices.BinarySearch(o.keys, max(from, prefix))
	list := o.keys[at:]
	end, _ := slices.BinarySearchFunc(list, prefix, func(k, prefix string) int {
		if k < prefix || strings.HasPrefix(k, prefix) {
			return -1
		}
		return 1
	})
	return list[:end]
}
