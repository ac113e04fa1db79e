package inventory_test

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// model answers from the whole list of events, by asking every event about
// everything. It shares no code with Fold.
type model struct {
	told []projectionstest.Told
	q    inventory.Query
}

func (m *model) known(x projectionstest.Told) bool {
	k := m.q.Known
	return (k.Position.IsZero() || x.Position.Seq <= k.Position.Seq) && (k.At == 0 || x.Recorded <= k.At)
}

func (m *model) retracted(id events.EventID, deep int) bool {
	for _, x := range m.told {
		if deep > 0 && x.Kind == events.EventRetracted && x.Retracts == id && m.known(x) && !m.retracted(x.ID, deep-1) {
			return true
		}
	}
	return false
}

// said lists the events that count, each id once.
func (m *model) said() (out []projectionstest.Told) {
	seen := make(map[events.EventID]bool)
	for _, x := range m.told {
		if seen[x.ID] || !m.known(x) || m.retracted(x.ID, 8) || (m.q.AsOf != 0 && x.Time > m.q.AsOf) || len(x.Subject) == 0 {
			continue
		}
		seen[x.ID] = true
		out = append(out, x)
	}
	return out
}

func before(a, b projectionstest.Told) bool {
	return a.Time < b.Time || (a.Time == b.Time && a.Position.Seq < b.Position.Seq)
}

func set(e *events.Event) events.Code {
	if e.Dataset != "" {
		return e.Dataset
	}
	return e.Activity.Code
}

func cats(e *events.Event) []events.Category {
	if len(e.Categories) == 0 {
		return []events.Category{{}}
	}
	return e.Categories
}

type modelHolding struct {
	system, dataset events.Code
	handle, item    events.Handle
	activity        events.Activity
	category        events.Category
}

func (h modelHolding) String() string {
	return fmt.Sprintf("%s %x %s %x %s %s", h.system, h.handle[:2], h.dataset, h.item[:2], h.activity, h.category)
}

// covers reports whether what e says reaches h; a field left out means all.
func covers(e *events.Event, c events.Category, h modelHolding, system bool) bool {
	return (!system || e.Source == h.system) &&
		(!system || e.Dataset == "" || e.Dataset == h.dataset) &&
		(e.Item.IsZero() || e.Item.Handle == h.item) &&
		(e.Activity.Code == "" || e.Activity.Code == h.activity.Code) &&
		(e.Activity.SubPurpose == "" || e.Activity.SubPurpose == h.activity.SubPurpose) &&
		(c.Code == "" || c.Code == h.category.Code) &&
		(c.Element == "" || c.Element == h.category.Element)
}

// holdings writes what the model expects, one line a holding.
func (m *model) holdings() []string {
	said := m.said()
	stored := make(map[modelHolding][]projectionstest.Told)
	for _, x := range said {
		if x.Kind == events.RecordStored {
			for _, c := range cats(x.Event) {
				k := modelHolding{x.Source, set(x.Event), x.Subject[0].Handle, x.Item.Handle, x.Activity, c}
				stored[k] = append(stored[k], x)
			}
		}
	}
	var out []string
	for h, xs := range stored {
		first, last := xs[0], xs[0]
		for _, x := range xs {
			if x.Time < first.Time {
				first = x
			}
			if before(last, x) {
				last = x
			}
		}
		line := fmt.Sprintf("%s | %s %s %s |", h, m.state(said, h, last), first.Time, last.Time)
		out = append(out, line+m.disclosures(said, stored, h)+"|"+m.used(said, stored, h))
	}
	sort.Strings(out)
	return out
}

func (m *model) state(said []projectionstest.Told, h modelHolding, last projectionstest.Told) string {
	var set, lift, gone projectionstest.Told
	latest := func(at *projectionstest.Told, x projectionstest.Told) {
		if at.Event == nil || before(*at, x) {
			*at = x
		}
	}
	for _, x := range said {
		for _, c := range cats(x.Event) {
			switch {
			case x.Kind == events.RecordRemoved && covers(x.Event, c, h, true):
				latest(&gone, x)
			case x.Kind == events.RestrictionSet && covers(x.Event, c, h, false):
				latest(&set, x)
			case x.Kind == events.RestrictionLifted && covers(x.Event, c, h, false):
				latest(&lift, x)
			}
		}
	}
	switch {
	case gone.Event != nil && before(last, gone):
		return "removed"
	case set.Event != nil && (lift.Event == nil || before(lift, set)):
		return "restricted"
	case m.stopped(said, h, events.ConsentGiven, events.ConsentWithdrawn), m.stopped(said, h, events.ObjectionLifted, events.ObjectionMade):
		return "restricted"
	}
	return "held"
}

