package demo

import (
	"slices"
	"time"

	"github.com/habeas-data/habeas/events"
)

// heartbeats tell that a system is in step even when nothing happens. Those of a
// system that falls silent end when it does.
func (s *script) heartbeats() {
	since := s.start
	if !s.story.since.IsZero() && s.story.since.Before(since) {
		since = s.story.since
	}
	for _, sys := range s.story.systems {
		for at := s.until.Add(-time.Hour); at.After(s.start); at = at.Add(-sys.every) {
			s.say(sys.code, events.SourceSynced, at).set(func(e *events.Event) {
				e.Through = events.InstantOf(at.Add(-time.Minute))
				e.Since, e.Covers = events.InstantOf(since), slices.Clone(sys.covers)
			})
		}
	}
}

// deliveries disturbs the order of arrival as networks do: now and then a
// system's outbox hangs and its events come hours later, or come twice.
func (s *script) deliveries() {
	n := len(s.out)
	for i := range n {
		switch a := &s.out[i]; s.r.IntN(97) {
		case 0, 1:
			(&step{a.o, s, i}).late(time.Duration(1+s.r.IntN(72)) * time.Hour)
		case 2:
			(&step{a.o, s, i}).again(time.Duration(1+s.r.IntN(90)) * time.Minute)
		}
	}
}
