package answer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
)

// Build makes the answer to a request for access. Errors: ErrUndecided,
// ErrContested, ErrNoCopy.
func Build(in Input) (*Answer, error) {
	fates, err := in.fates(catalogue.RightAccess)
	if err != nil {
		return nil, err
	}
	if err := in.check(fates); err != nil {
		return nil, err
	}
	b := builder{in: &in, cat: in.Catalogue, fates: fates}
	b.sort()
	a := &Answer{
		Version: Version, Kind: "access", Case: in.Case, Language: "en-GB", Received: in.Received.String(), Made: in.Made.String(),
		Jurisdiction: string(in.Jurisdiction), Organisation: party(b.cat), AsOf: asOf(in.Footprint), Simulated: in.Footprint.Simulated,
		Systems: b.systems(), Recipients: b.recipients(), Sources: b.sources(), Automated: b.automated(), Withheld: b.withheld(),
		Searched: b.searched(), Remedies: b.remedies(), Person: b.person(),
	}
	a.Transfers, a.Unknown = b.transfers(a.Recipients), b.unknown(a.Recipients)
	if a.Copies, err = b.copies(); err != nil {
		return nil, err
	}
	a.Points = b.points(a)
	a.Letter = b.letter(a)
	return a, nil
}

// A builder makes the parts of an answer from what is shown. all is what the map
// has; nothing but sort may read it.
type builder struct {
	in    *Input
	cat   *catalogue.Catalogue
	fates map[string]fate
	shown []*events.Holding
	kept  []*events.Holding // withheld with a reason
	refer []*events.Holding
	// hushed are activity and category of what is left out without a word, so
	// that a disclosure of such data does not speak of it.
	hushed map[[2]string]bool
}

func (b *builder) sort() {
	b.hushed = map[[2]string]bool{}
	for i := range b.in.Footprint.Holdings {
		h := &b.in.Footprint.Holdings[i]
		f, decided := b.fates[h.ID]
		switch {
		case !decided || gone(h):
		case f.show:
			b.shown = append(b.shown, h)
		case f.withhold:
			b.kept = append(b.kept, h)
		case f.refer:
			b.refer = append(b.refer, h)
		default:
			b.hushed[[2]string{h.Activity, h.Category}] = true
		}
	}
	for _, h := range b.shown {
		delete(b.hushed, [2]string{h.Activity, h.Category})
	}
	order := func(x, y *events.Holding) int {
		return cmp.Or(strings.Compare(x.System, y.System), strings.Compare(x.Activity, y.Activity), strings.Compare(x.Category, y.Category), strings.Compare(x.ID, y.ID))
	}
	slices.SortFunc(b.shown, order)
	slices.SortFunc(b.kept, order)
}

func party(c *catalogue.Catalogue) Party {
	p := Party{Name: c.Organisation.Name, TradingAs: c.Organisation.TradingAs, Contact: []string{}}
	for _, x := range c.Organisation.Contact {
		p.Contact = append(p.Contact, string(x))
	}
	return p
}

func asOf(fp *events.Footprint) AsOf {
	return AsOf{Position: fp.AsOf.Position, Time: fp.AsOf.Time, Catalogue: fp.Catalogue}
}

// person lists the identifiers that a system which is shown knows, and those
// that no system but the request itself brought.
func (b *builder) person() Person {
	shown := map[string]bool{}
	p := Person{Identifiers: []Identifier{}, Is: []string{}}
	types := map[string]bool{}
	for _, h := range b.shown {
		shown[h.System], types[h.SubjectType] = true, true
	}
	for _, id := range b.in.Footprint.Subject.Identifiers {
		if len(id.Systems) == 0 || slices.ContainsFunc(id.Systems, func(s string) bool { return shown[s] || s == string(operator) }) {
			p.Identifiers = append(p.Identifiers, Identifier{id.Kind, id.Value})
		}
	}
	for _, t := range b.in.Footprint.Subject.SubjectTypes {
		if types[t] {
			p.Is = append(p.Is, b.cat.Name(catalogue.FieldSubjectType, events.Code(t)))
		}
	}
	return p
}

// operator is habeas itself as a system: what a person typed in.
const operator events.Code = "habeas"

func (b *builder) systems() []System {
	out := []System{}
	for _, h := range b.shown {
		if n := len(out); n == 0 || out[n-1].System != h.System {
			out = append(out, System{System: h.System, Name: b.cat.Name(catalogue.FieldSystem, events.Code(h.System))})
		}
		s := &out[len(out)-1]
		s.Holdings = append(s.Holdings, b.holding(h))
	}
	return out
}

