package ingest

import (
	"strconv"
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
	count map[events.Code]int                  // guarded by mu
	kept  map[events.Code]kept                 // guarded by mu
	words map[events.Code]map[events.Code]bool // guarded by mu; by source
}

func newUndeclared() undeclared {
	return undeclared{new(sync.Mutex), map[events.Code]int{}, map[events.Code]kept{}, map[events.Code]map[events.Code]bool{}}
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
		b.known(i, e, "category", &e.Categories[k].Code, "/data/categories", k)
		b.known(i, e, "element", &e.Categories[k].Element, "/data/categories", k)
	}
	b.known(i, e, "subject_type", &e.SubjectType, "/data/subject_type")
	b.known(i, e, "recipient", &e.Recipient.Code, "/data/recipient")
	b.known(i, e, "source", &e.ObtainedFrom.Code, "/data/obtained_from")
	b.known(i, e, "milestone", &e.Milestone, "/data/milestone")
	b.known(i, e, "controller", &e.Controller, "/data/controller")
	b.chosen(i, e)
}

// maxChosen is how many different codes of its own choosing one source may
// bring while the process runs: datasets, channels, grounds and the like, which
// no catalogue lists. Codes stay in the map for good, so a source that makes
// them up without end, or puts into them what does not belong there, is stopped:
// what is beyond the limit is stored as "undeclared".
const maxChosen = 2000

// chosen holds the source's own codes to that limit.
func (b *batch) chosen(i int, e *events.Event) {
	for _, c := range [...]struct {
		code    *events.Code
		pointer string
	}{
		{&e.Dataset, "/data/dataset"}, {&e.Basis, "/data/basis"}, {&e.LegalDuty, "/data/legal_duty"}, {&e.Place, "/data/location"},
		{&e.Channel, "/data/channel"}, {&e.Condition, "/data/condition"}, {&e.Safeguard, "/data/transfer"},
		{&e.WithheldOn, "/data/not_to_be_told"}, {&e.Wording, "/data/wording_ref"}, {&e.Ground, "/data/ground"},
		{&e.Logic, "/data/logic_ref"}, {&e.NoticeVersion, "/data/notice_version"}, {&e.Evidence, "/data/evidence"}, {&e.Why, "/data/why"},
	} {
		b.mayChoose(i, e.Source, c.code, c.pointer)
	}
	for k := range e.Channels {
		b.mayChoose(i, e.Source, &e.Channels[k], "/data/channels")
	}
	for k := range e.Covers {
		b.mayChoose(i, e.Source, &e.Covers[k], "/data/covers")
	}
}

func (b *batch) mayChoose(i int, source events.Code, c *events.Code, pointer string) {
	if *c != "" && !b.g.undecl.choose(source, *c) {
		*c = events.Undeclared
		b.g.Counts.undeclared.Add(1)
		b.warn(i, pointer, tooMany)
	}
}

// maxKinds is how many different kinds of identifier one source may send.
const maxKinds = 200

// tooManyKinds reports whether an identifier's kind is one too many of its
// source; the event is then refused, because leaving the identifier out would
// make it an event about somebody else.
func (u undeclared) tooManyKinds(source, kind events.Code) bool {
	return !u.seen(source+"/kinds", kind, maxKinds)
}

func (u undeclared) choose(source, c events.Code) bool { return u.seen(source, c, maxChosen) }

// seen reports whether a source has used a word before or may still begin to.
func (u undeclared) seen(source, word events.Code, most int) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	words := u.words[source]
	if words == nil {
		words = map[events.Code]bool{}
		u.words[source] = words
	}
	if words[word] {
		return true
	}
	if len(words) >= most {
		return false
	}
	words[word] = true
	return true
}

// known replaces one code unless the catalogue knows it. index is its place in
// the list at pointer, if it is in one.
func (b *batch) known(i int, e *events.Event, field string, c *events.Code, pointer string, index ...int) {
	if *c == "" || *c == events.Undeclared || b.cat.Declared(field, *c) {
		return
	}
	for _, k := range index {
		pointer += "/" + strconv.Itoa(k)
	}
	b.keepOriginal(i)
	text := *c
	*c = events.Undeclared
	if b.g.undecl.full(e.Source) {
		b.g.Counts.undeclared.Add(1)
		b.warn(i, pointer, tooMany)
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
