package inventory

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// What an event says may reach many holdings: the fields it leaves out mean
// all. A scope is such a pattern; an index finds the patterns that cover a
// holding with one look-up per set of omitted fields in use, so that a fold
// stays linear.

// wild is the set of fields a pattern leaves out.
type wild uint16

const (
	anyHandle wild = 1 << iota
	anySystem
	anyDataset
	anyItem
	anyActivity
	anySubPurpose
	anyCategory
	anyElement
	anyController
)

// A scope is a pattern in numbers; see codes.
type scope struct {
	form
	handle, item events.Handle
	key          numbers
}

// codes numbers the codes of one fold, so that patterns are cheap to compare.
type codes map[events.Code]uint32

func (c codes) of(x events.Code) uint32 {
	if x == "" {
		return 0
	}
	n, ok := c[x]
	if !ok {
		n = uint32(len(c) + 1)
		c[x] = n
	}
	return n
}

// numbers is the part of a Key that is codes.
type numbers struct {
	system, dataset, activity, subPurpose, category, element, controller uint32
}

func (c codes) numbers(k *Key) numbers {
	return numbers{
		c.of(k.System), c.of(k.Dataset), c.of(k.Activity.Code), c.of(k.Activity.SubPurpose),
		c.of(k.Category.Code), c.of(k.Category.Element), c.of(k.Controller),
	}
}

// scope is the pattern of a form that covers a key.
func (f form) scope(handle, item events.Handle, key numbers) scope {
	s := scope{form: f, handle: handle, item: item, key: key}
	if f.wild&anyHandle != 0 {
		s.handle = events.Handle{}
	}
	if f.wild&anyItem != 0 {
		s.item = events.Handle{}
	}
	for _, x := range [...]struct {
		open bool
		at   *uint32
	}{
		{f.wild&anySystem != 0, &s.key.system}, {f.wild&anyDataset != 0, &s.key.dataset},
		{f.wild&anyActivity != 0, &s.key.activity}, {f.wild&(anyActivity|anySubPurpose) != 0, &s.key.subPurpose},
		{f.wild&anyCategory != 0, &s.key.category},
		{f.broad || f.wild&(anyCategory|anyElement) != 0, &s.key.element},
		{f.wild&anyController != 0, &s.key.controller},
	} {
		if x.open {
			*x.at = 0
		}
	}
	return s
}

// A form is which fields a pattern leaves out. In a broad one the pattern names
// an element and the holding only its category.
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
	if v := ix.by[s]; v != nil {
		return v
	}
	if ix.by == nil {
		ix.by = make(map[scope]*T)
	}
	if !slices.Contains(ix.forms, s.form) {
		ix.forms = append(ix.forms, s.form)
	}
	v := new(T)
	ix.by[s] = v
	return v
}

// covering calls fn for each pattern that covers a key.
func (ix *index[T]) covering(handle, item events.Handle, key numbers, fn func(*T)) {
	for _, f := range ix.forms {
		if f.broad && key.element != 0 {
			continue
		}
		if v := ix.by[f.scope(handle, item, key)]; v != nil {
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

// patterns lists the scopes of a row, one for each category it names.
func (f *folder) patterns(r *Row, w wild, fn func(scope, *Key)) {
	for i := range max(1, len(r.Categories)) {
		k := r.key(i)
		fn(form{wild: w | omittedCategory(&k)}.scope(k.Handle, k.Item.Handle, f.codes.numbers(&k)), &k)
	}
}

// removed lists the scopes of a removal. What a system leaves out means all, and
// it speaks for every handle of the person. A removal that answers a task (Of)
// was looked for and not found for exactly the holding it names, and says nothing
// of any other (I8).
func (f *folder) removed(r *Row, fn func(scope)) {
	if r.Event.Of.IsZero() {
		f.patterns(r, omitted(r.Event)|anyHandle, func(s scope, _ *Key) { fn(s) })
		return
	}
	f.exactly(r, func(s scope, _ *Key) { fn(s) })
}

// exactly lists the scopes of a row that habeas wrote about single holdings of a
// system: what it leaves out is absent there.
func (f *folder) exactly(r *Row, fn func(scope, *Key)) {
	for i := range max(1, len(r.Categories)) {
		k := r.key(i)
		k.System = r.Event.ScopeSystem
		fn(form{}.scope(k.Handle, k.Item.Handle, f.codes.numbers(&k)), &k)
	}
}

func omittedCategory(k *Key) wild {
	switch {
	case k.Category.Code == "":
		return anyCategory | anyElement
	case k.Category.Element == "":
		return anyElement
	}
	return 0
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
