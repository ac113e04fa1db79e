package demo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/demo"
	"github.com/habeas-data/habeas/events"
)

// local is the identifier by which the reporting system itself knows the person,
// and its number, which is the same in each system.
func number(o *events.Observation) string {
	if len(o.Subject) == 0 || !strings.Contains(string(o.Subject[0].Kind), ".") {
		return ""
	}
	v := strings.TrimLeft(o.Subject[0].Value.Expose(), "MCSK")
	if len(v) < 3 {
		return ""
	}
	return strings.TrimLeft(v[len(v)-3:len(v)-1], "0") + v[len(v)-1:]
}

// byPerson sorts the record and preference events of the organisation's own
// systems by the person they are about.
func byPerson(t *testing.T, list []*events.Observation) map[string][]*events.Observation {
	t.Helper()
	out := map[string][]*events.Observation{}
	for _, o := range list {
		switch o.Event.Source {
		case "platform", "finance", "support", "marketing":
			if n := number(o); n != "" {
				out[n] = append(out[n], o)
			}
		}
	}
	return out
}

func when(list []*events.Observation, of func(*events.Event) bool) (at events.Instant) {
	for _, o := range list {
		if of(&o.Event) && (at == 0 || o.Event.Time < at) {
			at = o.Event.Time
		}
	}
	return at
}

func plausible(t *testing.T) map[string][]*events.Observation {
	return byPerson(t, demo.New(demo.Config{Until: until, People: 200, Seed: 1}).Observations())
}

// The dead send no messages and change no profiles, and nobody shares their data
// for new purposes: from the day of death there is the news of it, and an end.
func TestTheDeadRest(t *testing.T) {
	for n, list := range plausible(t) {
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
}

// Whoever closed the account uses it no more, unless it was reopened.
func TestClosedAccountsAreClosed(t *testing.T) {
	closed := 0
	for n, list := range plausible(t) {
		end := when(list, func(e *events.Event) bool {
			return e.Kind == events.MilestoneReached && e.Milestone == "account_deleted"
		})
		if end == 0 || when(list, func(e *events.Event) bool { return e.Kind == events.MilestoneRetracted }) != 0 {
			continue
		}
		closed++
		for _, o := range list {
			if o.Event.Kind.IsRecord() && o.Event.Kind != events.RecordRemoved && o.Event.Time > end {
				t.Errorf("person %s closed the account on %s; %s by %s (%s) on %s", n, end.Day(), o.Event.Kind, o.Event.Source, o.Event.Activity, o.Event.Time.Day())
			}
		}
	}
	if closed < 5 {
		t.Errorf("%d people closed their accounts", closed)
	}
}

// No system passes on data of somebody before it has stored any.
func TestNothingIsSharedBeforeItIsThere(t *testing.T) {
	for n, list := range plausible(t) {
		for _, system := range []events.Code{"platform", "marketing", "support"} {
			stored := when(list, func(e *events.Event) bool { return e.Source == system && e.Kind == events.RecordStored })
			shared := when(list, func(e *events.Event) bool { return e.Source == system && e.Kind == events.RecordShared })
			if stored != 0 && shared != 0 && shared < stored {
				t.Errorf("person %s: %s shared on %s, stored on %s", n, system, shared.Day(), stored.Day())
			}
		}
	}
}

// One system that ignores one objection is a finding; one that ignores every
// objection is no organisation that anybody has seen. Only Jonas is written to
// after he said no (Article 21(3)).
func TestOnlyJonasIsWrittenToAfterNo(t *testing.T) {
	after := map[string]bool{}
	for n, list := range plausible(t) {
		no := when(list, func(e *events.Event) bool {
			return e.Kind == events.ObjectionMade && e.Flags&events.DirectMarketing != 0 || e.Kind == events.ConsentWithdrawn && len(e.Channels) == 0
		})
		for _, o := range list {
			e := &o.Event
			if no != 0 && e.Source == "marketing" && e.Time > no && (e.Kind == events.RecordUsed || e.Kind == events.RecordShared) {
				after[n] = true
			}
		}
	}
	if len(after) != 1 || !after["7"] {
		t.Errorf("written to after they said no: %v, want Jonas (7)", after)
	}
}

// A court's order, a complaint to the regulator or the sale of a business does
// not come every few weeks.
func TestExtraordinaryDisclosuresAreRare(t *testing.T) {
	count := map[events.Code]int{}
	for _, o := range story(t, 1) {
		count[o.Event.Recipient.Code]++
	}
	for _, r := range []events.Code{"law_enforcement", "deal_counterparty", "government_agencies", "other_regulators"} {
		if count[r] != 1 {
			t.Errorf("%d disclosures to %s among 200 people in nine months", count[r], r)
		}
	}
	if n := count["ico"]; n < 1 || n > 3 {
		t.Errorf("%d disclosures to the regulator", n)
	}
}

// People act in the day, never in the future.
func TestOfficeHours(t *testing.T) {
	for _, o := range story(t, 1) {
		if h := o.Event.Time.Time().Hour(); o.Event.Kind != events.SourceSynced && (h < 7 || h > 19) && until.Sub(o.Event.Time.Time()) > 24*time.Hour {
			t.Errorf("%s by %s at %s", o.Event.Kind, o.Event.Source, o.Event.Time)
		}
	}
}

// Systems hold what they pass on, as far as they say: the few cases in which they
// do not are there to be found.
func TestWhatIsSharedWasStored(t *testing.T) {
	shared, strange := 0, map[string]int{}
	for _, list := range plausible(t) {
		held := map[string]bool{}
		key := func(e *events.Event, c events.Category) string {
			return string(e.Source) + " " + string(e.Dataset) + " " + string(c.Code)
		}
		for _, o := range list {
			for _, c := range o.Event.Categories {
				if o.Event.Kind == events.RecordStored {
					held[key(&o.Event, c)] = true
				}
			}
		}
		for _, o := range list {
			e := &o.Event
			if e.Kind != events.RecordShared || e.Flags&events.DatasetDefaulted != 0 {
				continue
			}
			for _, c := range e.Categories {
				shared++
				if !held[key(e, c)] {
					strange[string(e.Source)+" to "+string(e.Recipient.Code)+": "+c.String()]++
				}
			}
		}
	}
	n := 0
	for _, k := range strange {
		n += k
	}
	if n*20 > shared {
		t.Errorf("%d of %d things shared were never stored: %v", n, shared, strange)
	}
}
