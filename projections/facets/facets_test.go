package facets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

const day = events.Instant(24 * time.Hour / time.Microsecond)

// A thing is what the facets count: a holding, without what may change about it.
type thing struct {
	handle            events.Handle
	system, dataset   events.Code
	activity          events.Activity
	category          events.Category
	controller        events.Code
	item              uint32
	recipient, abroad events.Code
}

func (t thing) String() string {
	return fmt.Sprintf("%x %s/%s/%s/%s item %x to %s", t.handle[:2], t.system, t.dataset, t.activity, t.category, t.item, t.recipient)
}

// drawWorld draws a history in which systems also know people by a number that
// is unique everywhere, and speak under it now and then.
func drawWorld(t *rapid.T, most int) []projectionstest.Told {
	told := projectionstest.DrawHistory(t, most)
	again := map[*events.Event]*events.Event{}
	for i := range told {
		if x := again[told[i].Event]; x != nil {
			told[i].Event = x
			continue
		}
		e := *told[i].Event
		if len(e.Subject) == 0 {
			continue
		}
		e.Subject = slices.Clone(e.Subject)
		system := string(e.Source)
		number := func() events.Ref {
			n := rapid.SampledFrom([]string{"nhs1", "nhs2"}).Draw(t, "number")
			return events.Ref{Handle: projectionstest.HandleOf(system, n), Kind: "nhs_number"}
		}
		switch rapid.IntRange(0, 5).Draw(t, "by number") {
		case 0:
			e.Subject = append(e.Subject, number())
		case 1:
			e.Subject[0] = number()
		case 2:
			e.Subject[0], e.Flags = number(), 0
		}
		if e.Kind == events.RecordShared && rapid.Bool().Draw(t, "abroad") {
			e.TransferTo = "US"
		}
		again[told[i].Event], told[i].Event = &e, &e
	}
	return told
}

func play(t *rapid.T, told []projectionstest.Told) *projectionstest.Memory {
	m := projectionstest.NewMemory()
	for len(told) > 0 {
		n := min(len(told), rapid.IntRange(1, 4).Draw(t, "together"))
		var evs []*events.Event
		for _, x := range told[:n] {
			evs = append(evs, x.Event)
		}
		m.Hasty = n < len(told) && rapid.Bool().Draw(t, "no pause")
		if err := m.Apply(told[n-1].Recorded, evs...); err != nil {
			t.Fatal(err)
		}
		told = told[n:]
	}
	return m
}

// joinedBy lists h and the identifiers of its system that unique evidence joins.
func joinedBy(t *rapid.T, m *projectionstest.Memory, h events.Handle) []events.Handle {
	all := []events.Handle{h}
	for i := 0; i < len(all); i++ {
		next, err := identity.UniqueNeighbours(context.Background(), m, all[i], true)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range next {
			if !slices.Contains(all, o) {
				all = append(all, o)
			}
		}
	}
	return all
}

func handlesOf(t *rapid.T, m *projectionstest.Memory) (out []events.Handle) {
	if err := inventory.Handles(m, func(h events.Handle) error { out = append(out, h); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// people are the rows of each handle with those of the handles joined to it.
func people(t *rapid.T, m *projectionstest.Memory) map[events.Handle][]inventory.Row {
	out := make(map[events.Handle][]inventory.Row)
	for _, h := range handlesOf(t, m) {
		rows, err := inventory.Rows(m, joinedBy(t, m, h)...)
		if err != nil {
			t.Fatal(err)
		}
		out[h] = rows
	}
	return out
}

// heldAt folds everybody: the slow, plain way.
func heldAt(people map[events.Handle][]inventory.Row, q inventory.Query) map[thing]bool {
	out := make(map[thing]bool)
	for h, rows := range people {
		for _, x := range inventory.Fold(rows, q).Holdings {
			if x.Handle == h && x.State != inventory.Removed {
				out[thing{h, x.System, x.Dataset, x.Activity, x.Category, x.Controller, facets.Shorten(x.Item.Handle), "", ""}] = true
			}
		}
	}
	return out
}

func of(s *facets.Stretch) thing {
	c := s.Cell
	return thing{s.Handle, c.System, c.Dataset, c.Activity, c.Category, c.Controller, s.Item, c.Recipient, map[bool]events.Code{true: c.Country}[c.Shared]}
}

func pick(x *facets.Index, shared bool, keep func(*facets.Stretch) bool) map[thing]bool {
	out := make(map[thing]bool)
	for _, s := range x.Stretches() {
		if s.Cell.Shared == shared && keep(&s) {
			out[of(&s)] = true
		}
	}
	return out
}

func same(t *rapid.T, what string, got, want map[thing]bool) {
	for x := range want {
		if !got[x] {
			t.Fatalf("%s: %s is missing", what, x)
		}
	}
	for x := range got {
		if !want[x] {
			t.Fatalf("%s: %s should not be there", what, x)
		}
	}
}

// Whatever was told, in whatever order, the facets say the same as folding
// everybody: now, and at the end of every day.
func TestHeldLikeFolded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		told := drawWorld(rt, 40)
		m := play(rt, told)
		x, all := m.Facets(), people(rt, m)
		same(rt, "now", pick(x, false, func(s *facets.Stretch) bool { return s.To == facets.Never }), heldAt(all, inventory.Query{}))
		for d := range 40 {
			at := told[0].Time + events.Instant(d*9-100)*day
			end := at - at%day + day - 1
			today := facets.DayOf(end.Day())
			got := pick(x, false, func(s *facets.Stretch) bool { return s.From <= today && s.To > today })
			same(rt, "at the end of "+end.Day().String(), got, heldAt(all, inventory.Query{AsOf: end}))
		}
	})
}

