package observed

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// About names what a finding speaks of, by codes: system, activity, category,
// recipient and so on.
type About map[string]string

// The names that stand in About.
const (
	OnSystem      = "system"
	OnActivity    = "activity"
	OnCategory    = "category"
	OnRecipient   = "recipient"
	OnSubjectType = "subject_type"
	OnController  = "controller"
	OnSource      = "source"
	OnMilestone   = "milestone"
	OnBasis       = "basis"
	OnLegalDuty   = "legal_duty"
	OnCountry     = "country"
	OnPlace       = "place"
	OnChannel     = "channel"
	OnLocation    = "location_rule"
	OnSubject     = "subject" // a reference, never an identifier
	OnItem        = "item"
	OnHolding     = "holding"
)

// A Finding is what one rule says of one body.
type Finding struct {
	Rule    *Rule
	Verdict Verdict
	About   About
	Text    string
	// Categories are those of the body's that the finding is about; none means
	// the whole body.
	Categories []events.Category
}

// ID names the finding for ever: the same rule about the same thing has the same
// id in every map and under every catalogue.
func (f *Finding) ID() events.EventID { return ID(f.Rule.ID, f.About) }

// ID is the digest of a rule's name and of what it speaks of.
func ID(rule string, on About) events.EventID {
	h := sha256.New()
	for _, part := range []string{"finding", rule} {
		h.Write([]byte(part + "\x00"))
	}
	for _, k := range slices.Sorted(maps.Keys(on)) {
		h.Write([]byte(k + "\x00" + on[k] + "\x00"))
	}
	return events.EventID(h.Sum(nil)[:len(events.EventID{})])
}

// String writes what the finding speaks of for a table.
func (a About) String() string {
	order := []string{OnSystem, OnActivity, OnCategory, OnSubjectType, OnRecipient, OnCountry, OnPlace}
	var parts []string
	for _, k := range order {
		if a[k] != "" {
			parts = append(parts, a[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(a)) {
		if !slices.Contains(order, k) && a[k] != "" {
			parts = append(parts, k+"="+a[k])
		}
	}
	return strings.Join(parts, " ")
}

// with adds a name and its value; nothing where the value is empty.
func (a About) with(name string, code events.Code) About {
	if code == "" {
		return a
	}
	m := maps.Clone(a)
	m[name] = string(code)
	return m
}

// A body is what was reported, with what the catalogue says of its codes.
type body struct {
	cat        *catalogue.Catalogue
	e          *events.Event
	categories []events.Category
	act        *catalogue.Activity  // nil: not declared
	to         *catalogue.Recipient // nil: none, a person, or not declared
}

// Judge holds one body of codes against the catalogue. The findings are in the
// order of the rules. Nothing it is given is changed.
func Judge(c *catalogue.Catalogue, e *events.Event, categories []events.Category) []Finding {
	b := &body{cat: c, e: e, categories: categories}
	b.act, _ = c.Activity(e.Activity.Code)
	if e.Kind == events.RecordShared {
		b.to, _ = c.Recipient(e.Recipient.Code)
	}
	var out []Finding
	var r *Rule
	add := func(v Verdict, on About, text string) {
		f := Finding{Rule: r, Verdict: v, About: on, Text: text}
		for _, x := range categories {
			if on[OnCategory] == x.String() {
				f.Categories = append(f.Categories, x)
			}
		}
		out = append(out, f)
	}
	list := All()
	for i := range list {
		if r = &list[i]; slices.Contains(r.kinds, e.Kind) {
			r.find(b, add)
		}
	}
	return out
}

// on begins what a finding speaks of: the system, and the activity if the
// source named one.
func (b *body) on() About {
	return About{OnSystem: string(b.e.Source)}.with(OnActivity, b.e.Activity.Code)
}

// applies reports whether a statement of the notice speaks of this body. A list
// it leaves empty means all.
func (b *body) applies(s *catalogue.Statement) bool {
	in := func(list []events.Code, is func(events.Code) bool) bool {
		return len(list) == 0 || slices.ContainsFunc(list, is)
	}
	return in(s.Activities, func(c events.Code) bool { return c == b.e.Activity.Code }) &&
		in(s.Recipients, func(c events.Code) bool {
			return c == b.e.Recipient.Code || b.to != nil && b.to.Class != "" && c == b.to.Class
		}) &&
		in(s.Categories, func(c events.Code) bool {
			return slices.ContainsFunc(b.categories, func(x events.Category) bool { return x.Code == c })
		}) &&
		in(s.SubjectTypes, func(c events.Code) bool { return b.cat.IsA(b.e.SubjectType, c) })
}

// says finds a statement on a topic that makes one of the claims about this
// body.
func (b *body) says(t catalogue.Topic, claims ...events.Code) *catalogue.Statement {
	for _, s := range b.cat.StatementsAbout(t, claims...) {
		if b.applies(s) {
			return s
		}
	}
	return nil
}