func (b *builder) holding(h *events.Holding) Holding {
	out := Holding{
		ID: h.ID, Category: h.Category, What: b.category(h.Category), Criminal: h.Criminal, Purpose: h.Purpose, Activity: h.Activity,
		Basis: []string{}, BasisStatus: catalogue.PlainBasisStatus(catalogue.BasisStatus(h.BasisStatus)), Conditions: []string{},
		Provenance: h.Provenance, Source: b.source(h), FirstSeen: h.FirstSeen, LastSeen: h.LastSeen, State: h.State, RestrictedBy: h.RestrictedBy,
		Until: b.until(h), Recipients: []string{}, Rights: b.rights(h),
	}
	if out.Purpose == "" {
		out.Purpose = "We have not recorded the purpose."
	}
	if c, ok := b.cat.Category(code(h.Category)); ok && c.Special {
		out.Special = catalogue.PlainSpecial(c.Kind)
	}
	if h.Item != nil {
		out.Item = cmp.Or(h.Item.Value, h.Item.Ref)
	}
	if h.RecordDate != nil {
		out.RecordDate = *h.RecordDate
	}
	if h.Country != nil {
		out.Country = catalogue.PlainCountry(events.Code(strings.ToLower(*h.Country)))
	}
	for _, x := range h.LawfulBasis {
		out.Basis = append(out.Basis, catalogue.PlainBasis(events.Code(x)))
	}
	for _, x := range h.Conditions {
		out.Conditions = append(out.Conditions, catalogue.PlainCondition(events.Code(x)))
	}
	for _, d := range h.Disclosures {
		if name := b.recipient(&d).Name; !d.Withheld && !slices.Contains(out.Recipients, name) {
			out.Recipients = append(out.Recipients, name)
		}
	}
	return out
}

// code is the first part of a category or an activity.
func code(s string) events.Code {
	c, _, _ := strings.Cut(s, "/")
	return events.Code(c)
}

func (b *builder) category(s string) string {
	c, element, _ := strings.Cut(s, "/")
	return b.cat.CategoryName(events.Category{Code: events.Code(c), Element: events.Code(element)})
}

func (b *builder) activity(s string) string {
	c, sub, _ := strings.Cut(s, "/")
	return b.cat.ActivityName(events.Activity{Code: events.Code(c), SubPurpose: events.Code(sub)})
}

// until says how long a holding is kept. That a hold stands on it is not said:
// why it stands may be what the person must not learn.
func (b *builder) until(h *events.Holding) Until {
	u := Until{Status: h.Retention.Status, Why: h.Retention.Why}
	if h.Retention.Due != nil {
		u.Day = *h.Retention.Due
	}
	if h.Retention.Status == "on_hold" || len(h.Holds) > 0 {
		u = Until{Status: "running", Why: b.cat.RetentionText(code(h.Activity))}
	}
	if u.Why == "" {
		u.Why = "No period is stated for this. We look at it again when you ask."
	}
	return u
}

func (b *builder) source(h *events.Holding) string {
	if h.ObtainedFrom != nil {
		return b.party(*h.ObtainedFrom)
	}
	return provenances[h.Provenance]
}

// party names who data came from. A person is not named: their data is theirs.
func (b *builder) party(id string) string {
	if s, ok := b.cat.Source(events.Code(id)); ok {
		return s.Name
	}
	if _, ok := b.cat.Recipient(events.Code(id)); ok {
		return b.cat.RecipientName(events.Code(id))
	}
	return "another person, or a body that the notice does not name"
}

var provenances = map[string]string{
	"":            "not recorded",
	"provided":    "you gave it",
	"observed":    "from how you used our services",
	"derived":     "worked out from other data",
	"inferred":    "inferred from other data",
	"generated":   "made by us",
	"third_party": "from somebody else who is not recorded",
}

func (b *builder) rights(h *events.Holding) []RightOfHolding {
	out := []RightOfHolding{}
	for _, r := range b.in.Rights(h.ID) {
		says, ok := rightWords[r.Right]
		if !ok {
			continue
		}
		out = append(out, RightOfHolding{Right: string(r.Right), Exists: r.Exists, Test: r.Test, Article: r.Article, Says: says})
	}
	return out
}

