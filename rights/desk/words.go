package desk

import (
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// words says every code of an answer in words, so that whoever keeps or prints
// the answer needs nothing beside it.
type words struct {
	cat *catalogue.Catalogue
	m   events.Glossary
}

func newWords(c *catalogue.Catalogue) words { return words{c, events.Glossary{}} }

func (w words) put(field, code, name string) {
	if code != "" && name != "" {
		w.m[field+"/"+code] = name
	}
}

func (w words) code(field catalogue.Field, code string) {
	w.put(field, code, w.cat.Name(field, events.Code(code)))
}

func (w words) system(id string) { w.code(catalogue.FieldSystem, id) }

// kind names the system of a local kind of identifier.
func (w words) kind(kind string) { w.system(string(events.Code(kind).System())) }

func (w words) activity(s string) {
	code, sub, _ := strings.Cut(s, "/")
	if code != "" {
		w.put("activity", s, w.cat.ActivityName(events.Activity{Code: events.Code(code), SubPurpose: events.Code(sub)}))
	}
}

func (w words) category(s string) {
	code, element, _ := strings.Cut(s, "/")
	if code == "" {
		return
	}
	w.put("category", s, w.cat.CategoryName(events.Category{Code: events.Code(code), Element: events.Code(element)}))
	if c, ok := w.cat.Category(events.Code(code)); ok && c.Special {
		w.put("special", code, catalogue.PlainSpecial(c.Kind))
	}
}

func (w words) country(c *string) {
	if c != nil {
		w.put("country", *c, catalogue.PlainCountry(events.Code(strings.ToLower(*c))))
	}
}

func (w words) identifier(id events.IdentifierView) {
	w.kind(id.Kind)
	for _, s := range id.Systems {
		w.system(s)
	}
}

func (w words) subject(v events.SubjectView) {
	for _, id := range v.Identifiers {
		w.identifier(id)
	}
	for _, t := range v.SubjectTypes {
		w.code(catalogue.FieldSubjectType, t)
	}
}

func (w words) unknown(list []events.Unknown) {
	for _, u := range list {
		w.system(u.System)
	}
}

func (w words) holding(h *events.Holding) {
	w.system(h.System)
	w.activity(h.Activity)
	w.category(h.Category)
	w.code(catalogue.FieldSubjectType, h.SubjectType)
	w.country(h.Country)
	if h.Item != nil {
		w.kind(h.Item.Kind)
	}
	if h.ObtainedFrom != nil && w.cat.Declared(catalogue.FieldSource, events.Code(*h.ObtainedFrom)) {
		w.code(catalogue.FieldSource, *h.ObtainedFrom)
	}
	for _, b := range h.LawfulBasis {
		w.put("basis", b, catalogue.PlainBasis(events.Code(b)))
	}
	for i := range h.Disclosures {
		w.disclosure(&h.Disclosures[i])
	}
}

func (w words) disclosure(d *events.Disclosure) {
	w.put("recipient", d.Recipient, d.Name)
	w.country(d.Country)
	w.activity(d.ForActivity)
}

func (w words) loose(d *events.LooseDisclosure) {
	w.system(d.System)
	w.activity(d.Activity)
	w.category(d.Category)
	if d.Item != nil {
		w.kind(d.Item.Kind)
	}
	w.disclosure(&d.Disclosure)
}

func (w words) footprint(f *events.Footprint) events.Glossary {
	w.subject(f.Subject)
	w.unknown(f.Unknown)
	for i := range f.Holdings {
		w.holding(&f.Holdings[i])
	}
	for i := range f.DisclosuresWithoutHolding {
		w.loose(&f.DisclosuresWithoutHolding[i])
	}
	for _, x := range f.Findings {
		w.system(x.About["system"])
		w.activity(x.About["activity"])
		w.category(x.About["category"])
		w.code(catalogue.FieldSubjectType, x.About["subject_type"])
		w.code(catalogue.FieldRecipient, x.About["recipient"])
	}
	for _, j := range f.Joins {
		w.identifier(j.From)
		w.identifier(j.To)
		w.system(j.System)
	}
	w.contests(f.Contested)
	for _, list := range [][]events.ConsentState{f.Consents, f.ConsentHistory} {
		for _, c := range list {
			w.system(c.System)
			if c.Activity != directMarketing {
				w.activity(c.Activity)
			}
		}
	}
	for _, r := range f.Restrictions {
		w.system(r.System)
		w.activity(r.Activity)
		w.category(r.Category)
	}
	for _, x := range f.States {
		w.system(x.System)
		w.activity(x.Activity)
		if x.Fact == "milestone" {
			w.code(catalogue.FieldMilestone, x.Code)
		}
	}
	return w.m
}

func (w words) contests(list []events.Contest) {
	for _, c := range list {
		w.identifier(c.On)
		for i := range c.Between {
			w.glimpse(&c.Between[i].Glimpse)
		}
	}
}

func (w words) glimpse(g *events.Glimpse) {
	w.kind(g.Kind)
	w.system(g.System)
	for _, s := range g.Systems {
		w.system(s)
	}
	for _, t := range g.SubjectTypes {
		w.code(catalogue.FieldSubjectType, t)
	}
}

// aside says the words of an answer that shows nobody.
func (l *look) aside(candidates []events.Candidate, contested []events.Contest, unknown []events.Unknown) events.Glossary {
	w := newWords(l.cat)
	w.unknown(unknown)
	for i := range candidates {
		w.kind(candidates[i].MatchedOn)
		w.glimpse(&candidates[i].Glimpse)
	}
	w.contests(contested)
	return w.m
}
