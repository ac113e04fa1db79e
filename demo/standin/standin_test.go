package standin

import (
	"testing"

	"github.com/habeas-data/habeas/events"
)

func id(kind, value string) events.Identifier {
	return events.Identifier{Kind: events.Code(kind), Value: events.NewPlaintext(value)}
}

func story() []*events.Observation {
	stored := func(k events.Kind, who events.Identifier, category events.Code) *events.Observation {
		return &events.Observation{Event: events.Event{Kind: k, Source: "crm", Activity: events.Activity{Code: "a1"}, Categories: []events.Category{{Code: category}}}, Subject: []events.Identifier{who}}
	}
	shared := stored(events.RecordShared, id("crm.contact", "C1"), "contact")
	shared.Event.Recipient.Code, shared.RecipientRef = "courier", id("courier.ref", "R9")
	return []*events.Observation{
		stored(events.RecordStored, id("crm.contact", "C1"), "contact"), stored(events.RecordStored, id("crm.contact", "C1"), "contact"),
		stored(events.RecordStored, id("crm.contact", "C1"), "financial"), stored(events.RecordStored, id("crm.contact", "C2"), "contact"),
		stored(events.RecordRemoved, id("crm.contact", "C2"), "contact"), shared,
	}
}

func work(verb, of events.Code, kind, value string, categories ...string) *events.Work {
	w := &events.Work{Task: "t", Key: "t", Verb: verb, Of: of, Attempt: 1, Subject: []events.WorkIdentifier{{Kind: events.Code(kind), Value: value}}}
	for _, c := range categories {
		w.Scope = append(w.Scope, events.WorkScope{Category: c})
	}
	return w
}

// TestFill: what a system reported is on its shelf once, what it removed is not, and
// a recipient knows the person by the name it was given.
func TestFill(t *testing.T) {
	shelves := Fill(story())
	if n := shelves["crm"].Len(); n != 2 {
		t.Errorf("crm holds %d records, want 2", n)
	}
	if n := shelves["courier"].find(work("verify", "erase", "courier.ref", "R9"), func(*Record) bool { return true }); n != 1 {
		t.Errorf("the courier finds %d records by its own reference, want 1", n)
	}
	if n := shelves["courier"].find(work("verify", "erase", "crm.contact", "C1"), func(*Record) bool { return true }); n != 0 {
		t.Error("the courier knows the number of another system")
	}
}

// TestMoods: each mood answers as it is called, and a look is always true.
func TestMoods(t *testing.T) {
	erase := func() *events.Work { return work("erase", "", "crm.contact", "C1", "contact", "financial") }
	for mood, want := range map[Mood][]events.Code{
		Honest: {"done"}, Slow: {"accepted"}, Lying: {"done"}, Refusing: {"kept_lawful"}, Partial: {"partly", "done"}, Failing: {"failed"},
	} {
		shelf := Fill(story())["crm"]
		s := &actor{Config: Config{System: "crm", Shelf: shelf, Mood: mood, Seed: 4}, attempts: map[string]int{}}
		for i, outcome := range want {
			r, err := s.act(t.Context(), erase())
			if err != nil || r.Outcome != outcome {
				t.Errorf("%s: attempt %d gives %+v, %v; want %s", mood, i+1, r, err, outcome)
			}
		}
		look := work("verify", "erase", "crm.contact", "C1", "contact", "financial")
		gone := mood == Honest || mood == Partial || mood == Slow
		if r, err := s.act(t.Context(), look); err != nil || (r.Outcome == events.WorkFoundNothing) != gone {
			t.Errorf("%s: the look gives %+v, %v", mood, r, err)
		}
	}
}

// TestSeed: the same seed fails as often, and a failing one does it in the end.
func TestSeed(t *testing.T) {
	count := func(seed uint64) int {
		s := &actor{Config: Config{System: "crm", Shelf: Fill(story())["crm"], Mood: Failing, Seed: seed}, attempts: map[string]int{}}
		for n := 1; n < 10; n++ {
			if r, err := s.act(t.Context(), work("erase", "", "crm.contact", "C1")); err == nil && r.Outcome == events.WorkDone {
				return n
			}
		}
		return 0
	}
	for seed := range uint64(8) {
		if n := count(seed); n < 2 || n > 4 || n != count(seed) {
			t.Errorf("seed %d: done at attempt %d", seed, n)
		}
	}
}

func TestParseMoods(t *testing.T) {
	if m, err := ParseMoods([]string{"crm=lying", "hr=dead"}); err != nil || m["crm"] != Lying || m["hr"] != Dead {
		t.Errorf("got %v, %v", m, err)
	}
	for _, bad := range []string{"crm", "crm=angry", "=lying", "a b=lying"} {
		if _, err := ParseMoods([]string{bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
