package desk

import (
	"maps"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/observed"
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
	f.judge()
	return gravest(f.out)
}

// gravest puts the gravest first.
func gravest(list []events.Finding) []events.Finding {
	slices.SortStableFunc(list, func(x, y events.Finding) int { return gravity(y.Verdict) - gravity(x.Verdict) })
	return list
}

func (a *answer) isOneOf(t events.Code, list []events.Code) bool {
	return slices.ContainsFunc(list, func(p events.Code) bool { return a.cat.IsA(t, p) })
}

func gravity(v string) int {
	return slices.Index([]string{info, warn, review, "gap", "conflict", errorful}, v)
}

type finder struct {
	a    *answer
	seen map[string]bool
	out  []events.Finding
	// since leaves out what was reported up to a position; zero: nothing.
	since events.Position
}

// late reports whether something was reported after since.
func (f *finder) late(at events.Position) bool { return f.since.IsZero() || at.Compare(f.since) > 0 }

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
	for _, n := range []string{"system", "activity", "category", "recipient", "subject_type", "item", "channel", "country", "place", "source", "basis", "legal_duty"} {
		key += "\x00" + on[n]
	}
	if f.seen[key] {
		return
	}
	f.seen[key] = true
	x := events.Finding{Rule: rule, Verdict: verdict, About: on, At: at, Text: text}
	if r, ok := observed.Named(rule); ok {
		x.Aliases = r.Aliases
	}
	f.out = append(f.out, x)
}

func (f *finder) holding(h *inventory.Holding) {
	cat := f.a.cat
	f.past(h)
	f.undeclared(&h.Key, h.SubjectType, h.First)
	if h.State == inventory.Removed {
		return
	}
	if f.a.overdue(h) {
		f.add("RETENTION_OVERDUE", errorful, h.Last, about(&h.Key), "the period has ended and the data is still held")
	}
	if s := f.a.status(h); s.Lengthened {
		f.add("RETENTION_LENGTHENED", review, h.First, about(&h.Key), "the notice when it was collected named a shorter time than the present one; a person decides which counts")
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

// past looks for what only the history of a holding shows.
func (f *finder) past(h *inventory.Holding) {
	if h.Flags&events.Resurrection != 0 && f.late(h.Position) {
		f.add("RESURRECTION", errorful, h.Last, about(&h.Key), "data of a person who had been erased was stored again")
	}
	if h.State == inventory.Removed {
		f.removed(h)
		return
	}
	for _, s := range h.Stops {
		if s.By == inventory.ByConsent && f.a.today() >= s.At.Day()+consentGrace {
			f.add("CONSENT_ENDED_STILL_STORED", review, s.At, about(&h.Key), "consent ended more than 30 days ago and the data is still held")
		}
	}
}

// pastSince lists what only the history of the person shows, and leaves out what
// was reported up to a position, of the rules for which that can be told.
func (a *answer) pastSince(at events.Position) []events.Finding {
	f := finder{a: a, seen: map[string]bool{}, out: []events.Finding{}, since: at}
	for _, h := range a.folded.Holdings {
		f.past(h)
	}
	f.processed()
	return gravest(f.out)
}

// removed: until an answer is sent, nothing that was asked for may go; erasing it
// then to prevent disclosure is an offence (Data Protection Act 2018, section
// 173).
func (f *finder) removed(h *inventory.Holding) {
	if len(f.a.requests) == 0 {
		return
	}
	day, x := f.a.day(h.Removal.At), f.a.timed(h)
	for i := range f.a.requests {
		r := &f.a.requests[i]
		if (r.Right == "access" || r.Right == "portability") && r.Open(day) && r.Scope.Covers(&x) && f.late(h.Removal.Position) {
			f.add("REMOVED_DURING_ACCESS", errorful, h.Removal.At, about(&h.Key), "data was removed while a request for it was open")
		}
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
		verdict, text := warn, "consent was given by somebody else ("+c.GivenBy.String()+")"
		if act, ok := f.a.cat.Activity(c.Activity.Code); ok && len(act.ConsentFrom) > 0 && c.GivenBy == events.GivenByEmployer {
			verdict, text = errorful, text+"; the notice says that the person consents"
		}
		f.add("CONSENT_BY_PROXY", verdict, c.At, on, text)
	}
}
