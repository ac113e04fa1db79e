package desk

import (
	"context"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// History answers what happened, oldest first, in sentences. Errors: those of
// Footprint.
func (d *Desk) History(ctx context.Context, q Query) (*events.History, error) {
	l, err := d.begin(ctx, q, access.HistoryRead)
	if err != nil {
		return nil, err
	}
	defer l.close(ctx)
	rows, err := l.rows()
	if err != nil {
		return nil, err
	}
	a := l.answer(rows)
	if err := l.reveal(ctx, a); err != nil {
		return nil, err
	}
	out := &events.History{Subject: l.subject(a), AsOf: l.asOf(), Entries: []events.HistoryEntry{}, Unknown: l.unknown(a)}
	for _, e := range inventory.History(rows, inventory.Query{AsOf: q.AsOf, Known: l.known}) {
		out.Entries = append(out.Entries, a.line(&e))
	}
	w := newWords(l.cat)
	w.subject(out.Subject)
	w.unknown(out.Unknown)
	for i := range out.Entries {
		for _, c := range out.Entries[i].Categories {
			w.category(c)
		}
	}
	out.Words = w.m
	return out, nil
}

func (a *answer) line(x *inventory.Entry) events.HistoryEntry {
	e := x.Event()
	if x.Taking != nil {
		return a.taking(x, e)
	}
	v := events.HistoryEntry{At: x.Time, Recorded: x.Recorded, Position: x.Position.String(), Event: e.Kind.String(),
		System: string(e.Source), Activity: e.Activity.String(), Text: a.sentence(e), Retracted: x.Retracted, Repeated: x.Repeated}
	for _, c := range e.Categories {
		v.Categories = append(v.Categories, c.String())
		if x, ok := a.cat.Category(c.Code); ok {
			v.Special, v.Criminal = v.Special || x.Special, v.Criminal || x.Criminal
		}
	}
	return v
}

// taking is the line of a report that was taken back.
func (a *answer) taking(x *inventory.Entry, e *events.Event) events.HistoryEntry {
	said := "What was reported of " + catalogue.PlainDate(events.DateOf(x.Of.Time().In(a.moment.Location())))
	said += " was taken back: "
	if x.Undone {
		said = strings.Replace(said, " was taken back: ", " and had been taken back counts again: ", 1)
	}
	return events.HistoryEntry{At: x.Time, Recorded: x.Recorded, Position: x.Position.String(), Event: events.EventRetracted.String(),
		System: string(e.Source), Activity: e.Activity.String(), Text: said + a.sentence(e), Retracted: x.Retracted}
}

// sentence says an event as one would tell it.
func (a *answer) sentence(e *events.Event) string {
	s := a.cat.Name(catalogue.FieldSystem, e.Source) + " " + a.verb(e, a.things(e)) + "."
	if e.Source == inventory.Operator {
		s = "Somebody here " + a.verb(e, a.things(e)) + "."
	}
	if e.Activity.Code != "" && e.Kind.IsRecord() {
		s += " Purpose: " + a.cat.ActivityName(e.Activity) + "."
	}
	return s
}

func (a *answer) verb(e *events.Event, what string) string {
	activity := "“" + a.cat.ActivityName(e.Activity) + "”"
	if undeclared(e.Activity.Code) {
		activity = "an activity that the catalogue does not name"
	}
	switch e.Kind {
	case events.RecordStored:
		return "stored " + what + a.origin(e)
	case events.RecordUsed:
		if e.Channel != "" {
			what += " by " + channelWord(e.Channel)
		}
		return useWords[word(e.Action)] + what
	case events.RecordShared:
		return "shared " + what + " with " + a.recipient(e)
	case events.RecordRemoved:
		return removalWords[word(e.Removal)] + what
	case events.ConsentGiven:
		return "took consent to " + activity + channels(e)
	case events.ConsentWithdrawn:
		return "noted that consent to " + activity + " was withdrawn" + channels(e)
	case events.ObjectionMade:
		return "noted an objection to " + objected(e, activity) + channels(e)
	case events.ObjectionLifted:
		return "noted that an objection to " + objected(e, activity) + " was lifted" + channels(e)
	case events.RestrictionSet:
		return "restricted the use of the data"
	case events.RestrictionLifted:
		return "lifted the restriction of the data"
	}
	return a.aboutPerson(e, activity)
}

func (a *answer) aboutPerson(e *events.Event, activity string) string {
	milestone := lower(a.cat.Name(catalogue.FieldMilestone, e.Milestone))
	if undeclared(e.Milestone) {
		milestone = "a milestone that the catalogue does not name"
	}
	switch e.Kind {
	case events.MilestoneReached:
		return "reported: " + milestone + " on " + catalogue.PlainDate(e.Date)
	case events.MilestoneRetracted:
		return "took back: " + milestone + " on " + catalogue.PlainDate(e.Date)
	case events.DecisionMade:
		if e.Automated {
			return "made a decision by computer alone, in: " + activity
		}
		return "made a decision, in: " + activity
	case events.NoticeGiven:
		return "gave the privacy notice, version " + string(e.NoticeVersion)
	case events.PersonState:
		return "noted: " + stateWords[e.State.String()]
	case events.SubjectLinked:
		return "said that two identifiers are of one person"
	case events.SubjectUnlinked:
		return "said that two identifiers are of different people"
	case events.HoldPlaced:
		return "placed a hold: nothing of what it covers is erased while it stands"
	case events.DisposalIntended:
		return "decided that data whose time had ended is to be erased"
	case events.IdentifierMarked:
		if e.Flags&events.SharedMark != 0 {
			return "marked an identifier as shared by several people"
		}
		return "marked an identifier as not shared after all"
	case events.EventQuarantined:
		return "sent an event that could not be understood"
	}
	return "reported: " + e.Kind.String()
}

var (
	useWords     = map[string]string{"": "used ", "sent": "sent ", "read": "read ", "printed": "printed "}
	removalWords = map[string]string{"": "removed ", "deleted": "deleted ", "anonymised": "anonymised ", "moved": "moved away ", "returned": "returned "}
	stateWords   = map[string]string{"deceased": "the person has died", "minor": "the person is a minor", "lacks_capacity": "the person lacks capacity"}
)

// things says which data an event is about.
func (a *answer) things(e *events.Event) string {
	if len(e.Categories) == 0 {
		return "data"
	}
	names := make([]string, len(e.Categories))
	for i, c := range e.Categories {
		names[i] = a.category(c)
	}
	if len(names) == 1 {
		return names[0]
	}
	n := len(names) - 1
	return strings.Join(names[:n], ", ") + " and " + names[n]
}

// category says a kind of data in a sentence: "contact details (e-mail address)".
func (a *answer) category(c events.Category) string {
	if undeclared(c.Code) {
		return "data of a kind that the catalogue does not name"
	}
	name := lower(a.cat.Name(catalogue.FieldCategory, c.Code))
	if c.Element == "" {
		return name
	}
	whole := a.cat.CategoryName(c)
	return name + " (" + strings.TrimPrefix(whole, a.cat.Name(catalogue.FieldCategory, c.Code)+": ") + ")"
}

// undeclared reports whether a source used a code that the catalogue does not
// know.
func undeclared(c events.Code) bool { return strings.HasPrefix(string(c), string(events.Undeclared)) }

func (a *answer) origin(e *events.Event) string {
	switch {
	case !e.ObtainedFrom.Person.IsZero():
		return ", obtained from another person"
	case undeclared(e.ObtainedFrom.Code):
		return ", obtained from a source that the catalogue does not name"
	case e.ObtainedFrom.Code != "":
		return ", obtained from " + within(a.cat.Name(catalogue.FieldSource, e.ObtainedFrom.Code))
	case e.Provenance == events.Provided:
		return ", given by the person"
	}
	return ""
}

func (a *answer) recipient(e *events.Event) string {
	if !e.Recipient.Person.IsZero() {
		return a.name(e.Recipient.Person)
	}
	r, ok := a.cat.Recipient(e.Recipient.Code)
	switch {
	case !ok:
		return "a recipient that the catalogue does not name"
	case !r.Named && r.Class == "":
		return lower(a.cat.RecipientName(r.ID))
	}
	return r.Name
}

func channelWord(c events.Code) string {
	if c == "email" {
		return "e-mail"
	}
	return strings.ReplaceAll(string(c), "_", " ")
}

func objected(e *events.Event, activity string) string {
	if e.Flags&events.DirectMarketing != 0 {
		return "direct marketing"
	}
	return activity
}

func channels(e *events.Event) string {
	if len(e.Channels) == 0 {
		return ""
	}
	words := make([]string, len(e.Channels))
	for i, c := range e.Channels {
		words[i] = channelWord(c)
	}
	return ", by " + strings.Join(words, " and ")
}

// within begins the name of somebody in the middle of a sentence: "the person".
func within(s string) string {
	for _, a := range []string{"The ", "A ", "An "} {
		if strings.HasPrefix(s, a) {
			return strings.ToLower(a) + s[len(a):]
		}
	}
	return s
}

// lower begins a name in the middle of a sentence, and leaves initials alone.
func lower(s string) string {
	if len(s) > 1 && (s[1] == ' ' || (s[1] >= 'a' && s[1] <= 'z')) {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
