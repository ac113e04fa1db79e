package decide

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// reach is what can be done about a recipient at all.
type reach uint8

const (
	reachNone      reach = iota // nothing, whatever is decided
	reachOnline                 // the public, where it can be taken down
	reachPrint                  // the public, where it cannot be called back
	reachProcessor              // works on our instructions
	reachOther                  // decides for itself
)

// address says what each recipient of the holding is told (Article 19): a
// processor gets an instruction and is asked until it is done (28(3)), another
// controller or person a notice, an authority a notice unless that is barred, and
// the public nothing. Lines are one for each recipient and the part it took.
func (j *judged) address(x *Item) {
	if x.Right == catalogue.RightAccess || x.Right == catalogue.RightPortability {
		// Nothing is done with the data, so nobody is told of it; who is left out of
		// an answer without a word still needs two people.
		if x.Outcome != None && slices.ContainsFunc(j.h.Disclosures, func(d Disclosure) bool { return d.NotToBeTold != nil }) {
			x.person("silent withholding")
		}
		return
	}
	for i := range j.h.Disclosures {
		x.Recipients = append(x.Recipients, j.line(&j.h.Disclosures[i], x))
	}
	slices.SortFunc(x.Recipients, func(a, b Recipient) int {
		return cmp.Or(cmp.Compare(a.Recipient, b.Recipient), bytes.Compare(a.Person.Handle[:], b.Person.Handle[:]), cmp.Compare(a.ActingAs, b.ActingAs),
			cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.fixed, b.fixed))
	})
	x.Recipients = oneLine(x.Recipients)
	x.speak()
	if x.Outcome == None {
		x.Recipients = nil
	}
}

// oneLine keeps one line for each recipient and the part it took: the one by
// which most can be done. What went out in print as well is said on it.
func oneLine(list []Recipient) (out []Recipient) {
	for _, r := range list {
		n := len(out) - 1
		if n < 0 || out[n].Recipient != r.Recipient || out[n].Person != r.Person || out[n].ActingAs != r.ActingAs {
			out = append(out, r)
			continue
		}
		last := &out[n]
		last.Silent = last.Silent || r.Silent
		last.printed = last.printed || r.reach == reachPrint && last.reach == reachOnline
	}
	return out
}

// line is one recipient, before it is known what it is told.
func (j *judged) line(d *Disclosure, x *Item) Recipient {
	out := Recipient{Recipient: d.Recipient, Person: d.Person, Action: NoAction, Silent: d.NotToBeTold != nil, ended: j.ended(), mandate: j.mandate()}
	kind := catalogue.KindIndividual
	declared, known := j.e.cat.Recipient(d.Recipient)
	if d.Recipient != "" {
		kind = catalogue.KindUnspecified
		if known {
			kind = declared.Kind
			out.returns = declared.AfterTask != ""
		}
		if !known || declared.Class == events.Undeclared {
			x.find("RECIPIENT_UNDECLARED")
		}
	}
	if d.ActingAs != "" {
		kind = catalogue.RecipientKind(d.ActingAs)
	}
	out.ActingAs = kind
	if out.Silent && x.Outcome != None {
		x.person("silent withholding")
	}
	recallable := d.Medium != events.MediumPaper && (!known || declared.Recallable == nil || *declared.Recallable)
	switch {
	case d.Recipient != "" && j.host() == d.Recipient:
		out.fixed = "it keeps the system for us, which gets the task itself"
	case kind == catalogue.KindNone:
		out.fixed = "nobody received it"
	case kind == catalogue.KindPublic && recallable:
		out.reach = reachOnline
	case kind == catalogue.KindPublic:
		out.reach = reachPrint
	case kind == catalogue.KindProcessor:
		out.reach = reachProcessor
	case kind == catalogue.KindAuthority && d.InquiryOnly:
		out.fixed = "an authority that received it in one inquiry is no recipient (Article 4(9))"
	case kind == catalogue.KindAuthority && d.Barred:
		out.fixed = "telling it would defeat why it received the data"
	default:
		out.reach = reachOther
	}
	return out
}

// speak gives every line the action and the verb of the item's outcome.
func (x *Item) speak() {
	verb := verbOf(x.Outcome)
	for i := range x.Recipients {
		r := &x.Recipients[i]
		r.Action, r.Verb, r.Why, r.Impossible = NoAction, "", r.fixed, false
		gone := verb == VerbErase || verb == VerbSuppress || verb == VerbRestrict
		switch r.reach {
		case reachOnline:
			r.Why = "what was published stays as it is"
			if gone {
				r.Verb, r.Why, r.Impossible = VerbTakeDown, "it is taken down where we published it", r.printed
				if r.printed {
					r.Why += "; what was printed cannot be called back"
				}
				x.also(TakeDown)
			}
		case reachPrint:
			r.Impossible, r.Why = gone, "what was printed cannot be called back"
		case reachProcessor:
			r.process(verb, x.Outcome)
		case reachOther:
			r.Why = "nothing that it received is erased or restricted"
			if verb != "" {
				r.Action, r.Verb, r.Why = Notify, verb, ""
			}
		}
		if r.Action == Instruct && r.Verb == VerbErase && !r.returns {
			x.find("RECIPIENT_RETENTION_MISSING")
		}
	}
}

// rank puts the line by which most can be done first.
func (r *Recipient) rank() int {
	return slices.Index([]reach{reachProcessor, reachOther, reachOnline, reachPrint, reachNone}, r.reach)
}

// process is what a processor is told. One whose task has ended erases its copy
// even when we keep ours (Article 28(3)(g)); where its task goes on acting, such
// as a mandate to collect money, that is cancelled.
func (r *Recipient) process(verb Verb, o Outcome) {
	switch {
	case verb != "":
		r.Action, r.Verb = Instruct, verb
	case o == Retain && r.ended && r.mandate:
		r.Action, r.Verb, r.Why = Instruct, VerbCancel, "the mandate ends; the record of what was paid stays"
	case o == Retain && r.ended:
		r.Action, r.Verb, r.Why = Instruct, VerbErase, "its task has ended, so it does not keep its copy"
	case o == Retain:
		r.Why = "it still works for us with this"
	default:
		r.Why = "it depends on the decision"
	}
}

// verbOf is what an outcome asks of those who have the data; empty for nothing.
// What we keep under Article 17(3) is restricted by ourselves and not on the
// ground of Article 18, so nobody is told of that.
func verbOf(o Outcome) Verb {
	switch o {
	case Erase:
		return VerbErase
	case Restrict:
		return VerbRestrict
	case Stop:
		return VerbSuppress
	case Rectify:
		return VerbRectify
	}
	return ""
}

// host is the recipient that keeps the holding's system for us.
func (j *judged) host() events.Code {
	if s, ok := j.e.cat.System(j.h.System); ok {
		return s.HostedBy
	}
	return ""
}

// ended reports whether the purpose has ended: a milestone that the period counts
// from was reached. The day of a record says nothing about that.
func (j *judged) ended() bool {
	if j.st.From.IsZero() || j.st.From > j.on {
		return false
	}
	return slices.ContainsFunc(j.st.Triggers, func(t catalogue.Trigger) bool { return t.Code != "record_date" && t.Code != "stored" })
}

// mandate reports whether the data lets a processor go on acting.
func (j *judged) mandate() bool {
	is := func(c events.Code) bool { return strings.Contains(string(c), "mandate") }
	if j.h.Category.Element != "" || j.category == nil {
		return is(j.h.Category.Element)
	}
	return slices.ContainsFunc(j.category.Items, func(e catalogue.Element) bool { return is(e.ID) })
}
