package desk

import (
	"context"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/findings"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/observed"
)

// lines holds the bodies of codes and the clock against the catalogue, and keeps
// what the question asks for.
func (l *findingLook) lines() ([]observed.Line, []observed.Report, error) {
	list, err := inventory.AllObserved(l.view, l.known)
	if err != nil {
		return nil, nil, fmt.Errorf("read what systems reported: %w", err)
	}
	again, err := findings.SeenAgain(l.view)
	if err != nil {
		return nil, nil, err
	}
	reports := make([]observed.Report, 0, len(list))
	for i := range list {
		o := &list[i]
		if o.Event.Source == inventory.Operator {
			continue // what people decided here is no report
		}
		r := observed.Report{Event: o.Event, Categories: o.Categories, Body: o.Body, First: o.First.Time, Recorded: o.First.Recorded,
			Position: o.First.Position, Last: o.Last}
		if at := again[o.Body]; l.known.IsZero() {
			r.Again = at
		}
		reports = append(reports, r)
	}
	silences, err := l.silences()
	if err != nil {
		return nil, nil, err
	}
	lines := append(observed.Gather(l.cat, reports), silences...)
	return slices.DeleteFunc(lines, func(x observed.Line) bool {
		f := l.line(&x)
		return !l.wants(&f)
	}), reports, nil
}

// openBySystem counts the open findings that codes and the clock show, by system.
func (d *Desk) openBySystem(view View) (map[string]int, error) {
	l := &findingLook{desk: d, q: FindingQuery{Status: string(observed.Open)}, cat: d.d.Catalogue(), view: view, moment: d.d.Now().In(d.d.Zone)}
	var err error
	if l.decided, err = findings.Decisions(view, l.known); err != nil {
		return nil, err
	}
	lines, _, err := l.lines()
	if err != nil {
		return nil, err
	}
	n := map[string]int{}
	for i := range lines {
		n[lines[i].About[observed.OnSystem]]++
	}
	return n, nil
}

// codes lists the findings that bodies of codes, all disclosures together and
// the clock show. People are counted for what the question asks for only.
func (l *findingLook) codes(ctx context.Context) ([]FindingLine, error) {
	lines, reports, err := l.lines()
	if err != nil {
		return nil, err
	}
	counts := map[events.EventID]*headcount{}
	switch {
	case l.desk.d.Facets == nil:
		l.page.LeftOut = append(l.page.LeftOut, "how many people, and what was shared without being stored: this server keeps no facets")
	case !l.known.IsZero():
		l.page.LeftOut = append(l.page.LeftOut, "how many people, and what was shared without being stored: they are counted as of now only")
	default:
		shared, err := l.heads(ctx, lines, reports, counts)
		if err != nil {
			return nil, err
		}
		lines = append(lines, shared...)
	}
	observed.Sort(lines)
	var out []FindingLine
	for i := range lines {
		f := l.line(&lines[i])
		if !l.wants(&f) {
			continue
		}
		if c := counts[lines[i].ID()]; c != nil {
			f.People, f.PeopleNow, f.AtMost = c.ever, c.now, c.atMost
		}
		out = append(out, f)
	}
	return out, nil
}

// silences are the systems that have not reported for longer than the catalogue
// allows, by the clock of the question.
func (l *findingLook) silences() ([]observed.Line, error) {
	r, err := l.reports()
	if err != nil {
		return nil, err
	}
	rule, _ := observed.Named("SOURCE_SILENT")
	var out []observed.Line
	for _, s := range l.cat.AllSystems() {
		rep, _ := r.then(r.by[s.ID])
		// Behind is silence about the time since: what it says arrives, and says
		// that nothing after a day is complete.
		if status, since := r.status(s, rep); status == silent || status == behind {
			out = append(out, observed.Line{First: since, Recorded: since, Last: dayIn(since, l.moment.Location()),
				Finding: observed.Finding{Rule: rule, Verdict: observed.Warn, About: observed.About{observed.OnSystem: string(s.ID)},
					Text: map[string]string{silent: "nothing has arrived", behind: "nothing is reported as complete"}[status] +
						" for longer than the catalogue allows (" + s.SilentAfter.String() + ")"}})
		}
	}
	return out, nil
}

// A headcount says of how many people a finding is.
type headcount struct {
	ever, now *uint64
	atMost    bool
}