var rightWords = map[catalogue.RightKind]string{
	catalogue.RightAccess:          "get a copy",
	catalogue.RightRectification:   "have it corrected",
	catalogue.RightErasure:         "have it erased",
	catalogue.RightRestriction:     "have its use restricted",
	catalogue.RightPortability:     "take it with you in a form that machines can read",
	catalogue.RightObjection:       "object to its use",
	catalogue.RightMarketing:       "stop its use for marketing",
	catalogue.RightWithdrawConsent: "withdraw your consent",
	catalogue.RightAutomated:       "have a person look at a decision made by a machine",
	catalogue.RightComplaint:       "complain",
}

func (b *builder) withheld() []Withheld {
	out := []Withheld{}
	for _, h := range b.kept {
		c := b.fates[h.ID].code
		m, _ := c.Meaning()
		out = append(out, Withheld{System: b.cat.Name(catalogue.FieldSystem, events.Code(h.System)), What: b.category(h.Category), Activity: b.activity(h.Activity),
			Code: string(c), Law: m.Article, Reason: m.Says})
	}
	for _, h := range b.refer {
		m, _ := decide.ReferController.Meaning()
		out = append(out, Withheld{System: b.cat.Name(catalogue.FieldSystem, events.Code(h.System)), What: b.category(h.Category), Activity: b.activity(h.Activity),
			Code: string(decide.ReferController), Law: m.Article, Reason: m.Says})
	}
	return out
}

// searched lists every own system of the catalogue, whatever it holds: which of
// them hold something cannot be read from it.
func (b *builder) searched() []Searched {
	out := []Searched{}
	for _, s := range b.cat.AllSystems() {
		if s.Owner == catalogue.OwnedRecipient {
			continue
		}
		how := "by every identifier you gave us, and by those that we know to be yours"
		switch {
		case s.Medium == catalogue.Paper:
			how = "on paper: by what was reported of it"
		case s.Structured == catalogue.Unstructured:
			how = "cannot be searched by person: by what was reported of it"
		}
		out = append(out, Searched{string(s.ID), s.Name, how})
	}
	return out
}

// unknown says what the answer cannot speak for, in words of its own: the detail
// of a look may speak of a recipient that is not to be told.
func (b *builder) unknown(told []Recipient) []Unknown {
	out := []Unknown{}
	seen := map[[2]string]bool{}
	for _, u := range b.in.Footprint.Unknown {
		says, ok := unknownWords[u.Why]
		if !ok || seen[[2]string{u.System, u.Why}] {
			continue
		}
		if u.Why == "recipient_silent" && !slices.ContainsFunc(told, func(r Recipient) bool { return !r.Planned && r.Recipient == u.System }) {
			continue // it received nothing that is shown
		}
		seen[[2]string{u.System, u.Why}] = true
		out = append(out, Unknown{u.System, b.cat.Name(catalogue.FieldSystem, events.Code(u.System)), u.Why, says, u.Since})
	}
	return out
}

var unknownWords = map[string]string{
	"never_connected":  "has never reported to us what it holds",
	"silent":           "has not reported for longer than it should",
	"behind":           "has reported completely only up to this time",
	"before":           "has reported nothing about the time before",
	"unstructured":     "cannot be searched by person",
	"paper":            "is kept on paper",
	"quarantined":      "has sent reports that could not be read",
	"recipient_silent": "belongs to somebody who receives data and has not told us what they hold",
}

// copies checks that each system that is shown sent its files or has a reason.
func (b *builder) copies() ([]Copy, error) {
	out := []Copy{}
	sent := map[string]bool{}
	for _, h := range b.shown {
		sent[h.System] = false
	}
	for _, c := range b.in.Copies {
		if _, shown := sent[c.System]; !shown {
			continue // of a system that is not shown
		}
		sent[c.System] = true
		out = append(out, c)
	}
	for s, ok := range sent {
		if !ok && b.in.NoCopy[s] == "" {
			return nil, ErrNoCopy
		}
	}
	slices.SortFunc(out, func(x, y Copy) int {
		return cmp.Or(strings.Compare(x.System, y.System), strings.Compare(x.Name, y.Name))
	})
	return out, nil
}

// withoutCopy are the systems that are shown and of which there is no file.
func (b *builder) withoutCopy(sent []Copy) []WithoutCopy {
	out := []WithoutCopy{}
	for _, s := range b.systems() {
		if !slices.ContainsFunc(sent, func(c Copy) bool { return c.System == s.System }) {
			out = append(out, WithoutCopy{s.System, s.Name, b.in.NoCopy[s.System]})
		}
	}
	return out
}
