package desk

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/decide"
)

// answer says for each right what was decided and why, who has the data, and of
// what was started how far it is. It never waits for targets (D12).
func (l *letter) answer(tasks []casebook.Task) {
	rights := l.f.opening().Rights
	none := len(l.items) == 0
	if none {
		l.say("We looked in the systems that report to us and found nothing that we hold about you.")
	}
	for _, right := range rights {
		l.right(right, none)
	}
	l.received(tasks)
	l.progress(tasks)
	l.lists()
	l.unknowns()
	l.remedies()
}

// A said group of a letter: items with one outcome, reason and end.
type letterGroup struct {
	outcome decide.Outcome
	says    string
	until   events.Date
	waits   string
	done    bool // it was looked for and is gone
}

// A letterPart is what one group says of one purpose.
type letterPart struct {
	purpose string
	data    []string // categories, each once
}

// right says what was decided under one right. Items are told by outcome and
// reason, and within them by purpose.
func (l *letter) right(right catalogue.RightKind, none bool) {
	var order []letterGroup
	parts := map[letterGroup][]letterPart{}
	for i := range l.items {
		x := &l.items[i]
		if x.Right != right || x.Silent || x.Outcome == decide.None && !tellsNothing(x) {
			continue
		}
		g := letterGroup{x.Outcome, l.why(x), x.Until, x.WaitsFor, x.Holding.Removed}
		if x.Outcome != decide.Retain {
			g.until = 0
		}
		if _, ok := parts[g]; !ok {
			order = append(order, g)
		}
		parts[g] = addPart(parts[g], l.purpose(x.Holding), l.cat.CategoryName(x.Holding.Category))
	}
	switch {
	case len(order) > 0:
		l.say("You asked about %s:", rightNames[right])
	case none && right != catalogue.RightComplaint:
		return
	default:
		l.say("You asked about %s: %s", rightNames[right], nothingFor(right))
		return
	}
	for _, g := range order {
		head := outcomeWords[g.outcome]
		if g.done && g.outcome == decide.Erase {
			head = "We have erased this"
		}
		if g.says != "" {
			head += ". " + g.says
		}
		l.say("%s", strings.TrimSuffix(head+" "+l.ends(g), " "))
		for _, p := range parts[g] {
			l.point("%s", p.words())
		}
		l.end()
	}
	l.besides(right)
}

// tellsNothing reports whether the person hears that nothing is done about an
// item: where something is awaited, or the right does not exist for it. That one
// right or another was not asked about is said to nobody.
func tellsNothing(x *decide.Item) bool {
	switch x.Code {
	case decide.NotAsked:
		return false
	case decide.NotAffected:
		return slices.Contains([]catalogue.RightKind{catalogue.RightObjection, catalogue.RightPortability, catalogue.RightRestriction}, x.Right)
	}
	return true
}

// nothingFor says that a right was looked at and touches nothing.
func nothingFor(right catalogue.RightKind) string {
	switch right {
	case catalogue.RightComplaint:
		return "[say what you looked into, what you found and what you did]."
	case catalogue.RightMarketing:
		return "we do not use your data for marketing, and will not begin to."
	case catalogue.RightWithdrawConsent:
		return "your withdrawal counts from the day we received it. We hold nothing that rests on that consent any more."
	case catalogue.RightAutomated:
		return "we found no decision about you that a machine made alone and that affects you significantly."
	}
	return "we found nothing that it applies to."
}

