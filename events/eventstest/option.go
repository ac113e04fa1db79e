package eventstest

import (
	"testing"

	"github.com/habeas-data/habeas/events"
)

// Stored makes a record.stored: category contact, activity service, dataset
// people, provided by the person.
func Stored(t testing.TB, system, kind events.Code, h events.Handle, opts ...Option) *events.Event {
	t.Helper()
	return New(t, events.RecordStored, system, kind, h, opts...)
}

// Used makes a record.used: the record that Stored makes was read.
func Used(t testing.TB, system, kind events.Code, h events.Handle, opts ...Option) *events.Event {
	t.Helper()
	return New(t, events.RecordUsed, system, kind, h, opts...)
}

// Shared makes a record.shared: the record that Stored makes went to recipient.
func Shared(t testing.TB, system, kind events.Code, h events.Handle, recipient events.Code, opts ...Option) *events.Event {
	t.Helper()
	to := func(e *events.Event) { e.Recipient.Code = recipient }
	return New(t, events.RecordShared, system, kind, h, append([]Option{to}, opts...)...)
}

// Removed makes a record.removed: the record that Stored makes was deleted.
func Removed(t testing.TB, system, kind events.Code, h events.Handle, opts ...Option) *events.Event {
	t.Helper()
	return New(t, events.RecordRemoved, system, kind, h, opts...)
}

// Milestone makes a milestone.reached on a day written YYYY-MM-DD.
func Milestone(t testing.TB, system, kind events.Code, h events.Handle, milestone events.Code, day string, opts ...Option) *events.Event {
	t.Helper()
	set := func(e *events.Event) { e.Milestone, e.Date = milestone, Day(t, day) }
	return New(t, events.MilestoneReached, system, kind, h, append([]Option{At(t, day), set}, opts...)...)
}

// Linked makes a subject.linked of habeas itself: a person joined a and b.
func Linked(t testing.TB, a, b events.Ref, opts ...Option) *events.Event {
	t.Helper()
	return New(t, events.SubjectLinked, "habeas", a.Kind, a.Handle, append([]Option{Also(b.Kind, b.Handle)}, opts...)...)
}

// Unlinked makes a subject.unlinked of habeas itself: a person parted a and b.
func Unlinked(t testing.TB, a, b events.Ref, opts ...Option) *events.Event {
	t.Helper()
	return New(t, events.SubjectUnlinked, "habeas", a.Kind, a.Handle, append([]Option{Also(b.Kind, b.Handle)}, opts...)...)
}

// Retracted makes an event.retracted that takes back e.
func Retracted(t testing.TB, e *events.Event, opts ...Option) *events.Event {
	t.Helper()
	set := func(r *events.Event) { r.Retracts, r.RetractsSource = e.ID, e.Source }
	return New(t, events.EventRetracted, e.Source, "", events.Handle{}, append([]Option{set}, opts...)...)
}

// Synced makes a source.synced: the system has reported everything up to a time.
func Synced(t testing.TB, system events.Code, through string, opts ...Option) *events.Event {
	t.Helper()
	set := func(e *events.Event) { e.Through = Time(t, through) }
	return New(t, events.SourceSynced, system, "", events.Handle{}, append([]Option{At(t, through), set}, opts...)...)
}

// At sets when it happened: an RFC 3339 time, or a date for its noon UTC.
func At(t testing.TB, s string) Option {
	t.Helper()
	at := Time(t, s)
	return func(e *events.Event) { e.Time = at }
}

// Also adds a further identifier of the same person.
func Also(kind events.Code, h events.Handle) Option {
	return func(e *events.Event) { e.Subject = append(e.Subject, events.Ref{Handle: h, Kind: kind}) }
}

// Unanchored says that the first identifier is not of the primary kind.
func Unanchored() Option {
	return func(e *events.Event) { e.Flags &^= events.Anchored }
}

// Of sets activity and dataset.
func Of(activity, dataset events.Code) Option {
	return func(e *events.Event) { e.Activity, e.Dataset = events.Activity{Code: activity}, dataset }
}

// Cats sets the categories; none means the event names none.
func Cats(codes ...events.Code) Option {
	return func(e *events.Event) {
		e.Categories = nil
		for _, c := range codes {
			e.Categories = append(e.Categories, events.Category{Code: c})
		}
	}
}

// As sets the subject type.
func As(subjectType events.Code) Option {
	return func(e *events.Event) { e.SubjectType = subjectType }
}

// On sets the instance that the event concerns.
func On(item events.Ref) Option {
	return func(e *events.Event) { e.Item = item }
}

// Named gives the event the id of a seed instead of one made from its content.
func Named(seed string) Option {
	return func(e *events.Event) { e.ID = ID(seed) }
}
