package events_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/eventstest"
)

func caseFact(t testing.TB) *events.Event {
	return &events.Event{
		ID: eventstest.ID("fact"), Kind: events.CaseRecorded, Source: "habeas", Time: eventstest.Time(t, "2025-03-20T09:26:53.5Z"), Flags: events.Simulated,
		Of: eventstest.ID("case"), Count: 1, Why: "opened", Date: eventstest.Day(t, "2025-03-20"), Review: eventstest.Day(t, "2025-04-22"),
		Channels: []events.Code{"erasure", "access"}, Note: eventstest.ID("body"), Condition: "closed", From: eventstest.Day(t, "2025-03-20"), To: eventstest.Day(t, "2025-04-01"),
	}
}

func taskFact(t testing.TB) *events.Event {
	return &events.Event{
		ID: eventstest.ID("sent"), Kind: events.TaskRecorded, Source: "habeas", Time: eventstest.Time(t, "2025-03-24T10:00:00Z"),
		Of: eventstest.ID("case"), Digest: eventstest.ID("task"), Count: 2, Why: "sent", ScopeSystem: "payroll", Condition: "erase",
		Recipient: events.Party{Code: "harbour"}, Date: eventstest.Day(t, "2025-04-15"), Since: eventstest.Time(t, "2025-03-24T09:00:00Z"),
		Through: eventstest.Time(t, "2025-03-24T10:05:00Z"), Evidence: "retry", Note: eventstest.ID("receipt"),
	}
}

// The released forms of facts of cases and tasks.
func TestCaseForms(t *testing.T) {
	for name, want := range map[string]*events.Event{"case_v1.hex": caseFact(t), "task_v1.hex": taskFact(t)} {
		if err := want.CheckCase(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		roundTrip(t, want)
		var s table
		golden(t, name, []byte(hexLines(events.AppendEvent(nil, want, &s))))
		var got events.Event
		if err := events.DecodeEvent(fromHex(t, name), &got, &s); err != nil || !reflect.DeepEqual(&got, want) {
			t.Errorf("%s: the released record is read differently: %v", name, err)
		}
	}
}

// I1: a fact of a case carries what the table says and nothing else; a handle in
// particular never, in whatever field.
func TestCheckCase(t *testing.T) {
	rest := full(t)
	for _, make := range []func(testing.TB) *events.Event{caseFact, taskFact} {
		carried := make(t)
		for i := range reflect.TypeFor[events.Event]().NumField() {
			name := reflect.TypeFor[events.Event]().Field(i).Name
			e := make(t)
			to := reflect.ValueOf(e).Elem().Field(i)
			if !to.IsZero() {
				continue
			}
			to.Set(reflect.ValueOf(rest).Elem().Field(i))
			if err := e.CheckCase(); (err == nil) != (carried.Kind == events.TaskRecorded && name == "Flags" && e.Flags == events.Simulated) {
				t.Errorf("%s with %s: %v", e.Kind, name, err)
			}
		}
		for name, spoil := range map[string]func(*events.Event){
			"of": func(e *events.Event) { e.Of = events.EventID{} }, "count": func(e *events.Event) { e.Count = 0 },
			"why": func(e *events.Event) { e.Why = "" }, "flag": func(e *events.Event) { e.Flags |= events.Anchored },
			"no fact": func(e *events.Event) { e.Kind = events.HoldPlaced },
			"person": func(e *events.Event) {
				e.Recipient = events.Party{Person: eventstest.Ref("email", "someone")}
			},
		} {
			e := make(t)
			spoil(e)
			if err := e.CheckCase(); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s without %s: %v", carried.Kind, name, err)
			}
		}
	}
	e := taskFact(t)
	e.Digest = events.EventID{}
	if e.CheckCase() == nil {
		t.Error("a task without its id")
	}
}

// Nobody but habeas itself speaks of cases: no source has a type for them.
func TestCasesAreInternal(t *testing.T) {
	for _, k := range []events.Kind{events.CaseRecorded, events.TaskRecorded} {
		if _, err := events.ParseType(k.Type()); err == nil || !k.Internal() || !k.IsCase() {
			t.Errorf("%s may be sent by a source", k)
		}
		body := strings.Replace(base, "habeas.record.stored.v1", k.Type(), 1)
		if o, r := events.DecodeCloudEvent([]byte(body), now); o != nil || r == nil {
			t.Errorf("%s is taken from a source", k)
		}
	}
	if events.HoldPlaced.IsCase() {
		t.Error("a hold is no fact of a case")
	}
}