// why is the reason a person reads. What a rule says of one holding is clearer
// than what its code says of all; a hold and its ground are never named, for that
// it stands may be what the person must not learn.
func (l *letter) why(x *decide.Item) string {
	m, _ := x.Code.Meaning()
	says := m.Says
	switch {
	case x.Outcome == decide.Disclose, x.Code == decide.RectifyWrong:
		says = ""
	case x.Code == decide.KeepAfterTrigger, x.Code == decide.KeepLegalObligation, x.Code == decide.KeepNoGround, x.Code == decide.NotAffected:
		if x.Reason != "" && !strings.Contains(strings.ToLower(x.Reason), "hold") && !strings.Contains(x.Reason, "person") {
			says = x.Reason
		}
	}
	if x.Code == decide.KeepNoGround && x.RestsOn != "" {
		says += " It rests on " + catalogue.PlainBasis(x.RestsOn) + "."
	}
	if m.Article != "" && x.Outcome != decide.None {
		says += " (" + articleWords(m.Article) + ")"
	}
	return strings.TrimSpace(says)
}

// ends says until when something stays, and what happens then.
func (l *letter) ends(g letterGroup) string {
	switch {
	case g.outcome == decide.Retain && !g.until.IsZero():
		return "We erase it when " + catalogue.PlainDate(g.until) + " has come; you need not ask again."
	case g.waits == "":
		return ""
	case g.outcome == decide.Restrict:
		return "We tell you before that ends (Article 18(3))."
	case g.outcome == decide.None:
		return "We go on when we have what we asked for."
	case slices.Contains([]string{"review", "duty_ended", "purpose_ended", "hold_lifted", "claim_closed"}, g.waits):
		return map[string]string{"review": "We look at it again.", "duty_ended": "We erase it when that duty has ended; you need not ask again.",
			"purpose_ended": "We erase it when it is no longer needed for that; you need not ask again."}[g.waits]
	case g.outcome != decide.Retain:
		return ""
	}
	var events []string
	for _, code := range strings.Split(g.waits, " or ") {
		events = append(events, l.trigger(code))
	}
	return "How long we keep it counts from when " + strings.Join(events, " or ") + "; you need not ask again."
}

// trigger says the event from which a period counts.
func (l *letter) trigger(code string) string {
	head, _, _ := strings.Cut(code, ":")
	if w, ok := triggerWords[head]; ok {
		return w
	}
	return "this happens: " + strings.ReplaceAll(l.cat.Name(catalogue.FieldMilestone, events.Code(head)), "_", " ")
}

var triggerWords = map[string]string{
	"request_closed": "this request is closed", "request_received": "you ask for it", "consent_withdrawn": "you withdraw your consent", "hold_lifted": "nothing else needs it any more",
	"stored": "it was stored", "record_date": "it was recorded",
}

func addPart(parts []letterPart, purpose, what string) []letterPart {
	if what == "" {
		what = "data"
	}
	for i := range parts {
		if parts[i].purpose == purpose {
			if !slices.Contains(parts[i].data, what) {
				parts[i].data = append(parts[i].data, what)
			}
			return parts
		}
	}
	return append(parts, letterPart{purpose, []string{what}})
}

// words says one purpose with the data it holds: elements of one category
// together, "contact details (address, e-mail address)".
func (p letterPart) words() string {
	var heads []string
	of := map[string][]string{}
	for _, name := range p.data {
		head, element, _ := strings.Cut(name, ": ")
		if _, ok := of[head]; !ok {
			heads = append(heads, head)
			of[head] = nil
		}
		if element != "" {
			of[head] = append(of[head], element)
		}
	}
	out := make([]string, 0, len(heads))
	for _, h := range heads {
		if e := of[h]; len(e) > 0 {
			h += " (" + strings.Join(e, ", ") + ")"
		}
		out = append(out, h)
	}
	text := strings.Join(out, "; ")
	if p.purpose != "" {
		return "For “" + p.purpose + "”: " + text + "."
	}
	return text + "."
}

// purpose names what a holding is for; empty where the catalogue does not know.
func (l *letter) purpose(h *decide.Holding) string {
	if _, ok := l.cat.Activity(h.Activity.Code); !ok {
		return ""
	}
	return l.cat.ActivityName(h.Activity)
}

