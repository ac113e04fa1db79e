package measure

import "math"

type getter = func(string) float64

// A Goal is one row of the goals that a release is held against.
type Goal struct {
	Text  string
	Unit  string
	Value func(get getter) float64
	// Higher says that more is better.
	Higher    bool
	Must, Aim float64
}

// A Verdict is a goal with what was measured.
type Verdict struct {
	Goal     string  `json:"goal"`
	Unit     string  `json:"unit"`
	Must     float64 `json:"must"`
	Aim      float64 `json:"aim"`
	Higher   bool    `json:"higher_is_better"`
	Measured *Spread `json:"measured"` // nil: not measured in this run
	Result   string  `json:"result"`   // met, missed, aim met, not measured
}

func ratio(a, b string) func(getter) float64 {
	return func(get getter) float64 { return get(a) / get(b) }
}

func metric(name string) func(getter) float64 {
	return func(get getter) float64 { return get(name) }
}

// Goals is the table in the order of docs/performance.md.
var Goals = []Goal{
	{"durable ingest through the gateway against raw durable frames of 256", "x",
		ratio("habeas.ingest.per_s", "raw.frames256.per_s"), true, 0.6, 0.9},
	{"the same against raw durable frames of 1024", "x",
		ratio("habeas.ingest.per_s", "raw.frames1024.per_s"), true, 0.6, 0.9},
	{"the same against raw durable frames of 256 events of 400 bytes, as the study filled them", "x",
		ratio("habeas.ingest.per_s", "raw.wide256.per_s"), true, 0.6, 0.9},
	{"durable ingest through the gateway against one event to a message", "x",
		ratio("habeas.ingest.per_s", "raw.singles.per_s"), true, 40, 50},
	{"end to end to queryable, processor time an event", "µs", metric("habeas.e2e.cpu_us"), false, 16, 10},
	{"end to end against PostgreSQL at its fastest", "x",
		func(get getter) float64 {
			return get("habeas.e2e.per_s") / math.Max(get("pg.e2e.per_s"), get("pg.two.e2e.per_s"))
		}, true, 5, 8},
	{"footprint, idle, at most 20 rows, p50", "µs", metric("habeas.idle.small.p50_us"), false, 25, 12},
	{"footprint, idle, at most 20 rows, p99", "µs", metric("habeas.idle.small.p99_us"), false, 400, 250},
	{"footprint of about 300 rows under full ingest, p99", "µs", metric("habeas.busy.p99_us"), false, 5000, 2000},
	{"the same, PostgreSQL's p99 over ours", "x", ratio("pg.busy.p99_us", "habeas.busy.p99_us"), true, 3, 3},
	{"rebuild from the journal, a million events", "s", metric("habeas.rebuild.s_per_million"), false, 10, 5},
	{"journal, an event on disk", "B", metric("habeas.disk.journal"), false, 100, 85},
	{"map, an event on disk", "B", metric("habeas.disk.map"), false, 55, 30},
	{"throughput at 5 million events against half a million", "x", metric("scale.ratio"), true, 0.9, 1},
}

// Judge holds a run against the goals. What was not measured says so.
func Judge(r Rounds) []Verdict {
	out := make([]Verdict, 0, len(Goals))
	for _, g := range Goals {
		v := Verdict{Goal: g.Text, Unit: g.Unit, Must: g.Must, Aim: g.Aim, Higher: g.Higher, Result: "not measured"}
		if s, ok := r.Of(g.Value); ok {
			v.Measured, v.Result = &s, g.result(s.Median)
		}
		out = append(out, v)
	}
	return out
}

func (g Goal) result(x float64) string {
	reaches := func(bar float64) bool {
		if g.Higher {
			return x >= bar
		}
		return x <= bar
	}
	switch {
	case reaches(g.Aim):
		return "aim met"
	case reaches(g.Must):
		return "met"
	}
	return "missed"
}
