package certificate

import (
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
)

func (k *checker) arithmetic() {
	b := &k.c.Body
	holdings, retain, kept := 0, 0, 0
	for i, d := range b.Decisions {
		holdings += d.Holdings
		if d.Outcome == "retain" {
			retain += d.Holdings
		}
		if d.Holdings < 1 {
			k.wrong(CountWrong, fmt.Sprintf("/certificate/decisions/%d/holdings", i), "a decision about %d holdings", d.Holdings)
		}
	}
	for i, r := range b.Retained {
		kept += r.Holdings
		if r.Holdings < 1 {
			k.wrong(CountWrong, fmt.Sprintf("/certificate/retained/%d/holdings", i), "%d holdings are kept", r.Holdings)
		}
	}
	totals := Totals{Targets: len(b.Targets)}
	for i := range b.Targets {
		totals.count(&b.Targets[i])
	}
	for _, v := range []struct {
		at        string
		says, are int
	}{
		{"/certificate/holdings", b.Holdings, holdings},
		{"/certificate/retained", kept, retain},
		{"/certificate/totals/targets", b.Totals.Targets, totals.Targets},
		{"/certificate/totals/verified", b.Totals.Verified, totals.Verified},
		{"/certificate/totals/not_proven", b.Totals.NotProven, totals.NotProven},
		{"/certificate/totals/open", b.Totals.Open, totals.Open},
	} {
		if v.says != v.are {
			k.wrong(CountWrong, v.at, "it says %d, and the parts add up to %d", v.says, v.are)
		}
	}
	k.step("counts", "%d holdings decided, %d kept; %d targets: %d verified, %d not proven, %d open", b.Holdings, kept, totals.Targets, totals.Verified, totals.NotProven, totals.Open)
}

func (k *checker) targets() {
	b := &k.c.Body
	if b.Standing != Complete && b.Standing != Interim {
		k.wrong(StateWrong, "/certificate/standing", "no standing of that name")
	}
	if b.Standing == Complete && b.Completed.IsZero() {
		k.wrong(StateWrong, "/certificate/standing", "complete, without the day it was completed")
	}
	for i := range b.Targets {
		k.target(&b.Targets[i], fmt.Sprintf("/certificate/targets/%d", i))
	}
	k.step("states", "every state is one that exists, and done is said only of what was looked at again")
}

func (k *checker) target(t *Target, at string) {
	want := t.resultOf()
	if want == "" || !slices.Contains([]string{"system", "recipient"}, t.At) {
		k.wrong(StateWrong, at, "no state, verb or kind of target of that name")
		return
	}
	if t.Result != want && t.State != "verified" && t.Result == done[t.Verb] {
		// I8: done is what a later look found, and nothing else.
		k.wrong(ErasedUnproven, at+"/result", "it says %s, and the state is %s", t.Result, t.State)
	} else if t.Result != want {
		k.wrong(StateWrong, at+"/result", "it says %s, and the state %s comes to %s", t.Result, t.State, want)
	}
	if t.State == "verified" && looked[t.Verb] && t.Looked.IsZero() {
		k.wrong(ErasedUnproven, at+"/looked", "verified, without the day of the look again")
	}
	if t.State == "verified" && len(t.Receipts) == 0 {
		k.wrong(ErasedUnproven, at+"/receipts", "verified, without a receipt")
	}
	if t.Unproven != nil && (t.State == "verified" || len(t.Unproven.Roles) == 0 || t.Unproven.On.IsZero() || (t.Unproven.With != "plan" && t.Unproven.With != "settled")) {
		k.wrong(StateWrong, at+"/unproven", "the approval of an end without proof is not whole, or does not belong here")
	}
	if k.c.Body.Standing == Complete && t.State != "verified" && (t.Unproven == nil || want == Open) {
		k.wrong(NotApproved, at, "the case is said to be complete, and nobody approved that this ends as %s", t.State)
	}
}

// dates checks that what follows comes later.
func (k *checker) dates() {
	b := &k.c.Body
	drawn := b.Drawn.Day()
	// A day of the calendar and a moment of the server's clock may lie a day apart.
	drawn++
	k.order("/certificate/due", b.Received, b.Due)
	k.order("/certificate/answered", b.Received, b.Answered)
	k.order("/certificate/completed", b.Received, b.Completed)
	k.order("/certificate/closed", b.Received, b.Closed)
	for _, at := range []struct {
		name string
		day  events.Date
	}{{"received", b.Received}, {"answered", b.Answered}, {"completed", b.Completed}, {"closed", b.Closed}} {
		k.order("/certificate/"+at.name, at.day, drawn)
	}
	if b.Received.IsZero() || b.Drawn.IsZero() {
		k.wrong(DateOrder, "/certificate/received", "without the day of receipt or the moment it was drawn")
	}
	if p := b.Plan; p != nil {
		k.order("/certificate/plan/approved", b.Received, p.Approved)
		k.order("/certificate/plan/approved", p.Approved, drawn)
	}
	for i, t := range b.Targets {
		at := fmt.Sprintf("/certificate/targets/%d", i)
		k.order(at+"/acted", b.Received, t.Acted)
		k.order(at+"/looked", t.Acted, t.Looked)
		k.order(at+"/looked", t.Looked, drawn)
		k.order(at+"/acted", t.Acted, drawn)
		if t.Unproven != nil {
			k.order(at+"/unproven/on", t.Unproven.On, drawn)
		}
	}
	k.step("dates", "nothing is dated before what it follows")
}

// order finds fault where both days are there and the second comes first.
func (k *checker) order(at string, first, second events.Date) {
	if !first.IsZero() && !second.IsZero() && second < first {
		k.wrong(DateOrder, at, "%s comes before %s", second, first)
	}
}

func (k *checker) keys() {
	v := &k.c.Body.Keys
	if v.Identifiers < 0 || v.Forgotten < 0 || v.Forgotten > v.Identifiers {
		k.wrong(CountWrong, "/certificate/keys/forgotten", "%d of %d identifiers are forgotten", v.Forgotten, v.Identifiers)
	}
	all := v.Forgotten == v.Identifiers
	fits := map[KeyState]bool{KeysInUse: v.Forgotten == 0, KeysPart: v.Forgotten > 0 && !all, Removed: v.Forgotten > 0 && all, Gone: v.Forgotten > 0 && all}
	if !fits[v.State] {
		k.wrong(KeysWrong, "/certificate/keys/state", "it says %s, and %d of %d identifiers are forgotten", v.State, v.Forgotten, v.Identifiers)
	}
	if v.State == Gone && slices.ContainsFunc(v.Locations, func(l Location) bool { return l.Behind }) {
		k.wrong(KeysWrong, "/certificate/keys/locations", "it says unreadable, and a key location still holds an old epoch")
	}
	k.step("keys", "%d of %d identifiers are forgotten; epoch %d, %d key locations", v.Forgotten, v.Identifiers, v.Epoch, len(v.Locations))
}
