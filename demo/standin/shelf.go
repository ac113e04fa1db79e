package standin

import (
	"slices"
	"sync"

	"github.com/habeas-data/habeas/events"
)

// A Record is one piece of toy data of a person.
type Record struct {
	Names    []events.Identifier
	Dataset  events.Code
	Activity string
	Category string
	Item     events.Identifier
	// Marks are what was done to it beside removing it: restrict, suppress, ...
	Marks []events.Code
}

// A Shelf is what one stand-in holds. It is safe for concurrent use.
type Shelf struct {
	mu      sync.Mutex
	records []Record // guarded by mu
}

// Fill puts the data of a story on the shelves of its systems and recipients, by
// their ids. What a system reported as removed is not there any more.
func Fill(story []*events.Observation) map[events.Code]*Shelf {
	out := map[events.Code]*Shelf{}
	at := func(id events.Code) *Shelf {
		if out[id] == nil {
			out[id] = &Shelf{}
		}
		return out[id]
	}
	for _, o := range story {
		e := &o.Event
		switch {
		case e.Kind == events.RecordStored:
			at(e.Source).store(o, o.Subject)
		case e.Kind == events.RecordShared && e.Recipient.Code != "":
			names := o.Subject
			if !o.RecipientRef.IsZero() {
				names = []events.Identifier{o.RecipientRef}
			}
			at(e.Recipient.Code).store(o, names)
		case e.Kind == events.RecordRemoved:
			at(e.Source).remove(o)
		}
	}
	return out
}

func (s *Shelf) store(o *events.Observation, names []events.Identifier) {
	s.mu.Lock()
	defer s.mu.Unlock()
	categories := o.Event.Categories
	if len(categories) == 0 {
		categories = []events.Category{{}}
	}
	for _, c := range categories {
		r := Record{Names: names, Dataset: o.Event.Dataset, Activity: o.Event.Activity.String(), Category: c.String(), Item: o.Item}
		if !slices.ContainsFunc(s.records, r.same) {
			s.records = append(s.records, r)
		}
	}
}

func (s *Shelf) remove(o *events.Observation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = slices.DeleteFunc(s.records, func(r Record) bool {
		return known(r.Names, o.Subject) && (o.Event.Activity.Code == "" || r.Activity == o.Event.Activity.String()) &&
			(o.Item.IsZero() || r.Item.Equal(o.Item)) &&
			(len(o.Event.Categories) == 0 || slices.ContainsFunc(o.Event.Categories, func(c events.Category) bool { return c.String() == r.Category }))
	})
}

func (r Record) same(x Record) bool {
	return r.Dataset == x.Dataset && r.Activity == x.Activity && r.Category == x.Category && r.Item.Equal(x.Item) && known(r.Names, x.Names)
}

// known reports whether the two lists name one person.
func known(a, b []events.Identifier) bool {
	return slices.ContainsFunc(a, func(x events.Identifier) bool {
		return slices.ContainsFunc(b, func(y events.Identifier) bool { return x.Equal(y) })
	})
}

// Len is how many records there are.
func (s *Shelf) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.records)
}

// find calls fn with the records that a task is about, and keeps those for which
// it returns true. It counts those found.
func (s *Shelf) find(w *events.Work, fn func(*Record) (keep bool)) (found int) {
	names := make([]events.Identifier, len(w.Subject))
	for i, x := range w.Subject {
		names[i] = events.Identifier{Kind: x.Kind, Value: events.NewPlaintext(x.Value)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	left := s.records[:0]
	for i := range s.records {
		r := s.records[i]
		if known(r.Names, names) && inScope(&r, w.Scope) {
			found++
			if !fn(&r) {
				continue
			}
		}
		left = append(left, r)
	}
	s.records = left
	return found
}

// inScope reports whether a record is one of the parts of a task. A recipient may
// file what it was sent under names of its own, so only the category counts there.
func inScope(r *Record, scope []events.WorkScope) bool {
	return len(scope) == 0 || slices.ContainsFunc(scope, func(x events.WorkScope) bool {
		if x.Item != nil && !r.Item.IsZero() && !r.Item.Equal(events.Identifier{Kind: x.Item.Kind, Value: events.NewPlaintext(x.Item.Value)}) {
			return false
		}
		return x.Category == "" || r.Category == "" || x.Category == r.Category
	})
}
