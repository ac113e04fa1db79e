package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	kept "github.com/habeas-data/habeas/projections/retention"
	"github.com/habeas-data/habeas/rights/retention"
)

// forecastMonths is how far a forecast looks.
const forecastMonths = 12

// A Forecast counts what ends in the coming months.
type Forecast struct {
	From  events.Date      `json:"from"`
	Until events.Date      `json:"until"`
	Rows  []ForecastRow    `json:"rows"`
	AsOf  events.AsOf      `json:"as_of"`
	Left  []events.Unknown `json:"unknown"`
}

// A ForecastRow counts the holdings of a system that end in a month by a rule.
// What ended before the day asked about stands under the month "overdue", or
// under what keeps it: "paused", "on_hold".
type ForecastRow struct {
	Month    string `json:"month"` // YYYY-MM, overdue, paused, on_hold
	Rule     string `json:"rule"`
	System   string `json:"system"`
	Holdings int    `json:"holdings"`
}

// Forecast counts what ends in the twelve months from a day (zero: today), by
// month, rule and system. The look is recorded. Errors: ErrForbidden,
// ErrNotRecorded.
func (d *Desk) Forecast(ctx context.Context, who access.Caller, from events.Date) (*Forecast, error) {
	if err := permit(who, access.RetentionRead); err != nil {
		return nil, err
	}
	if from.IsZero() {
		from = d.today()
	}
	last := time.Date(from.Time().Year(), from.Time().Month()+forecastMonths, 0, 0, 0, 0, 0, time.UTC)
	w, err := d.dueWalk(ctx, DueQuery{Caller: who, On: from, Until: events.DateOf(last)})
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, w.view)
	if err := d.record(ctx, who, "retention.forecast", nil, events.Plaintext{}, audit.Found, w.view.Position()); err != nil {
		return nil, err
	}
	count := map[ForecastRow]int{}
	if _, err := w.run(ctx, func(it *DueItem) error {
		month := it.of.Due.Time().Format("2006-01")
		if s := it.of.State; s == retention.Overdue || s == retention.Paused || s == retention.OnHold {
			month = string(s)
		}
		count[ForecastRow{Month: month, Rule: it.Rule, System: it.System}]++
		return nil
	}); err != nil {
		return nil, err
	}
	f := &Forecast{From: from, Until: events.DateOf(last), Rows: []ForecastRow{}, AsOf: w.page.AsOf, Left: w.page.Left}
	for row, n := range count {
		row.Holdings = n
		f.Rows = append(f.Rows, row)
	}
	slices.SortFunc(f.Rows, func(a, b ForecastRow) int {
		return cmp.Or(cmp.Compare(b.order(), a.order()), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.System, b.System))
	})
	return f, nil
}

// order puts what should have gone before what will.
func (r *ForecastRow) order() int {
	return slices.Index([]string{string(retention.OnHold), string(retention.Paused), string(retention.Overdue)}, r.Month)
}

// A Waiting counts holdings that wait for a moment that may never come.
type Waiting struct {
	Rule     string      `json:"rule"`
	Trigger  string      `json:"trigger"`
	Words    string      `json:"counts_from"` // the same in words
	System   string      `json:"system"`
	Holdings int         `json:"holdings"`
	Oldest   events.Date `json:"oldest"` // first stored
	// Never is set when no system has reported the moment about anybody.
	Never bool `json:"never_reported"`
	// BroughtBy is who makes the moment happen, where the catalogue says so: what
	// only the person can bring about may never happen.
	BroughtBy string `json:"brought_by,omitempty"`
}

// WaitingList is what has no end because its clock has not started.
type WaitingList struct {
	On      events.Date      `json:"on"`
	Waiting []Waiting        `json:"waiting"`
	AsOf    events.AsOf      `json:"as_of"`
	Left    []events.Unknown `json:"unknown"`
}

// Waiting lists, by rule and system, what waits for a trigger that nobody has
// reported: TRIGGER_MAY_NEVER_FIRE. It looks at everybody. The look is recorded.
// Errors: ErrForbidden, ErrNotRecorded.
func (d *Desk) Waiting(ctx context.Context, who access.Caller) (*WaitingList, error) {
	if err := permit(who, access.RetentionRead); err != nil {
		return nil, err
	}
	w, err := d.dueWalk(ctx, DueQuery{Caller: who})
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, w.view)
	if err := d.record(ctx, who, "retention.waiting", nil, events.Plaintext{}, audit.Found, w.view.Position()); err != nil {
		return nil, err
	}
	found := map[Waiting]*Waiting{}
	err = inventory.Handles(w.view, func(h events.Handle) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := w.person(ctx, h)
		if err != nil || p.first != h {
			return err
		}
		return w.waiting(p, found)
	})
	if err != nil {
		return nil, err
	}
	out := &WaitingList{On: w.q.On, Waiting: []Waiting{}, AsOf: w.page.AsOf, Left: w.page.Left}
	for _, x := range found {
		out.Waiting = append(out.Waiting, *x)
	}
	slices.SortFunc(out.Waiting, func(a, b Waiting) int {
		return cmp.Or(cmp.Compare(b.Holdings, a.Holdings), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Trigger, b.Trigger), cmp.Compare(a.System, b.System))
	})
	return out, nil
}

func (w *dueWalk) waiting(p *duePerson, found map[Waiting]*Waiting) error {
	for _, h := range p.folded.Holdings {
		s := p.status(h)
		if s.State != retention.WaitingForTrigger || h.State == inventory.Removed {
			continue
		}
		key := Waiting{Rule: s.Rule, Trigger: triggerNames(s.Triggers, s.Join), Words: w.rules.Moments(s.Triggers, s.Join), System: string(h.System)}
		x := found[key]
		if x == nil {
			x = &key
			if err := w.never(x, &s); err != nil {
				return err
			}
			found[Waiting{Rule: x.Rule, Trigger: x.Trigger, Words: x.Words, System: x.System}] = x
		}
		x.Holdings++
		if day := p.day(h.First); x.Oldest.IsZero() || day < x.Oldest {
			x.Oldest = day
		}
	}
	return nil
}

// never says whether any of the triggers was ever reported.
func (w *dueWalk) never(x *Waiting, s *retention.Status) error {
	x.Never = true
	for _, t := range s.Triggers {
		if m, ok := w.cat.Milestone(t.Code); ok && x.BroughtBy == "" {
			x.BroughtBy = string(m.BroughtBy)
		}
		err := kept.Moments(w.view, t.Code, kept.Moment{}, events.Date(1<<30), func(kept.Moment) error {
			x.Never = false
			return inventory.ErrStop
		})
		if err != nil {
			return fmt.Errorf("read the moments of %s: %w", t.Code, err)
		}
	}
	return nil
}
