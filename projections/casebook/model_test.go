package casebook_test

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// drawFacts draws a history of cases and tasks alone.
func drawFacts(t *rapid.T, most int) (out []projectionstest.Told) {
	now := start
	for i := range rapid.IntRange(1, most).Draw(t, "facts") {
		now += events.Instant(rapid.IntRange(1, 30).Draw(t, "hours")) * day / 24
		e := projectionstest.DrawCaseFact(t, out, fmt.Sprint("drawn", i), now)
		out = append(out, projectionstest.Told{Event: e, Recorded: now, Position: events.Position{Generation: 1, Seq: uint64(i + 1)}})
	}
	return out
}

// counted is the rule of versions said once more: the facts that count, by case
// and by task, in order.
func counted(told []projectionstest.Told) map[events.EventID][]projectionstest.Told {
	out := map[events.EventID][]projectionstest.Told{}
	for _, x := range told {
		of := x.Of
		if x.Kind == events.TaskRecorded {
			of = x.Digest
		}
		have := out[of]
		switch {
		case int(x.Count) != len(have)+1,
			x.Kind == events.CaseRecorded && x.Count == 1 && x.Why != "opened",
			x.Kind == events.TaskRecorded && len(have) > 0 && have[0].Of != x.Of:
			continue
		}
		out[of] = append(have, x)
	}
	return out
}

// I4: facts, heads, tasks and counts are those of the naive rule, whatever the
// writers did, and every row fits every other.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := projectionstest.NewMemory()
		told := drawFacts(rt, 60)
		for _, x := range told {
			if err := m.Apply(x.Recorded, x.Event); err != nil || m.Refused > 0 {
				rt.Fatalf("%d refused, %v", m.Refused, err)
			}
		}
		if err := whole(m); err != nil {
			rt.Fatal(err)
		}
		var totals casebook.Totals
		for of, facts := range counted(told) {
			list, err := casebook.Facts(m, of)
			if facts[0].Kind == events.TaskRecorded {
				list, err = casebook.TaskFacts(m, of)
				if last := facts[len(facts)-1]; last.Evidence != "abandoned" {
					totals.Tasks[state(last.Why)]++
				}
				sameTask(rt, m, of, facts)
			} else {
				h, err := casebook.Case(m, of)
				if err != nil || int(h.Version) != len(facts) || h.Due != facts[len(facts)-1].Review || h.Touched != facts[len(facts)-1].Recorded ||
					!statusIs(h, facts[len(facts)-1].Condition) {
					rt.Fatalf("%+v, %v", h, err)
				}
				totals.Cases++
				totals.Statuses[h.Status()]++
			}
			if err != nil || len(list) != len(facts) {
				rt.Fatalf("%d facts of %d, %v", len(list), len(facts), err)
			}
			for i := range list {
				if list[i].Event.ID != facts[i].ID || list[i].Position != facts[i].Position || list[i].Recorded != facts[i].Recorded {
					rt.Fatalf("version %d is of another fact", i+1)
				}
			}
		}
		if got, err := casebook.Counts(m); err != nil || *got != totals {
			rt.Fatalf("%+v, want %+v, %v", got, totals, err)
		}
	})
}

func statusIs(h *casebook.Head, word events.Code) bool {
	return h.Status().String() == string(word) || h.Status() == casebook.Unnamed && (word == "" || word == "hummed")
}

func state(s events.Code) int { return slices.Index(casebook.States(), s) + 1 }

func sameTask(t *rapid.T, m *projectionstest.Memory, of events.EventID, facts []projectionstest.Told) {
	got, err := casebook.TaskOf(m, of)
	if err != nil {
		t.Fatal(err)
	}
	last, attempts := facts[len(facts)-1], uint32(0)
	for _, f := range facts {
		if f.Why == "sent" {
			attempts++
		}
	}
	if got.State != last.Why || got.Lease != last.Through || got.NotBefore != last.Since || got.ActBefore != last.Date || got.Attempts != attempts ||
		got.System != facts[0].ScopeSystem || got.Recipient != facts[0].Recipient.Code || got.Body != facts[0].Note || got.First != facts[0].Position {
		t.Fatalf("%+v, last %+v", got, last.Event)
	}
}

