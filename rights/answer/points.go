package answer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/rights/decide"
)

// A say fills one point: what the answer says about it, or why it does not apply.
type say func(b *builder, a *Answer) (text string, applies bool)

// A checked is one line of the checklist of an answer to access.
type checked struct {
	id, law, eu, title, in string // eu: the law of the Union, where it differs
	say                    say
}

// checklist is the eighteen points. Articles are those of the UK GDPR.
var checklist = []checked{
	{"A1", "15(1)", "", "Whether we process data about you", "systems", saysWhether},
	{"A2", "15(1), 15(3)", "", "A copy of the data", "copies", saysCopies},
	{"A3", "15(1)(a)", "", "What we use it for", "systems", saysPurposes},
	{"A4", "15(1)(b)", "", "What kinds of data", "systems", saysCategories},
	{"A5", "15(1)(c)", "", "Who received it", "recipients", saysRecipients},
	{"A6", "15(1)(d)", "", "How long we keep it", "systems", saysUntil},
	{"A7", "15(1)(e)", "", "Your rights about it", "systems", saysRights},
	{"A8", "15(1)(ea); Data Protection Act 2018, section 164A", "none", "Complaining to us", "remedies", saysComplaint},
	{"A9", "15(1)(f)", "", "Complaining to the authority", "remedies", saysAuthority},
	{"A10", "15(1)(g)", "", "Where it came from", "sources", saysSources},
	{"A11", "15(1)(h), 22A to 22D", "15(1)(h), 22", "Decisions by machines", "automated_decisions", saysAutomated},
	{"A12", "15(2), 46", "", "Transfers to other countries", "transfers", saysTransfers},
	{"A13", "12(4), 15(4); Data Protection Act 2018, Schedules 2 to 4", "12(4), 15(4), 23", "What we have not given", "withheld", saysWithheld},
	{"A14", "15(1A)", "none", "How we searched", "searched", saysSearch},
	{"A15", "13(1)(c)", "", "Why the law lets us", "systems", saysBasis},
	{"A16", "12(1), 12(3), 15(3)", "", "The form of this answer", "", saysForm},
	{"A17", "12(5), 15(3)", "", "What it costs", "", saysFee},
	{"A18", "12(6)", "", "How we knew who asks", "", saysIdentity},
}

func (b *builder) points(a *Answer) []Point {
	out := make([]Point, 0, len(checklist))
	for _, c := range checklist {
		p := Point{ID: c.id, Law: c.law, Title: c.title, State: Filled, In: c.in}
		if b.in.Jurisdiction == decide.EU && c.eu != "" {
			p.Law = c.eu
		}
		var applies bool
		if p.Text, applies = c.say(b, a); !applies {
			p.State, p.In = NotApplicable, ""
		}
		out = append(out, p)
	}
	return out
}

// nothing is said both where nothing is held and where nothing may be told.
const nothing = "We hold no personal data about you that we have to give you."

func saysWhether(b *builder, _ *Answer) (string, bool) {
	if len(b.shown) == 0 && len(b.kept) == 0 && len(b.refer) == 0 {
		return nothing, true
	}
	return "Yes. We process personal data about you, as this answer says.", true
}

