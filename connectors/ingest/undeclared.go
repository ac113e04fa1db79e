package ingest

import (
	"strconv"
	"strings"
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
	count map[events.Code]int             // guarded by mu
	kept  map[events.Code]kept            // guarded by mu
	words map[speech]map[events.Code]bool // guarded by mu
}

// A speech is what one source has said in answer to one question.
type speech struct {
	about  about
	source events.Code
}

func newUndeclared() undeclared {
	return undeclared{new(sync.Mutex), map[events.Code]int{}, map[events.Code]kept{}, map[speech]map[events.Code]bool{}}
}

func (u undeclared) full(source events.Code) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.count[source] >= maxUndeclared
}

func (u undeclared) add(source events.Code) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.count[copied(source)]++
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
	b.mayChoose(i, e.Source, &e.Dataset, "/data/dataset")
	b.mayChoose(i, e.Source, &e.Basis, "/data/basis")
	b.mayChoose(i, e.Source, &e.LegalDuty, "/data/legal_duty")
	b.mayChoose(i, e.Source, &e.Place, "/data/location")
	b.mayChoose(i, e.Source, &e.Channel, "/data/channel")
	b.mayChoose(i, e.Source, &e.Condition, "/data/condition")
	b.mayChoose(i, e.Source, &e.Safeguard, "/data/transfer")
	b.mayChoose(i, e.Source, &e.WithheldOn, "/data/not_to_be_told")
	b.mayChoose(i, e.Source, &e.Wording, "/data/wording_ref")
	b.mayChoose(i, e.Source, &e.Ground, "/data/ground")
	b.mayChoose(i, e.Source, &e.Logic, "/data/logic_ref")
	b.mayChoose(i, e.Source, &e.NoticeVersion, "/data/notice_version")
	b.mayChoose(i, e.Source, &e.Evidence, "/data/evidence")
	b.mayChoose(i, e.Source, &e.Why, "/data/why")
	for k := range e.Channels {
		b.mayChoose(i, e.Source, &e.Channels[k], "/data/channels")
	}
	for k := range e.Covers {
		b.mayChoose(i, e.Source, &e.Covers[k], "/data/covers")
	}
}

func (b *batch) mayChoose(i int, source events.Code, c *events.Code, pointer string) {
	if *c != "" && !b.maySay(mayBeChosen, source, *c, maxChosen) {
		*c = events.Undeclared
		b.g.Counts.undeclared.Add(1)
		b.warn(i, pointer, tooMany)
	}
}

// maySay reports whether a source has used a word before or may still begin to.
func (b *batch) maySay(a about, source, word events.Code, most int) bool {
	if word == "" {
		return b.g.undecl.seen(a, source, word, most)
	}
	s, ok := b.memo.place(a, string(source), word)
	if !ok {
		if ok = b.g.undecl.seen(a, source, word, most); ok {
			b.memo.keep(s, a, string(source), word)
		}
	}
	return ok
}

// maxKinds is how many different kinds of identifier one source may send.
const maxKinds = 200

// tooManyKinds reports whether an identifier's kind is one too many of its
// source; the event is then refused, because leaving the identifier out would
// make it an event about somebody else.
func (b *batch) tooManyKinds(source, kind events.Code) bool {
	return !b.maySay(mayBeOfAKind, source, kind, maxKinds)
}

// seen is maySay without the memo.
func (u undeclared) seen(a about, source, word events.Code, most int) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	of := speech{a, source}
	words := u.words[of]
	if words == nil {
		words = map[events.Code]bool{}
		of.source = copied(source)
		u.words[of] = words
	}
	if words[word] {
		return true
	}
	if len(words) >= most {
		return false
	}
	words[copied(word)] = true
	return true
}

// copied is a word that keeps nothing of the event that it came with.
func copied(c events.Code) events.Code { return events.Code(strings.Clone(string(c))) }

// known replaces one code unless the catalogue knows it. index is its place in
// the list at pointer, if it is in one.
func (b *batch) known(i int, e *events.Event, field string, c *events.Code, pointer string, index ...int) {
	if *c == "" || *c == events.Undeclared || b.declared(field, *c) {
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

// declared asks the catalogue, for each code once.
func (b *batch) declared(field string, c events.Code) bool {
	s, ok := b.memo.place(isDeclared, field, c)
	if !ok {
		if ok = b.cat.Declared(field, c); ok {
			b.memo.keep(s, isDeclared, field, c)
		}
	}
	return ok
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
	source = copied(source)
	k := g.undecl.kept[source]
	if hour := g.cfg.Now().Unix() / 3600; hour != k.hour {
		k = kept{hour: hour}
	}
	k.n++
	g.undecl.kept[source] = k
	return k.n <= maxKept
}
