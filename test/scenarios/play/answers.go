package play

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// footprint is the part of the published document that is compared.
type footprint struct {
	Holdings []holding      `json:"holdings"`
	Findings []finding      `json:"findings"`
	Consents []consentState `json:"consents"`
}

type holding struct {
	ID         string   `json:"id"`
	System     string   `json:"system"`
	Dataset    string   `json:"dataset"`
	Activity   string   `json:"activity"`
	Category   string   `json:"category"`
	Item       *item    `json:"item"`
	State      string   `json:"state"`
	Basis      []string `json:"lawful_basis"`
	BasisIs    string   `json:"basis_status"`
	Provenance string   `json:"provenance"`
	Medium     string   `json:"medium"`
	Marks      []string `json:"marks"`
	Restricted []string `json:"restricted_by"`
	Holds      []string `json:"holds"`
	Retention  until    `json:"retention"`
	SentTo     []struct {
		Recipient string `json:"recipient"`
	} `json:"disclosures"`
}

type item struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// until is how long: the same in a footprint and in a due list.
type until struct {
	Rule     string `json:"rule"`
	Status   string `json:"status"`
	From     string `json:"trigger_date"`
	Due      string `json:"due"`
	Why      string `json:"why"`
	AtEnd    string `json:"at_end"`
	DecideBy string `json:"decide_by"`
	AtLeast  string `json:"at_least"`
	Keep     *struct {
		Elements []string `json:"elements"`
		Until    string   `json:"until"`
	} `json:"keep"`
	RestsOn []struct {
		Key string `json:"key"`
	} `json:"rests_on"`
}

type dueItem struct {
	ID       string   `json:"holding"`
	System   string   `json:"system"`
	Dataset  string   `json:"dataset"`
	Activity string   `json:"activity"`
	Category string   `json:"category"`
	Item     *item    `json:"item"`
	Holds    []string `json:"holds"`
	until
}

type finding struct {
	Rule    string            `json:"rule"`
	Verdict string            `json:"verdict"`
	About   map[string]string `json:"about"`
}

// String is how a finding stands in a scenario. References to a person and to a
// holding, and the sealed word of a code that nobody declared, are others in each
// run.
func (f *finding) String() string {
	out := f.Rule + " " + f.Verdict
	for _, k := range slices.Sorted(maps.Keys(f.About)) {
		v := f.About[k]
		if k == "subject" || k == "holding" {
			continue
		}
		if strings.HasPrefix(v, sealed) {
			v = sealed + "*"
		}
		out += " " + k + "=" + v
	}
	return out
}

// sealed begins the word that stands for a code nobody declared.
const sealed = "undeclared."

type consentState struct {
	Activity string   `json:"activity"`
	Channels []string `json:"channels"`
	State    string   `json:"state"`
}

// each lists the state of each channel: "activity channel state".
func (c *consentState) each() (out []string) {
	list := c.Channels
	if len(list) == 0 {
		list = []string{"all"}
	}
	for _, ch := range list {
		out = append(out, c.Activity+" "+ch+" "+c.State)
	}
	return out
}

// seen puts what was answered about a holding into the form of a scenario.
func (h *holding) seen() Holding {
	out := Holding{
		System: h.System, Activity: h.Activity, Category: h.Category, Dataset: h.Dataset, State: h.State,
		Basis: h.BasisIs + ": " + strings.Join(h.Basis, " "), Provenance: h.Provenance, Medium: h.Medium, Marks: h.Marks,
		RestrictedBy: h.Restricted, OnHold: len(h.Holds) > 0,
	}
	if h.Item != nil {
		out.Item = h.Item.Value
	}
	for _, d := range h.SentTo {
		to := d.Recipient
		if strings.HasPrefix(to, sealed) {
			to = sealed + "*"
		}
		if !slices.Contains(out.SentTo, to) {
			out.SentTo = append(out.SentTo, to)
		}
	}
	slices.Sort(out.SentTo)
	h.Retention.into(&out)
	return out
}

// seen names the item by the holding's id: a due list names nobody and nothing.
func (d *dueItem) seen(items map[string]string) Holding {
	out := Holding{System: d.System, Activity: d.Activity, Category: d.Category, Dataset: d.Dataset, State: "held", OnHold: len(d.Holds) > 0}
	if d.Item != nil {
		out.Item = cmp.Or(items[d.ID], d.Item.Kind)
	}
	d.into(&out)
	return out
}

func (u *until) into(out *Holding) {
	out.Status, out.Due, out.From, out.AtEnd, out.DecideBy, out.AtLeast = u.Status, u.Due, u.From, u.AtEnd, u.DecideBy, u.AtLeast
	if u.Keep != nil {
		out.Keep = strings.Join(u.Keep.Elements, ", ")
		if u.Keep.Until != "" {
			out.Keep += " until " + u.Keep.Until
		}
	}
	for _, k := range u.RestsOn {
		out.RestsOn = append(out.RestsOn, k.Key)
	}
}

// Line is a holding in one line, for people.
func (h *Holding) Line() string {
	out := fmt.Sprintf("%-12s %-10s %s", h.System, h.Activity, h.Category)
	if h.Item != "" {
		out += " [" + h.Item + "]"
	}
	out += ": " + strings.ReplaceAll(h.Status, "_", " ")
	if h.Due != "" {
		out += " " + h.Due
	}
	if h.Keep != "" {
		out += "; stays: " + h.Keep
	}
	if h.State != "" && h.State != "held" {
		out += " (" + h.State + ")"
	}
	if len(h.SentTo) > 0 {
		out += "; sent to " + strings.Join(h.SentTo, ", ")
	}
	return out
}