// Held during a window: at its beginning, or stored within it.
func TestHeldDuring(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		told := drawWorld(rt, 30)
		m := play(rt, told)
		all := people(rt, m)
		from := told[0].Time.Day() + events.Date(rapid.IntRange(-90, 200).Draw(rt, "from"))
		to := from + events.Date(rapid.IntRange(1, 40).Draw(rt, "days"))
		want := heldAt(all, inventory.Query{AsOf: events.InstantOf(from.Time()) - 1})
		for h, rows := range all {
			for i := range rows {
				r := &rows[i]
				if r.Handle != h || r.Event.Kind != events.RecordStored {
					continue
				}
				for _, o := range r.Standing(inventory.Known{}) {
					if d := o.Time.Day(); d >= from && d < to {
						e := r.Event
						for _, c := range categories(r.Categories) {
							want[thing{h, e.Source, inventory.Dataset(e), e.Activity, c, e.Controller, facets.Shorten(e.Item.Handle), "", ""}] = true
						}
					}
				}
			}
		}
		people, things := map[events.Handle]bool{}, map[events.Code]int{}
		for x := range want {
			people[x.handle] = true
			things[x.category.Code]++
		}
		m.Facets().Read(func(r *facets.Reading) {
			a := r.Ask(&facets.Filter{From: from, To: to})
			if int(a.Handles.GetCardinality()) != len(people) || int(a.Holdings) != len(want) {
				rt.Fatalf("%s to %s: %d handles and %d holdings, want %d and %d", from, to, a.Handles.GetCardinality(), a.Holdings, len(people), len(want))
			}
			for _, g := range a.Categories {
				if int(g.Holdings) != things[g.Code] {
					rt.Fatalf("%s: %d holdings, want %d", g.Code, g.Holdings, things[g.Code])
				}
			}
			if a.Position != m.Position {
				rt.Fatalf("position %s, want %s", a.Position, m.Position)
			}
		})
	})
}

func categories(cs []events.Category) []events.Category {
	if len(cs) == 0 {
		return []events.Category{{}}
	}
	return cs
}

// Sharing is counted by the days on which it happened; one that names no
// category means what was held of the same kind. An event that was taken back
// does not count, unless its day cannot be told from others of its month.
func TestSharedLikeTold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		told := drawWorld(rt, 40)
		m := play(rt, told)
		sure, maybe := map[thing]bool{}, map[thing]bool{}
		on := facets.DayOf(rapid.SampledFrom(told).Draw(rt, "day of").Time.Day())
		seen := map[events.EventID]bool{}
		for _, x := range told {
			if x.Kind != events.RecordShared || facets.DayOf(x.Time.Day()) != on || seen[x.ID] {
				continue
			}
			seen[x.ID] = true
			taken := inventory.Taken(m.Retracted(inventory.MarkOf(x.ID)), inventory.Known{})
			for _, c := range meant(m, told, x.Event) {
				k := thing{x.Subject[0].Handle, x.Source, inventory.Dataset(x.Event), x.Activity, c, x.Controller,
					facets.Shorten(x.Item.Handle), x.Recipient.Code, x.TransferTo}
				maybe[k] = true
				if !taken {
					sure[k] = true
				}
			}
		}
		got := pick(m.Facets(), true, func(s *facets.Stretch) bool { return s.From == on })
		for k := range sure {
			if !got[k] {
				rt.Fatalf("%s is missing", k)
			}
		}
		for k := range got {
			if !maybe[k] {
				rt.Fatalf("%s should not be there", k)
			}
		}
	})
}

// meant lists the categories that an event of sharing means.
func meant(m *projectionstest.Memory, told []projectionstest.Told, e *events.Event) (out []events.Category) {
	if len(e.Categories) > 0 {
		return e.Categories
	}
	for _, x := range told {
		if x.Kind != events.RecordStored || x.Subject[0].Handle != e.Subject[0].Handle || x.Activity.Code != e.Activity.Code ||
			inventory.Taken(m.Retracted(inventory.MarkOf(x.ID)), inventory.Known{}) ||
			e.Activity.SubPurpose != "" && x.Activity.SubPurpose != e.Activity.SubPurpose ||
			e.Dataset != "" && inventory.Dataset(x.Event) != e.Dataset || !e.Item.IsZero() && x.Item.Handle != e.Item.Handle {
			continue
		}
		for _, c := range x.Categories {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return categories(out)
}

// I4: what is made of the rows says the same, wherever batches were cut, and goes
// on like what was never closed.
func TestLoadedLikeLive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		told := drawWorld(rt, 40)
		a, b := play(rt, told), play(rt, told)
		loaded, err := facets.Load(a, a.Position)
		if err != nil {
			rt.Fatal(err)
		}
		if x, y := digest(rt, a.Facets()), digest(rt, loaded); !bytes.Equal(x, y) {
			rt.Fatal("what was made anew differs")
		}
		if x, y := digest(rt, a.Facets()), digest(rt, b.Facets()); !bytes.Equal(x, y) {
			rt.Fatal("batches cut elsewhere give another state")
		}
	})
}

