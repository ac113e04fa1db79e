package eventstest

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
)

// Noon is when events happen unless At says otherwise.
const Noon = "2025-01-15T12:00:00Z"

// Handle returns the handle that the seed stands for.
func Handle(seed string) (h events.Handle) {
	sum := sha256.Sum256([]byte("handle:" + seed))
	copy(h[:], sum[:])
	return h
}

// ID returns the event id that the seed stands for.
func ID(seed string) (id events.EventID) {
	sum := sha256.Sum256([]byte("id:" + seed))
	copy(id[:], sum[:])
	return id
}

// Ref returns a reference of this kind to Handle(seed).
func Ref(kind events.Code, seed string) events.Ref {
	return events.Ref{Handle: Handle(seed), Kind: kind}
}

// Time reads an RFC 3339 time or a date, which means noon UTC of that day.
func Time(t testing.TB, s string) events.Instant {
	t.Helper()
	if d, err := events.ParseDate(s); err == nil {
		return events.InstantOf(d.Time().Add(12 * time.Hour))
	}
	at, err := events.ParseInstant(s)
	if err != nil {
		t.Fatalf("eventstest: time %q: %v", s, err)
	}
	return at
}

// Day reads a date.
func Day(t testing.TB, s string) events.Date {
	t.Helper()
	d, err := events.ParseDate(s)
	if err != nil {
		t.Fatalf("eventstest: date %q: %v", s, err)
	}
	return d
}

// An Option changes an event before its id is made. Any func(*events.Event)
// is one.
type Option func(*events.Event)

// New makes an event of a kind about one person as one system knows them. It
// has every field that the kind must have; options change it. It is Anchored.
// Without At it happened at Noon.
func New(t testing.TB, k events.Kind, system, kind events.Code, h events.Handle, opts ...Option) *events.Event {
	t.Helper()
	e := &events.Event{Kind: k, Source: system, Time: Time(t, Noon), Flags: events.Anchored}
	if k != events.SourceSynced && k != events.EventRetracted && k < 64 {
		e.Subject = []events.Ref{{Handle: h, Kind: kind}}
	}
	fill(t, e)
	for _, opt := range opts {
		opt(e)
	}
	if e.ID.IsZero() {
		e.ID = contentID(e)
	}
	return e
}

// fill sets what the kind must have.
func fill(t testing.TB, e *events.Event) {
	if e.Kind.IsRecord() {
		e.SubjectType, e.Activity.Code, e.Dataset = "customer", "service", "people"
		e.Categories = []events.Category{{Code: "contact"}}
	}
	switch e.Kind {
	case events.RecordStored:
		e.Provenance = events.Provided
	case events.RecordUsed:
		e.Action = events.ActionRead
	case events.RecordShared:
		e.Recipient.Code = "courier"
	case events.RecordRemoved:
		e.Removal = events.RemovalDeleted
	case events.ConsentGiven, events.ConsentWithdrawn:
		e.Activity.Code, e.Method, e.GivenBy = "newsletter", events.MethodForm, events.GivenBySelf
	case events.ObjectionMade, events.ObjectionLifted:
		e.Activity.Code = "newsletter"
	case events.RestrictionSet, events.RestrictionLifted:
		e.Activity.Code, e.Ground = "service", "accuracy_contested"
	case events.MilestoneReached, events.MilestoneRetracted:
		e.Milestone, e.Date = "account_deleted", Day(t, "2025-01-15")
	case events.DecisionMade:
		e.Activity.Code, e.Logic, e.Automated = "service", "score-v1", true
	case events.NoticeGiven:
		e.NoticeVersion = "v1"
	case events.PersonState:
		e.State, e.Date = events.StateDeceased, Day(t, "2025-01-15")
	case events.SubjectLinked, events.SubjectUnlinked:
		e.Evidence = "same_person"
	case events.EventRetracted:
		e.Retracts, e.RetractsSource, e.Why = ID("retracted"), e.Source, "sent_in_error"
	case events.SourceSynced:
		e.Through = Time(t, Noon)
	}
}

// contentID makes an id from everything in the event.
func contentID(e *events.Event) (id events.EventID) {
	sum := sha256.Sum256(events.AppendEvent([]byte("content:"), e, hashSymbols{}))
	copy(id[:], sum[:])
	return id
}

// hashSymbols numbers codes without a table, well enough for an id.
type hashSymbols struct{}

func (hashSymbols) Symbol(c events.Code) uint64 {
	sum := sha256.Sum256([]byte(c))
	return binary.BigEndian.Uint64(sum[:]) | 1
}
