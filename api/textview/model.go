package textview

import (
	"fmt"
	"strings"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A Page is a footprint in words.
type Page struct {
	Ref         string
	Identifiers []Identifier
	Roles       string // what the person is to the organisation
	AsOf        string
	Position    string
	Simulated   bool
	Summary     string
	First       []string  // what changes everything about how the data may be used
	Contested   []Contest // waits for a decision
	Decided     []Contest // suspended by a decision
	Groups      []Group
	Loose       []string // sent to others, held by nobody as far as reported
	Consents    []string
	Facts       []string
	Findings    []Finding
	Unknown     []Gap
	Joins       []string
	Catalogue   string
}

// An Identifier is a name by which systems know the person.
type Identifier struct{ Kind, Value, Systems string }

// A Group is what one system holds.
type Group struct {
	System string
	Lines  []Line
}

// A Line is what a system holds for one purpose and treats alike.
type Line struct {
	Kinds      []Kind
	Marked     bool   // some of it is special
	Item       string // what it is about: the first few
	Purpose    string
	Basis      string
	Seen       string
	Origin     string
	State      string // empty: simply held
	Until      string
	Overdue    bool
	Recipients []string
	Joined     string
}

// A Kind is one kind of data.
type Kind struct {
	What  string
	Marks []string // what makes it special; empty if nothing
}

// A Finding is a disagreement in words, and everywhere it shows.
type Finding struct {
	Weight, Text string
	Where        []string
}

// A Gap is one reason for not knowing, and the systems it is about.
type Gap struct {
	Head  string
	Lines []string
}

// Names says codes in words and writes times where the organisation is.
type Names struct {
	words events.Glossary
	zone  *time.Location
}

// NewNames takes the words and the zone of an answer. A zone that this machine
// does not know is read as UTC; times always show theirs.
func NewNames(words events.Glossary, zone string) Names {
	at, err := time.LoadLocation(zone)
	if err != nil {
		at = time.UTC
	}
	return Names{words, at}
}

// word says one code. One that the answer has no word for is said as it stands.
func (n Names) word(field, code string) string {
	if w, ok := notNamed[field]; ok && undeclared(code) {
		return w + " that the catalogue does not name"
	}
	if w, ok := n.words[field+"/"+code]; ok {
		return w
	}
	if strings.HasPrefix(code, string(events.Undeclared)) {
		return "not declared in the catalogue"
	}
	return strings.ReplaceAll(code, "_", " ")
}

// notNamed says what a code is that the catalogue does not know.
var notNamed = map[string]string{
	"activity": "an activity", "category": "a kind of data", "recipient": "a recipient", "subject_type": "a kind of person", "milestone": "a milestone",
	"source": "a source", "system": "a system",
}

// Footprint says a footprint in words.
func (n Names) Footprint(f *events.Footprint) Page {
	p := Page{Ref: f.Subject.Ref, AsOf: n.asOf(f.AsOf), Position: f.AsOf.Position, Simulated: f.Simulated, Catalogue: f.Catalogue,
		Unknown: n.gaps(f.Unknown, true), Identifiers: n.identifiers(f.Subject.Identifiers)}
	var roles []string
	for _, t := range f.Subject.SubjectTypes {
		roles = append(roles, n.word("subject_type", t))
	}
	p.Roles = upper(strings.Join(roles, ", "))
	p.Groups = n.groups(f.Holdings)
	for i := range f.DisclosuresWithoutHolding {
		p.Loose = append(p.Loose, n.loose(&f.DisclosuresWithoutHolding[i]))
	}
	p.Contested, p.Decided = n.Contests(f.Contested)
	for _, j := range f.Joins {
		p.Joins = append(p.Joins, n.join(j))
	}
	p.Consents = n.consents(f)
	for _, x := range f.States {
		p.Facts = append(p.Facts, n.fact(x))
	}
	p.Findings = n.findings(f.Findings)
	p.First = n.first(f)
	p.Summary = summary(f)
	return p
}

func (n Names) system(id string) string {
	return n.word("system", id)
}

func (n Names) identifiers(list []events.IdentifierView) []Identifier {
	out := make([]Identifier, 0, len(list))
	for _, id := range list {
		var where []string
		for _, s := range id.Systems {
			where = append(where, n.system(s))
		}
		out = append(out, Identifier{n.Kind(id.Kind), id.Value, strings.Join(where, ", ")})
	}
	return out
}

// named says an identifier with its kind.
func (n Names) named(id events.IdentifierView) string {
	kind := lower(n.Kind(id.Kind))
	if id.Value == "" {
		return kind + " (no longer known)"
	}
	return kind + " " + id.Value
}

// Kind says a kind of identifier: "E-mail address", "Booking platform member".
func (n Names) Kind(kind string) string {
	if w, ok := kindNames[kind]; ok {
		return w
	}
	system, what, local := strings.Cut(kind, ".")
	if !local {
		return upper(strings.ReplaceAll(kind, "_", " "))
	}
	return n.system(system) + " " + strings.ReplaceAll(what, "_", " ")
}

var kindNames = map[string]string{
	"email": "E-mail address", "phone": "Telephone number", "name": "Name", "postal_address": "Postal address", "date_of_birth": "Date of birth",
	"nhs_number": "NHS number", "ni_number": "National Insurance number", "passport": "Passport number", "ip": "Internet address",
	"device": "Device", "cookie": "Cookie",
}

// CommonKinds lists the global kinds people search by, in the order offered.
func CommonKinds() []string {
	return []string{"email", "phone", "name", "postal_address", "date_of_birth", "nhs_number", "ni_number", "passport"}
}

const heldOn = "What was held on "

func (n Names) asOf(a events.AsOf) string {
	s := heldOn + n.moment(a.Time)
	if a.AsKnown != "" {
		known := "position " + a.AsKnown
		if t, err := events.ParseInstant(a.AsKnown); err == nil {
			known = n.moment(t)
		}
		s += ", according to what was recorded by " + known
	}
	return s
}

// moment writes a time as people do, with its zone.
func (n Names) moment(t events.Instant) string {
	return t.Time().In(n.zone).Format("2 January 2006, 15:04 MST")
}

func (n Names) day(t events.Instant) string {
	return t.Time().In(n.zone).Format("2 January 2006")
}

func plainDate(d events.Date) string { return d.Time().Format("2 January 2006") }

// plainMonth says "2025-03" as "March 2025".
func plainMonth(s string) string {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return s
	}
	return t.Format("January 2006")
}