// heads are those of all cases, the naive way.
func heads(t *rapid.T, m *projectionstest.Memory) (out []casebook.Head) {
	totals, err := casebook.Counts(m)
	if err != nil {
		t.Fatal(err)
	}
	for n := range totals.Cases {
		h, err := casebook.CaseByNumber(m, n+1)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, *h)
	}
	return out
}

// many is a book of many cases with drawn heads.
func many(t *rapid.T) *projectionstest.Memory {
	m := projectionstest.NewMemory()
	for i := range rapid.IntRange(1, 25).Draw(t, "cases") {
		acts := append([]events.Code{"opened"}, rapid.SliceOfN(rapid.SampledFrom(projectionstest.CaseActs[2:]), 0, 4).Draw(t, "acts")...)
		rights := rapid.SampledFrom([][]events.Code{{"access"}, {"erasure", "access"}, {"erasure"}, nil}).Draw(t, "rights")
		for v, act := range acts {
			e := &events.Event{ID: id(fmt.Sprint(i, "/", v)), Kind: events.CaseRecorded, Source: "habeas", Time: start, Of: id(fmt.Sprint(i)), Count: uint32(v + 1),
				Why: act, Condition: rapid.SampledFrom(projectionstest.CaseStatuses).Draw(t, "status"), Date: start.Day() + drawDay(t), Channels: rights, Review: drawDue(t)}
			if v > 0 {
				e.Channels = nil
			}
			if err := m.Apply(start, e); err != nil || m.Refused > 0 {
				t.Fatal(err, m.Refused)
			}
		}
	}
	return m
}

func drawDay(t *rapid.T) events.Date { return events.Date(rapid.IntRange(0, 5).Draw(t, "day")) }

// drawDue is often absent.
func drawDue(t *rapid.T) events.Date {
	if d := drawDay(t); d > 1 {
		return start.Day() + d
	}
	return 0
}

func drawFilter(t *rapid.T) (f casebook.Filter) {
	maybe := func(what string) bool { return rapid.IntRange(0, 2).Draw(t, what) == 0 }
	f.Live = maybe("live")
	if maybe("statuses") {
		f.Statuses = rapid.SliceOfN(rapid.SampledFrom(casebook.Statuses()), 1, 3).Draw(t, "of")
	}
	if maybe("right") {
		f.Right = rapid.SampledFrom([]events.Code{"access", "erasure", "portability"}).Draw(t, "which")
	}
	if maybe("done") {
		f.Done = []events.Code{rapid.SampledFrom(projectionstest.CaseActs).Draw(t, "act")}
	}
	if maybe("missing") {
		f.Missing = []events.Code{rapid.SampledFrom(projectionstest.CaseActs).Draw(t, "act")}
	}
	for _, d := range []*events.Date{&f.DueFrom, &f.DueTo, &f.ReceivedFrom, &f.ReceivedTo} {
		if maybe("bound") {
			*d = start.Day() + drawDay(t)
		}
	}
	return f
}

// naive is the filter said once more, over heads alone.
func naive(f casebook.Filter, h *casebook.Head) bool {
	if f.Live && slices.Contains([]casebook.Status{casebook.Withdrawn, casebook.Duplicate, casebook.Closed}, h.Status()) {
		return false
	}
	if len(f.Statuses) > 0 && !slices.Contains(f.Statuses, h.Status()) || f.Right != "" && !slices.Contains(h.Rights, f.Right) {
		return false
	}
	known := h.Acts.List()
	for _, a := range f.Done {
		if !slices.Contains(known, a) {
			return false
		}
	}
	for _, a := range f.Missing {
		if slices.Contains(known, a) {
			return false
		}
	}
	for _, x := range [][3]events.Date{{h.Due, f.DueFrom, f.DueTo}, {h.Received, f.ReceivedFrom, f.ReceivedTo}} {
		if x[1] != 0 && (x[0] == 0 || x[0] < x[1]) || x[2] != 0 && (x[0] == 0 || x[0] > x[2]) {
			return false
		}
	}
	return true
}

