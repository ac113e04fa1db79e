package clock_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
)

// draw makes facts of a UK access request at random, inside the published years.
func draw(r *rand.Rand) clock.Facts {
	f := clock.Facts{Regime: clock.UK, Right: clock.Access, Nation: clock.Nations[r.IntN(3)]}
	f.Received = events.DateOf(time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)) + events.Date(r.IntN(9*365))
	some := func(p float64, span int) events.Date {
		if r.Float64() > p {
			return 0
		}
		return f.Received + events.Date(r.IntN(span))
	}
	f.Identity, f.Authority, f.Fee = some(0.3, 40), some(0.1, 40), some(0.1, 20)
	for range r.IntN(4) {
		from := f.Received + events.Date(r.IntN(70))
		f.Clarifications = append(f.Clarifications, clock.Span{Asked: from, Answered: from + events.Date(r.IntN(15))})
	}
	f.Extended = r.IntN(3) == 0
	return f
}

func ask(t *testing.T, f clock.Facts) *clock.Answer {
	t.Helper()
	a, err := clock.Deadline(f, clock.Shipped(), clock.Defaults)
	if err != nil {
		t.Fatalf("%+v: %v", f, err)
	}
	if a.Horizon != clock.HorizonOK {
		t.Fatalf("%+v: left the published years", f)
	}
	return a
}

const draws = 3000

// TestModel holds the count against a second one that keeps the days off as a set
// and walks months and days with the standard library.
func TestModel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range draws {
		f := draw(r)
		a := ask(t, f)
		start := max(f.Received, f.Identity, f.Authority, f.Fee)
		length := 1
		if f.Extended {
			length = 3
		}
		due, off, _ := model(f, start, length, true)
		careful, _, end := model(f, start, length, false)
		notice, _, _ := model(f, start, 1, true)
		got := fmt.Sprint(a.Start, a.Due, a.ExcludedDays, a.Conservative, a.NoticeBy, a.Target)
		want := fmt.Sprint(start, due, off, careful, notice, back(f.Nation, end, 2))
		if got != want {
			t.Fatalf("%+v\n got %s\nwant %s\n%v", f, got, want, a.Why)
		}
	}
}

func free(n clock.Nation, d events.Date) bool {
	c, _ := clock.Shipped().Get(string(n))
	_, holiday := c.Holiday(d)
	w := d.Time().Weekday()
	return holiday || w == time.Saturday || w == time.Sunday
}

func back(n clock.Nation, d events.Date, days int) events.Date {
	for days > 0 {
		if d--; !free(n, d) {
			days--
		}
	}
	return d
}

func model(f clock.Facts, start events.Date, months int, whole bool) (due events.Date, off int, end events.Date) {
	set := map[events.Date]bool{}
	last := func() events.Date {
		t := start.Time()
		first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
		end := first
		for end.Day() < t.Day() && end.AddDate(0, 0, 1).Month() == first.Month() {
			end = end.AddDate(0, 0, 1)
		}
		return events.DateOf(end) + events.Date(len(set))
	}
	roll := func(d events.Date) events.Date {
		for free(f.Nation, d) {
			d++
		}
		return d
	}
	left := append([]clock.Span(nil), f.Clarifications...)
	for len(left) > 0 {
		first := 0
		for i := range left {
			if left[i].Asked < left[first].Asked {
				first = i
			}
		}
		c := left[first]
		left = append(left[:first], left[first+1:]...)
		if c.Asked > roll(last()) {
			continue
		}
		for d := c.Asked; d < c.Answered || whole && d == c.Answered; d++ {
			if d > start {
				set[d] = true
			}
		}
	}
	return roll(last()), len(set), last()
}

// TestProperties: what must hold of every clock, whatever happened.
func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range draws {
		f := draw(r)
		a := ask(t, f)
		due, start := a.Due.Day, a.Start.Day
		switch {
		case free(f.Nation, due) || free(f.Nation, a.Conservative.Day) || free(f.Nation, a.NoticeBy.Day):
			t.Fatalf("%+v: ends on a day off", f)
		case due <= start || start < f.Received:
			t.Fatalf("%+v: goes backwards", f)
		case a.Conservative.Day > due || a.Target.Day >= a.Conservative.Day || a.NoticeBy.Day > due:
			t.Fatalf("%+v: out of order: %+v", f, a)
		}
		without := f
		without.Clarifications = nil
		plain := ask(t, without)
		if plain.Due.Day > due || plain.Conservative.Day > a.Conservative.Day {
			t.Fatalf("%+v: a pause made it shorter", f)
		}
		if plain.ExcludedDays != 0 {
			t.Fatalf("%+v: days off without a pause", f)
		}
		shorter := without
		shorter.Extended = false
		if s := ask(t, shorter); s.Due.Day > plain.Due.Day || s.Due != plain.NoticeBy {
			t.Fatalf("%+v: the extension made it shorter, or its notice is not due within the first month", f)
		}
		r.Shuffle(len(f.Clarifications), func(i, j int) {
			f.Clarifications[i], f.Clarifications[j] = f.Clarifications[j], f.Clarifications[i]
		})
		twice := f
		twice.Clarifications = append(append([]clock.Span(nil), f.Clarifications...), f.Clarifications...)
		if ask(t, f).Due != a.Due || ask(t, twice).Due != a.Due {
			t.Fatalf("%+v: the order or the number of the same questions matters", f)
		}
		eu := f
		eu.Regime, eu.Nation = clock.EU, ""
		if e := ask(t, eu); e.ExcludedDays != 0 || e.Start.Day != f.Received {
			t.Fatalf("%+v: the Union's clock was stopped", f)
		}
	}
}

// TestMonotone: a request that came a day later is never due earlier. Every day of
// the published years, each nation, both lengths.
func TestMonotone(t *testing.T) {
	for _, n := range clock.Nations {
		for _, longer := range []bool{false, true} {
			var last events.Date
			for d := date(t, "2018-05-25"); d < date(t, "2028-09-01"); d++ {
				a := ask(t, clock.Facts{Regime: clock.UK, Right: clock.Erasure, Nation: n, Received: d, Extended: longer})
				if a.Due.Day < last {
					t.Fatalf("%s: received %s, due %s; a day before, due %s", n, d, a.Due, last)
				}
				last = a.Due.Day
				months := 1
				if longer {
					months = 3
				}
				y, m, _ := d.Time().Date()
				end := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC)
				same := time.Date(y, m+time.Month(months), min(d.Time().Day(), end.Day()), 0, 0, 0, 0, time.UTC)
				if a.Due.Day < events.DateOf(same) {
					t.Fatalf("received %s, due %s, before the same date", d, a.Due)
				}
				if !free(n, events.DateOf(same)) && a.Due.Day != events.DateOf(same) {
					t.Fatalf("received %s, due %s: %s is a working day and should be the last", d, a.Due, same)
				}
			}
		}
	}
}
