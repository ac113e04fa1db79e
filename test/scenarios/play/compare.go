package play

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// holdings compares what is expected with what was answered: every expected
// holding once, and nothing beside.
func holdings(want, got []Holding, disclosures bool) (faults []string) {
	left := slices.Clone(got)
	for i := range want {
		w := &want[i]
		at := slices.IndexFunc(left, func(g Holding) bool { return w.means(&g) })
		if at < 0 {
			faults = append(faults, "expected and not seen: "+w.Line())
			continue
		}
		for _, d := range w.differs(&left[at], disclosures) {
			faults = append(faults, w.name()+": "+d)
		}
		left = slices.Delete(left, at, at+1)
	}
	for i := range left {
		faults = append(faults, "seen and not expected: "+left[i].Line())
	}
	return faults
}

func (h *Holding) name() string {
	out := h.System + " " + h.Activity + " " + h.Category
	for _, x := range []string{h.Dataset, h.Item} {
		if x != "" {
			out += " " + x
		}
	}
	return out
}

// means reports whether g is the holding that h speaks of.
func (h *Holding) means(g *Holding) bool {
	return h.System == g.System && strings.EqualFold(h.Activity, g.Activity) && h.Category == g.Category &&
		(h.Dataset == "" || h.Dataset == g.Dataset) && h.Item == g.Item
}

func (h *Holding) differs(g *Holding, disclosures bool) (out []string) {
	say := func(what, want, got string) {
		if want != got {
			out = append(out, fmt.Sprintf("%s is %q, want %q", what, got, want))
		}
	}
	list := func(what string, want, got []string) {
		w, g := slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))
		say(what, strings.Join(w, ", "), strings.Join(g, ", "))
	}
	say("status", h.Status, g.Status)
	say("due", h.Due, g.Due)
	say("state", cmp.Or(h.State, "held"), g.State)
	say("at_end", h.AtEnd, g.AtEnd)
	say("keep", h.Keep, g.Keep)
	if h.OnHold != g.OnHold {
		say("on_hold", fmt.Sprint(h.OnHold), fmt.Sprint(g.OnHold))
	}
	for _, x := range []struct{ what, want, got string }{
		{"from", h.From, g.From}, {"decide_by", h.DecideBy, g.DecideBy}, {"at_least", h.AtLeast, g.AtLeast},
		{"basis", h.Basis, g.Basis}, {"provenance", h.Provenance, g.Provenance}, {"medium", h.Medium, g.Medium},
	} {
		if x.want != "" {
			say(x.what, x.want, x.got)
		}
	}
	if len(h.RestsOn) > 0 {
		list("rests_on", h.RestsOn, g.RestsOn)
	}
	if len(h.Marks) > 0 {
		list("marks", h.Marks, g.Marks)
	}
	if disclosures {
		list("restricted_by", h.RestrictedBy, g.RestrictedBy)
		list("sent_to", h.SentTo, g.SentTo)
	}
	return out
}

// lines compares two sets of lines.
func lines(what string, want, got []string, all bool) (faults []string) {
	for _, w := range want {
		if !slices.Contains(got, w) {
			faults = append(faults, what+" expected and not seen: "+w)
		}
	}
	if !all {
		return faults
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			faults = append(faults, what+" seen and not expected: "+g)
		}
	}
	return faults
}
