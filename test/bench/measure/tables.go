package measure

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Table is text in columns; every reader renders it in its own way.
type Table struct {
	Title string     `json:"title"`
	Note  string     `json:"note,omitempty"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
}

// number writes three significant digits, thousands apart.
func number(x float64) string {
	switch a := math.Abs(x); {
	case a == 0:
		return "0"
	case a >= 10_000:
		scale := math.Pow(10, math.Floor(math.Log10(a))-2)
		return apart(strconv.FormatFloat(math.Round(x/scale)*scale, 'f', 0, 64))
	case a >= 100:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	default:
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
}

func apart(s string) string {
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

// show writes a spread: the median, and the range where there is one.
func show(s Spread, unit string) string {
	text := number(s.Median)
	if s.Rounds > 1 {
		text += " (" + number(s.Min) + " to " + number(s.Max) + ")"
	}
	if unit != "" {
		text += " " + unit
	}
	return text
}

// A line is a quantity that has a value for habeas, for PostgreSQL, or both.
type line struct {
	text, unit string
	ours, pg   string // metrics
	higher     bool
}

var sideBySide = []line{
	{"durable ingest through the gateway (fsync before the acknowledgement)", "events/s", "habeas.ingest.per_s", "pg.e2e.per_s", true},
	{"the same, processor time an event, client included", "µs", "habeas.ingest.cpu_us", "pg.e2e.cpu_us", false},
	{"end to end: durable and queryable", "events/s", "habeas.e2e.per_s", "pg.e2e.per_s", true},
	{"the same, processor time an event, client included", "µs", "habeas.e2e.cpu_us", "pg.e2e.cpu_us", false},
	{"end to end, two connections loading PostgreSQL", "events/s", "habeas.e2e.per_s", "pg.two.e2e.per_s", true},
	{"the same, processor time an event, client included", "µs", "habeas.e2e.cpu_us", "pg.two.e2e.cpu_us", false},
	{"footprint, idle, small: p50", "µs", "habeas.idle.small.p50_us", "pg.idle.small.p50_us", false},
	{"footprint, idle, small: p99", "µs", "habeas.idle.small.p99_us", "pg.idle.small.p99_us", false},
	{"footprint, idle, small: rows", "", "habeas.idle.small.rows", "pg.idle.small.rows", false},
	{"footprint, idle, large: p50", "µs", "habeas.idle.large.p50_us", "pg.idle.large.p50_us", false},
	{"footprint, idle, large: p99", "µs", "habeas.idle.large.p99_us", "pg.idle.large.p99_us", false},
	{"footprint, idle, large: rows", "", "habeas.idle.large.rows", "pg.idle.large.rows", false},
	{"footprint under full ingest, large: p50", "µs", "habeas.busy.p50_us", "pg.busy.p50_us", false},
	{"footprint under full ingest, large: p99", "µs", "habeas.busy.p99_us", "pg.busy.p99_us", false},
	{"the same with two connections loading PostgreSQL: p99", "µs", "habeas.busy.p99_us", "pg.two.busy.p99_us", false},
	{"footprint under full ingest, large: rows", "", "habeas.busy.rows", "pg.busy.rows", false},
	{"the whole answer, its look recorded first (durable), idle, small: p50", "µs", "habeas.look.small.p50_us", "", false},
	{"the same: p99", "µs", "habeas.look.small.p99_us", "", false},
	{"the whole answer, its look recorded first, idle, large: p50", "µs", "habeas.look.large.p50_us", "", false},
	{"the same: p99", "µs", "habeas.look.large.p99_us", "", false},
	{"log: journal, or table of events", "B/event", "habeas.disk.journal", "pg.disk.events", false},
	{"map, or table of holdings", "B/event", "habeas.disk.map", "pg.disk.holdings", false},
	{"vault, or table of identifiers", "B/event", "habeas.disk.vault", "pg.disk.identifiers", false},
	{"all on disk", "B/event", "habeas.disk", "pg.disk", false},
	{"written while loading (PostgreSQL: WAL only)", "B/event", "habeas.e2e.written", "pg.wal.bytes", false},
	{"peak memory (habeas: generator included)", "MB", "habeas.memory_mb", "pg.memory_mb", false},
}

// comparable is false for lines whose ratio would say nothing.
func (l line) comparable() bool {
	return l.ours != "" && l.pg != "" && l.unit != "" && !strings.HasPrefix(l.text, "written")
}

// SideBySide is habeas and PostgreSQL in one table. Without PostgreSQL its
// columns are left out.
func SideBySide(r Rounds) Table {
	_, both := r.Metric("pg.e2e.per_s")
	t := Table{Title: "Side by side", Head: []string{"", "habeas"}}
	if both {
		t.Head = append(t.Head, "PostgreSQL", "habeas is better by")
	}
	for _, l := range sideBySide {
		ours, ok := r.Metric(l.ours)
		pg, okpg := r.Metric(l.pg)
		// Without PostgreSQL, the second look at our own number says nothing.
		if (!ok && !okpg) || (!both && strings.HasPrefix(l.pg, "pg.two")) {
			continue
		}
		row := []string{l.text, cell(ours, ok, l.unit)}
		if both {
			row = append(row, cell(pg, okpg, l.unit), l.better(r))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func cell(s Spread, ok bool, unit string) string {
	if !ok {
		return "–"
	}
	return show(s, unit)
}

func (l line) better(r Rounds) string {
	if !l.comparable() {
		return ""
	}
	a, b := l.ours, l.pg
	if !l.higher {
		a, b = b, a
	}
	s, ok := r.Of(ratio(a, b))
	if !ok {
		return ""
	}
	return show(s, "x")
}

var rawLines = []line{
	{text: "JetStream, 256 events to a frame, fsync before each acknowledgement", ours: "raw.frames256"},
	{text: "JetStream, 1024 events to a frame, the same", ours: "raw.frames1024"},
	{text: "JetStream, 256 events of 400 bytes to a frame, the same", ours: "raw.wide256"},
	{text: "JetStream, one event to a message, the same", ours: "raw.singles"},
	{text: "Badger, batches of 5000 keys in order, synced", ours: "raw.badger.sorted"},
	{text: "Badger, batches of 5000 keys at random, synced", ours: "raw.badger.random"},
	{text: "the journal alone: finished events, grouped, chained, durable", ours: "habeas.journal"},
	{text: "the gateway: identifiers resolved, then the journal", ours: "habeas.ingest"},
	{text: "the map alone: applying what the journal holds", ours: "habeas.apply"},
	{text: "rebuild of the map from the journal", ours: "habeas.rebuild"},
	{text: "the generator, taken off everywhere", ours: "load.generate"},
}

// Raw is what the layers below can do in the same run.
func Raw(r Rounds) Table {
	t := Table{Title: "Raw limits and layers, in the same run",
		Head: []string{"", "a second", "processor time each", "written each"}}
	for _, l := range rawLines {
		rate, ok := r.Metric(l.ours + ".per_s")
		if !ok {
			continue
		}
		cpu, okc := r.Metric(l.ours + ".cpu_us")
		wrote, okw := r.Metric(l.ours + ".written")
		t.Rows = append(t.Rows, []string{l.text, show(rate, ""), cell(cpu, okc, "µs"), cell(wrote, okw, "B")})
	}
	return t
}

// GoalTable is the verdicts as a table.
func GoalTable(list []Verdict) Table {
	t := Table{Title: "Goals", Head: []string{"goal", "must", "aim", "measured", "result"}}
	for _, v := range list {
		sign := "≤"
		if v.Higher {
			sign = "≥"
		}
		bar := func(x float64) string { return fmt.Sprintf("%s %s %s", sign, number(x), v.Unit) }
		measured := "–"
		if v.Measured != nil {
			measured = show(*v.Measured, v.Unit)
		}
		t.Rows = append(t.Rows, []string{v.Goal, bar(v.Must), bar(v.Aim), measured, v.Result})
	}
	return t
}
