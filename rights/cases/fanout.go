package cases

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
)

// ByHand is the system code under which a person without a system is told: somebody of
// the organisation does it by hand.
const ByHand events.Code = "habeas"

// An Ability is what is known of a system or a recipient that is to act.
type Ability struct {
	// Connected: it claims its tasks. Else a person does it and reports.
	Connected bool
	// Look: somebody can look afterwards whether it was done (I8).
	Look bool
	// HostedBy is the recipient that keeps the system for us.
	HostedBy events.Code
}

// An Order is what tasks are made from.
type Order struct {
	Digest  Digest
	On, Due events.Date // today, and the last day of the answer
	Finals  []Final
	// OwesCopy: a copy was asked for and not given, so what waits for it is left
	// out.
	OwesCopy bool
	// Binding: only what binds from receipt.
	Binding bool
	// Knows tells of a system or a recipient.
	Knows func(events.Code) Ability
	// Made are the tasks that exist: what they cover is not asked for twice.
	Made []TaskBody
}

// Fanout makes the tasks of a plan: one for each target and verb, over everything of
// the person that the target is asked about. Their order is that of targets, verbs
// and parts, whatever the order of the plan. Left is what waits for a copy.
//
// A system gets the task itself, also where a recipient keeps it for us. A processor
// is instructed and a controller, an authority or a person is notified, as the plan
// says (Articles 19, 28(3)); what is known to be impossible is a task that is born
// so, with the plan's approval as the word of a person. A task says what to do and
// never why.
func Fanout(o *Order) (tasks []TaskBody, left int) {
	m := maker{Order: o, at: map[target]int{}, seen: map[string]bool{}}
	for i := range o.Made {
		for _, p := range o.Made[i].Scope {
			m.seen[covered(&o.Made[i], p.Holding, p.Keep)] = true
		}
	}
	for i := range o.Finals {
		f := &o.Finals[i]
		switch {
		case o.Binding && !f.Binding:
		case o.OwesCopy && f.destroys() && len(f.BlockedBy) > 0:
			left++
		default:
			m.own(f)
			for j := range f.Recipients {
				m.told(f, &f.Recipients[j])
			}
		}
	}
	slices.SortFunc(m.tasks, compareTasks)
	return m.tasks, left
}

// destroys reports whether something goes because of it: here, at a recipient, or
// from where it was published.
func (f *Final) destroys() bool {
	return f.Outcome == decide.Erase || slices.Contains(f.Also, decide.TakeDown) ||
		slices.ContainsFunc(f.Recipients, func(t Told) bool { return t.Action == decide.Instruct && t.Verb == decide.VerbErase })
}

type maker struct {
	*Order
	tasks []TaskBody
	at    map[target]int
	seen  map[string]bool
}

// A target is who is asked to do what.
type target struct {
	system, recipient, as events.Code
	person                events.Handle
	verb, of              Verb
	born                  TaskState
	silent                bool
	channels              string // none is all, so those of different channels are different tasks
}

// own makes the tasks of the system that holds it.
func (m *maker) own(f *Final) {
	if v := ownVerb(f); v != "" && !(f.Silent && v == VerbExport) {
		m.add(target{system: f.System, verb: v}, f, nil)
	}
	for _, a := range f.Also {
		switch a {
		case decide.Suppress:
			m.add(target{system: f.System, verb: VerbSuppress}, f, nil)
		case decide.TakeDown:
			m.add(target{system: f.System, verb: VerbTakeDown}, f, nil)
		}
	}
}

// told makes the task of a recipient. The public gets none: what stands online is
// taken down by the system, and what was printed is impossible from the start.
func (m *maker) told(f *Final, t *Told) {
	to := target{system: t.Recipient, recipient: t.Recipient, as: events.Code(t.ActingAs), silent: t.Silent}
	if t.Person != nil {
		to.system, to.person = ByHand, t.Person.Handle
	}
	switch {
	case t.Impossible:
		to.verb, to.born = VerbTakeDown, TaskImpossible
	case t.Action == decide.Instruct:
		to.verb = verbOf(t.Verb)
	case t.Action == decide.Notify:
		to.verb, to.of = VerbNotify, verbOf(t.Verb)
	default:
		return
	}
	m.add(to, f, t.Person)
}

func (m *maker) add(to target, f *Final, person *Ref) {
	b := m.body(to, person, f.Channels)
	if m.seen[covered(&b, f.Holding, f.Keep)] {
		return
	}
	to.channels = string(fields(sorted(f.Channels)...))
	i, ok := m.at[to]
	if !ok {
		i, m.at[to], m.tasks = len(m.tasks), len(m.tasks), append(m.tasks, b)
	}
	t := &m.tasks[i]
	part := Part{Holding: f.Holding, Handle: f.Handle, Dataset: f.Dataset, Activity: f.Activity, Category: f.Category, Item: f.Item, RecordDate: f.RecordDate, Keep: f.Keep}
	if to.verb == VerbRectify || to.of == VerbRectify {
		part.Value = f.Value
	}
	t.Scope = insert(t.Scope, part, func(a, b Part) int { return cmp.Compare(a.Holding, b.Holding) })
	t.Handles = insert(t.Handles, f.Handle, func(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) })
}