func summary(f *events.Footprint) string {
	systems, kinds, special, gone := map[string]bool{}, map[string]bool{}, 0, 0
	to := map[string]bool{}
	for i := range f.Holdings {
		h := &f.Holdings[i]
		for _, d := range h.Disclosures {
			to[d.Recipient+d.Name] = true
		}
		if h.State == "removed" || h.State == "erased" {
			gone++
			continue
		}
		systems[h.System] = true
		kinds[h.Category] = true
		if h.Special || h.Criminal {
			special++
		}
	}
	for i := range f.DisclosuresWithoutHolding {
		d := &f.DisclosuresWithoutHolding[i]
		to[d.Recipient+d.Name] = true
	}
	if len(f.Holdings) > 0 && len(f.Holdings) == gone {
		return "Nothing is reported as held now: " + count(gone, "record was", "records were") + " reported as removed; sent to " + count(len(to), "recipient", "recipients") + "."
	}
	s := fmt.Sprintf("%s in %s, in %s", count(len(kinds), "kind of data", "kinds of data"),
		count(len(f.Holdings)-gone, "record", "records"), count(len(systems), "system", "systems"))
	if special > 0 {
		s += "; " + count(special, "record holds", "records hold") + " special category or criminal record data"
	}
	s += "; sent to " + count(len(to), "recipient", "recipients")
	if gone > 0 {
		s += "; " + count(gone, "further record", "further records") + " reported as removed"
	}
	return s + "."
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func lower(s string) string {
	if len(s) > 1 && (s[1] == ' ' || s[1] == '-' || (s[1] >= 'a' && s[1] <= 'z')) {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
