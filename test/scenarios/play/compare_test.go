package play

import (
	"strings"
	"testing"
)

// A comparison that overlooks something would let every story pass.
func TestHoldingsDiffer(t *testing.T) {
	pay := Holding{System: "payroll", Activity: "emp-05", Category: "finance_employee", Item: "2015-03-31", State: "held", Status: "overdue", Due: "2021-03-31", From: "2015-03-31"}
	name := Holding{System: "hr", Activity: "emp-02", Category: "identity_contact", State: "held", Status: "overdue", Due: "2022-08-31", Keep: "identity_contact/name until 2025-08-31", SentTo: []string{"royal-infirmary"}}
	with := func(h Holding, change func(*Holding)) Holding { change(&h); return h }
	for _, c := range []struct {
		what      string
		want, got []Holding
		fault     string
	}{
		{"the same", []Holding{pay, name}, []Holding{name, pay}, ""},
		{"held is what a state means when it is left out", []Holding{with(pay, func(h *Holding) { h.State = "" })}, []Holding{pay}, ""},
		{"the activity as the notice writes it", []Holding{with(pay, func(h *Holding) { h.Activity = "EMP-05" })}, []Holding{pay}, ""},
		{"one missing", []Holding{pay, name}, []Holding{pay}, "expected and not seen"},
		{"one beside", []Holding{pay}, []Holding{pay, name}, "seen and not expected"},
		{"one twice", []Holding{pay}, []Holding{pay, pay}, "seen and not expected"},
		{"another day", []Holding{pay}, []Holding{with(pay, func(h *Holding) { h.Due = "2022-03-31" })}, "due"},
		{"a day that is not expected", []Holding{with(pay, func(h *Holding) { h.Due = "" })}, []Holding{pay}, "due"},
		{"another state of time", []Holding{pay}, []Holding{with(pay, func(h *Holding) { h.Status = "running" })}, "status"},
		{"another item", []Holding{pay}, []Holding{with(pay, func(h *Holding) { h.Item = "2016-03-31" })}, "expected and not seen"},
		{"restricted", []Holding{pay}, []Holding{with(pay, func(h *Holding) { h.State = "restricted" })}, "state"},
		{"counted from another day", []Holding{pay}, []Holding{with(pay, func(h *Holding) { h.From = "2016-03-31" })}, "from"},
		{"nothing stays behind", []Holding{name}, []Holding{with(name, func(h *Holding) { h.Keep = "" })}, "keep"},
		{"sent to somebody else too", []Holding{name}, []Holding{with(name, func(h *Holding) { h.SentTo = []string{"bank", "royal-infirmary"} })}, "sent_to"},
		{"on hold", []Holding{pay}, []Holding{with(pay, func(h *Holding) { h.OnHold = true })}, "on_hold"},
	} {
		faults := holdings(c.want, c.got, true)
		if (len(faults) > 0) != (c.fault != "") || !strings.Contains(strings.Join(faults, "\n"), c.fault) {
			t.Errorf("%s: got %q, want a fault with %q", c.what, faults, c.fault)
		}
	}
}

func TestLinesDiffer(t *testing.T) {
	want, got := []string{"a", "b"}, []string{"b", "c"}
	if f := lines("finding", want, got, true); len(f) != 2 {
		t.Errorf("all: %q", f)
	}
	if f := lines("finding", want, got, false); len(f) != 1 || !strings.Contains(f[0], "not seen: a") {
		t.Errorf("some: %q", f)
	}
}

// A step that means two things, or none, or somebody unknown, is no step.
func TestStepsAreChecked(t *testing.T) {
	s := &Scenario{People: map[string]string{"maria": "email=maria@example.org"}}
	for _, x := range []Step{{}, {Clock: "2022-01-01", Ingest: "events.jsonl"}, {Footprint: "rose"}} {
		if x.check(s) == nil {
			t.Errorf("%+v is taken", x)
		}
	}
	if x := (Step{Footprint: "maria"}); x.check(s) != nil {
		t.Error("a footprint of somebody known is refused")
	}
}
