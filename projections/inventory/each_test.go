package inventory_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// Each tells of every row what Rows does, and one number stands for one body.
func TestEachLikeRows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := projectionstest.NewMemory()
		for _, x := range projectionstest.DrawHistory(rt, 40) {
			if err := m.Apply(x.Recorded, x.Event); err != nil {
				rt.Fatal(err)
			}
		}
		bodies := map[uint64][]events.Category{}
		var want []inventory.Row
		n := 0
		err := inventory.Each(m, func(row *inventory.Row, body uint64) error {
			if n == len(want) {
				rows, err := inventory.Rows(m, row.Handle)
				if err != nil {
					return err
				}
				want, n = rows, 0
			}
			w := &want[n]
			n++
			same := slices.EqualFunc(row.Obs, w.Obs, func(a, b inventory.Obs) bool {
				return a.Time == b.Time && a.Recorded == b.Recorded && a.Position == b.Position && a.Catalogue == b.Catalogue && a.ID == b.ID
			})
			e, o := row.Event, w.Event
			if !same || row.Handle != w.Handle || row.Month != w.Month || row.More != w.More || row.Days != w.Days ||
				!slices.Equal(row.Categories, w.Categories) || e.Kind != o.Kind || e.Source != o.Source || e.Item != o.Item || e.Recipient != o.Recipient ||
				e.Activity != o.Activity || e.Date != o.Date || e.RecordDate != o.RecordDate {
				rt.Fatalf("row %d of %x: %+v %+v, want %+v %+v", n, row.Handle, *row, *e, *w, *o)
			}
			if old, ok := bodies[body]; ok && !slices.Equal(old, row.Categories) {
				rt.Fatalf("body %x stands for two lists of categories", body)
			}
			bodies[body] = slices.Clone(row.Categories)
			return nil
		})
		if err != nil || n != len(want) {
			rt.Fatal(err, n, len(want))
		}
	})
}
