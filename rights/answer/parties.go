package answer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
)

// recipients lists who received what is shown, then who may by what the notice
// says. Who is not to be told of stands in neither because of a disclosure; as
// the notice names them they look like anybody who has received nothing.
func (b *builder) recipients() []Recipient {
	by := map[string]*Recipient{}
	for _, h := range b.shown {
		for i := range h.Disclosures {
			b.received(by, &h.Disclosures[i], h.Category)
		}
	}
	for i := range b.in.Footprint.DisclosuresWithoutHolding {
		d := &b.in.Footprint.DisclosuresWithoutHolding[i]
		if !b.hushed[[2]string{d.Activity, d.Category}] {
			b.received(by, &d.Disclosure, d.Category)
		}
	}
	for _, h := range b.shown {
		b.planned(by, h)
	}
	out := []Recipient{}
	for _, r := range by {
		slices.Sort(r.What)
		out = append(out, *r)
	}
	slices.SortFunc(out, func(x, y Recipient) int {
		return cmp.Or(rank(x.Planned)-rank(y.Planned), strings.Compare(x.Name, y.Name), strings.Compare(x.Recipient, y.Recipient), strings.Compare(x.As, y.As), strings.Compare(x.Country, y.Country))
	})
	return out
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// recipient is one disclosure as the person is told of it.
func (b *builder) recipient(d *events.Disclosure) Recipient {
	r := Recipient{Recipient: d.Recipient, Name: d.Name, As: catalogue.PlainRecipientKind(catalogue.RecipientKind(d.Kind)), What: []string{}, First: d.First, Last: d.Last}
	if d.Kind == string(catalogue.KindIndividual) && d.Recipient == "person" {
		r.Name = "another person, whose name we do not give here"
	}
	if r.Name == "" {
		r.Name = "somebody whose name was not recorded"
	}
	if d.Country != nil {
		r.Country = catalogue.PlainCountry(events.Code(strings.ToLower(*d.Country)))
		r.ThirdCountry = b.third(events.Code(strings.ToLower(*d.Country)))
	}
	if r.ThirdCountry {
		r.Safeguard = d.Safeguard
		if x, ok := b.cat.Recipient(events.Code(d.Recipient)); ok && r.Safeguard == "" {
			r.Safeguard = string(x.Safeguard)
		}
		r.Safeguard = safeguardWords(r.Safeguard)
	}
	return r
}

func (b *builder) received(by map[string]*Recipient, d *events.Disclosure, category string) {
	if d.Withheld {
		return
	}
	r := b.recipient(d)
	key := strings.Join([]string{r.Recipient, r.Name, r.As, r.Country}, "\x00")
	have := by[key]
	if have == nil {
		have = &r
		by[key] = have
	}
	have.First, have.Last = min(have.First, r.First), max(have.Last, r.Last)
	if what := b.category(category); !slices.Contains(have.What, what) {
		have.What = append(have.What, what)
	}
}

// planned adds recipients that the row names and that nothing was seen to go to.
func (b *builder) planned(by map[string]*Recipient, h *events.Holding) {
	act, ok := b.cat.Activity(code(h.Activity))
	if !ok {
		return
	}
	for _, id := range act.Recipients {
		x, ok := b.cat.Recipient(id)
		if !ok || slices.ContainsFunc(h.Disclosures, func(d events.Disclosure) bool { return !d.Withheld && d.Recipient == string(id) }) {
			continue
		}
		key := "\x00planned" + string(id)
		if by[key] == nil {
			r := Recipient{Recipient: string(id), Name: x.Name, As: catalogue.PlainRecipientKind(x.Kind), What: []string{}, Planned: true}
			if x.Country != "" {
				r.Country, r.ThirdCountry = catalogue.PlainCountry(x.Country), b.third(x.Country)
			}
			if r.ThirdCountry {
				r.Safeguard = safeguardWords(string(x.Safeguard))
			}
			by[key] = &r
		}
		if what := b.category(h.Category); !slices.Contains(by[key].What, what) {
			by[key].What = append(by[key].What, what)
		}
	}
}

// third reports whether a country is outside the law of the controller: the
// United Kingdom, or the European Economic Area.
func (b *builder) third(country events.Code) bool {
	if b.in.Jurisdiction == decide.UK {
		return country != "gb"
	}
	return !slices.Contains(area, country)
}

// area is the European Economic Area.
var area = []events.Code{"at", "be", "bg", "cy", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hr", "hu", "ie", "is", "it", "li", "lt", "lu", "lv", "mt",
	"nl", "no", "pl", "pt", "ro", "se", "si", "sk"}

func safeguardWords(code string) string {
	if w, ok := safeguards[code]; ok {
		return w
	}
	return code
}

var safeguards = map[string]string{
	"":         "none is recorded",
	"adequacy": "regulations or a decision that protection there is adequate (Article 45)",
	"scc":      "standard contractual clauses (Article 46)",
	"idta":     "the international data transfer agreement (Article 46)",
	"bcr":      "binding corporate rules (Article 47)",
	"art46":    "appropriate safeguards under Article 46",
	"consent":  "your explicit consent (Article 49)",
}

// transfers lists those to third countries, with how to get the safeguard.
func (b *builder) transfers(rs []Recipient) []Transfer {
	out := []Transfer{}
	for _, r := range rs {
		if r.ThirdCountry && !r.Planned {
			out = append(out, Transfer{Name: r.Name, Country: r.Country, Safeguard: r.Safeguard, Copy: "Ask us for a copy of the safeguard: answer this letter."})
		}
	}
	return out
}

// sources lists where data came from that the person did not give.
func (b *builder) sources() []Source {
	out := []Source{}
	for _, h := range b.shown {
		if h.ObtainedFrom == nil && h.Provenance != "third_party" {
			continue
		}
		name, how := b.source(h), "not recorded"
		if h.ObtainedFrom != nil {
			if s, ok := b.cat.Source(events.Code(*h.ObtainedFrom)); ok {
				how = string(s.Kind)
			} else if _, ok := b.cat.Recipient(events.Code(*h.ObtainedFrom)); ok {
				how = "a body that we also share data with"
			}
		}
		i := slices.IndexFunc(out, func(s Source) bool { return s.Name == name })
		if i < 0 {
			i = len(out)
			out = append(out, Source{Name: name, How: how, What: []string{}})
		}
		if what := b.category(h.Category); !slices.Contains(out[i].What, what) {
			out[i].What = append(out[i].What, what)
		}
	}
	slices.SortFunc(out, func(x, y Source) int { return strings.Compare(x.Name, y.Name) })
	return out
}

// automated lists decisions by machines on activities that are shown.
func (b *builder) automated() []Automated {
	out := []Automated{}
	for _, d := range b.in.Automated {
		i := slices.IndexFunc(b.shown, func(h *events.Holding) bool { return code(h.Activity) == d.Activity })
		if i < 0 {
			continue
		}
		h := b.shown[i]
		a := Automated{Activity: b.activity(h.Activity), On: d.On.String(), Alone: d.Alone, Significant: d.Weighty, Profiling: d.Profiling,
			Logic: cmp.Or(d.Logic, "We have no description of the logic on record. Ask us and we will explain how the decision came about."), Meaning: d.Meaning}
		if a.Meaning == "" {
			a.Meaning = "It has no legal effect on you and does not affect you in a similar way."
			if d.Weighty {
				a.Meaning = "It has a legal effect on you, or affects you in a similarly significant way."
			}
		}
		var bases, conditions []events.Code
		for _, x := range h.LawfulBasis {
			bases = append(bases, events.Code(x))
		}
		for _, x := range h.Conditions {
			conditions = append(conditions, events.Code(x))
		}
		v := decide.JudgeDecision(&d.AutomatedDecision, bases, conditions, d.Special, b.in.Jurisdiction)
		a.YouCan, a.Article = "Nothing more is owed: a person took part, or the effect is small.", v.Article
		if v.Code != "" {
			m, _ := v.Code.Meaning()
			a.YouCan = strings.TrimSpace(m.Says + " You can say what you think of it, have a person look at it, and contest it.")
		}
		if a.Article == "" {
			a.Article = "15(1)(h)"
		}
		out = append(out, a)
	}
	return out
}

func (b *builder) remedies() []Remedy {
	out := []Remedy{}
	for _, r := range decide.Remedies(b.in.Jurisdiction, b.in.Made) {
		w := remedyWords[r.Code]
		out = append(out, Remedy{Code: string(r.Code), Law: r.Law, Says: w[0], Link: w[1]})
	}
	return out
}

var remedyWords = map[events.Code][2]string{
	"controller":            {"You can complain to us. We answer within 30 days that it has come, and then without undue delay what we did.", ""},
	"commissioner":          {"You can complain to the Information Commissioner.", "https://ico.org.uk/make-a-complaint/"},
	"supervisory_authority": {"You can complain to the supervisory authority where you live, where you work, or where it happened.", "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en"},
	"court":                 {"You can go to court.", ""},
}