// stopped reports whether, of the words on some scope that reaches h, all
// channels are closed. An objection closes all only if one spoke of all.
func (m *model) stopped(said []projectionstest.Told, h modelHolding, opens, closes events.Kind) bool {
	type scope struct {
		a events.Activity
		i events.Ref
	}
	scopes := make(map[scope]bool)
	for _, x := range said {
		if x.Kind == opens || x.Kind == closes {
			scopes[scope{x.Activity, x.Item}] = true
		}
	}
	for s := range scopes {
		if s.a.Code != h.activity.Code || (s.a.SubPurpose != "" && s.a != h.activity) || (!s.i.IsZero() && s.i.Handle != h.item) {
			continue
		}
		state := make(map[events.Code]projectionstest.Told)
		for _, ch := range []events.Code{"", "email", "post"} {
			for _, x := range said {
				if (x.Kind != opens && x.Kind != closes) || x.Activity != s.a || x.Item != s.i {
					continue
				}
				if len(x.Channels) > 0 && !slices.Contains(x.Channels, ch) {
					continue
				}
				if w, ok := state[ch]; !ok || before(w, x) {
					state[ch] = x
				}
			}
		}
		open := false
		for _, x := range state {
			open = open || x.Kind == opens
		}
		_, all := state[""]
		if !open && (all || opens == events.ConsentGiven) {
			return true
		}
	}
	return false
}

// reaches lists the holdings that a shared or used event attaches to for one
// of its categories: the one equal to it, else all it covers; else, of a shared
// one, those of the same data item for other activities.
func reaches(x projectionstest.Told, c events.Category, stored map[modelHolding][]projectionstest.Told) (out map[modelHolding]bool, other bool) {
	exact := modelHolding{x.Source, set(x.Event), x.Subject[0].Handle, x.Item.Handle, x.Activity, c}
	if stored[exact] != nil {
		return map[modelHolding]bool{exact: true}, false
	}
	out = make(map[modelHolding]bool)
	for _, other = range []bool{false, true} {
		for h := range stored {
			wide := h
			if h.category.Element == "" && c.Code == h.category.Code {
				wide.category = c // a word on an element reaches what is held whole
			}
			if other {
				wide.activity = x.Activity
				if h.dataset == h.activity.Code {
					wide.dataset = set(x.Event)
				}
			}
			if covers(x.Event, c, wide, true) {
				out[h] = true
			}
		}
		if len(out) > 0 || x.Kind == events.RecordUsed {
			break
		}
	}
	return out, other
}

func (m *model) disclosures(said []projectionstest.Told, stored map[modelHolding][]projectionstest.Told, h modelHolding) string {
	days := make(map[string]map[string]bool)
	for _, x := range said {
		if x.Kind != events.RecordShared {
			continue
		}
		for _, c := range cats(x.Event) {
			if to, other := reaches(x, c, stored); to[h] {
				k := string(x.Recipient.Code)
				if other {
					k += " for " + x.Activity.String()
				}
				if days[k] == nil {
					days[k] = make(map[string]bool)
				}
				days[k][x.Time.Time().Format("2006-01-02")] = true
			}
		}
	}
	var out []string
	for r, d := range days {
		out = append(out, fmt.Sprintf("%s*%d", r, len(d)))
	}
	sort.Strings(out)
	return strings.Join(out, ",")
}

func (m *model) used(said []projectionstest.Told, stored map[modelHolding][]projectionstest.Told, h modelHolding) string {
	var last events.Instant
	for _, x := range said {
		if x.Kind == events.RecordUsed {
			for _, c := range cats(x.Event) {
				if to, _ := reaches(x, c, stored); to[h] {
					last = max(last, x.Time)
				}
			}
		}
	}
	return last.String()
}

func (m *model) milestones() []string {
	said := m.said()
	date := func(x projectionstest.Told) events.Date {
		if x.Date == 0 {
			return x.Time.Day()
		}
		return x.Date
	}
	latest := make(map[string]projectionstest.Told)
	name := func(x projectionstest.Told) string {
		return fmt.Sprintf("%s %s %x %s", x.Source, x.Activity, x.Item.Handle[:2], date(x))
	}
	for _, x := range said {
		if w, ok := latest[name(x)]; x.Kind == events.MilestoneReached && (!ok || before(w, x)) {
			latest[name(x)] = x
		}
	}
	var out []string
	for n, r := range latest {
		stands := true
		for _, u := range said {
			if u.Kind == events.MilestoneRetracted && before(r, u) && u.Source == r.Source && (u.Date == 0 || u.Date == date(r)) &&
				(u.Item.IsZero() || u.Item == r.Item) && (u.Activity.SubPurpose == "" || u.Activity == r.Activity) && u.Activity.Code == r.Activity.Code {
				stands = false
			}
		}
		if stands {
			out = append(out, n)
		}
	}
	sort.Strings(out)
	return out
}

// lossy reports whether some row had to drop an observation that the query
// could have needed: then as-of and as-known are right to the month only, and a
// retraction of the observations kept leaves bounds.
func (m *model) lossy() bool {
	groups := make(map[string]map[events.EventID]bool)
	for _, x := range m.told {
		if len(x.Subject) == 0 {
			continue
		}
		body := *x.Event
		body.ID, body.Time = events.EventID{}, 0
		k := fmt.Sprintf("%+v %d", body, x.Time.Month())
		if groups[k] == nil {
			groups[k] = make(map[events.EventID]bool)
		}
		groups[k][x.ID] = true
	}
	for _, ids := range groups {
		if len(ids) > 2 {
			for id := range ids {
				if m.q != (inventory.Query{}) || m.retracted(id, 8) {
					return true
				}
			}
		}
	}
	return false
}