// besides says what else the person has to hear about what was decided: how the
// copy comes, what backups hold, and that an objection is possible.
func (l *letter) besides(right catalogue.RightKind) {
	erased, offer, given := false, false, false
	for i := range l.items {
		x := &l.items[i]
		erased = erased || x.Right == right && x.Outcome == decide.Erase
		offer = offer || x.Right == right && slices.Contains(x.Also, decide.OfferObjection)
		given = given || x.Right == right && x.Outcome == decide.Disclose
	}
	if given {
		l.say("You get the copy as an encrypted file, and by another way the passphrase that opens it. Begin with index.html in it. It costs nothing.")
	}
	if erased {
		l.say("Our backups may hold what we erase until they are overwritten. It is not used until then.")
	}
	if offer {
		l.say("You may object to our use of what we keep, on grounds of your own situation (Article 21(1)).")
	}
}

var outcomeWords = map[decide.Outcome]string{
	decide.Erase: "We erase this", decide.Retain: "We keep this", decide.Restrict: "We restrict the use of this", decide.Stop: "We stop using this for the purpose named",
	decide.Rectify: "We correct this", decide.Disclose: "You get a copy of this", decide.Withhold: "We do not give you this", decide.Refer: "Somebody else decides about this",
	decide.None: "We do nothing about this",
}

func articleWords(s string) string {
	if s != "" && s[0] >= '0' && s[0] <= '9' {
		if strings.ContainsAny(s, ",") {
			return "Articles " + s
		}
		return "Article " + s
	}
	return s
}

// lists tells of the two lists that outlive an erasure: who is not to be contacted,
// and what must be erased again should a backup come back (A7).
func (l *letter) lists() {
	erases, stops := false, slices.Contains(l.f.opening().Rights, catalogue.RightMarketing)
	for i := range l.items {
		x := &l.items[i]
		erases = erases || x.Outcome == decide.Erase
		stops = stops || slices.Contains(x.Also, decide.Suppress)
	}
	if stops {
		l.say("So that we do not contact you again, we keep a mark of your address and that you do not want it, for nothing else, until you tell us otherwise.")
	}
	if erases {
		l.say("So that nothing comes back from a backup, we keep a note of what was erased until no backup holds it any more. We also keep the file of this request for a time, as evidence of what was asked and done.")
	}
}

// unknowns names what the answer cannot speak for (I6).
func (l *letter) unknowns() {
	systems := []string{}
	for _, u := range l.plan.unknown {
		name := l.cat.Name(catalogue.FieldSystem, events.Code(u.System))
		if (u.Why == neverConnected || u.Why == silent || u.Why == onPaper || u.Why == unstructured) && !slices.Contains(systems, name) {
			systems = append(systems, name)
		}
	}
	if len(systems) > 0 {
		l.say("This answer rests on what our systems reported. We could not search, or not completely: %s.", list(systems))
	}
	assumed := map[string]bool{}
	for i := range l.items {
		for _, a := range l.items[i].Assumed {
			assumed[a.Key] = true
		}
	}
	if n := len(assumed); n > 0 {
		l.say("[To check before sending, and to take out: this rests on %d %s that nobody here has adopted yet. The plan names %s.]", n, verb(n, "assumption", "assumptions"), verb(n, "it", "them"))
	}
}

// remedies are those that a refusal has to name (Article 12(4)), and an answer to a
// request for access in any case (Article 15(1)(f)).
func (l *letter) remedies() {
	l.say("If you do not agree, you can:")
	for _, r := range decide.Remedies(l.law, l.d.today()) {
		text := map[events.Code]string{"controller": "complain to us, and we look at it again", "commissioner": "complain to the Information Commissioner", "court": "go to court",
			"supervisory_authority": "complain to a supervisory authority"}[r.Code]
		l.point("%s (%s)", text, r.Law)
	}
	l.end()
}

func (l *letter) close() { l.say("Yours sincerely\n%s", l.cat.Organisation.Name) }
