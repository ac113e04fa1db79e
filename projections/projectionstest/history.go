package projectionstest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
)

// A Told event is one of a drawn history, in journal order.
type Told struct {
	*events.Event
	Recorded events.Instant
	Position events.Position
}

// DrawHistory draws what several systems tell about a few people: late, out of
// order, repeated, retracted, removed and stored again, shared, restricted; and
// what happens in a few cases, by writers who do not know of each other.
// Few words are used, so that events meet often. Every event is a frame of its
// own: the sequence is its place, counted from 1.
func DrawHistory(t *rapid.T, most int) []Told {
	var out []Told
	clock := events.InstantOf(time.Date(2025, 1, 10, 12, 0, 0, 0, time.UTC))
	for i := range rapid.IntRange(1, most).Draw(t, "events") {
		clock += events.Instant(rapid.IntRange(1, 9).Draw(t, "days")) * 86_400_000_000
		var e *events.Event
		switch n := rapid.IntRange(0, 19).Draw(t, "what"); {
		case n == 0 && len(out) > 0:
			e = rapid.SampledFrom(out).Draw(t, "again").Event // delivered twice
		case n == 1 && len(out) > 0:
			e = drawRetraction(t, rapid.SampledFrom(out).Draw(t, "taken back").Event, i, clock)
		case n == 2:
			e = drawFinding(t, i, clock)
		case n <= 5:
			e = DrawCaseFact(t, out, fmt.Sprint("drawn", i), clock)
		default:
			e = drawEvent(t, i, clock)
		}
		out = append(out, Told{e, clock, events.Position{Generation: 1, Seq: uint64(i + 1)}})
	}
	return out
}

func drawRetraction(t *rapid.T, of *events.Event, i int, now events.Instant) *events.Event {
	return &events.Event{
		ID: IDOf(fmt.Sprint("drawn", i)), Kind: events.EventRetracted, Source: of.Source, Time: now,
		Retracts: of.ID, RetractsSource: of.Source, Why: "mistake",
	}
}

// drawFinding draws what a person decided about one of two findings.
func drawFinding(t *rapid.T, i int, now events.Instant) *events.Event {
	return &events.Event{
		ID: IDOf(fmt.Sprint("drawn", i)), Kind: events.FindingDecided, Source: "habeas", Time: now,
		Digest: IDOf(rapid.SampledFrom([]string{"one finding", "another"}).Draw(t, "finding")),
		Why:    rapid.SampledFrom([]events.Code{events.FindingAccepted, events.FindingResolved, events.FindingReopened}).Draw(t, "outcome"),
		Note:   IDOf("reason"),
	}
}

var drawnKinds = []events.Kind{
	events.RecordStored, events.RecordStored, events.RecordStored, events.RecordStored,
	events.RecordShared, events.RecordShared, events.RecordRemoved, events.RecordUsed,
	events.ConsentGiven, events.ConsentWithdrawn, events.ObjectionMade, events.ObjectionLifted,
	events.RestrictionSet, events.RestrictionLifted, events.MilestoneReached, events.MilestoneRetracted,
	events.SourceSynced, events.PersonState, events.NoticeGiven, events.HoldPlaced, events.HoldLifted,
}

// People are the local ids of drawn histories: c1 and c2 of two systems each.
var People = []string{"c1", "c2"}

// Systems are those of drawn histories.
var Systems = []string{"crm", "hr"}

func drawEvent(t *rapid.T, i int, now events.Instant) *events.Event {
	system := rapid.SampledFrom(Systems).Draw(t, "system")
	id := rapid.SampledFrom(People).Draw(t, "id")
	late := events.Instant(max(0, rapid.IntRange(-3, 4).Draw(t, "late"))) * 20 * 86_400_000_000
	e := &events.Event{
		ID: IDOf(fmt.Sprint("drawn", i)), Kind: rapid.SampledFrom(drawnKinds).Draw(t, "kind"),
		Source: events.Code(system), Time: now - late, Flags: events.Anchored,
	}
	if e.Kind == events.SourceSynced {
		e.Flags, e.Through = 0, e.Time
		return e
	}
	e.Subject = append(e.Subject, events.Ref{Handle: HandleOf(system, id), Kind: e.Source + ".id"})
	if rapid.IntRange(0, 2).Draw(t, "second") == 0 {
		mail := rapid.SampledFrom([]string{"ann@", "office@"}).Draw(t, "mail")
		e.Subject = append(e.Subject, events.Ref{Handle: HandleOf(system, mail), Kind: "email"})
	}
	e.Activity.Code = rapid.SampledFrom([]events.Code{"sales", "care"}).Draw(t, "activity")
	if rapid.IntRange(0, 3).Draw(t, "sub") == 0 {
		e.Activity.SubPurpose = "news"
	}
	if rapid.IntRange(0, 3).Draw(t, "item") == 0 {
		e.Item = events.Ref{Handle: HandleOf(system, rapid.SampledFrom([]string{"photo1", "photo2"}).Draw(t, "which")), Kind: "photo"}
	}
	drawFields(t, e)
	return e
}

func drawFields(t *rapid.T, e *events.Event) {
	maybe := func(what string) bool { return rapid.IntRange(0, 2).Draw(t, what) == 0 }
	switch {
	case e.Kind.IsRecord() || e.Kind == events.RestrictionSet || e.Kind == events.RestrictionLifted:
		for _, c := range []events.Category{{Code: "identity"}, {Code: "health", Element: "diagnosis"}, {Code: "health"}, {Code: "health", Element: "therapy"}} {
			if maybe("category") {
				e.Categories = append(e.Categories, c)
			}
		}
	case e.Kind >= events.ConsentGiven && e.Kind <= events.ObjectionLifted:
		for _, c := range []events.Code{"email", "post"} {
			if maybe("channel") {
				e.Channels = append(e.Channels, c)
			}
		}
	case e.Kind == events.MilestoneReached || e.Kind == events.MilestoneRetracted:
		e.Milestone = "discharge"
		if maybe("date") {
			e.Date = events.DateOf(time.Date(2025, 1, 1+rapid.IntRange(0, 1).Draw(t, "day"), 0, 0, 0, 0, time.UTC))
		}
	case e.Kind == events.HoldPlaced:
		e.Ground = "claims"
	case e.Kind == events.HoldLifted:
		e.Of = IDOf(fmt.Sprint("drawn", rapid.IntRange(0, 9).Draw(t, "hold")))
	case e.Kind == events.PersonState:
		e.State = 1
	case e.Kind == events.NoticeGiven:
		e.NoticeVersion = "v1"
	}
	if !e.Kind.IsRecord() {
		return
	}
	if maybe("dataset") {
		e.Dataset = "files"
	}
	switch e.Kind {
	case events.RecordShared:
		e.Recipient.Code = rapid.SampledFrom([]events.Code{"bank", "police"}).Draw(t, "recipient")
	case events.RecordRemoved:
		e.Removal = 1
		if maybe("all activities") {
			e.Activity = events.Activity{}
		}
	case events.RecordStored:
		e.Provenance = events.Provenance(1 + rapid.IntRange(0, 1).Draw(t, "provenance"))
	}
}