// cellsOf are the cells that a body of codes stands in, all of them or those of
// some categories. What was neither stored nor shared stands in none.
func cellsOf(r *facets.Reading, x *observed.Report, categories []events.Category) []facets.CellNumber {
	if x.Event.Kind != events.RecordStored && x.Event.Kind != events.RecordShared {
		return nil
	}
	if len(categories) == 0 {
		categories = x.Categories
	}
	if len(categories) == 0 {
		categories = []events.Category{{}}
	}
	var out []facets.CellNumber
	for _, c := range categories {
		if n, ok := r.Number(facets.CellOf(x.Event, c)); ok {
			out = append(out, n)
		}
	}
	return out
}

// A headline is what is counted for one finding.
type headline struct {
	ever, now *facets.Set
	held      bool // some of it is of holding, so that now means something
	atMost    bool
}

// heads counts the people of each line, and finds what was shared of people of
// whom nothing of the kind was stored.
func (l *findingLook) heads(ctx context.Context, lines []observed.Line, reports []observed.Report, counts map[events.EventID]*headcount) ([]observed.Line, error) {
	d := l.desk
	x, view, at, err := d.facets(ctx)
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, view)
	c := &cellCounter{x: x, by: map[facets.CellNumber][]*observed.Report{}, started: map[facets.CellNumber]*facets.Set{}, stored: map[storedKey]*facets.Set{}}
	c.x.Read(func(r *facets.Reading) {
		for i := range reports {
			for _, n := range cellsOf(r, &reports[i], nil) {
				c.by[n] = append(c.by[n], &reports[i])
			}
		}
	})
	sets := make([]headline, len(lines))
	for i := range lines {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		sets[i] = c.head(&lines[i])
	}
	var loose []*looseSharing
	if l.asks("SHARED_NOT_STORED") {
		if loose, err = c.sharings(ctx, l.q.System); err != nil {
			return nil, err
		}
	}
	count, err := d.count(ctx, x, view, at)
	if err != nil {
		return nil, err
	}
	defer count.close()
	people := func(b *facets.Set) (*facets.Set, error) {
		out, err := count.people(ctx, b)
		if err != nil {
			return nil, fmt.Errorf("count people: %w", err)
		}
		return out, nil
	}
	for i := range lines {
		if sets[i].ever == nil {
			continue
		}
		c := &headcount{atMost: sets[i].atMost}
		for _, part := range []struct {
			set  *facets.Set
			into **uint64
			tell bool
		}{{sets[i].ever, &c.ever, true}, {sets[i].now, &c.now, sets[i].held}} {
			if !part.tell {
				continue
			}
			b, err := people(part.set)
			if err != nil {
				return nil, err
			}
			n := b.GetCardinality()
			*part.into = &n
		}
		counts[lines[i].ID()] = c
	}
	return sharedNotStored(loose, people, counts)
}

// A cellCounter unites cells for one question. It holds the index only while it
// reads one cell, for events are applied meanwhile.
type cellCounter struct {
	x       *facets.Index
	by      map[facets.CellNumber][]*observed.Report
	started map[facets.CellNumber]*facets.Set
	stored  map[storedKey]*facets.Set
}

type storedKey struct {
	system, controller events.Code
	category           events.Category
}

// begun is of whom something in the cell was ever held or shared.
func (c *cellCounter) begun(n facets.CellNumber) *facets.Set {
	if c.started[n] == nil {
		c.x.Read(func(r *facets.Reading) { c.started[n] = r.StartedOn(n, 0, 0) })
	}
	return c.started[n]
}

// head unites the cells of a line. Where a body that does not show the finding
// stands in the same cell, people of both are in it.
func (c *cellCounter) head(x *observed.Line) headline {
	var out headline
	done := map[facets.CellNumber]bool{}
	for _, rep := range x.Reports {
		var list []facets.CellNumber
		c.x.Read(func(r *facets.Reading) { list = cellsOf(r, rep, x.Categories) })
		for _, n := range list {
			if done[n] {
				continue
			}
			done[n] = true
			if out.ever == nil {
				out.ever, out.now = facets.NewSet(), facets.NewSet()
			}
			out.ever.Or(c.begun(n))
			if rep.Event.Kind == events.RecordStored {
				out.held = true
				c.x.Read(func(r *facets.Reading) { out.now.Or(r.HeldNow(n)) })
			}
			for _, other := range c.by[n] {
				out.atMost = out.atMost || !slices.Contains(x.Reports, other)
			}
		}
	}
	return out
}