func saysCopies(b *builder, a *Answer) (string, bool) {
	if len(b.shown) == 0 {
		return "There is nothing to give a copy of.", false
	}
	text := fmt.Sprintf("%s from our systems %s in this package, as the systems keep them.", count(len(a.Copies), "file", "files"), are(len(a.Copies)))
	if decide.InForce(decide.CopiesAtAnswer, b.in.Jurisdiction, b.in.Made) {
		text += " They are of the day of this answer."
	} else {
		text += " They are of what we held when you asked, with ordinary changes since."
	}
	var why []string
	for _, s := range b.withoutCopy(a.Copies) {
		why = append(why, s.Name+": "+s.Why)
	}
	if len(why) > 0 {
		text += " There is no file from: " + strings.Join(why, "; ") + "."
	}
	return text, true
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// perHolding says a point that stands with each holding.
func perHolding(b *builder, text string) (string, bool) {
	if len(b.shown) == 0 {
		return "There is no data to say it of.", false
	}
	return text, true
}

func saysPurposes(b *builder, _ *Answer) (string, bool) {
	return perHolding(b, "The purpose stands beside each kind of data.")
}

func saysCategories(b *builder, a *Answer) (string, bool) {
	return perHolding(b, strings.Join(categories(a), "; ")+".")
}

// categories names the kinds of data that are shown, each once.
func categories(a *Answer) (names []string) {
	for _, s := range a.Systems {
		for _, h := range s.Holdings {
			if !slices.Contains(names, h.What) {
				names = append(names, h.What)
			}
		}
	}
	slices.Sort(names)
	return names
}

func saysRecipients(b *builder, a *Answer) (string, bool) {
	if len(b.shown) == 0 {
		return "There is no data to say it of.", false
	}
	n := slices.IndexFunc(a.Recipients, func(r Recipient) bool { return r.Planned })
	if n < 0 {
		n = len(a.Recipients)
	}
	if len(a.Recipients) == 0 {
		return "Nobody outside has received it, as far as our systems report.", true
	}
	return fmt.Sprintf("%s received it, by name where we know the name. %d more may receive it, as our notice says.", count(n, "recipient", "recipients"), len(a.Recipients)-n), true
}

func saysUntil(b *builder, _ *Answer) (string, bool) {
	return perHolding(b, "The day, or how it is worked out, stands beside each kind of data.")
}

func saysRights(b *builder, _ *Answer) (string, bool) {
	return perHolding(b, "Which rights you have stands beside each kind of data: they depend on why we hold it.")
}

func saysComplaint(b *builder, a *Answer) (string, bool) {
	i := slices.IndexFunc(a.Remedies, func(r Remedy) bool { return r.Code == "controller" })
	if i < 0 {
		if b.in.Jurisdiction == decide.EU {
			return "The law of the Union has no such rule.", false
		}
		return "It became law on 19 June 2026, after this answer.", false
	}
	return a.Remedies[i].Says, true
}

func saysAuthority(_ *builder, a *Answer) (string, bool) {
	for _, r := range a.Remedies {
		if r.Code == "commissioner" || r.Code == "supervisory_authority" {
			return r.Says, true
		}
	}
	return "", false
}

func saysSources(b *builder, a *Answer) (string, bool) {
	if len(a.Sources) == 0 {
		if len(b.shown) == 0 {
			return "There is no data to say it of.", false
		}
		return "All of it comes from you, from how you used our services, or from our own work.", false
	}
	return fmt.Sprintf("Some of it came from %s other than you.", count(len(a.Sources), "source", "sources")), true
}

func saysAutomated(b *builder, a *Answer) (string, bool) {
	if len(a.Automated) == 0 {
		return "No system has reported a decision about you that a machine made.", false
	}
	return fmt.Sprintf("%s about you %s made by a machine, or with its help.", count(len(a.Automated), "decision", "decisions"), map[bool]string{true: "was", false: "were"}[len(a.Automated) == 1]), true
}

func saysTransfers(b *builder, a *Answer) (string, bool) {
	if len(a.Transfers) == 0 {
		return "None of it was seen to go to a country outside " + map[bool]string{true: "the United Kingdom", false: "the European Economic Area"}[b.in.Jurisdiction == decide.UK] + ".", false
	}
	return fmt.Sprintf("%s in other countries received it. The safeguard stands beside each.", count(len(a.Transfers), "recipient", "recipients")), true
}

func saysWithheld(b *builder, a *Answer) (string, bool) {
	if len(a.Withheld) == 0 {
		return "This answer refuses nothing with a reason to give.", false
	}
	return fmt.Sprintf("%s %s not given. The reason stands beside each, and you can complain about it.", count(len(a.Withheld), "item", "items"), are(len(a.Withheld))), true
}

func saysSearch(b *builder, a *Answer) (string, bool) {
	text := fmt.Sprintf("We searched %s. What we cannot speak for is listed: %s.", count(len(a.Searched), "system", "systems"), count(len(a.Unknown), "entry", "entries"))
	if b.in.Scope != "" {
		text += " You asked about: " + b.in.Scope + "."
	}
	if !decide.InForce(decide.ReasonableSearch, b.in.Jurisdiction, b.in.Made) {
		return "The law of the Union sets no limit to the search. " + text, true
	}
	return text + " The search was reasonable and proportionate.", true
}

func saysBasis(b *builder, _ *Answer) (string, bool) {
	return perHolding(b, "The lawful basis stands beside each kind of data, for your rights to object and to take data with you depend on it.")
}

func saysForm(*builder, *Answer) (string, bool) {
	return "index.html and answer.pdf are for reading; answer.json and answer.csv have the same for machines; copies has the data itself. Codes are said in words.", true
}

func saysFee(b *builder, _ *Answer) (string, bool) {
	if b.in.Fee != "" {
		return b.in.Fee, true
	}
	return "Nothing.", true
}

func saysIdentity(b *builder, _ *Answer) (string, bool) {
	text := "We had no doubt who asks, and asked for nothing."
	if b.in.Identity != "" {
		text = "By what we looked at: " + b.in.Identity + ". We keep a note of it and no copy."
	}
	if b.in.Authority != "" {
		text += " That somebody may ask for this person was shown by: " + b.in.Authority + "."
	}
	return text, true
}

// letter is the first layer: what the rest is, in a few sentences.
func (b *builder) letter(a *Answer) []string {
	name := a.Organisation.Name
	if a.Organisation.TradingAs != "" {
		name += " (" + a.Organisation.TradingAs + ")"
	}
	out := []string{fmt.Sprintf("You asked on %s what data %s holds about you. This is our answer of %s.", catalogue.PlainDate(b.in.Received), name, catalogue.PlainDate(b.in.Made))}
	out = append(out, a.Points[0].Text)
	if len(b.shown) > 0 {
		out = append(out, fmt.Sprintf("We hold %s of data about you in %s. For each you find what it is for, why the law lets us hold it, where it came from, who received it, how long we keep it, and which rights you have.",
			count(len(categories(a)), "kind", "kinds"), count(len(a.Systems), "system", "systems")))
	}
	if len(a.Withheld) > 0 {
		out = append(out, a.Points[12].Text)
	}
	if len(a.Unknown) > 0 {
		out = append(out, "Some systems we cannot speak for, or not for all time. They are listed, so that you know what this answer does not cover.")
	}
	return append(out, "You need not read all of it at once: each part stands alone. If you do not agree with it, the last part says where to turn.")
}
