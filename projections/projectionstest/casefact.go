package projectionstest

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
)

// CaseActs, CaseStatuses, TaskStates and TaskSystems are the words of drawn facts
// of cases and tasks, some of them known to nobody.
var (
	CaseActs = []events.Code{"opened", "opened", "identity_asked", "identity_received", "decided", "approved", "started", "answered", "completed",
		"withdrawn", "closed", "sung"}
	CaseStatuses = []events.Code{"open", "waiting", "approved", "answered", "refused", "withdrawn", "closed", "hummed", ""}
	TaskStates   = []events.Code{"planned", "sent", "accepted", "verified", "failed", "manual_waiting", "impossible", "dreamt"}
	TaskSystems  = []events.Code{"crm", "hr", "payroll.archive", ""}
)

// DrawCaseFact draws a fact of one of a few cases, or of one of their tasks. Most
// follow what was told; some come too late or too early, as of a writer who lost
// a race.
func DrawCaseFact(t *rapid.T, told []Told, id string, now events.Instant) *events.Event {
	e := &events.Event{ID: IDOf(id), Kind: events.CaseRecorded, Source: "habeas", Time: now, Note: IDOf("body of " + id)}
	of := rapid.IntRange(1, 3).Draw(t, "case")
	e.Of = IDOf(fmt.Sprint("case", of))
	if rapid.IntRange(0, 1).Draw(t, "task") == 0 {
		drawCase(t, e)
	} else {
		drawTask(t, e, of)
	}
	next := 1
	for _, x := range told {
		if x.Kind == e.Kind && x.Of == e.Of && x.Digest == e.Digest && int(x.Count) == next {
			next++
		}
	}
	e.Count = uint32(max(1, next+rapid.SampledFrom([]int{0, 0, 0, 0, 0, -1, 1}).Draw(t, "count")))
	if e.Kind == events.CaseRecorded && e.Count == 1 {
		e.Why, e.Channels = "opened", rapid.SampledFrom([][]events.Code{{"access"}, {"erasure", "access"}, nil}).Draw(t, "rights")
	}
	if rapid.IntRange(0, 9).Draw(t, "by hand") == 0 {
		e.Flags = events.Simulated
	}
	return e
}

func drawCase(t *rapid.T, e *events.Event) {
	e.Why = rapid.SampledFrom(CaseActs).Draw(t, "act")
	e.Condition = rapid.SampledFrom(CaseStatuses).Draw(t, "status")
	e.Date = e.Time.Day() - events.Date(rapid.IntRange(0, 2).Draw(t, "earlier"))
	if rapid.IntRange(0, 3).Draw(t, "answered") == 0 {
		e.To = e.Date
	}
	if n := rapid.IntRange(0, 4).Draw(t, "due"); n > 0 {
		e.Review = e.Time.Day() + events.Date(10*n)
	}
}

func drawTask(t *rapid.T, e *events.Event, of int) {
	e.Kind = events.TaskRecorded
	e.Digest = IDOf(fmt.Sprint("task", of, rapid.IntRange(1, 3).Draw(t, "which")))
	if rapid.IntRange(0, 9).Draw(t, "astray") == 0 {
		e.Of = IDOf("another case")
	}
	e.Why = rapid.SampledFrom(TaskStates).Draw(t, "state")
	e.ScopeSystem = rapid.SampledFrom(TaskSystems).Draw(t, "acts")
	e.Condition = rapid.SampledFrom([]events.Code{"erase", "notify", "export"}).Draw(t, "verb")
	if e.Condition == "notify" {
		e.Recipient.Code = "bank"
	}
	e.Evidence = rapid.SampledFrom([]events.Code{"", "looking", "chased", "retry", "born", "settled", "abandoned"}).Draw(t, "detail")
	if n := rapid.IntRange(0, 3).Draw(t, "moments"); n > 0 {
		e.Date, e.Since = e.Time.Day()+events.Date(n), e.Time+events.Instant(n)*1_000_000
	}
	if e.Why == "sent" {
		e.Through = e.Time + 60_000_000
	}
}
