package desk

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

// nothingChanged is why the rules ask nothing of a recipient of what is kept.
const nothingChanged = "nothing that it received is erased or restricted"

// looseWhy marks a recipient of what no system of ours reports holding.
const looseWhy = "no holding"

// A toldRecipient is one who has data of the person, as a letter names them.
type toldRecipient struct {
	name  string
	code  events.Code // empty for a person
	acts  []decide.Recipient
	other *decide.Recipient // where nothing is asked of them
	// loose is set on who received what no system of ours reports holding.
	loose bool
}

// toldRecipients are all who received what the case is about, in the order of their
// names. Of whom the person must not learn nothing is said (D9).
func (l *letter) toldRecipients() []toldRecipient {
	var out []toldRecipient
	add := func(name string, r decide.Recipient) {
		i := slices.IndexFunc(out, func(x toldRecipient) bool { return x.name == name })
		if i < 0 {
			i = len(out)
			out = append(out, toldRecipient{name: name, code: r.Recipient})
		}
		same := func(x decide.Recipient) bool { return x.Verb == r.Verb && x.Action == r.Action }
		switch {
		case r.Action == decide.NoAction && !r.Impossible && r.Verb == "":
			out[i].other, out[i].loose = &r, r.Why == looseWhy
		case !slices.ContainsFunc(out[i].acts, same):
			out[i].acts = append(out[i].acts, r)
		}
	}
	for i := range l.items {
		x := &l.items[i]
		for n := range x.Recipients {
			if r := x.Recipients[n]; !x.Silent && !r.Silent && !inquiry(&r) {
				add(l.recipientName(r.Recipient), r)
			}
		}
	}
	for i := range l.plan.person.answer.folded.Unmatched {
		u := &l.plan.person.answer.folded.Unmatched[i]
		if u.Disclosure.WithheldOn == "" && l.hasErasing() {
			add(l.recipientName(u.Recipient.Code), decide.Recipient{Recipient: u.Recipient.Code, Action: decide.NoAction, Why: looseWhy})
		}
	}
	slices.SortStableFunc(out, func(a, b toldRecipient) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	return out
}

// inquiry reports whether an authority received data in one inquiry, or must not be
// told: it is no recipient whom an answer names (Article 4(9)).
func inquiry(r *decide.Recipient) bool {
	return r.ActingAs == catalogue.KindAuthority && r.Action == decide.NoAction && r.Why != nothingChanged
}

// hasErasing reports whether the case is about a right under which recipients are
// told (Article 19); a copy of the data names them in the copy itself.
func (l *letter) hasErasing() bool {
	return slices.ContainsFunc(l.f.opening().Rights, func(r catalogue.RightKind) bool {
		return slices.Contains([]catalogue.RightKind{catalogue.RightErasure, catalogue.RightRectification, catalogue.RightRestriction, catalogue.RightObjection}, r)
	})
}

func (l *letter) recipientName(code events.Code) string {
	if code == "" {
		return "Another person, whom we do not name here"
	}
	if _, ok := l.cat.Recipient(code); !ok {
		return "A recipient whose name was not recorded"
	}
	return l.cat.RecipientName(code)
}

// received names every recipient that has data of the person from us, and what
// happens there, also where nothing does: so that the person can ask them (Article
// 19).
func (l *letter) received(tasks []casebook.Task) {
	told := l.toldRecipients()
	if len(told) == 0 {
		return
	}
	l.say("These have data about you from us:")
	for i := range told {
		l.point("%s: %s", told[i].name, l.happens(&told[i], tasks))
	}
	l.end()
}

// happens says what was asked of a recipient, and how far it is.
func (l *letter) happens(t *toldRecipient, tasks []casebook.Task) string {
	var out []string
	for i := range t.acts {
		r := &t.acts[i]
		out = append(out, recipientStep(r, taskState(tasks, t.code, r)))
	}
	if len(out) == 0 {
		return l.nothingThere(t)
	}
	return strings.Join(out, "; ") + "."
}

// nothingThere says why nothing is asked of a recipient, and where the person can
// turn.
func (l *letter) nothingThere(t *toldRecipient) string {
	if t.loose {
		return "received data about you from us of which our systems hold no record any more. You can ask it, or ask us to."
	}
	kind := catalogue.RecipientKind("")
	if t.other != nil {
		kind = t.other.ActingAs
	}
	if r, ok := l.cat.Recipient(t.code); ok && kind == "" {
		kind = r.Kind
	}
	if kind == catalogue.KindProcessor {
		return "works for us, and holds for us what we keep."
	}
	why := ""
	if t.other != nil && t.other.Why == nothingChanged {
		why = ", since nothing that it received from us is erased or restricted"
	}
	return "has its own copy and decides about it. We ask nothing of it" + why + ". You can ask it yourself."
}

// taskState is the state of the task by which a recipient is told; empty where
// there is none yet.
func taskState(tasks []casebook.Task, code events.Code, r *decide.Recipient) cases.TaskState {
	verb := events.Code(r.Verb)
	if r.Action == decide.Notify {
		verb = cases.VerbNotify
	}
	for i := range tasks {
		if code != "" && tasks[i].Recipient == code && tasks[i].Verb == verb {
			return cases.TaskState(tasks[i].State)
		}
	}
	return ""
}

// recipientStep says one thing that a recipient was asked. That it was told is said
// once a task says so, and that it did it only of what was looked for (I8).
func recipientStep(r *decide.Recipient, s cases.TaskState) string {
	if r.Impossible && (s == "" || s == cases.TaskImpossible) {
		return "it cannot be told, or what it has cannot be called back"
	}
	if r.Action == decide.NoAction && r.Verb == decide.VerbTakeDown {
		return "we take down what we published; others may have made copies of it"
	}
	ask := "tell it to " + verbWords[events.Code(r.Verb)]
	if r.Action == decide.Notify {
		ask = "tell it what we did, so that it can do the same; it decides about its own copy"
	}
	switch s {
	case "", cases.TaskPlanned, cases.TaskManual:
		return "we " + ask
	case cases.TaskOutOfScale:
		return "we do not " + ask + ": it would take an effort out of all proportion (Article 19)"
	case cases.TaskVerified:
		if r.Action == decide.Notify {
			return "we told it what we did, and it confirmed that; it decides about its own copy"
		}
	}
	told := "we told it to " + verbWords[events.Code(r.Verb)]
	if r.Action == decide.Notify {
		told = "we told it what we did"
	}
	return told + ", and " + farWords[s]
}

// verbWords complete "we told it to".
var verbWords = map[events.Code]string{
	"erase": "erase it", "anonymise": "make it anonymous", "restrict": "restrict its use", "unrestrict": "lift the restriction", "suppress": "stop using it", "cancel": "cancel what runs",
	"take_down": "take it down", "rectify": "correct it", "notify": "do the same", "": "act",
}

// farWords say how far somebody is, to the person it is about.
var farWords = map[cases.TaskState]string{
	cases.TaskSent: "it has not answered yet", cases.TaskAccepted: "it has taken it on; we have not confirmed yet that it is done", cases.TaskVerified: "we have confirmed that it is done",
	cases.TaskPartly: "it has done a part; we pursue the rest", cases.TaskUnverifiable: "it says that it is done; we cannot check that", cases.TaskKept: "it says that a law makes it keep the data",
	cases.TaskRefused: "it does not want to; we pursue it", cases.TaskFailed: "it has not succeeded yet; we pursue it", cases.TaskImpossible: "it cannot be done",
	cases.TaskOutOfScale: "it would take an effort out of all proportion", cases.TaskPlanned: "it has not begun yet", cases.TaskManual: "somebody does it by hand; it is not confirmed yet",
}

// progress says how far our own systems are: done, not confirmed, or impossible.
// Erased is said only of what was looked for and not found (I8). A copy that was
// made is no news.
func (l *letter) progress(tasks []casebook.Task) {
	shown := map[events.Code]bool{}
	for i := range l.items {
		x := &l.items[i]
		shown[x.Holding.System] = shown[x.Holding.System] || !x.Silent
	}
	var lines []string
	for i := range tasks {
		t := &tasks[i]
		if t.Recipient != "" || t.Verb == cases.VerbExport || t.Verb == cases.VerbNotify || !shown[t.System] {
			continue
		}
		line := l.cat.Name(catalogue.FieldSystem, t.System) + ", to " + verbWords[t.Verb] + ": " + farWords[cases.TaskState(t.State)]
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return
	}
	slices.Sort(lines)
	l.say("How far our own systems are today:")
	for _, line := range lines {
		l.point("%s.", line)
	}
	l.end()
}

// recipients is the report of Article 19: whom we told, if the person asks.
func (l *letter) recipients(tasks []casebook.Task) {
	told := l.toldRecipients()
	l.say("You asked to whom we passed on your data, and whom we told of what we corrected, erased or restricted (Article 19).")
	if len(told) == 0 {
		l.say("Nobody, as far as our systems reported: it was passed on to no one.")
		return
	}
	l.received(tasks)
}