// A list is the heads that its filter lets through, in its order, however it is
// cut into pages.
func TestListModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m, f := many(rt), drawFilter(rt)
		order := rapid.SampledFrom([]casebook.Order{casebook.Newest, casebook.ByDue}).Draw(rt, "order")
		var want []uint32
		list := heads(rt, m)
		slices.SortFunc(list, func(a, b casebook.Head) int {
			if order == casebook.Newest {
				return cmp.Compare(b.Number, a.Number)
			}
			return cmp.Or(cmp.Compare(a.Class(), b.Class()), cmp.Compare(uint32(a.Due-1), uint32(b.Due-1)), cmp.Compare(a.Number, b.Number))
		})
		for i := range list {
			if naive(f, &list[i]) {
				want = append(want, list[i].Number)
			}
		}
		var got []uint32
		for from, n := "", 0; n == 0 || from != ""; n++ {
			most := rapid.IntRange(1, 6).Draw(rt, "page")
			page, err := casebook.List(m, f, order, from, most)
			if err != nil || n > len(list) || len(page.Cases) > most || page.Next != "" && len(page.Cases) < most {
				rt.Fatalf("a page of %d for %d, next %q: %v", len(page.Cases), most, page.Next, err)
			}
			for i := range page.Cases {
				got = append(got, page.Cases[i].Number)
			}
			from = page.Next
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("%+v in order %d: %v, want %v", f, order, got, want)
		}
		overdue := 0
		today := start.Day() + drawDay(rt)
		for i := range list {
			if list[i].Class() == casebook.ToAnswer && list[i].Due != 0 && list[i].Due < today {
				overdue++
			}
		}
		if n, err := casebook.CountOverdue(m, today); err != nil || n != overdue {
			rt.Fatalf("%d overdue, want %d, %v", n, overdue, err)
		}
	})
}

// Lists are whole however many buckets they stand in, and whatever part of them is
// asked for.
func TestManyBuckets(t *testing.T) {
	s := newScript(t)
	const n = 3*64 + 5
	for i := range n {
		name := fmt.Sprint("case ", i)
		s.act(name, 1, "opened", 1+i)
		s.task(name, name, 1, "planned", "crm", func(e *events.Event) { e.Date = start.Day() + events.Date(i) })
		if i%2 == 1 {
			s.act(name, 2, "closed/closed", 1+i)
			s.task(name, name, 2, "verified", "crm")
		}
	}
	page, err := casebook.List(s.m, casebook.Filter{Live: true}, casebook.ByDue, "", n)
	if err != nil || len(page.Cases) != n/2+1 || page.Next != "" {
		t.Fatalf("%d cases, %v", len(page.Cases), err)
	}
	due, err := casebook.TasksDue(s.m, casebook.MustHaveRun, start+n*day, nil, n)
	if err != nil || len(due) != n/2+1 {
		t.Fatalf("%d tasks, %v", len(due), err)
	}
	for i, want := range map[events.Date]int{1: 0, 2: 1, 100: 50, 190: 95, 500: n/2 + 1} {
		if late, err := casebook.CountOverdue(s.m, start.Day()+i); err != nil || late != want {
			t.Errorf("%d late on day %d, want %d, %v", late, i, want, err)
		}
		if late, err := casebook.CountDue(s.m, casebook.MustHaveRun, events.InstantOf((start.Day() + i - 1).Time())); err != nil || late != want {
			t.Errorf("%d tasks late on day %d, want %d, %v", late, i, want, err)
		}
	}
	if err := whole(s.m); err != nil {
		t.Error(err)
	}
}

func TestCursorOfAnotherList(t *testing.T) {
	s := story(t)
	s.act("second", 1, "opened", 10)
	page, err := casebook.List(s.m, casebook.Filter{}, casebook.Newest, "", 1)
	if err != nil || page.Next == "" {
		t.Fatal(page, err)
	}
	for _, from := range []string{page.Next, "x", "50", page.Next[:6], page.Next + "00"} {
		if _, err := casebook.List(s.m, casebook.Filter{}, casebook.ByDue, from, 1); err == nil {
			t.Errorf("%q is taken", from)
		}
	}
}

