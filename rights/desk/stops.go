package desk

import (
	"cmp"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A saying is one word that stops the use of data or lets it go on again: a
// consent given or withdrawn, an objection made or lifted, a restriction set or
// lifted.
type saying struct {
	at         events.Instant
	position   events.Position
	e          *events.Event
	categories []events.Category
}

// after reports whether s was said later than o; what was never said is before
// everything.
func (s *saying) after(o *saying) bool {
	return s != nil && (o == nil || cmp.Or(cmp.Compare(s.at, o.at), s.position.Compare(o.position)) > 0)
}

// sayings lists them oldest first. Like the fold it is a function of the rows
// and the query: what was taken back, happened later or was recorded later is
// not in it.
func sayings(rows []inventory.Row, q inventory.Query) []saying {
	var out []saying
	for i := range rows {
		r := &rows[i]
		switch r.Event.Kind {
		case events.ConsentGiven, events.ConsentWithdrawn, events.ObjectionMade, events.ObjectionLifted, events.RestrictionSet, events.RestrictionLifted:
			for _, o := range stands(r, q) {
				out = append(out, saying{o.Time, o.Position, r.Event, r.Categories})
			}
		}
	}
	slices.SortFunc(out, func(a, b saying) int { return cmp.Or(cmp.Compare(a.at, b.at), a.position.Compare(b.position)) })
	return out
}

// stands lists the observations of a row that the query sees and that nobody
// took back.
func stands(r *inventory.Row, q inventory.Query) []inventory.Obs {
	var out []inventory.Obs
	for _, o := range r.Obs {
		if q.Known.Sees(o.Position, o.Recorded) && (q.AsOf == 0 || o.Time <= q.AsOf) && !inventory.Taken(o.Gone, q.Known) {
			out = append(out, o)
		}
	}
	return out
}

// A deed is one thing done with data: stored, used or shared.
type deed struct {
	key  inventory.Key
	kind events.Kind
	did  events.Action
	// channel it left by; empty if the source did not say.
	channel  events.Code
	at       events.Instant
	position events.Position
}

// deeds lists what was done, oldest first. A row keeps the first and the last of
// equal reports of a month, so what happened only between those is not in it:
// nobody is accused of what is not on record.
func deeds(rows []inventory.Row, q inventory.Query, held []*inventory.Holding) []deed {
	var out []deed
	for i := range rows {
		r := &rows[i]
		if k := r.Event.Kind; k != events.RecordStored && k != events.RecordUsed && k != events.RecordShared {
			continue
		}
		keys := reached(r, held)
		for _, o := range stands(r, q) {
			for _, k := range keys {
				out = append(out, deed{k, r.Event.Kind, r.Event.Action, r.Event.Channel, o.Time, o.Position})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b deed) int { return cmp.Compare(a.at, b.at) })
	return out
}

// reached lists what a row speaks of. What it leaves out means all: then the
// holdings say which kinds of data and which activities those are.
func reached(r *inventory.Row, held []*inventory.Holding) []inventory.Key {
	e := r.Event
	whole := inventory.Key{Handle: r.Handle, System: e.Source, Dataset: e.Dataset, Item: e.Item, Activity: e.Activity, Controller: e.Controller}
	if e.Activity.Code != "" && len(r.Categories) > 0 {
		out := make([]inventory.Key, len(r.Categories))
		for i, c := range r.Categories {
			out[i] = whole
			out[i].Category = c
		}
		return out
	}
	var out []inventory.Key
	for _, h := range held {
		if h.System != e.Source || h.Handle != r.Handle || !coversActivity(e.Activity, h.Activity) || (!e.Item.IsZero() && e.Item != h.Item) {
			continue
		}
		if len(r.Categories) == 0 || slices.ContainsFunc(r.Categories, func(c events.Category) bool { return coversCategory(c, h.Category) }) {
			out = append(out, h.Key)
		}
	}
	if out == nil {
		out = append(out, whole)
	}
	return out
}

// coversActivity reports whether what was said of one activity reaches another:
// all of them, the same one, or a purpose within it.
func coversActivity(said, of events.Activity) bool {
	return said.Code == "" || (said.Code == of.Code && (said.SubPurpose == "" || said.SubPurpose == of.SubPurpose))
}

// coversCategory does the same for kinds of data. A word about an element
// reaches data that is reported by its category only: it may be that element.
func coversCategory(said, of events.Category) bool {
	return said.Code == "" || (said.Code == of.Code && (said.Element == "" || of.Element == "" || said.Element == of.Element))
}

// A channelled word is what was said last for each channel of one scope; that of
// the empty channel is about all of them.
type channelled map[events.Code]*saying

func (c channelled) add(s *saying) {
	if len(s.e.Channels) == 0 {
		c[""] = s
	}
	for _, ch := range s.e.Channels {
		c[ch] = s
	}
}

// last is the word that stands for a channel: its own, unless a later one spoke
// of all.
func (c channelled) last(channel events.Code) *saying {
	if own := c[channel]; own.after(c[""]) {
		return own
	}
	return c[""]
}

// objected returns the objection that stands against what left by a channel.
// Where the source did not say the channel, only an objection to every channel
// counts.
func (c channelled) objected(channel events.Code) *saying {
	s := c.last(channel)
	if s == nil || s.e.Kind != events.ObjectionMade {
		return nil
	}
	for ch := range c {
		if channel == "" && c.last(ch).e.Kind != events.ObjectionMade {
			return nil
		}
	}
	return s
}

// withdrawn returns the withdrawal after which no consent is left: for the
// channel, or where that is not known, for any.
func (c channelled) withdrawn(channel events.Code) *saying {
	if channel != "" {
		if s := c.last(channel); s != nil && s.e.Kind == events.ConsentWithdrawn {
			return s
		}
		return nil
	}
	var latest *saying
	for ch := range c {
		s := c.last(ch)
		if s.e.Kind == events.ConsentGiven {
			return nil
		}
		if s.after(latest) {
			latest = s
		}
	}
	return latest
}

// stopped says which word of a list, which ends where the deed begins, forbade
// it; nil if none did.
func stopped(by inventory.StopKind, list []saying, d *deed) *saying {
	if by == inventory.ByRestriction {
		return restricted(list, d)
	}
	made, lifted, say := events.ObjectionMade, events.ObjectionLifted, channelled.objected
	if by == inventory.ByConsent {
		made, lifted, say = events.ConsentWithdrawn, events.ConsentGiven, channelled.withdrawn
	}
	type scope struct {
		activity events.Activity
		item     events.Ref
	}
	words := map[scope]channelled{}
	for i := range list {
		s := &list[i]
		if (s.e.Kind != made && s.e.Kind != lifted) || s.e.Flags&events.DirectMarketing != 0 {
			continue
		}
		if s.e.Activity.Code == "" || !coversActivity(s.e.Activity, d.key.Activity) || (!s.e.Item.IsZero() && s.e.Item != d.key.Item) {
			continue
		}
		k := scope{s.e.Activity, s.e.Item}
		if words[k] == nil {
			words[k] = channelled{}
		}
		words[k].add(s)
	}
	var out *saying
	for _, w := range words {
		if s := say(w, d.channel); s.after(out) {
			out = s
		}
	}
	return out
}

// restricted is stopped for restrictions. Storing is free under Article 18(2).
func restricted(list []saying, d *deed) *saying {
	var set, lift *saying
	for i := range list {
		s := &list[i]
		if (s.e.Kind != events.RestrictionSet && s.e.Kind != events.RestrictionLifted) || !coversActivity(s.e.Activity, d.key.Activity) ||
			(!s.e.Item.IsZero() && s.e.Item != d.key.Item) {
			continue
		}
		// What was decided on one holding says nothing of others.
		if !s.e.Of.IsZero() && (s.e.ScopeSystem != d.key.System || s.e.Dataset != d.key.Dataset) {
			continue
		}
		if len(s.categories) > 0 && !slices.ContainsFunc(s.categories, func(c events.Category) bool { return coversCategory(c, d.key.Category) }) {
			continue
		}
		if s.e.Kind == events.RestrictionSet {
			set = s
		} else {
			lift = s
		}
	}
	if !set.after(lift) {
		return nil
	}
	return set
}

// unmarketed is stopped for objections to direct marketing as such, whatever
// activity they name.
func unmarketed(list []saying, d *deed) *saying {
	words := channelled{}
	for i := range list {
		if k := list[i].e.Kind; list[i].e.Flags&events.DirectMarketing != 0 && (k == events.ObjectionMade || k == events.ObjectionLifted) {
			words.add(&list[i])
		}
	}
	return words.objected(d.channel)
}

// consentHistory lists every word on consents and objections, oldest first.
func (a *answer) consentHistory() []events.ConsentState {
	var out []events.ConsentState
	for i := range a.said {
		s := &a.said[i]
		state, ok := saidStates[s.e.Kind]
		if !ok {
			continue
		}
		v := events.ConsentState{Activity: s.e.Activity.String(), Channels: []string{}, State: state.String(), At: s.at,
			Method: word(s.e.Method), GivenBy: word(s.e.GivenBy), System: string(s.e.Source)}
		if s.e.Flags&events.DirectMarketing != 0 {
			v.Activity = directMarketing
		}
		for _, c := range s.e.Channels {
			v.Channels = append(v.Channels, string(c))
		}
		out = append(out, v)
	}
	return out
}

var saidStates = map[events.Kind]inventory.ConsentState{
	events.ConsentGiven: inventory.Given, events.ConsentWithdrawn: inventory.Withdrawn,
	events.ObjectionMade: inventory.Objected, events.ObjectionLifted: inventory.ObjectionEnded,
}

// restrictions lists those in force.
func (a *answer) restrictions() []events.RestrictionView {
	var out []events.RestrictionView
	for i := range a.folded.Restrictions {
		r := &a.folded.Restrictions[i]
		out = append(out, events.RestrictionView{System: string(r.System), Activity: r.Activity.String(), Category: r.Category.String(), Ground: string(r.Ground), At: r.At})
	}
	return out
}
