package inventory

import (
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// Each calls fn for every row of the map in the order of keys, with the number of
// its body as in Noted. What was taken back is not looked up. The row, and what
// its slices point to, is valid until fn returns.
func Each(r Reader, fn func(row *Row, body uint64) error) error {
	t := r.Templates()
	var head header
	var row Row
	var e, part events.Event
	return r.Scan([]byte{FamilyEvent}, nil, func(k, v []byte) error {
		x, err := parseKey(k)
		if err != nil {
			return fmt.Errorf("read event row, key of %d bytes: %w", len(k), err)
		}
		rest, err := parseRow(v, x.month, &head, t)
		if err != nil {
			return err
		}
		row = Row{Handle: x.handle, Month: x.month, Obs: head.obs[:head.n], More: head.more, Days: head.days}
		if x.shape.context == wholeBody {
			if err := events.DecodeEvent(rest, &e, r); err != nil {
				return fmt.Errorf("read event row of %d bytes: %w", len(v), err)
			}
			row.Event, row.Categories = &e, e.Categories
			return fn(&row, 0)
		}
		c, err := t.context(x.shape.context, r)
		if err != nil {
			return err
		}
		l, err := t.categoryList(x.shape.categories, r)
		if err != nil {
			return err
		}
		row.Event, row.Categories = &c.event, l.list
		if len(rest) > 0 {
			if err := events.DecodeEvent(rest, &part, r); err != nil {
				return fmt.Errorf("read event row of %d bytes: %w", len(v), err)
			}
			e = c.event
			restore(&e, &part)
			row.Event = &e
		}
		return fn(&row, x.shape.body())
	})
}

// SharedOn lists the days of a row of sharing, in order, what was taken back
// included if it was not looked up.
func SharedOn(r *Row) []events.Date { return (&Query{}).sharingDays(r) }
