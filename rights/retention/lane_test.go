package retention_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// The last day of a lane is the last whose end is in time, and no rounding or
// month's end hides a day behind it.
func TestLanesFindTheLastDay(t *testing.T) {
	lanes := retention.New(load(t, trustYAML), nil).Lanes()
	if len(lanes) < 10 {
		t.Fatalf("%d lanes", len(lanes))
	}
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(lanes).Draw(t, "lane")
		end := drawDay(t, "end")
		last := l.Last(end)
		if l.End(last) > end || l.End(last+1) <= end {
			t.Fatalf("%+v: the last day for %s is %s", l, end, last)
		}
	})
}

// Whoever follows the lanes misses nothing: a holding with an end is counted in
// one of them, by a moment that the lane would be asked for.
func TestLanesMissNothing(t *testing.T) {
	cat := load(t, trustYAML)
	e := retention.New(cat, nil)
	lanes := e.Lanes()
	codes := []events.Code{"discharge", "record_last_used", "employment_end", "application_rejected", "recruitment_closed", "last_contact", "last_access", "enquiry_received", "death", "account_deleted"}
	rapid.Check(t, func(t *rapid.T) {
		var p retention.Person
		for range rapid.IntRange(1, 5).Draw(t, "milestones") {
			p.Milestones = append(p.Milestones, retention.Milestone{Code: rapid.SampledFrom(codes).Draw(t, "code"), System: "hr", Date: drawDay(t, "reached")})
		}
		act := rapid.SampledFrom(cat.Activities).Draw(t, "activity")
		h := of(string(act.ID), string(rapid.SampledFrom(cat.SubjectTypes).Draw(t, "role").ID))
		h.RecordDates = []events.Date{drawDay(t, "record")}
		s := e.Of(&p, &h, drawDay(t, "today"))
		if s.Due.IsZero() {
			return
		}
		for _, l := range lanes {
			if l.Counts(&s) && l.End(s.From) == s.Due && s.From <= l.Last(s.Due) {
				return
			}
		}
		t.Fatalf("no lane leads to %+v", s)
	})
}
