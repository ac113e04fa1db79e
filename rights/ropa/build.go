package ropa

import (
	"cmp"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// Build makes the record as of the end of a day, from the catalogue in force
// then and from what had happened by then. Tuples first seen later are left out.
func Build(c *catalogue.Catalogue, seen []Seen, asOf events.Date) *Record {
	o := &c.Organisation
	r := &Record{Catalogue: c.ID, Version: c.Edition, AsOf: asOf, Controller: []Row{}, Organisation: Organisation{
		Name: o.Name, Jurisdiction: o.Jurisdiction, Role: cmp.Or(o.Role, catalogue.Controller), Officer: o.Officer, Contact: o.Contact}}
	for _, s := range c.StatementsAbout(catalogue.AboutSecurity) {
		if s.Text != "" {
			r.Security = append(r.Security, s.Text)
		}
	}
	by := map[events.Code][]Seen{}
	for _, s := range seen {
		if s.First.Day() <= asOf {
			by[s.Activity.Code] = append(by[s.Activity.Code], s)
		}
	}
	for i := range c.Activities {
		a := &c.Activities[i]
		r.add(c, row(c, a, by[a.ID]), by[a.ID])
		delete(by, a.ID)
	}
	rest := make([]events.Code, 0, len(by))
	for a := range by {
		rest = append(rest, a)
	}
	slices.Sort(rest)
	for _, a := range rest {
		u := &catalogue.Activity{ID: a, Purpose: c.Name(catalogue.FieldActivity, a), BasisStatus: catalogue.BasisNoneStated}
		u.Retention.Status = catalogue.NotStated
		r.add(c, row(c, u, by[a]), by[a])
	}
	r.elsewhere(c)
	return r
}

// elsewhere adds a row for the recipients whom the notice names for no one
// purpose, and to whom nothing was seen to go: Article 30(1)(d) wants those too
// to whom data will be disclosed, and a table of purposes has no place for them.
func (r *Record) elsewhere(c *catalogue.Catalogue) {
	placed := map[events.Code]bool{}
	for _, x := range r.Rows() {
		for _, e := range x.Recipients {
			placed[e.ID], placed[e.Class] = true, true
		}
	}
	var ids []events.Code
	for i := range c.Recipients {
		if x := &c.Recipients[i]; x.Kind != catalogue.KindNone && !placed[x.ID] {
			ids = append(ids, x.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	a := &catalogue.Activity{Purpose: "Recipients whom the notice names for no one purpose", Recipients: ids, BasisStatus: catalogue.BasisNoneStated}
	x := row(c, a, nil)
	x.Side, x.Retention, x.RetentionStatus, x.Rights = NeverSeen, "", catalogue.NotStated, []events.Code{}
	r.Controller = append(r.Controller, x)
}

// add puts a row under the paragraph it belongs to. What is done for somebody
// else belongs under paragraph 2, though the same row may be our own for others.
func (r *Record) add(c *catalogue.Catalogue, x Row, seen []Seen) {
	others := slices.ContainsFunc(seen, func(s Seen) bool { return s.Controller != "" })
	own := slices.ContainsFunc(seen, func(s Seen) bool { return s.Controller == "" })
	if x.Role == catalogue.Processor || (others && !own) {
		x.Role = catalogue.Processor
		r.Processor = append(r.Processor, x)
		return
	}
	x.Controllers = nil
	r.Controller = append(r.Controller, x)
	if others {
		x = row(c, &catalogue.Activity{ID: x.Activity, Purpose: x.Purpose, Role: catalogue.Processor, BasisStatus: x.BasisStatus},
			slices.DeleteFunc(slices.Clone(seen), func(s Seen) bool { return s.Controller == "" }))
		r.Processor = append(r.Processor, x)
	}
}

func row(c *catalogue.Catalogue, a *catalogue.Activity, seen []Seen) Row {
	_, declared := c.Activity(a.ID)
	x := Row{Activity: a.ID, Ref: a.Ref, Side: side(declared, len(seen) > 0), Function: a.Function, Purpose: a.Purpose,
		Role:     cmp.Or(a.Role, c.Organisation.Role, catalogue.Controller),
		Subjects: subjects(c, a, seen), Categories: categories(c, a, seen), Recipients: recipients(c, a, seen),
		Sources: sources(c, a, seen), Systems: systems(c, a, seen), Controllers: controllers(c, a, seen),
		Retention: c.RetentionText(a.ID), RetentionStatus: a.Retention.Status,
		BasisStatus: a.BasisStatus, Interest: a.Interest, Automated: a.Profiling, DPV: a.DPV,
		Bases: []Ground{}}
	for _, b := range a.LawfulBasis {
		x.Bases = append(x.Bases, Ground{ID: b, Name: catalogue.PlainBasis(b)})
	}
	for _, k := range a.Conditions {
		x.Conditions = append(x.Conditions, Ground{ID: k.Article, Name: catalogue.PlainCondition(k.Article), Schedule: k.Schedule})
	}
	x.Rights = rightsOf(a)
	x.Transfers = transfers(c, &x)
	for _, s := range seen {
		x.People = max(x.People, s.People)
		if first := s.First; x.FirstSeen == nil || first < *x.FirstSeen {
			x.FirstSeen = &first
		}
		if last := s.Last; x.LastSeen == nil || last > *x.LastSeen {
			x.LastSeen = &last
		}
	}
	for _, k := range []catalogue.DecisionKind{"joins", "basis", "period", "trigger", "rule", "role", "after_trigger", "at_end", "prose_over_table"} {
		if d, ok := c.Decided(k, a.ID, a.Retention.Rule); ok && d.Assumed() {
			x.Assumed = append(x.Assumed, d.Key)
		}
	}
	return x
}

func side(declared, seen bool) Side {
	switch {
	case declared && seen:
		return Both
	case declared:
		return NeverSeen
	}
	return NeverDeclared
}

// A list gathers the entries of one column: those declared in their order, then
// those only seen, by id.
type list struct {
	out   []Entry
	at    map[events.Code]int
	fixed int
}

func declare(ids []events.Code) *list {
	l := &list{at: map[events.Code]int{}}
	for _, id := range ids {
		if _, ok := l.at[id]; !ok {
			l.at[id] = len(l.out)
			l.out = append(l.out, Entry{ID: id, Side: NeverSeen})
		}
	}
	l.fixed = len(l.out)
	return l
}

// see notes that id was reported; of is the declared entry that it stands for,
// if it is not itself declared: a parent, or the class of a named recipient.
func (l *list) see(id, of events.Code, people int) *Entry {
	if id == "" {
		return nil
	}
	i, ok := l.at[id]
	if !ok {
		i = len(l.out)
		l.at[id] = i
		l.out = append(l.out, Entry{ID: id, Side: NeverDeclared})
	}
	if i < l.fixed {
		l.out[i].Side = Both
	} else if j, ok := l.at[of]; ok && of != "" && j < l.fixed {
		l.out[i].Side = Both
		l.out[j].Side = Both
		l.out[j].People = max(l.out[j].People, people)
	}
	l.out[i].People = max(l.out[i].People, people)
	return &l.out[i]
}

func (l *list) done(fill func(*Entry)) []Entry {
	slices.SortFunc(l.out[l.fixed:], func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	for i := range l.out {
		fill(&l.out[i])
	}
	if l.out == nil {
		return []Entry{}
	}
	return l.out
}

func subjects(c *catalogue.Catalogue, a *catalogue.Activity, seen []Seen) []Entry {
	l := declare(a.SubjectTypes)
	for _, s := range seen {
		l.see(s.SubjectType, ancestor(c, s.SubjectType, a.SubjectTypes), s.People)
	}
	return l.done(func(e *Entry) {
		e.Name = c.Name(catalogue.FieldSubjectType, e.ID)
		if t, ok := c.SubjectType(e.ID); ok {
			e.DPV = t.DPV
		}
	})
}

// ancestor is the declared kind of person that a child of it satisfies.
func ancestor(c *catalogue.Catalogue, t events.Code, declared []events.Code) events.Code {
	for _, p := range declared {
		if t != p && c.IsA(t, p) {
			return p
		}
	}
	return ""
}

func categories(c *catalogue.Catalogue, a *catalogue.Activity, seen []Seen) []Entry {
	l := declare(a.Categories)
	for _, s := range seen {
		if s.Recipient == "" {
			l.see(s.Category.Code, "", s.People)
		}
	}
	return l.done(func(e *Entry) {
		e.Name = c.Name(catalogue.FieldCategory, e.ID)
		if k, ok := c.Category(e.ID); ok {
			e.Special, e.Criminal, e.DPV = k.Special, k.Criminal, k.DPV
		}
	})
}

func recipients(c *catalogue.Catalogue, a *catalogue.Activity, seen []Seen) []Entry {
	l := declare(a.Recipients)
	where := map[events.Code]Seen{}
	for _, s := range seen {
		if s.Recipient == "" {
			continue
		}
		switch s.Safeguard {
		case "none", "unknown", "none_stated", "not_stated", "none_recorded":
			s.Safeguard = "" // it names none
		}
		class := events.Code("")
		if r, ok := c.Recipient(s.Recipient); ok {
			class = r.Class
		}
		if e := l.see(s.Recipient, class, s.People); len(a.Recipients) == 0 && namesRecipient(c, a, s.Recipient, class) {
			e.Side = Both // no row says to whom; the notice itself does
		}
		if s.Country != "" {
			where[s.Recipient] = s
		}
	}
	return l.done(func(e *Entry) {
		e.Name = c.RecipientName(e.ID)
		if r, ok := c.Recipient(e.ID); ok {
			e.Kind, e.Class, e.Country, e.Safeguard = r.Kind, r.Class, r.Country, r.Safeguard
		}
		if s, ok := where[e.ID]; ok { // what happened outranks what was said
			e.Country, e.Safeguard = s.Country, cmp.Or(s.Safeguard, e.Safeguard)
		}
	})
}

// namesRecipient reports whether the notice as a whole names the recipient, or
// the class that it was registered under. An activity that nobody declared has no
// declared recipients either.
func namesRecipient(c *catalogue.Catalogue, a *catalogue.Activity, id, class events.Code) bool {
	if _, ok := c.Activity(a.ID); !ok {
		return false
	}
	r, ok := c.Recipient(cmp.Or(class, id))
	return ok && (r.Declared == nil || *r.Declared)
}

func sources(c *catalogue.Catalogue, a *catalogue.Activity, seen []Seen) []Entry {
	ids := slices.Clone(a.Sources)
	for _, of := range a.SourceOf {
		ids = append(ids, of.Sources...)
	}
	l := declare(ids)
	for _, s := range seen {
		l.see(s.Source, "", s.People)
	}
	return l.done(func(e *Entry) { e.Name = c.Name(catalogue.FieldSource, e.ID) })
}

func systems(c *catalogue.Catalogue, a *catalogue.Activity, seen []Seen) []Entry {
	l := declare(a.Systems)
	for _, s := range seen {
		if e := l.see(s.System, "", s.People); e != nil && len(a.Systems) == 0 {
			if _, ok := c.System(s.System); ok {
				e.Side = Both // no row says where; the system itself is declared
			}
		}
	}
	return l.done(func(e *Entry) {
		e.Name = c.Name(catalogue.FieldSystem, e.ID)
		if s, ok := c.System(e.ID); ok {
			e.Country = s.Country
		}
	})
}

func controllers(c *catalogue.Catalogue, a *catalogue.Activity, seen []Seen) []Entry {
	var ids []events.Code
	if a.Controller != "" {
		ids = append(ids, a.Controller)
	}
	l := declare(ids)
	for _, s := range seen {
		l.see(s.Controller, "", s.People)
	}
	return l.done(func(e *Entry) { e.Name = c.RecipientName(e.ID) })
}