// A looseSharing is who something was shared of, and of whom anything of the
// kind was ever stored in the same system.
type looseSharing struct {
	line           observed.Line
	shared, stored *facets.Set
}

// A numbered cell.
type numbered struct {
	facets.Cell
	n facets.CellNumber
}

// sharings sets beside each kind of disclosure what the same system stored. An
// item of which one instance was stored and another shared is not told apart
// here: the map of a person does that.
func (c *cellCounter) sharings(ctx context.Context, system events.Code) ([]*looseSharing, error) {
	var cells []numbered
	held := map[storedKey][]*numbered{} // of holding, by the code of the category
	c.x.Read(func(r *facets.Reading) {
		for i := range r.AllCells() {
			n := facets.CellNumber(i)
			cells = append(cells, numbered{r.Cell(n), n})
		}
	})
	for i := range cells {
		if h := &cells[i]; !h.Shared {
			// Data of no category is all data, so every cell stands there too.
			key := storedKey{system: h.System, controller: h.Controller}
			held[key] = append(held[key], h)
			if h.Category.Code != "" {
				key.category.Code = h.Category.Code
				held[key] = append(held[key], h)
			}
		}
	}
	rule, _ := observed.Named("SHARED_NOT_STORED")
	all := map[events.EventID]*looseSharing{}
	var out []*looseSharing
	for i := range cells {
		x := &cells[i]
		if !x.Shared || (system != "" && system != x.System) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		set := c.begun(x.n)
		if set.IsEmpty() {
			continue
		}
		f := observed.Finding{Rule: rule, Verdict: observed.Warn, About: sharingAbout(&x.Cell), Text: "data was shared that no system reported as stored"}
		s := all[f.ID()]
		if s == nil {
			s = &looseSharing{line: observed.Line{Finding: f}, shared: facets.NewSet(), stored: facets.NewSet()}
			all[f.ID()] = s
			out = append(out, s)
		}
		s.shared.Or(set)
		s.stored.Or(c.storedOf(&x.Cell, held))
		for _, rep := range c.by[x.n] {
			if s.line.First.IsZero() || rep.First < s.line.First {
				s.line.First, s.line.Recorded = rep.First, rep.Recorded
			}
			s.line.Last = max(s.line.Last, rep.Last)
		}
	}
	return out, nil
}

// sharingAbout names what the finding about a disclosure speaks of.
func sharingAbout(c *facets.Cell) observed.About {
	to := c.Recipient
	if c.ToPerson {
		to = "person"
	}
	on := observed.About{observed.OnSystem: string(c.System)}
	for name, code := range map[string]string{observed.OnActivity: string(c.Activity.Code), observed.OnCategory: c.Category.String(), observed.OnRecipient: string(to)} {
		if code != "" {
			on[name] = code
		}
	}
	return on
}

// storedOf is of whom anything was ever stored that the disclosure may be of:
// the same system, for the same controller, of the same kind of data.
func (c *cellCounter) storedOf(x *facets.Cell, held map[storedKey][]*numbered) *facets.Set {
	k := storedKey{x.System, x.Controller, x.Category}
	if c.stored[k] == nil {
		out := facets.NewSet()
		for _, h := range held[storedKey{k.system, k.controller, events.Category{Code: k.category.Code}}] {
			if coversCategory(k.category, h.Category) {
				out.Or(c.begun(h.n))
			}
		}
		c.stored[k] = out
	}
	return c.stored[k]
}

// sharedNotStored tells which of them are of anybody of whom nothing was stored.
func sharedNotStored(list []*looseSharing, people func(*facets.Set) (*facets.Set, error), counts map[events.EventID]*headcount) ([]observed.Line, error) {
	var out []observed.Line
	for _, s := range list {
		shared, err := people(s.shared)
		if err != nil {
			return nil, err
		}
		stored, err := people(s.stored)
		if err != nil {
			return nil, err
		}
		shared.AndNot(stored)
		if n := shared.GetCardinality(); n > 0 {
			out = append(out, s.line)
			counts[s.line.ID()] = &headcount{ever: &n}
		}
	}
	return out, nil
}