// Judge says of a task that was made how it stands with what is known of its target
// now: somebody who came to claim for it since can also look.
func (b *TaskBody) Judge(can Ability) {
	b.Look = b.Look || can.Look && lookedAt(b.Verb)
}

func (m *maker) body(to target, person *Ref, channels []events.Code) TaskBody {
	can := Ability{}
	if to.person.IsZero() && m.Knows != nil {
		can = m.Knows(to.system)
	}
	b := TaskBody{System: to.system, Recipient: to.recipient, Person: person, ActingAs: catalogue.RecipientKind(to.as), Verb: to.verb, Of: to.of, Silent: to.silent, Born: to.born,
		ActBefore: actBefore(to.verb, m.On, m.Due), Digest: m.Digest, Hand: !can.Connected, Look: can.Look && lookedAt(to.verb)}
	b.Channels = slices.Sorted(slices.Values(channels))
	if to.recipient == "" {
		b.HostedBy = can.HostedBy
	}
	if b.Hand && b.Born == "" {
		b.Born = TaskManual
	}
	return b
}

// covered names a part of a task, so that it is not asked for twice. What was asked
// to leave something for other records is not yet asked to go whole.
func covered(b *TaskBody, holding string, keep *Keep) string {
	if keep != nil && (b.Verb == VerbErase || b.Verb == VerbAnonymise) {
		holding += " kept in part"
	}
	person := ""
	if b.Person != nil {
		person = b.Person.Handle.String()
	}
	return string(fields(string(b.System), string(b.Recipient), person, string(b.ActingAs), string(b.Verb), string(b.Of), string(fields(sorted(b.Channels)...)), holding))
}

// The days that a task has, where the law says "without undue delay" (Articles
// 17(1), 19) and the answer says what was done: copies come some days before the
// answer, the rest by its last day, and what runs later has two weeks.
const (
	copyDays = 5
	lateDays = 14
)

func actBefore(v Verb, on, due events.Date) events.Date {
	before := due
	if v == VerbExport && !due.IsZero() {
		before = due - copyDays
	}
	switch {
	case due.IsZero() || due <= on:
		return on + lateDays
	case before <= on:
		return on + 1
	}
	return before
}

// lookedAt reports whether what a verb does can be found by looking again. A notice
// is proven by its acknowledgement and a copy by being here.
func lookedAt(v Verb) bool { return v != VerbNotify && v != VerbExport }

func insert[T any](list []T, x T, compare func(a, b T) int) []T {
	i, found := slices.BinarySearchFunc(list, x, compare)
	if found {
		return list
	}
	return slices.Insert(list, i, x)
}

func compareTasks(a, b TaskBody) int {
	person := func(t *TaskBody) string {
		if t.Person == nil {
			return ""
		}
		return t.Person.Handle.String()
	}
	return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Recipient, b.Recipient), cmp.Compare(person(&a), person(&b)), cmp.Compare(a.Verb, b.Verb),
		cmp.Compare(a.Of, b.Of), cmp.Compare(a.ActingAs, b.ActingAs), cmp.Compare(a.Born, b.Born), cmp.Compare(flags(a.Silent), flags(b.Silent)), slices.Compare(a.Channels, b.Channels))
}

// Matured are the finals that erase now what an approval kept until a day: what is
// due goes because of the request and without a new one, as the plan of today says
// and only where it was approved as kept. What was kept of a record for others goes
// once nothing of it is kept.
func Matured(approved []Final, now *Judged) (out []Final) {
	at := map[ItemKey]*Final{}
	for i := range approved {
		at[ItemKey{approved[i].Holding, approved[i].Right}] = &approved[i]
	}
	for i := range now.Finals {
		f := &now.Finals[i]
		if was := at[ItemKey{f.Holding, f.Right}]; was != nil && was.Ripens(f.Outcome, f.Keep != nil) {
			out = append(out, *f)
		}
	}
	return out
}

// Ripens reports whether what was approved goes further now: it was kept and is to be
// erased, or was to be erased but for what other records needed, which is over.
func (f *Final) Ripens(now decide.Outcome, keeps bool) bool {
	if now != decide.Erase {
		return false
	}
	return f.Outcome == decide.Retain || f.Outcome == decide.Restrict || f.Outcome == decide.Erase && f.Keep != nil && !keeps
}
