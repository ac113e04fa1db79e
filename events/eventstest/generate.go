package eventstest

import (
	"unicode"

	"github.com/habeas-data/habeas/events"
	"pgregory.net/rapid"
)

// Kinds lists the kinds that a source system may send.
func Kinds() (out []events.Kind) {
	for k := events.RecordStored; k <= events.SourceSynced; k++ {
		out = append(out, k)
	}
	return out
}

// Codes draws codes.
func Codes() *rapid.Generator[events.Code] {
	return rapid.Custom(func(t *rapid.T) events.Code {
		return events.Code(rapid.StringMatching(`[a-z0-9][a-z_.-]{0,8}[a-z0-9]{0,4}`).
			Filter(func(s string) bool { _, err := events.ParseCode(s); return err == nil }).Draw(t, "code"))
	})
}

// Plaintexts draws personal data in any script, with what JSON must escape.
func Plaintexts() *rapid.Generator[events.Plaintext] {
	runes := rapid.RuneFrom([]rune("\"\\/\n\t %&<>+@'é"), unicode.Latin, unicode.Han, unicode.Nd, unicode.So)
	return rapid.Custom(func(t *rapid.T) events.Plaintext {
		return events.NewPlaintext(rapid.StringOfN(runes, 1, 40, 200).Draw(t, "plaintext"))
	})
}

// Identifiers draws identifiers.
func Identifiers() *rapid.Generator[events.Identifier] {
	return rapid.Custom(func(t *rapid.T) events.Identifier {
		return events.Identifier{Kind: Codes().Draw(t, "kind"), Value: Plaintexts().Draw(t, "value")}
	})
}

// Instants draws times from 1900 to 2050 but never the zero of computer clocks.
func Instants() *rapid.Generator[events.Instant] {
	return rapid.Custom(func(t *rapid.T) events.Instant {
		return events.Instant(rapid.Int64Range(-2_208_988_800_000_000, 2_524_608_000_000_000).
			Filter(func(v int64) bool { return v != 0 }).Draw(t, "instant"))
	})
}

// Days draws dates from 1900 to 2100.
func Days() *rapid.Generator[events.Date] {
	return rapid.Custom(func(t *rapid.T) events.Date {
		return events.Date(rapid.Int32Range(109_573, 182_621).Draw(t, "day"))
	})
}

// Observations draws what a decoder may return, of every kind a source sends
// and with every field that the kind carries.
func Observations() *rapid.Generator[*events.Observation] {
	return rapid.Custom(func(t *rapid.T) *events.Observation {
		g := drawer{t}
		o := &events.Observation{ExternalID: Plaintexts().Draw(t, "id")}
		e := &o.Event
		e.Kind = rapid.SampledFrom(Kinds()).Draw(t, "kind")
		e.Source, e.Time = g.code(), Instants().Draw(t, "time")
		if e.Kind < events.EventRetracted {
			o.Subject = rapid.SliceOfN(Identifiers(), 1, 4).Draw(t, "subject")
		}
		if e.Kind.IsRecord() {
			g.record(o)
		} else {
			g.other(o)
		}
		return o
	})
}

// A drawer draws single fields; maybe leaves one out half of the time.
type drawer struct{ t *rapid.T }

func (g drawer) yes() bool          { return rapid.Bool().Draw(g.t, "yes") }
func (g drawer) code() events.Code  { return Codes().Draw(g.t, "code") }
func (g drawer) date() events.Date  { return Days().Draw(g.t, "date") }
func (g drawer) upTo(n uint8) uint8 { return rapid.Uint8Range(1, n).Draw(g.t, "word") }

func (g drawer) maybe() events.Code {
	if g.yes() {
		return g.code()
	}
	return ""
}

func (g drawer) maybeID() (id events.Identifier) {
	if g.yes() {
		id = Identifiers().Draw(g.t, "identifier")
	}
	return id
}

func (g drawer) codes() []events.Code {
	if g.yes() {
		return nil
	}
	return rapid.SliceOfNDistinct(Codes(), 1, 5, rapid.ID[events.Code]).Draw(g.t, "codes")
}

func (g drawer) country() events.Code {
	return events.Code(rapid.StringMatching(`[a-z]{2}`).Draw(g.t, "country"))
}

func (g drawer) activity() events.Activity {
	return events.Activity{Code: g.code(), SubPurpose: g.maybe()}
}

func (g drawer) categories(least int) []events.Category {
	one := rapid.Custom(func(*rapid.T) events.Category { return events.Category{Code: g.code(), Element: g.maybe()} })
	list := rapid.SliceOfNDistinct(one, least, 5, rapid.ID[events.Category]).Draw(g.t, "categories")
	if len(list) == 0 {
		return nil
	}
	return list
}

// party draws a code or a person.
func (g drawer) party(code *events.Code, person *events.Identifier) {
	if g.yes() {
		*code = g.code()
	} else {
		*person = Identifiers().Draw(g.t, "person")
	}
}

