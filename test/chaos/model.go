// Package chaos kills a running server again and again while clients write,
// and compares what it then knows with an independent model: nothing that was
// acknowledged may be lost, and nothing that was never sent may appear (I2, I3).
//
// The model shares no code with the product beyond HTTP and JSON: it keeps the
// events it sent and computes each footprint in the most obvious way.
package chaos

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"time"
)

// sent is one event as the model remembers it.
type sent struct {
	id, system, person string
	kind               string // stored, shared, removed
	at                 time.Time
	category, dataset  string
	recipient          string
	acked              bool
}

func (e *sent) json() map[string]any {
	data := map[string]any{
		"subject":      []any{map[string]any{"kind": e.system + ".member", "value": e.person}, map[string]any{"kind": "email", "value": e.person + "@example.org"}},
		"subject_type": "locum", "activity": "ic-a03", "categories": []any{e.category}, "dataset": e.dataset,
	}
	switch e.kind {
	case "stored":
		data["provenance"] = "provided"
	case "shared":
		data["recipient"] = e.recipient
	case "removed":
		data["how"] = "deleted"
	}
	return map[string]any{"specversion": "1.0", "id": e.id, "source": e.system, "type": "habeas.record." + e.kind + ".v1",
		"time": e.at.Format(time.RFC3339Nano), "data": data}
}

// crowd is how many people are spoken of at a time; each round brings some new
// ones, so that the vault always has handles to allocate.
const crowd, fresh = 40, 10

// draw makes a random event; times lie anywhere in a year, so events arrive
// out of order, late and repeated.
func draw(r *rand.Rand, round, n int) *sent {
	e := &sent{
		id: fmt.Sprintf("e%d-%d", n, r.Uint32()), system: "platform",
		person:   fmt.Sprintf("p%d", round*fresh+r.IntN(crowd)),
		category: []string{"identity", "contact", "career_education", "financial"}[r.IntN(4)],
		dataset:  []string{"profiles", "archive"}[r.IntN(2)],
		at:       time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(365*24*60))*time.Minute + time.Duration(n)*time.Microsecond), // no two at once
	}
	switch x := r.IntN(10); {
	case x < 6:
		e.kind = "stored"
	case x < 9:
		e.kind = "shared"
		e.recipient = []string{"verification_provider", "gohighlevel", "dental_practice"}[r.IntN(3)]
	default:
		e.kind = "removed"
	}
	return e
}

// holding is what the model expects of one holding.
type holding struct {
	First, Last, State string
	Disclosures        map[string]int // recipient -> distinct days
}

// expect computes the holdings of a person from everything that was sent.
func expect(all []*sent, person string) map[string]holding {
	type group struct{ stored, shared, removed []*sent }
	groups := map[string]*group{}
	for _, e := range all {
		if e.person != person {
			continue
		}
		k := e.dataset + "|" + e.category
		if groups[k] == nil {
			groups[k] = &group{}
		}
		g := groups[k]
		switch e.kind {
		case "stored":
			g.stored = append(g.stored, e)
		case "shared":
			g.shared = append(g.shared, e)
		case "removed":
			g.removed = append(g.removed, e)
		}
	}
	out := map[string]holding{}
	for k, g := range groups {
		if len(g.stored) == 0 {
			continue // a disclosure or a removal makes no holding
		}
		sort.Slice(g.stored, func(i, j int) bool { return g.stored[i].at.Before(g.stored[j].at) })
		last := g.stored[len(g.stored)-1].at
		h := holding{First: g.stored[0].at.Format(time.RFC3339Nano), Last: last.Format("2006-01"), State: "held", Disclosures: map[string]int{}}
		for _, e := range g.removed {
			if e.at.After(last) {
				h.State = "removed"
			}
		}
		days := map[string]map[string]bool{}
		for _, e := range g.shared {
			if days[e.recipient] == nil {
				days[e.recipient] = map[string]bool{}
			}
			days[e.recipient][e.at.Format("2006-01-02")] = true
		}
		for r, d := range days {
			h.Disclosures[r] = len(d)
		}
		out[k] = h
	}
	return out
}
