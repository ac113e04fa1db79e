package ropa

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// A Change is what differs in one column of one activity between two records.
type Change struct {
	Activity events.Code `json:"activity"`
	Purpose  string      `json:"purpose"`
	Part     string      `json:"part"` // controller or processor: Article 30(1) or (2)
	Column   string      `json:"column"`
	Added    []string    `json:"added,omitempty"`
	Removed  []string    `json:"removed,omitempty"`
}

// Diff lists what was added and removed from one record to a later one, in the
// order of the later one's rows.
func Diff(from, to *Record) []Change {
	out := []Change{}
	for _, part := range []struct {
		name     string
		old, now []Row
	}{{"controller", from.Controller, to.Controller}, {"processor", from.Processor, to.Processor}} {
		for i := range part.now {
			now := &part.now[i]
			j := slices.IndexFunc(part.old, func(r Row) bool { return r.Activity == now.Activity })
			if j < 0 {
				out = append(out, Change{now.Activity, now.Purpose, part.name, "activity", []string{now.Purpose}, nil})
				continue
			}
			out = append(out, compare(part.name, &part.old[j], now)...)
		}
		for i := range part.old {
			old := &part.old[i]
			if !slices.ContainsFunc(part.now, func(r Row) bool { return r.Activity == old.Activity }) {
				out = append(out, Change{old.Activity, old.Purpose, part.name, "activity", nil, []string{old.Purpose}})
			}
		}
	}
	return out
}

func compare(part string, a, b *Row) (out []Change) {
	was, is := columns(a), columns(b)
	for i := range is {
		c := Change{Activity: b.Activity, Purpose: b.Purpose, Part: part, Column: is[i].name,
			Added: missing(is[i].values, was[i].values), Removed: missing(was[i].values, is[i].values)}
		if len(c.Added)+len(c.Removed) > 0 {
			out = append(out, c)
		}
	}
	return out
}

func missing(list, from []string) (out []string) {
	for _, v := range list {
		if !slices.Contains(from, v) {
			out = append(out, v)
		}
	}
	return out
}

type column struct {
	name   string
	values []string
}

func columns(r *Row) []column {
	entries := func(list []Entry) []string {
		out := make([]string, len(list))
		for i, e := range list {
			out[i] = e.Name + " (" + strings.ReplaceAll(string(e.Side), "_", " ") + ")"
		}
		return out
	}
	grounds := func(list []Ground) []string {
		out := make([]string, len(list))
		for i, g := range list {
			out[i] = string(g.ID)
		}
		return out
	}
	var abroad []string
	for _, t := range r.Transfers {
		where := string(t.Country)
		if where == "" {
			where = string(t.Region)
		}
		abroad = append(abroad, t.Name+", "+where+", safeguard: "+orNone(string(t.Safeguard)))
	}
	return []column{
		{"purpose", []string{r.Purpose}}, {"side", []string{string(r.Side)}}, {"role", []string{string(r.Role)}},
		{"controllers", entries(r.Controllers)}, {"subject_types", entries(r.Subjects)}, {"categories", entries(r.Categories)},
		{"recipients", entries(r.Recipients)}, {"transfers", abroad}, {"sources", entries(r.Sources)}, {"systems", entries(r.Systems)},
		{"retention", []string{r.Retention}}, {"lawful_basis", append(grounds(r.Bases), "status: "+string(r.BasisStatus))},
		{"conditions", grounds(r.Conditions)}, {"automated", []string{string(r.Automated)}},
	}
}

func orNone(s string) string {
	if s == "" {
		return "none named"
	}
	return s
}
