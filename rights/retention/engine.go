package retention

import (
	"slices"
	"sync"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// An Engine answers by one catalogue. It remembers which rule applies to what, so
// that one who asks about many people keeps it; it is safe for concurrent use.
type Engine struct {
	cat *catalogue.Catalogue
	// earlier finds the version in force at collection; nil if none is kept.
	earlier func(version uint32) *catalogue.Catalogue

	mu    sync.Mutex
	rules map[subject]applied // guarded by mu
	then  map[uint32]*Engine  // guarded by mu; of versions before, nil where none is kept
}

// A subject is what the choice of a rule depends on.
type subject struct {
	activity, category, role events.Code
}

// An applied rule is one with decisions counted in, and which those are. why is
// set where no day can follow.
type applied struct {
	rule
	why  string
	used []string
	also []applied // further rules that the row names
}

// New returns the engine of the catalogue in force. earlier finds a version that
// was in force before, or nil; it may itself be nil.
func New(cat *catalogue.Catalogue, earlier func(version uint32) *catalogue.Catalogue) *Engine {
	return &Engine{cat: cat, earlier: earlier, rules: map[subject]applied{}, then: map[uint32]*Engine{}}
}

// applies finds the rule of a holding, and remembers it.
func (e *Engine) applies(h *Holding) applied {
	key := subject{h.Activity.Code, h.Category.Code, h.SubjectType}
	e.mu.Lock()
	x, ok := e.rules[key]
	e.mu.Unlock()
	if ok {
		return x
	}
	r := reader{cat: e.cat}
	x.rule, x.why = e.ruleFor(&r, h)
	x.used = slices.Clip(r.used)
	x.also = e.also(h, &x)
	e.mu.Lock()
	if len(e.rules) < mostRules {
		e.rules[key] = x
	}
	e.mu.Unlock()
	return x
}

// mostRules bounds what an engine remembers, whatever codes sources invent.
const mostRules = 1 << 14

// before is the engine of the version at collection; nil if there is none, or it
// is the present one.
func (e *Engine) before(version uint32) *Engine {
	if e.earlier == nil || version == 0 || version == e.cat.Version() {
		return nil
	}
	e.mu.Lock()
	x, ok := e.then[version]
	e.mu.Unlock()
	if ok {
		return x
	}
	if c := e.earlier(version); c != nil && c.ID == e.cat.ID {
		x = New(c, nil)
	}
	e.mu.Lock()
	e.then[version] = x
	e.mu.Unlock()
	return x
}

// Of answers for one holding as of the end of a day. Elements that must stay
// for other holdings are told by All only, which sees them.
func (e *Engine) Of(p *Person, h *Holding, on events.Date) Status {
	s := e.byVersion(p, h, on)
	s.ByRule = s.Why
	if !h.Removed {
		e.stand(&s, p, h, on)
	}
	return s
}

// All answers for all holdings of one person, in their order.
func (e *Engine) All(p *Person, list []Holding, on events.Date) []Status {
	out := make([]Status, len(list))
	for i := range list {
		out[i] = e.Of(p, &list[i], on)
	}
	e.floors(p, list, out, on)
	return out
}

// byVersion judges by the catalogue in force, unless the one at collection ends
// earlier: nobody was told of the longer time when the data was taken, and a
// person decides whether it may be kept for it (Articles 5(1)(a) and 13(2)(a)).
func (e *Engine) byVersion(p *Person, h *Holding, on events.Date) Status {
	s := e.rule(p, h, on)
	then := e.before(h.Collected)
	if h.Removed || then == nil {
		return s
	}
	was := then.rule(p, h, on)
	if was.Due.IsZero() || (!s.Due.IsZero() && s.Due <= was.Due) {
		return s
	}
	was.Lengthened, was.LengthenedTo = true, s.Due
	was.Why += "; the notice in force when it was collected said so, and the present one keeps it longer"
	return was
}

// rule answers from the rules alone: holds and requests are not looked at.
func (e *Engine) rule(p *Person, h *Holding, on events.Date) Status {
	s := Status{State: Undetermined, Rule: string(h.Activity.Code)}
	if h.Removed {
		s.Why = "it is no longer held, so nothing is left to time"
		return s
	}
	a := e.applies(h)
	s = e.byRule(&a, p, h)
	for i := range a.also {
		e.further(&s, &a.also[i], p, h)
	}
	return s
}

// byRule answers by one rule.
func (e *Engine) byRule(a *applied, p *Person, h *Holding) Status {
	s := Status{State: Undetermined, Rule: string(h.Activity.Code)}
	x, why, r := &a.rule, a.why, reader{cat: e.cat, used: a.used}
	if x.id != "" {
		s.Rule = x.id
	}
	s.Triggers, s.Join, s.Period, s.Round, s.AtEnd = x.triggers, x.join, x.period, x.round, x.end
	switch {
	case why != "":
		s.Why = why
		if _, declared := e.cat.Activity(h.Activity.Code); declared && !x.said {
			s.State = NoneStated
		}
	case x.endless:
		s.State, s.Why = OpenEnded, "the notice says that it is kept without end"
	case !x.period.Given() && x.said:
		s.State, s.Why = OpenEnded, e.noPeriod(x, h)
	case !x.period.Given():
		s.State, s.Why = NoneStated, "the notice states no period for this activity"
	case len(x.triggers) == 0:
		s.Why = "the notice states " + x.period.Plain() + " and does not say from when"
	default:
		e.count(&s, &r, x, p, h)
	}
	s.Decisions = r.used
	return s
}

// noPeriod says what a rule without a period says.
func (e *Engine) noPeriod(x *rule, h *Holding) string {
	if x.pointer != "" {
		return "the notice gives no period and points to " + x.pointer
	}
	if x.text != "" {
		return x.text + " (no period stated)"
	}
	return e.cat.RetentionText(h.Activity.Code)
}
