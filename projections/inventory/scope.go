package inventory

import "github.com/habeas-data/habeas/events"

// What an event says may reach many holdings: the fields it leaves out mean
// all. A scope is such a pattern; an index finds the patterns that cover a
// holding with one look-up per set of omitted fields in use, so that a fold
// stays linear.

// wild is the set of fields a pattern leaves out.
type wild uint8

const (
	anyHandle wild = 1 << iota
	anySystem
	anyDataset
	anyItem
	anyActivity
	anySubPurpose
	anyCategory
	anyElement
)

type scope struct {
	wild wild
	// broad: the pattern names an element, the holding only its category.
	broad      bool
	handle     events.Handle
	item       events.Handle
	system     events.Code
	dataset    events.Code
	activity   events.Activity
	category   events.Category
	controller events.Code
}

// scopeOf is the pattern, open in the fields of w, that covers k.
func scopeOf(k *Key, w wild, broad bool) scope {
	s := scope{
		wild: w, broad: broad, handle: k.Handle, item: k.Item.Handle, system: k.System,
		dataset: k.Dataset, activity: k.Activity, category: k.Category, controller: k.Controller,
	}
	return s.open()
}

// open clears the fields that the pattern leaves out.
func (s scope) open() scope {
	if s.wild&anyHandle != 0 {
		s.handle = events.Handle{}
	}
	if s.wild&anySystem != 0 {
		s.system = ""
	}
	if s.wild&anyDataset != 0 {
		s.dataset = ""
	}
	if s.wild&anyItem != 0 {
		s.item = events.Handle{}
	}
	if s.wild&anyActivity != 0 {
		s.activity = events.Activity{}
	}
	if s.wild&anySubPurpose != 0 {
		s.activity.SubPurpose = ""
	}
	if s.wild&anyCategory != 0 {
		s.category = events.Category{}
	}
	if s.wild&anyElement != 0 || s.broad {
		s.category.Element = ""
	}
	return s
}

type form struct {
	wild  wild
	broad bool
}

// An index keeps a value per pattern.
type index[T any] struct {
	forms []form
	by    map[scope]*T
}

// at returns the value of a pattern, making it if it is new.
func (ix *index[T]) at(s scope) *T {
	s = s.open()
	if v := ix.by[s]; v != nil {
		return v
	}
	if ix.by == nil {
		ix.by = make(map[scope]*T)
	}
	f := form{s.wild, s.broad}
	known := false
	for _, x := range ix.forms {
		known = known || x == f
	}
	if !known {
		ix.forms = append(ix.forms, f)
	}
	v := new(T)
	ix.by[s] = v
	return v
}

// covering calls fn for each pattern that covers k.
func (ix *index[T]) covering(k *Key, fn func(*T)) {
	for _, f := range ix.forms {
		if f.broad && k.Category.Element != "" {
			continue
		}
		if v := ix.by[scopeOf(k, f.wild, f.broad)]; v != nil {
			fn(v)
		}
	}
}

// omitted tells which fields of a record event were left out.
func omitted(e *events.Event) (w wild) {
	if e.Dataset == "" || e.Flags&events.DatasetDefaulted != 0 {
		w |= anyDataset
	}
	if e.Item.IsZero() {
		w |= anyItem
	}
	return w | omittedActivity(e)
}

func omittedActivity(e *events.Event) (w wild) {
	switch {
	case e.Activity.Code == "":
		return anyActivity | anySubPurpose
	case e.Activity.SubPurpose == "":
		return anySubPurpose
	}
	return 0
}

// patterns lists the scopes of an event, one for each category it names.
func patterns(h events.Handle, e *events.Event, w wild, fn func(scope, events.Category)) {
	s := scope{
		wild: w, handle: h, item: e.Item.Handle, system: e.Source, dataset: dataset(e),
		activity: e.Activity, controller: e.Controller,
	}
	if len(e.Categories) == 0 {
		s.wild |= anyCategory | anyElement
		fn(s, events.Category{})
		return
	}
	for _, c := range e.Categories {
		s.category, s.wild = c, w
		if c.Element == "" {
			s.wild |= anyElement
		}
		fn(s, c)
	}
}

// dataset is the one the source named; else the activity stands for it.
func dataset(e *events.Event) events.Code {
	if e.Dataset == "" {
		return e.Activity.Code
	}
	return e.Dataset
}

// A register keeps what was said last: by event time, then by position.
type register struct {
	set bool
	obs *Obs
	ev  *events.Event
}

// put keeps the later of two statements.
func (r *register) put(o *Obs, e *events.Event) bool {
	if r.set && !r.obs.before(o) {
		return false
	}
	r.set, r.obs, r.ev = true, o, e
	return true
}

// after reports whether r was said later than p; unsaid is before everything.
func (r *register) after(p *register) bool {
	return r.set && (!p.set || p.obs.before(r.obs))
}
