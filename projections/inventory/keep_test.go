package inventory_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// What Rows and Fold answer stays as it is while others are read and folded, one
// after the other and at the same time: room is used again, answers are not. People
// of few rows and of many take turns.
func TestAnswersKeep(t *testing.T) {
	w, mem := projectionstest.NewWorld(), projectionstest.NewMemory()
	var who []events.Handle
	for p := range 12 {
		id := fmt.Sprintf("c%d", p)
		who = append(who, projectionstest.HandleOf("crm", id))
		for i := range []int{1, 9, 60, 300}[p%4] {
			e := w.Stored("crm", id, fmt.Sprintf("a%d", i%40), events.Code(fmt.Sprintf("c%d", i%17)), events.Code(fmt.Sprintf("c%d", p)))
			e.Subject = append(e.Subject, events.Ref{Handle: projectionstest.HandleOf("crm", id+"@"), Kind: "email"})
			switch i % 5 {
			case 1:
				e.Kind, e.Recipient.Code = events.RecordShared, events.Code(fmt.Sprintf("r%d", i%3))
			case 2:
				e.Kind, e.Recipient.Code, e.Activity.Code = events.RecordShared, "elsewhere", "none"
			case 3:
				e.RecordDate = events.Date(18_000 + i)
			}
			if err := mem.Apply(w.Now(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	read := func(p int) ([]inventory.Row, *inventory.Folded) {
		rows, err := inventory.Rows(mem, who[p], who[(p+5)%len(who)], who[p])
		if err != nil {
			t.Error(err)
		}
		return rows, inventory.Fold(rows, inventory.Query{})
	}
	write := func(rows []inventory.Row, f *inventory.Folded) (out []string) {
		for i := range rows {
			r := &rows[i]
			out = append(out, fmt.Sprint(r.Handle, r.Month, r.Obs, r.More, r.Days, r.Others, *r.Event, r.Categories))
		}
		for _, h := range f.Holdings {
			out = append(out, fmt.Sprint(h.Key, h.State, h.First, h.Last, h.RecordDates, h.Position))
			for _, d := range h.Disclosures {
				out = append(out, fmt.Sprint(d.Recipient, d.First, d.Last, d.Days))
			}
		}
		for _, u := range f.Unmatched {
			out = append(out, fmt.Sprint(u.Key, u.Recipient, u.First, u.Last, u.Days))
		}
		return append(out, fmt.Sprint(f.Systems, f.SubjectTypes))
	}
	var rows [][]inventory.Row
	var folded []*inventory.Folded
	var want [][]string
	for p := range who {
		r, f := read(p)
		rows, folded, want = append(rows, r), append(folded, f), append(want, write(r, f))
	}
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for p := range who {
				p = (p*5 + n) % len(who)
				if got := write(read(p)); !slices.Equal(got, want[p]) {
					t.Errorf("%d: read again, it is another", p)
				}
			}
		})
	}
	all.Wait()
	for p := range who {
		if got := write(rows[p], folded[p]); !slices.Equal(got, want[p]) {
			t.Errorf("%d: the answer changed", p)
		}
	}
}