func (g drawer) record(o *events.Observation) {
	e := &o.Event
	e.SubjectType, e.Activity, e.Categories = g.code(), g.activity(), g.categories(1)
	o.Item, o.Within = g.maybeID(), g.maybeID()
	e.Controller, e.Dataset = g.maybe(), g.maybe()
	if g.yes() {
		e.RecordDate, e.Medium = g.date(), events.Medium(g.upTo(2))
		e.Marks = events.Marks(rapid.Uint8Range(0, 31).Draw(g.t, "marks"))
	}
	if e.Dataset == "" && e.Kind != events.RecordRemoved {
		e.Dataset = e.Activity.Code
		e.Flags |= events.DatasetDefaulted
	}
	switch e.Kind {
	case events.RecordStored:
		e.Provenance, e.Basis, e.LegalDuty = events.Provenance(g.upTo(6)), g.maybe(), g.maybe()
		if e.Place = g.maybe(); g.yes() {
			e.Country = g.country()
		}
		if g.yes() {
			g.party(&e.ObtainedFrom.Code, &o.ObtainedFromPerson)
		}
	case events.RecordUsed:
		e.Action, e.Channel = events.Action(g.upTo(3)), g.maybe()
	case events.RecordShared:
		g.shared(o)
	case events.RecordRemoved:
		e.Removal = events.Removal(g.upTo(4))
		if g.yes() {
			e.Categories = nil
		}
	}
}

func (g drawer) shared(o *events.Observation) {
	e := &o.Event
	g.party(&e.Recipient.Code, &o.RecipientPerson)
	o.RecipientRef = g.maybeID()
	e.Channel, e.Condition = g.maybe(), g.maybe()
	if g.yes() {
		e.Consideration, e.ActingAs = events.Consideration(g.upTo(3)), events.ActingAs(g.upTo(2))
	}
	if g.yes() {
		e.TransferTo, e.Safeguard = g.country(), g.code()
	}
	if g.yes() {
		e.WithheldOn, e.WithheldUntil = g.code(), g.date()
	}
}

func (g drawer) other(o *events.Observation) {
	e := &o.Event
	switch e.Kind {
	case events.ConsentGiven, events.ConsentWithdrawn:
		e.Activity, e.Channels, e.Wording, o.Item = g.activity(), g.codes(), g.maybe(), g.maybeID()
		e.Method, e.GivenBy = events.Method(g.upTo(5)), events.Giver(g.upTo(4))
	case events.ObjectionMade, events.ObjectionLifted:
		e.Channels = g.codes()
		if g.yes() {
			e.Flags |= events.DirectMarketing
		} else {
			e.Activity = g.activity()
		}
	case events.RestrictionSet, events.RestrictionLifted:
		e.Activity, e.Categories, e.Ground, o.Item = g.activity(), g.categories(0), g.code(), g.maybeID()
	case events.MilestoneReached, events.MilestoneRetracted:
		e.Milestone, e.Date, o.Item = g.code(), g.date(), g.maybeID()
		if g.yes() {
			e.Activity = g.activity()
		}
	case events.DecisionMade:
		e.Activity, e.Logic, e.Automated, e.Significant = g.activity(), g.code(), g.yes(), g.yes()
	case events.NoticeGiven:
		e.NoticeVersion = g.code()
		if g.yes() {
			e.Activity = g.activity()
		}
	case events.PersonState:
		e.State, e.Date = events.State(g.upTo(3)), g.date()
	case events.SubjectLinked, events.SubjectUnlinked:
		e.Evidence = g.code()
		o.Subject = rapid.SliceOfN(Identifiers(), 2, 2).Draw(g.t, "two")
	case events.EventRetracted:
		e.RetractsSource, o.Retracts, e.Why = g.code(), Plaintexts().Draw(g.t, "retracts"), g.code()
	case events.SourceSynced:
		e.Through, e.Covers = Instants().Draw(g.t, "through"), g.codes()
		if g.yes() && e.Through > -1_000_000_000_000 {
			e.Since = e.Through - 1_000_000_000_000
			if e.Since == 0 {
				e.Since = 1
			}
		}
	}
}

// Events draws events as the gateway makes them: an Observation with handles
// in the places of identifiers.
func Events() *rapid.Generator[*events.Event] {
	return rapid.Custom(func(t *rapid.T) *events.Event {
		return Resolve(Observations().Draw(t, "observation"))
	})
}

// Resolve makes the event of an observation with a handle for every identifier,
// as the gateway does with the help of the vault. The handle of an identifier
// is that of its system, kind and value.
func Resolve(o *events.Observation) *events.Event {
	e := o.Event
	ref := func(id events.Identifier) (r events.Ref) {
		if !id.IsZero() {
			r = Ref(id.Kind, string(e.Source)+"|"+string(id.Kind)+"|"+id.Value.Expose())
		}
		return r
	}
	e.ID = ID(string(e.Source) + "|" + o.ExternalID.Expose())
	e.Subject = nil
	for _, id := range o.Subject {
		e.Subject = append(e.Subject, ref(id))
	}
	if len(e.Subject) > 0 {
		e.Flags |= events.Anchored
	}
	e.Item, e.Within = ref(o.Item), ref(o.Within)
	e.Recipient.Person, e.ObtainedFrom.Person = ref(o.RecipientPerson), ref(o.ObtainedFromPerson)
	if !o.RecipientRef.IsZero() {
		e.RecipientRef = ref(o.RecipientRef)
	}
	if !o.Retracts.IsZero() {
		e.Retracts = ID(string(e.RetractsSource) + "|" + o.Retracts.Expose())
	}
	return &e
}
