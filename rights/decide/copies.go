package decide

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// access proposes what of a holding the person gets (Article 15). The right
// depends on no basis. Nothing about others is given or cut out by a rule: a
// person decides it.
func (j *judged) access() Item {
	if j.neverOutput() {
		return j.item(Withhold, WithholdNeverOutput, "never output", "It is kept so that nobody can read it, such as a password.")
	}
	if j.category != nil && j.category.Personal != nil && !*j.category.Personal {
		return j.item(None, NotAffected, "not personal", "It is not about a person any more.")
	}
	if s := j.h.NotToBeTold; s != nil {
		rule, _ := exemption("not_to_be_told")
		x := j.withhold(&rule, "silence", "The person must not learn that it is held ("+string(s.Ground)+").")
		x.Silent, x.Until = true, s.Review
		x.person("silent withholding")
		return x
	}
	if rule, a, ok := j.exemption(catalogue.RightAccess); ok {
		x := j.withhold(&rule, "exemption "+rule.Code, "An exemption applies: "+rule.Text+".")
		x.Until, x.Silent = a.Review, rule.Secret
		return x
	}
	if j.h.Marks&events.MarkConfidentialReference != 0 && j.schedules() {
		rule, _ := exemption("Sch2.P4.24")
		return j.withhold(&rule, "exemption "+rule.Code, "It is a reference given in confidence.")
	}
	if x, ok := j.harmful(); ok {
		return x
	}
	if x, ok := j.aboutOthers("Sch2.P3.16", "15.4"); ok {
		return x
	}
	return j.item(Disclose, DiscloseAll, "article 15", "The person gets a copy, with what is known about it.")
}

func (j *judged) schedules() bool { return InForce(SchedulesOfTheAct, j.e.law, j.c.Received) }

func (j *judged) withhold(rule *ExemptionRule, by, reason string) Item {
	x := j.item(Withhold, rule.Withholds(), by, reason)
	x.Article = rule.Law
	x.person("exemption")
	return x
}

// harmful holds back health, social-work and child-abuse material until somebody
// who can judge has said whether telling it would do serious harm, or it is known
// to the person (Data Protection Act 2018, Schedule 3). An opinion is worth six
// months.
func (j *judged) harmful() (Item, bool) {
	rule, care := j.harmRule()
	if !care || !j.schedules() || j.h.Provenance == events.Provided {
		return Item{}, false
	}
	if k := j.p.assessment(KnownToSubject, j.h, j.on); k != nil && k.Holds {
		return Item{}, false
	}
	if a := j.p.assessment(HealthOpinion, j.h, j.on); a != nil && a.On+opinionDays > j.on {
		if !a.Holds {
			return Item{}, false
		}
		x := j.withhold(&rule, "exemption "+rule.Code, "An opinion on record says that telling it would do serious harm.")
		x.Until = a.Review
		return x, true
	}
	x := j.item(Review, rule.Withholds(), "exemption "+rule.Code, "An opinion on whether telling it would do serious harm is not on record, and it is not known to the person.")
	x.Article, x.WaitsFor, x.Proposal = rule.Law, "opinion", &Proposal{Disclose, DiscloseAll}
	return x, true
}

// opinionDays is how long an opinion of a health professional counts.
const opinionDays = 182

func (j *judged) harmRule() (ExemptionRule, bool) {
	code := ""
	switch {
	case j.category == nil:
		return ExemptionRule{}, false
	case hasWord(j.h.Category.Code, "safeguarding"):
		code = "Sch3.P5"
	case hasWord(j.h.Category.Code, "social"):
		code = "Sch3.P3"
	case j.special && strings.HasPrefix(string(j.category.Kind), "health"):
		code = "Sch3.P2"
	}
	return exemption(code)
}

func hasWord(c events.Code, w string) bool {
	return slices.Contains(strings.FieldsFunc(string(c), func(r rune) bool { return r == '_' || r == '-' || r == '.' }), w)
}