// What is due and what a system has open are those of the tasks, the naive way.
func TestTasksModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := projectionstest.NewMemory()
		var all []casebook.Task
		told := drawFacts(rt, 60)
		for _, x := range told {
			if err := m.Apply(x.Recorded, x.Event); err != nil {
				rt.Fatal(err)
			}
		}
		of := map[events.EventID]int{}
		for k := range counted(told) {
			if x, err := casebook.TaskOf(m, k); err == nil {
				all = append(all, *x)
				of[x.Case]++
			}
		}
		slices.SortFunc(all, func(a, b casebook.Task) int {
			return cmp.Or(cmp.Compare(a.Planned.Day(), b.Planned.Day()), bytes.Compare(a.ID[:], b.ID[:]))
		})
		for c, n := range of {
			list, err := casebook.TasksOf(m, c)
			if err != nil || len(list) != n || !slices.IsSortedFunc(list, func(a, b casebook.Task) int { return a.First.Compare(b.First) }) {
				rt.Fatalf("%d tasks of a case, want %d, %v", len(list), n, err)
			}
		}
		open := map[events.Code][]events.EventID{}
		for i := range all {
			if x := &all[i]; !x.Ended() && x.System != "" {
				open[x.System] = append(open[x.System], x.ID)
			}
		}
		if systems, err := casebook.Systems(m); err != nil || !slices.Equal(slices.Sorted(slices.Values(systems)), slices.Sorted(maps.Keys(open))) {
			rt.Fatalf("systems %v, want those of %v, %v", systems, open, err)
		}
		most := rapid.IntRange(1, 4).Draw(rt, "page")
		for system, want := range open {
			var got []events.EventID
			for after, more := (events.EventID{}), true; more; {
				list, err := casebook.OpenTasks(m, system, after, most)
				if err != nil || len(list) > most {
					rt.Fatal(len(list), err)
				}
				for i := range list {
					after = list[i].ID
					got = append(got, after)
				}
				more = len(list) == most
			}
			if !slices.Equal(got, want) {
				rt.Fatalf("%s has %d open, want %d", system, len(got), len(want))
			}
		}
		before := start + events.Instant(rapid.IntRange(0, 40).Draw(rt, "before"))*day
		sameMoments(rt, m, all, before, most)
	})
}

func sameMoments(t *rapid.T, m *projectionstest.Memory, all []casebook.Task, before events.Instant, most int) {
	for moment, at := range map[casebook.Moment]func(*casebook.Task) events.Instant{
		casebook.LeaseEnds:   func(x *casebook.Task) events.Instant { return x.Lease },
		casebook.MayBegin:    func(x *casebook.Task) events.Instant { return x.NotBefore },
		casebook.MustHaveRun: func(x *casebook.Task) events.Instant { return events.Instant(x.ActBefore.Time().UnixMicro()) },
	} {
		var want []casebook.Due
		for i := range all {
			none := moment == casebook.MustHaveRun && all[i].ActBefore == 0
			if when := at(&all[i]); !all[i].Ended() && when != 0 && when < before && !none {
				want = append(want, casebook.Due{Task: all[i], At: when})
			}
		}
		slices.SortFunc(want, func(a, b casebook.Due) int {
			return cmp.Or(cmp.Compare(a.At, b.At), bytes.Compare(a.Task.ID[:], b.Task.ID[:]))
		})
		var got []casebook.Due
		for more := true; more; {
			var last *casebook.Due
			if len(got) > 0 {
				last = &got[len(got)-1]
			}
			page, err := casebook.TasksDue(m, moment, before, last, most)
			if err != nil || len(page) > most {
				t.Fatal(len(page), err)
			}
			got, more = append(got, page...), len(page) == most
		}
		if !slices.Equal(got, want) {
			t.Fatalf("moment %d before %s: %d tasks, want %d", moment, before, len(got), len(want))
		}
		if n, err := casebook.CountDue(m, moment, before); err != nil || n != len(want) {
			t.Fatal(n, err)
		}
	}
}

// A fact that says too little, or of a person, is refused before anything of it
// is written.
func TestRefused(t *testing.T) {
	for name, spoil := range map[string]func(*events.Event){
		"a handle": func(e *events.Event) {
			e.Subject = []events.Ref{{Handle: projectionstest.HandleOf("crm", "c1"), Kind: "crm.id"}}
		},
		"no version":     func(e *events.Event) { e.Count = 0 },
		"no case":        func(e *events.Event) { e.Of = events.EventID{} },
		"another source": func(e *events.Event) { e.Source = "crm" },
	} {
		m := projectionstest.NewMemory()
		e := &events.Event{ID: id("fact"), Kind: events.CaseRecorded, Source: "habeas", Time: start, Of: id("case"), Count: 1, Why: "opened"}
		spoil(e)
		if err := m.Apply(start, e); err != nil || m.Refused != 1 || len(m.Rows) != 0 {
			t.Errorf("%s: %d refused, %d rows, %v", name, m.Refused, len(m.Rows), err)
		}
	}
}
