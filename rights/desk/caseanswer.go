package desk

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

// answer says for each right what was decided and why, and of what was started how
// far it is. It never waits for targets (D12).
func (l *letter) answer(tasks []casebook.Task) {
	none := true
	for i := range l.plan.judged.Items {
		none = none && l.plan.judged.Items[i].Holding.Removed
	}
	if none {
		l.say("We looked in the systems that report to us and found nothing that we hold about you.")
	}
	refused := false
	for _, right := range l.f.opening().Rights {
		refused = l.right(right) || refused
	}
	l.progress(tasks)
	l.unknowns()
	if refused {
		l.remedies()
	}
}

// A said group of a letter: items with one outcome, code and end.
type letterGroup struct {
	outcome decide.Outcome
	code    decide.Code
	until   events.Date
	waits   string
}

// right says what was decided under one right, and whether something was refused.
func (l *letter) right(right catalogue.RightKind) (refused bool) {
	effects := map[decide.Outcome]decide.Effect{}
	for _, e := range decide.Effects() {
		effects[e.Outcome] = e
	}
	var order []letterGroup
	what := map[letterGroup][]string{}
	for i := range l.plan.judged.Items {
		x := &l.plan.judged.Items[i]
		if x.Right != right || x.Silent || x.Holding.Removed || x.Outcome == decide.None && (x.Code == decide.NotAsked || x.Code == decide.NotAffected) {
			continue
		}
		g := letterGroup{x.Outcome, x.Code, x.Until, x.WaitsFor}
		if _, ok := what[g]; !ok {
			order = append(order, g)
		}
		if name := l.holdingWords(x.Holding); !slices.Contains(what[g], name) {
			what[g] = append(what[g], name)
		}
		refused = refused || effects[x.Outcome].Refuses
	}
	if len(order) == 0 {
		return false
	}
	l.say("You asked about %s:", rightNames[right])
	for _, g := range order {
		m, _ := g.code.Meaning()
		text := outcomeWords[g.outcome] + ": " + list(what[g]) + "."
		if g.outcome != decide.Disclose {
			text += " " + m.Says
		}
		if m.Article != "" {
			text += " (" + articleWords(m.Article) + ")"
		}
		switch {
		case g.outcome == decide.Retain && !g.until.IsZero():
			text += " It goes on " + catalogue.PlainDate(g.until) + " without a new request."
		case g.waits != "":
			text += " We look at it again after this: " + strings.ReplaceAll(g.waits, "_", " ") + "."
		}
		l.point("%s", text)
	}
	l.end()
	l.besides(right)
	return refused
}

// besides says what else the person has to hear about what was decided: what
// backups hold, and that an objection is possible.
func (l *letter) besides(right catalogue.RightKind) {
	erased, offer := false, false
	for i := range l.plan.judged.Items {
		x := &l.plan.judged.Items[i]
		erased = erased || x.Right == right && x.Outcome == decide.Erase
		offer = offer || x.Right == right && slices.Contains(x.Also, decide.OfferObjection)
	}
	if erased {
		l.say("Our backups may hold what we erase until they are overwritten. It is not used until then. If you ask, we tell you whom we passed it on to and told of this (Article 19).")
	}
	if offer {
		l.say("You may object to our use of what we keep, on grounds of your own situation (Article 21(1)).")
	}
}

var outcomeWords = map[decide.Outcome]string{
	decide.Erase: "We erase", decide.Retain: "We keep", decide.Restrict: "We restrict the use of", decide.Stop: "We stop using for this purpose",
	decide.Rectify: "We correct", decide.Disclose: "You get", decide.Withhold: "We withhold", decide.Refer: "Somebody else decides about", decide.None: "We do nothing about",
}

func articleWords(s string) string {
	if s != "" && s[0] >= '0' && s[0] <= '9' {
		return "Article " + s
	}
	return s
}

func (l *letter) holdingWords(h *decide.Holding) string {
	name := l.cat.CategoryName(h.Category)
	if name == "" {
		name = "data"
	}
	if purpose := l.cat.ActivityName(h.Activity); purpose != "" {
		name += " (" + purpose + ")"
	}
	return name
}

// progress says how far systems and recipients are: done, not confirmed, or
// impossible. Erased is said only of what was looked for and not found (I8).
func (l *letter) progress(tasks []casebook.Task) {
	if len(tasks) == 0 {
		return
	}
	var done, open, never int
	for i := range tasks {
		switch cases.TaskState(tasks[i].State) {
		case cases.TaskVerified:
			done++
		case cases.TaskImpossible, cases.TaskOutOfScale:
			never++
		default:
			open++
		}
	}
	l.say("We have asked %d systems and recipients to act. %d have done it and we have looked that it is so; %d have not confirmed it yet, and we keep asking; for %d it cannot be done.", len(tasks), done, open, never)
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
	for i := range l.plan.judged.Items {
		for _, a := range l.plan.judged.Items[i].Assumed {
			assumed[a.Key] = true
		}
	}
	if len(assumed) > 0 {
		l.say("[To check before sending: %d decisions on which this rests are assumptions that nobody here has adopted yet.]", len(assumed))
	}
}

// recipients is the report of Article 19: whom we told, if the person asks.
func (l *letter) recipients(tasks []casebook.Task) {
	state := map[events.Code]string{}
	for i := range tasks {
		state[tasks[i].Recipient] = strings.ReplaceAll(string(tasks[i].State), "_", " ")
	}
	l.say("You asked to whom we passed on what we corrected, erased or restricted (Article 19):")
	said := map[string]bool{}
	for i := range l.plan.judged.Items {
		for n := range l.plan.judged.Items[i].Recipients {
			r := &l.plan.judged.Items[i].Recipients[n]
			if r.Silent || r.Action == decide.NoAction && !r.Impossible {
				continue
			}
			name := "a person"
			if r.Recipient != "" {
				name = l.cat.RecipientName(r.Recipient)
			}
			text := name + ": "
			switch {
			case r.Impossible:
				text += "it could not be told, or what it has cannot be called back"
			case r.Action == decide.Instruct:
				text += "we told it to " + strings.ReplaceAll(string(r.Verb), "_", " ")
			default:
				text += "we told it that we did so"
			}
			if s := state[r.Recipient]; s != "" && r.Recipient != "" {
				text += " (" + s + ")"
			}
			if !said[text] {
				said[text] = true
				l.point("%s", text)
			}
		}
	}
	if len(said) == 0 {
		l.say("Nobody: it was passed on to no one who has to be told.")
	}
	l.end()
}

// remedies are those that a refusal has to name (Article 12(4)).
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
