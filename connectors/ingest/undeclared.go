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
	count map[events.Code]int // guarded by mu
}

func newUndeclared() undeclared {
	return undeclared{new(sync.Mutex), map[events.Code]int{}}
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
	check := func(field string, c *events.Code, pointer string) {
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
		b.ask(i, e.Source, events.Identifier{Kind: events.Undeclared + "." + events.Code(field), Value: events.NewPlaintext(string(text))}, pointer, func(f Found) {
			if f.Fresh {
				b.g.undecl.add(e.Source)
			}
			b.g.Counts.undeclared.Add(1)
			*c = UndeclaredCode(f.Ref.Handle)
		})
	}
	check("activity", &e.Activity.Code, "/data/activity")
	check("sub_purpose", &e.Activity.SubPurpose, "/data/activity")
	for k := range e.Categories {
		check("category", &e.Categories[k].Code, "/data/categories")
		check("element", &e.Categories[k].Element, "/data/categories")
	}
	check("subject_type", &e.SubjectType, "/data/subject_type")
	check("recipient", &e.Recipient.Code, "/data/recipient")
	check("source", &e.ObtainedFrom.Code, "/data/obtained_from")
	check("milestone", &e.Milestone, "/data/milestone")
	check("controller", &e.Controller, "/data/controller")
}

// UndeclaredCode is the code that stands for an unknown code behind a handle.
func UndeclaredCode(h events.Handle) events.Code {
	return events.Undeclared + "." + events.Code(h.String())
}

// maxKept is how many refused events of one source are kept for mending since
// the start. Further ones are counted only: the source has been told of each.
const maxKept = 1000

// mayKeep counts one refused event of a source and says whether to keep it.
func (g *Gateway) mayKeep(source events.Code) bool {
	g.undecl.mu.Lock()
	defer g.undecl.mu.Unlock()
	key := "kept:" + source
	g.undecl.count[key]++
	return g.undecl.count[key] <= maxKept
}
