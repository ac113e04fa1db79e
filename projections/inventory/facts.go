package inventory

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// milestones keeps the dates reached, and what was taken back of them.
type milestones struct {
	reached map[milestoneKey]register
	undone  map[milestoneKey]register
}

type milestoneKey struct {
	system   events.Code
	code     events.Code
	activity events.Activity
	item     events.Ref
	date     events.Date
}

func (m *milestones) add(e *events.Event, last *Obs) {
	k := milestoneKey{e.Source, e.Milestone, e.Activity, e.Item, e.Date}
	at := &m.reached
	if e.Kind == events.MilestoneRetracted {
		at = &m.undone
	} else if k.date == 0 {
		k.date = last.Time.Day()
	}
	if *at == nil {
		*at = make(map[milestoneKey]register)
	}
	r := (*at)[k]
	r.put(last, e)
	(*at)[k] = r
}

// stands reports whether nothing later takes k back. What a retraction leaves
// out (date, item, activity) means all.
func (m *milestones) stands(k milestoneKey, r *register) bool {
	if len(m.undone) == 0 {
		return true
	}
	acts := []events.Activity{k.activity, {}}
	if k.activity.SubPurpose != "" {
		acts = append(acts, events.Activity{Code: k.activity.Code})
	}
	for _, sys := range []events.Code{k.system, Operator} {
		for _, a := range acts {
			for _, it := range []events.Ref{k.item, {}} {
				for _, d := range []events.Date{k.date, 0} {
					u := m.undone[milestoneKey{sys, k.code, a, it, d}]
					if u.after(r) {
						return false
					}
				}
			}
		}
	}
	return true
}

func (m *milestones) standing() []Milestone {
	var out []Milestone
	for k, r := range m.reached {
		if m.stands(k, &r) {
			out = append(out, Milestone{
				k.system, k.code, k.activity, k.item, k.date, r.obs.Time, r.obs.Position,
			})
		}
	}
	slices.SortFunc(out, func(a, b Milestone) int {
		if c := compareCodes(a.Code, b.Code); c != 0 {
			return c
		}
		if a.Date != b.Date {
			return int(a.Date) - int(b.Date)
		}
		return a.Position.Compare(b.Position)
	})
	return out
}

type factKey struct {
	system events.Code
	state  events.State
}

type noticeKey struct {
	system, version events.Code
	activity        events.Activity
}

type decisionKey struct {
	system    events.Code
	activity  events.Activity
	automated bool
	signif    bool
	logic     events.Code
}

// fact keeps what concerns the person rather than a record.
func (f *folder) fact(e *events.Event, first, last *Obs) {
	switch e.Kind {
	case events.PersonState:
		f.facts = later(f.facts, factKey{e.Source, e.State}, last, e)
	case events.NoticeGiven:
		k := noticeKey{e.Source, e.NoticeVersion, e.Activity}
		if r, ok := f.notices[k]; !ok || first.before(r.obs) {
			if f.notices == nil {
				f.notices = make(map[noticeKey]register)
			}
			f.notices[k] = register{true, first, e}
		}
	case events.DecisionMade:
		f.decide(e, first, last)
	case events.EventQuarantined:
		f.pending = later(f.pending, e.Note, last, e)
	case events.QuarantineResolved:
		f.resolved = later(f.resolved, e.Note, last, e)
	}
}

func later[K comparable](m map[K]register, k K, o *Obs, e *events.Event) map[K]register {
	if m == nil {
		m = make(map[K]register)
	}
	r := m[k]
	r.put(o, e)
	m[k] = r
	return m
}

func (f *folder) decide(e *events.Event, first, last *Obs) {
	k := decisionKey{e.Source, e.Activity, e.Automated, e.Significant, e.Logic}
	d := f.decisions[k]
	if d == nil {
		if f.decisions == nil {
			f.decisions = make(map[decisionKey]*Decision)
		}
		d = &Decision{k.system, k.activity, k.automated, k.signif, k.logic, first.Time, last.Time, last.Position}
		f.decisions[k] = d
		return
	}
	d.First = min(d.First, first.Time)
	if last.Time > d.Last || (last.Time == d.Last && last.Position.Compare(d.Position) > 0) {
		d.Last, d.Position = last.Time, last.Position
	}
}

func (f *folder) listFacts() {
	for k, r := range f.facts {
		f.out.Facts = append(f.out.Facts, Fact{k.system, k.state, r.ev.Date, r.obs.Time, r.obs.Position})
	}
	for k, r := range f.notices {
		f.out.Notices = append(f.out.Notices, Notice{k.system, k.version, k.activity, r.obs.Time, r.obs.Position})
	}
	for _, d := range f.decisions {
		f.out.Decisions = append(f.out.Decisions, *d)
	}
	for n, r := range f.pending {
		if _, done := f.resolved[n]; done {
			continue
		}
		f.out.Pending = append(f.out.Pending, Pending{r.ev.Source, n, r.ev.Why, r.obs.Time, r.obs.Position})
	}
	slices.SortFunc(f.out.Facts, func(a, b Fact) int { return a.Position.Compare(b.Position) })
	slices.SortFunc(f.out.Notices, func(a, b Notice) int { return a.Position.Compare(b.Position) })
	slices.SortFunc(f.out.Decisions, func(a, b Decision) int { return a.Position.Compare(b.Position) })
	slices.SortFunc(f.out.Pending, func(a, b Pending) int { return a.Position.Compare(b.Position) })
}