// Whoever closes the map between any two batches ends with the same facets as who
// never did.
func TestReopenedLikeLive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		told := drawWorld(rt, 40)
		live, cut := projectionstest.NewMemory(), projectionstest.NewMemory()
		for len(told) > 0 {
			n := min(len(told), rapid.IntRange(1, 4).Draw(rt, "together"))
			var evs []*events.Event
			for _, x := range told[:n] {
				evs = append(evs, x.Event)
			}
			live.Hasty = n < len(told) && rapid.Bool().Draw(rt, "no pause")
			cut.Hasty = live.Hasty
			if err := errors.Join(live.Apply(told[n-1].Recorded, evs...), cut.Apply(told[n-1].Recorded, evs...)); err != nil {
				rt.Fatal(err)
			}
			if rapid.Bool().Draw(rt, "reopen") {
				if err := cut.Reopen(); err != nil {
					rt.Fatal(err)
				}
			}
			told = told[n:]
		}
		if x, y := digest(rt, live.Facets()), digest(rt, cut.Facets()); !bytes.Equal(x, y) {
			rt.Fatal("who was closed in between differs")
		}
		for _, rows := range []map[string][]byte{live.Rows, cut.Rows} {
			maps.DeleteFunc(rows, func(k string, _ []byte) bool { return facets.Changes([]byte(k)) })
		}
		if !maps.EqualFunc(live.Rows, cut.Rows, bytes.Equal) {
			rt.Fatal("the rows of who was closed in between differ")
		}
	})
}

func digest(t *rapid.T, x *facets.Index) []byte {
	var b bytes.Buffer
	if err := x.Digest(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A crash before it was found out whose events were taken back loses none of
// them: what was put off is done by whoever opens the map next.
func TestPutOffIsNotLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		told := drawWorld(rt, 40)
		want, m := play(rt, told), projectionstest.NewMemory()
		m.Hasty = true
		for _, x := range told {
			if err := m.Apply(x.Recorded, x.Event); err != nil {
				rt.Fatal(err)
			}
		}
		loaded, err := facets.Load(m, m.Position)
		if err != nil {
			rt.Fatal(err)
		}
		if err := facets.NewApplier(loaded).Flush(m, m, m.Position, true); err != nil {
			rt.Fatal(err)
		}
		loaded.Read(func(r *facets.Reading) {
			if r.Waiting() != 0 {
				rt.Fatalf("%d events still wait", r.Waiting())
			}
		})
		if !bytes.Equal(digest(rt, loaded), digest(rt, want.Facets())) {
			rt.Fatal("what was put off was lost")
		}
	})
}

// A source may take back everything it ever sent. It is settled part by part,
// and a crash in between loses nothing.
func TestEverythingTakenBack(t *testing.T) {
	w, m := projectionstest.NewWorld(), projectionstest.NewMemory()
	const people = 1200
	var told []*events.Event
	for i := range people {
		told = append(told, w.Stored("crm", fmt.Sprint(i), "sales", "identity"))
	}
	m.Hasty = true
	apply := func(evs ...*events.Event) {
		t.Helper()
		if err := m.Apply(w.Now(), evs...); err != nil {
			t.Fatal(err)
		}
	}
	apply(told...)
	held := func(x *facets.Index) (n uint64, waiting int) {
		x.Read(func(r *facets.Reading) { n, waiting = r.Ask(&facets.Filter{}).Handles.GetCardinality(), r.Waiting() })
		return n, waiting
	}
	for _, e := range told {
		back := w.Event(events.EventRetracted, "crm")
		back.Retracts, back.RetractsSource = e.ID, "crm"
		apply(back)
	}
	if n, waiting := held(m.Facets()); n != people || waiting != people {
		t.Fatalf("%d held, %d wait before anything was settled", n, waiting)
	}
	if err := facets.NewApplier(m.Facets()).Flush(m, m, m.Position, true); err != nil { // then it crashes
		t.Fatal(err)
	}
	x, err := facets.Load(m, m.Position)
	if err != nil {
		t.Fatal(err)
	}
	if n, waiting := held(x); n != 200 || waiting != people {
		t.Fatalf("%d held, %d wait after one part", n, waiting)
	}
	for a := facets.NewApplier(x); a.Waiting(); {
		if err := a.Flush(m, m, m.Position, true); err != nil {
			t.Fatal(err)
		}
	}
	if n, waiting := held(x); n != 0 || waiting != 0 {
		t.Fatalf("%d held, %d wait in the end", n, waiting)
	}
}
