package cases_test

import (
	"math/rand/v2"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

// goldenDigest is released: another one makes every approval stale that was given
// before an upgrade. It takes a new form of the digest to change it.
const goldenDigest = "4eb295e36c5032a2f0c83523c0fd4125"

func TestPlanDigest(t *testing.T) {
	finals, people := manyFinals(50), members(1, 2, 3)
	open := []cases.Open{{ItemKey: cases.ItemKey{Holding: "x", Right: "erasure"}, Code: cases.Undecided}}
	want := cases.PlanDigest(finals, open, people)
	if want.String() != goldenDigest {
		t.Errorf("the digest is %s, released as %s", want, goldenDigest)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		r.Shuffle(len(finals), func(i, j int) { finals[i], finals[j] = finals[j], finals[i] })
		r.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
		if got := cases.PlanDigest(finals, open, people); got != want {
			t.Fatal("the order matters")
		}
	}
	seen := map[cases.Digest]string{want: "unchanged"}
	for name, change := range map[string]func(*cases.Final){
		"right":      func(f *cases.Final) { f.Right = "objection" },
		"holding":    func(f *cases.Final) { f.Holding = "other" },
		"outcome":    func(f *cases.Final) { f.Outcome = decide.Refer },
		"code":       func(f *cases.Final) { f.Code = decide.EraseUnlawful },
		"until":      func(f *cases.Final) { f.Until = day("2040-01-01") },
		"waits":      func(f *cases.Final) { f.WaitsFor = "hold_lifted" },
		"also":       func(f *cases.Final) { f.Also = []decide.Also{decide.TakeDown} },
		"channels":   func(f *cases.Final) { f.Channels = []events.Code{"email"} },
		"keep":       func(f *cases.Final) { f.Keep = &cases.Keep{Elements: []string{"identity/phone"}} },
		"detached":   func(f *cases.Final) { f.Detached = !f.Detached },
		"silent":     func(f *cases.Final) { f.Silent = true },
		"value":      func(f *cases.Final) { f.Value = "v" },
		"recipient":  func(f *cases.Final) { f.Recipients = f.Recipients[:1] },
		"its verb":   func(f *cases.Final) { f.Recipients = []cases.Told{{Recipient: "practice", Verb: decide.VerbCancel}} },
		"its action": func(f *cases.Final) { f.Recipients = []cases.Told{{Recipient: "practice", Action: decide.Notify}} },
	} {
		f := finals[0]
		change(&f)
		got := cases.PlanDigest(append([]cases.Final{f}, finals[1:]...), open, people)
		if other, ok := seen[got]; ok {
			t.Errorf("%s: the digest is that of %s", name, other)
		}
		seen[got] = name
	}
	if cases.PlanDigest(finals, nil, people) == want || cases.PlanDigest(finals, open, people[:2]) == want || cases.PlanDigest(finals[1:], open, people) == want {
		t.Error("what is left out does not show")
	}
	f := finals[0]
	f.By, f.BlockedBy = "somebody", []string{"access of 2026-01-01"}
	if cases.PlanDigest(append([]cases.Final{f}, finals[1:]...), open, people) != want {
		t.Error("who decided, and what an erasure waits for, change nothing of what is done")
	}
	if d, err := cases.ParseDigest(want.String()); err != nil || d != want {
		t.Error(d, err)
	}
}
