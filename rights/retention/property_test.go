package retention_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

func drawDay(t *rapid.T, label string) events.Date {
	return day("1990-01-01") + events.Date(rapid.IntRange(0, 20000).Draw(t, label))
}

// A period keeps the day of the month, or takes the month's last day, never the
// next month's first. A later start never ends earlier.
func TestPeriodsClampAndRise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := drawDay(t, "from")
		p := catalogue.Period{Years: rapid.IntRange(0, 12).Draw(t, "years"), Months: rapid.IntRange(0, 30).Draw(t, "months")}
		a, b := from.Time(), p.AfterDate(from).Time()
		months := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
		last := time.Date(b.Year(), b.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		if months != p.Years*12+p.Months || b.Day() != min(a.Day(), last) {
			t.Fatalf("%s and %d years %d months is %s", from, p.Years, p.Months, events.DateOf(b))
		}
		if next := p.AfterDate(from + 1); next < p.AfterDate(from) {
			t.Fatalf("a day later ends earlier: %s", next)
		}
	})
}

// A financial year ends on or after the day, less than a year on, and rounding
// twice changes nothing.
func TestYearEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := catalogue.MonthDay{Month: time.Month(rapid.IntRange(1, 12).Draw(t, "month")), Day: rapid.IntRange(1, 28).Draw(t, "day")}
		d := drawDay(t, "day of record")
		end := y.Close(d)
		if end < d || end-d > 366 || y.Close(end) != end || y.Close(end+1) <= end {
			t.Fatalf("%v: the year of %s ends on %s", y, d, end)
		}
	})
	if got := (catalogue.MonthDay{Month: time.February, Day: 28}).Close(day("2024-02-29")); got != day("2024-02-29") {
		t.Errorf("a year that ends with February ends on %s in a leap year", got)
	}
}

// The order in which things were reported changes nothing; another report never
// makes the later of two moments earlier; a hold never makes an end earlier; as
// days pass a state only moves on.
func TestEngineProperties(t *testing.T) {
	cat := load(t, trustYAML)
	e := retention.New(cat, nil)
	rapid.Check(t, func(t *rapid.T) {
		var p retention.Person
		for range rapid.IntRange(0, 4).Draw(t, "milestones") {
			p.Milestones = append(p.Milestones, retention.Milestone{Code: rapid.SampledFrom([]events.Code{"last_contact", "last_access"}).Draw(t, "code"), System: "hr", Date: drawDay(t, "reached")})
		}
		h, today := of("careerslater", "subscriber"), drawDay(t, "today")
		before := e.Of(&p, &h, today)
		turned := p
		turned.Milestones = nil
		for i := len(p.Milestones) - 1; i >= 0; i-- {
			turned.Milestones = append(turned.Milestones, p.Milestones[i])
		}
		if again := e.Of(&turned, &h, today); again.Due != before.Due || again.State != before.State || again.Why != before.Why {
			t.Fatalf("in another order: %+v, %+v", before, again)
		}
		more := p
		more.Milestones = append(append([]retention.Milestone{}, p.Milestones...), retention.Milestone{Code: "last_contact", System: "hr", Date: drawDay(t, "again")})
		if after := e.Of(&more, &h, today); after.Due < before.Due {
			t.Fatalf("contact again ends it earlier: %s, was %s", after.Due, before.Due)
		}
		if before.Due.IsZero() {
			return
		}
		placed := drawDay(t, "placed")
		held := p
		held.Holds = []retention.Hold{{ID: "h", Ground: "claims", Placed: placed, Lifted: placed + events.Date(rapid.IntRange(0, 4000).Draw(t, "for"))}}
		for range 2 {
			s := e.Of(&held, &h, today)
			if want := max(before.Due, held.Holds[0].Lifted); !held.Holds[0].Stands(today) && placed <= today && s.Due != want {
				t.Fatalf("lifted on %s: due %s, want %s", held.Holds[0].Lifted, s.Due, want)
			}
			if s.Due < before.Due {
				t.Fatalf("a hold ends it earlier: %s, was %s", s.Due, before.Due)
			}
			held.Holds = append(held.Holds, held.Holds[0])
		}
		rank := map[retention.State]int{retention.Running: 0, retention.Due: 1, retention.Overdue: 2}
		if next := e.Of(&p, &h, today+1); rank[next.State] < rank[before.State] {
			t.Fatalf("%s on %s and %s the day after", before.State, today, next.State)
		}
	})
}