func folded(f *inventory.Folded) (holdings, milestones []string) {
	for _, h := range f.Holdings {
		k := modelHolding{h.System, h.Dataset, h.Handle, h.Item.Handle, h.Activity, h.Category}
		var d []string
		for _, x := range h.Disclosures {
			to := string(x.Recipient.Code)
			if x.For.Code != "" {
				to += " for " + x.For.String()
			}
			d = append(d, fmt.Sprintf("%s*%d", to, x.Days))
		}
		sort.Strings(d)
		holdings = append(holdings, fmt.Sprintf("%s | %s %s %s |%s|%s", k, h.State, h.First, h.Last, strings.Join(d, ","), h.LastUsed))
	}
	for _, m := range f.Milestones {
		milestones = append(milestones, fmt.Sprintf("%s %s %x %s", m.System, m.Activity, m.Item.Handle[:2], m.Date))
	}
	sort.Strings(holdings)
	sort.Strings(milestones)
	return holdings, milestones
}

// C1, C2, C3, C9: whatever was told, in whatever order, the fold of the rows is
// what a naive reading of all events says, now and at any other moment.
func TestFoldAgainstModel(t *testing.T) {
	var handles []events.Handle
	for _, s := range projectionstest.Systems {
		for _, p := range projectionstest.People {
			handles = append(handles, projectionstest.HandleOf(s, p))
		}
	}
	exact := 0
	for range 20 {
		rapid.Check(t, func(rt *rapid.T) { exact += againstModel(rt, handles) })
	}
	if exact < 1000 {
		t.Errorf("only %d histories could be compared", exact)
	}
}

// againstModel draws a history and a query and reports 1 if it could compare.
func againstModel(rt *rapid.T, handles []events.Handle) int {
	told := projectionstest.DrawHistory(rt, 24)
	mem := projectionstest.NewMemory()
	for _, x := range told {
		if err := mem.Apply(x.Recorded, x.Event); err != nil {
			rt.Fatal(err)
		}
	}
	if mem.Refused > 0 {
		rt.Fatal("an event was refused")
	}
	rows, err := inventory.Rows(mem, handles...)
	if err != nil {
		rt.Fatal(err)
	}
	q := drawQuery(rt, told)
	m := &model{told: told, q: q}
	if m.lossy() {
		return 0
	}
	f := inventory.Fold(rows, q)
	gotH, gotM := folded(f)
	if want := m.holdings(); !slices.Equal(gotH, want) {
		rt.Fatalf("%+v\nholdings:\n%s\nwant:\n%s\nof:\n%s", q, strings.Join(gotH, "\n"), strings.Join(want, "\n"), script(told))
	}
	if want := m.milestones(); !slices.Equal(gotM, want) {
		rt.Fatalf("%+v\nmilestones:\n%s\nwant:\n%s\nof:\n%s", q, strings.Join(gotM, "\n"), strings.Join(want, "\n"), script(told))
	}
	slices.Reverse(rows) // Fold does not care for the order of rows
	if h, _ := folded(inventory.Fold(rows, q)); !slices.Equal(h, gotH) {
		rt.Fatalf("the order of rows matters:\n%s\n%s", strings.Join(h, "\n"), strings.Join(gotH, "\n"))
	}
	return 1
}

func drawQuery(t *rapid.T, told []projectionstest.Told) (q inventory.Query) {
	if rapid.Bool().Draw(t, "as of") {
		q.AsOf = rapid.SampledFrom(told).Draw(t, "moment").Time + events.Instant(rapid.IntRange(-1, 1).Draw(t, "off"))
	}
	if rapid.Bool().Draw(t, "as known") {
		x := rapid.SampledFrom(told).Draw(t, "known")
		if rapid.Bool().Draw(t, "by time") {
			q.Known.At = x.Recorded
		} else {
			q.Known.Position = x.Position
		}
	}
	return q
}

func script(told []projectionstest.Told) string {
	var b strings.Builder
	for _, x := range told {
		fmt.Fprintf(&b, "%d %s %s %s %s id=%x act=%s cats=%v set=%s item=%x ch=%v ms=%s/%s rec=%s retracts=%x\n", x.Position.Seq, x.Time.Time().Format(time.DateTime), x.Kind, x.Source,
			subject(x), x.ID[:2], x.Activity, x.Categories, x.Dataset, x.Item.Handle[:2], x.Channels, x.Milestone, x.Date, x.Recipient.Code, x.Retracts[:2])
	}
	return b.String()
}

func subject(x projectionstest.Told) string {
	if len(x.Subject) == 0 {
		return "-"
	}
	return fmt.Sprintf("%x", x.Subject[0].Handle[:2])
}
