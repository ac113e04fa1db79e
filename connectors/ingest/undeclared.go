package ingest

import (
	"sync"

	"github.com/habeas-data/habeas/events"
)

// maxUndeclared is how many different unknown codes one source may bring. After
// that its unknown codes are all the same "undeclared": a runaway source must
// not be able to fill the vault and the map with words.
const maxUndeclared = 1000

// undeclared counts the unknown codes of each source.
type undeclared struct {
	mu    *sync.Mutex
	count map[events.Code]int  // guarded by mu
	kept  map[events.Code]kept // guarded by mu
}

func newUndeclared() undeclared {
	return undeclared{new(sync.Mutex), map[events.Code]int{}, map[events.Code]kept{}}
}

func (u undeclared) full(source events.Code) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.count[source] >= maxUndeclared
}

func (u undeclared) add(source events.Code) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.count[source]++
}

// undeclaredCodes replaces every code of e that the catalogue does not know by
// "undeclared.<handle>". The text itself is sealed in the vault like an
// identifier, because a code made up by a source may be anything; the same
// text of the same system keeps the same handle, so that holdings stay apart.
func (b *batch) undeclaredCodes(i int, e *events.Event) {
	b.known(i, e, "activity", &e.Activity.Code, "/data/activity")
	b.known(i, e, "sub_purpose", &e.Activity.SubPurpose, "/data/activity")
	for k := range e.Categories {
		b.known(i, e, "category", &e.Categories[k].Code, "/data/categories")
		b.known(i, e, "element", &e.Categories[k].Element, "/data/categories")
	}
	b.known(i, e, "subject_type", &e.SubjectType, "/data/subject_type")
	b.known(i, e, "recipient", &e.Recipient.Code, "/data/recipient")
	b.known(i, e, "source", &e.ObtainedFrom.Code, "/data/obtained_from")
	b.known(i, e, "milestone", &e.Milestone, "/data/milestone")
	b.known(i, e, "controller", &e.Controller, "/data/controller")
}

func (b *batch) known(i int, e *events.Event, field string, c *events.Code, pointer string) {
	if *c == "" || *c == events.Undeclared || b.cat.Declared(field, *c) {
		return
	}
	b.keepOriginal(i)
	text := *c
	*c = events.Undeclared
	if b.g.undecl.full(e.Source) {
		b.g.Counts.undeclared.Add(1)
		return
	}
	id := events.Identifier{Kind: events.Undeclared + "." + events.Code(field), Value: events.NewPlaintext(string(text))}
	b.ask(i, e.Source, id, target{pointer: pointer, subject: -1, code: c})
}

// UndeclaredCode is the code that stands for an unknown code behind a handle.
func UndeclaredCode(h events.Handle) events.Code {
	return events.Undeclared + "." + events.Code(h.String())
}

// maxKept is how many refused events of one source are kept for mending in an
// hour. Further ones are counted only: the source has been told of each, and a
// flood of them must not fill the vault.
const maxKept = 200

// A kept counts the refused events of one source in the running hour.
type kept struct {
	hour int64
	n    int
}

// mayKeep counts one refused event of a source and says whether to keep it.
func (g *Gateway) mayKeep(source events.Code) bool {
	g.undecl.mu.Lock()
	defer g.undecl.mu.Unlock()
	k := g.undecl.kept[source]
	if hour := g.cfg.Now().Unix() / 3600; hour != k.hour {
		k = kept{hour: hour}
	}
	k.n++
	g.undecl.kept[source] = k
	return k.n <= maxKept
}
