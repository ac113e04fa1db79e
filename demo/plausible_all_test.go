package demo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/demo"
	"github.com/habeas-data/habeas/events"
)

// lives sorts what the organisation's own systems report by person: the number
// by which a system knows somebody is the same in each, but for a letter.
func lives(t *testing.T, s *demo.Story) map[string][]*events.Observation {
	t.Helper()
	if s.Notice() == demo.Notice {
		return plausible(t)
	}
	cat, out := declared(t, s), map[string][]*events.Observation{}
	for _, o := range told(t, s, demo.Config{Until: until, Seed: 1}) {
		if x, ok := cat.System(o.Event.Source); !ok || x.Owner != catalogue.Own || len(o.Subject) == 0 {
			continue
		}
		if n := strings.TrimLeft(o.Subject[0].Value.Expose(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"); o.Subject[0].Kind.System() != "" {
			out[n] = append(out[n], o)
		}
	}
	if len(out) < 150 {
		t.Fatalf("%d people", len(out))
	}
	return out
}

// From the day of somebody's death nothing new is done with their data, but for
// its end.
func TestTheDeadRestEverywhere(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		for n, list := range lives(t, s) {
			var died events.Date
			for _, o := range list {
				if o.Event.State == events.StateDeceased {
					died = o.Event.Date
				}
			}
			for _, o := range list {
				if died != 0 && o.Event.Kind.IsRecord() && o.Event.Kind != events.RecordRemoved && events.DateOf(o.Event.Time.Time()) >= died {
					t.Errorf("person %s died on %s; %s by %s on %s", n, died, o.Event.Kind, o.Event.Source, o.Event.Time.Day())
				}
			}
		}
	})
}

// leaving is the milestone after which a system has nothing new of a person.
var leaving = map[events.Code]bool{"discharge": true, "employment_end": true, "volunteering_end": true}

// Whoever left does nothing more, in any system but what they are told as
// another: Maria is a daughter yet when she is no carer any more.
func TestWhoeverLeftIsGone(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		gone := 0
		for n, list := range lives(t, s) {
			end := map[events.Code]events.Instant{}
			for _, o := range list {
				if e := &o.Event; e.Kind == events.MilestoneReached && leaving[e.Milestone] {
					end[e.Source] = e.Time
					gone++
				}
			}
			for _, o := range list {
				if at, ok := end[o.Event.Source]; ok && o.Event.Kind.IsRecord() && o.Event.Time > at {
					t.Errorf("person %s left on %s; %s by %s on %s", n, at.Day(), o.Event.Kind, o.Event.Source, o.Event.Time.Day())
				}
			}
		}
		if s.Notice() == "osjct" && gone < 10 {
			t.Errorf("%d people left", gone)
		}
	})
}

// No system passes on data of somebody before it has stored some, unless that
// is what the story is there to show.
func TestNothingIsSharedBeforeItIsStored(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		meant, same := map[string]bool{}, aliases(t, s)
		for _, f := range s.Findings() {
			if f.Rule == "SHARED_NOT_STORED" {
				for name := range same[f.Who] {
					meant[name] = true
				}
			}
		}
		for n, list := range lives(t, s) {
			stored := map[string]events.Instant{}
			key := func(e *events.Event, c events.Category) string {
				return string(e.Source) + " " + string(e.Dataset) + " " + string(c.Code)
			}
			for _, o := range list {
				for _, c := range o.Event.Categories {
					if k := key(&o.Event, c); o.Event.Kind == events.RecordStored && (stored[k] == 0 || o.Event.Time < stored[k]) {
						stored[k] = o.Event.Time
					}
				}
			}
			for _, o := range list {
				if o.Event.Kind != events.RecordShared || s.Notice() == demo.Notice || meant[string(o.Subject[0].Kind)+"="+o.Subject[0].Value.Expose()] {
					continue
				}
				for _, c := range o.Event.Categories {
					if at := stored[key(&o.Event, c)]; at == 0 || at > o.Event.Time {
						t.Errorf("person %s: %s shared on %s by %s with %s, stored on %s", n, c, o.Event.Time.Day(), o.Event.Source, o.Event.Recipient.Code, at.Day())
					}
				}
			}
		}
	})
}

// Nobody of the crowd is written to after they said no: one system that ignores
// one objection is a finding, one that ignores all is none that anybody has seen
// (Articles 7(3), 21(3)).
func TestTheCrowdIsLeftAloneAfterNo(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		if s.Notice() == demo.Notice {
			return // TestOnlyJonasIsWrittenToAfterNo
		}
		named, said := map[string]bool{}, 0
		for _, list := range aliases(t, s) {
			for name := range list {
				named[name] = true
			}
		}
		for n, list := range lives(t, s) {
			no := map[events.Code]events.Instant{}
			for _, o := range list {
				if e := &o.Event; e.Kind == events.ConsentWithdrawn || e.Kind == events.ObjectionMade {
					no[e.Source] = e.Time
					said++
				}
			}
			for _, o := range list {
				e := &o.Event
				if at := no[e.Source]; at != 0 && e.Time > at && e.Kind.IsRecord() && e.Channel != "" && !named[string(o.Subject[0].Kind)+"="+o.Subject[0].Value.Expose()] {
					t.Errorf("person %s said no on %s and was written to on %s", n, at.Day(), e.Time.Day())
				}
			}
		}
		if said < 5 {
			t.Errorf("%d people said no", said)
		}
	})
}

// People act in the day; systems fall silent when the story says so, and only
// those.
func TestDaysAndSilence(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		last, cat := map[events.Code]time.Time{}, declared(t, s)
		for _, o := range told(t, s, demo.Config{Until: until, Seed: 1}) {
			at := o.Event.Time.Time()
			if h := at.Hour(); o.Event.Kind != events.SourceSynced && (h < 7 || h > 19) && until.Sub(at) > 24*time.Hour {
				t.Errorf("%s by %s at %s", o.Event.Kind, o.Event.Source, o.Event.Time)
			}
			if at.After(last[o.Event.Source]) {
				last[o.Event.Source] = at
			}
		}
		silent := 0
		for _, x := range cat.Systems {
			if x.SilentAfter.Given() && x.SilentAfter.After(last[x.ID]).Before(until) {
				silent++
			}
		}
		if silent != 1 {
			t.Errorf("%d systems are silent, want one", silent)
		}
	})
}
