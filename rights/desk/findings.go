package desk

import (
	"maps"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Verdicts, from mild to grave.
const (
	info     = "info"
	warn     = "warn"
	review   = "review"
	errorful = "error"
)

// consentGrace is how long after the last consent ended a decision on the data
// falls due.
const consentGrace = 30 // days

// findings lists where declared and observed disagree about this person. Each
// is a function of the map at one position and of the catalogue.
func (a *answer) findings() []events.Finding {
	f := finder{a: a, seen: map[string]bool{}, out: []events.Finding{}}
	for _, h := range a.folded.Holdings {
		f.holding(h)
		for _, d := range h.Disclosures {
			k := h.Key
			if d.For.Code != "" {
				k.Activity = d.For // shared for that, whatever it is held for
			}
			f.recipient(&k, d)
		}
	}
	f.processed()
	for i := range a.folded.Unmatched {
		u := &a.folded.Unmatched[i]
		f.recipient(&u.Key, u.Disclosure)
		f.undeclared(&u.Key, "", u.First)
		f.add("SHARED_NOT_STORED", warn, u.First, about(&u.Key, "recipient", string(u.Recipient.Code)),
			"data was shared that no system reported as stored")
	}
	for _, u := range a.folded.Unanchored {
		f.add("NOT_ANCHORED", info, u.At, map[string]string{"system": string(u.System)}, "the event does not name the person by the system's own number")
	}
	for i := range a.folded.Consents {
		f.consent(&a.folded.Consents[i])
	}
	slices.SortStableFunc(f.out, func(x, y events.Finding) int { return gravity(y.Verdict) - gravity(x.Verdict) })
	return f.out
}

func gravity(v string) int {
	return slices.Index([]string{info, warn, review, "gap", "conflict", errorful}, v)
}

type finder struct {
	a    *answer
	seen map[string]bool
	out  []events.Finding
}

// about names what a finding speaks of; further names and values in pairs.
func about(k *inventory.Key, more ...string) map[string]string {
	m := map[string]string{"system": string(k.System)}
	if k.Activity.Code != "" {
		m["activity"] = string(k.Activity.Code)
	}
	if k.Category.Code != "" {
		m["category"] = k.Category.String()
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			m[more[i]] = more[i+1]
		}
	}
	return m
}

// add keeps one finding of a rule about one thing, the earliest.
func (f *finder) add(rule, verdict string, at events.Instant, on map[string]string, text string) {
	key := rule
	for _, n := range []string{"system", "activity", "category", "recipient", "subject_type", "item", "channel"} {
		key += "\x00" + on[n]
	}
	if f.seen[key] {
		return
	}
	f.seen[key] = true
	f.out = append(f.out, events.Finding{Rule: rule, Verdict: verdict, About: on, At: at, Text: text})
}

func (f *finder) holding(h *inventory.Holding) {
	cat := f.a.cat
	if h.Flags&events.Resurrection != 0 {
		f.add("RESURRECTION", errorful, h.Last, about(&h.Key), "data of a person who had been erased was stored again")
	}
	f.undeclared(&h.Key, h.SubjectType, h.First)
	if h.State == inventory.Removed {
		return
	}
	if f.a.until(h).Status == overdue {
		f.add("RETENTION_OVERDUE", errorful, h.Last, about(&h.Key), "the period has ended and the data is still held")
	}
	for _, s := range h.Stops {
		if s.By == inventory.ByConsent && f.a.today() >= s.At.Day()+consentGrace {
			f.add("CONSENT_ENDED_STILL_STORED", review, s.At, about(&h.Key), "consent ended more than 30 days ago and the data is still held")
		}
	}
	act, ok := cat.Activity(h.Activity.Code)
	if !ok {
		return
	}
	if len(act.Categories) > 0 && h.Category.Code != "" && !act.HasCategory(h.Category.Code) {
		verdict := review
		if c, ok := cat.Category(h.Category.Code); ok && (c.Special || c.Criminal) && len(act.Conditions) == 0 {
			verdict = errorful
		}
		f.add("CATEGORY_NOT_IN_ROW", verdict, h.First, about(&h.Key), "the notice does not list this kind of data for this activity")
	}
	if h.SubjectType != "" && len(act.SubjectTypes) > 0 && !f.a.isOneOf(h.SubjectType, act.SubjectTypes) {
		on := about(&h.Key, "subject_type", string(h.SubjectType))
		delete(on, "category")
		f.add("SUBJECT_NOT_IN_ROW", warn, h.First, on, "the notice does not list this kind of person for this activity")
	}
}

// undeclared tells which codes of a record the catalogue does not know.
func (f *finder) undeclared(k *inventory.Key, subjectType events.Code, at events.Instant) {
	base := map[string]string{"system": string(k.System)}
	for _, c := range []struct {
		key, code string
		declared  bool
		what      string
	}{
		{"activity", k.Activity.String(), k.Activity.Code == "" || f.a.cat.DeclaredActivity(k.Activity), "an activity"},
		{"category", k.Category.String(), k.Category.Code == "" || f.a.cat.DeclaredCategory(k.Category), "a kind of data"},
		{"subject_type", string(subjectType), subjectType == "" || f.a.cat.Declared(catalogue.FieldSubjectType, subjectType), "a kind of person"},
	} {
		if c.declared {
			continue
		}
		on := maps.Clone(base)
		on[c.key] = c.code
		f.add("UNDECLARED_CODE", warn, at, on, "the system reports "+c.what+" that the catalogue does not name")
	}
}

func (f *finder) recipient(k *inventory.Key, d *inventory.Disclosure) {
	code := d.Recipient.Code
	if code == "" {
		return // a person, named by the source
	}
	on := about(k, "recipient", string(code))
	delete(on, "category")
	r, ok := f.a.cat.Recipient(code)
	if !ok || r.Class == events.Undeclared {
		delete(on, "activity")
		f.add("RECIPIENT_UNDECLARED", errorful, d.First, on, "data went to a recipient that the catalogue does not name")
		return
	}
	if !r.Named && r.Class == "" && r.Kind != catalogue.KindPublic {
		f.add("RECIPIENT_UNNAMED", warn, d.First, on, "only the class of the recipient is known, not its name")
	}
	act, ok := f.a.cat.Activity(k.Activity.Code)
	if ok && len(act.Recipients) > 0 && !act.HasRecipient(r) {
		f.add("RECIPIENT_NOT_IN_ROW", warn, d.First, on, "the notice names recipients for this activity and this is not one of them")
	}
}

func (f *finder) consent(c *inventory.Consent) {
	if c.State != inventory.Given {
		return
	}
	on := map[string]string{"system": string(c.System), "activity": string(c.Activity.Code)}
	switch c.Method.String() {
	case "visit":
		f.add("CONSENT_BY_VISIT", errorful, c.At, on, "consent was taken from a visit; looking at a page is not consenting")
	}
	switch c.GivenBy.String() {
	case "", "self":
	default:
		f.add("CONSENT_BY_PROXY", warn, c.At, on, "consent was given by somebody else ("+c.GivenBy.String()+")")
	}
}