// aboutOthers leaves to a person what is about somebody else as well (Data
// Protection Act 2018, Schedule 2 paragraph 16; Articles 15(4), 20(4)): it is
// neither given nor cut out by a rule.
func (j *judged) aboutOthers(uk, eu string) (Item, bool) {
	marked := j.h.Marks&(events.MarkThirdPartyContent|events.MarkConfidentialReference) != 0
	if !marked && j.h.AlsoAbout == 0 && (j.category == nil || !j.category.ThirdParty) {
		return Item{}, false
	}
	rule, _ := exemption(eu)
	if uk != "" && j.schedules() {
		rule, _ = exemption(uk)
	}
	if a := j.p.assessment(ThirdParty, j.h, j.on); a != nil {
		if !a.Holds {
			return j.withhold(&rule, "third party", "It is about somebody else too, and a person found that it may not be given."), true
		}
		x := j.item(Disclose, DiscloseAll, "third party", "It is about somebody else too, and a person found that it may be given.")
		x.person("third-party material")
		return x, true
	}
	x := j.item(Review, rule.Withholds(), "third party", "It is about somebody else too. A person decides what of it is given.")
	x.Article, x.Proposal = rule.Law, &Proposal{Withhold, rule.Withholds()}
	x.person("third-party material")
	return x, true
}

// portability proposes what a person may take elsewhere (Article 20): what they
// gave or what was observed of them, held by machine, on consent or a contract,
// and not for a public task. Data made from it goes with an answer to access, not
// here. A pooled basis is our fault and no ground to refuse.
func (j *judged) portability() Item {
	out := func(article, why string) Item {
		x := j.item(None, NotAffected, "portability", why)
		x.Article = article
		return x
	}
	if j.neverOutput() {
		return j.item(Withhold, WithholdNeverOutput, "never output", "It is kept so that nobody can read it, such as a password.")
	}
	if j.h.Provenance != events.Provided && j.h.Provenance != events.Observed {
		return out("20(1)", "It was not given by the person, and not observed of them.")
	}
	if j.paper() {
		return out("20(1)(b)", "It is not processed by automated means.")
	}
	if j.act != nil && j.act.PublicTask || j.only("6.1.e") {
		return out("20(3)", "It is held for a task in the public interest.")
	}
	if rule, a, ok := j.exemption(catalogue.RightPortability); ok {
		x := j.withhold(&rule, "exemption "+rule.Code, "An exemption applies: "+rule.Text+".")
		x.Until = a.Review
		return x
	}
	if x, open := j.portableBasis(out); open {
		return x
	}
	if x, ok := j.aboutOthers("", "20.4"); ok {
		return x
	}
	x := j.item(Disclose, DiscloseAll, "portability", "It was given by the person, rests on consent or a contract and is held by machine.")
	x.Article = "20(1)"
	return x
}

// portableBasis answers where the basis does not simply allow it.
func (j *judged) portableBasis(out func(article, why string) Item) (Item, bool) {
	if j.act == nil && len(j.bases) == 0 {
		x := j.item(Review, NoRow, "portability", "No activity of the record of processing covers it, so nobody has said on what basis it is held.")
		return x, true
	}
	basis, cell := j.gives(catalogue.RightPortability)
	if j.basis == unmapped {
		all := !slices.ContainsFunc(j.bases, func(b events.Code) bool {
			return !Applies(catalogue.RightPortability, b, j.conditions, j.e.law, j.c.Received).Exists
		})
		switch {
		case !cell.Exists:
			return out(cell.Article, "None of the lawful bases that are stated gives the right."), true
		case !all:
			return j.item(Review, BasisUnmapped, "portability", "Several lawful bases are stated together; some give the right and some do not. A person says which is meant."), true
		}
		return Item{}, false
	}
	if basis == "" {
		return out(cell.Article, "The right exists for consent and contracts only; it rests on "+j.restsOn()+"."), true
	}
	return Item{}, false
}

// restsOn names the basis that a refusal rests on.
func (j *judged) restsOn() string {
	if len(j.bases) == 0 {
		return "none that is stated"
	}
	return catalogue.PlainBasis(j.bases[0])
}

func (j *judged) paper() bool {
	if j.h.Medium != 0 {
		return j.h.Medium == events.MediumPaper
	}
	s, ok := j.e.cat.System(j.h.System)
	return ok && s.Medium == catalogue.Paper
}
