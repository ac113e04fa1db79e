package console

import (
	"context"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/api/caseview"
	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/events"
	law "github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
)

// pageSteps are the next steps without the commands that stand behind them.
func pageSteps(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		s, _, _ = strings.Cut(s, ": habeas ")
		out[i] = textview.Upper(s) + "."
	}
	return out
}

// severalRights offers to answer one right at a time, where there are several.
func severalRights(rights []string) (out []kind) {
	if len(rights) < 2 {
		return nil
	}
	for _, r := range rights {
		out = append(out, kind{Code: r, Name: caseview.Right(r)})
	}
	return out
}

// restsOn lists on what a decision can rest, in words, in the order of the codes.
func restsOn() (out []kind) {
	ends := []string{"ERASE_", "KEEP_", "RESTRICT_", "STOP_", "RECTIFY", "DISCLOSE", "WITHHOLD_", "REFER_"}
	add := func(code law.Code) {
		m, ok := code.Meaning()
		if ok && code != law.KeepUKExemption && slices.ContainsFunc(ends, func(p string) bool { return strings.HasPrefix(string(code), p) }) {
			name := string(code) + ": " + m.Says
			if m.Article != "" {
				name += " (" + m.Article + ")"
			}
			out = append(out, kind{Code: string(code), Name: name})
		}
	}
	for code := range law.Meanings() {
		add(code)
	}
	for _, x := range law.Exemptions() {
		add(law.KeepUKExemption + law.Code(":"+x.Code))
		add(law.WithholdPrefix + law.Code(strings.ToUpper(strings.ReplaceAll(string(x.Code), ".", "_"))))
	}
	slices.SortFunc(out, func(a, b kind) int { return strings.Compare(a.Code, b.Code) })
	return slices.CompactFunc(out, func(a, b kind) bool { return a.Code == b.Code })
}

// questions lists what somebody may put on record, as questions that are answered.
func questions() []kind {
	return []kind{
		{Code: string(law.Override), Name: "Do compelling grounds of ours override the objection?"}, {Code: string(law.Accuracy), Name: "Is the data wrong?"},
		{Code: string(law.Claims), Name: "Is it needed for a named legal claim?"}, {Code: string(law.ThirdParty), Name: "May what is about others be given?"},
		{Code: string(law.HealthOpinion), Name: "Would telling do serious harm (health)?"}, {Code: string(law.KnownToSubject), Name: "Does the person know it already?"},
		{Code: string(law.NoLongerNeeded), Name: "Is it no longer needed?"}, {Code: string(law.PublicTask), Name: "Does the task in the public interest still need it?"},
		{Code: string(law.Research), Name: "Would erasing it seriously impair research?"}, {Code: string(law.Expression), Name: "Does freedom of expression need it?"},
		{Code: string(law.LegalErasure), Name: "Does a law ask to erase it?"}, {Code: string(law.Malicious), Name: "Is it a malicious allegation?"},
		{Code: string(law.Exemption), Name: "Does an exemption apply (with its code)?"}, {Code: string(law.HumanInvolvement), Name: "Did a person take part in the decision?"},
	}
}

// scopesOf lists what a finding can be about: each kind of data of each system of
// the plan.
func scopesOf(v *desk.CasePlan) (out []kind) {
	n := textview.NewNames(v.Words, v.AsOf.Zone)
	for i := range v.Items {
		x := &v.Items[i]
		code := x.System + " " + x.Category
		if !slices.ContainsFunc(out, func(k kind) bool { return k.Code == code }) {
			out = append(out, kind{Code: code, Name: n.Word("system", x.System) + ": " + n.Category(x.Category)})
		}
	}
	return out
}

// assessCase puts on record what somebody found out.
func assessCase(c *Console, ctx context.Context, s desk.CaseStep, f typed) (string, error) {
	o := desk.CaseAssessOrder{CaseStep: s, Kind: law.AssessmentKind(f.get("kind")), Holds: f.get("holds") == "yes", Code: events.Code(f.get("exemption")), Until: f.date("until"), Review: f.date("review")}
	if f.get("holds") == "" {
		f.fail("holds", "Say yes or no.")
	}
	if s.Reason.IsZero() {
		f.fail("found-reason", "Say why. It is sealed with the finding.")
	}
	if about := f.get("about"); about != "" {
		system, category, _ := strings.Cut(about, " ")
		head, element, _ := strings.Cut(category, "/")
		o.Scope = desk.CaseScope{System: events.Code(system), Category: events.Category{Code: events.Code(head), Element: events.Code(element)}}
	}
	if len(*f.bad) > 0 {
		return "", nil
	}
	return remarks(c.cfg.Cases.AssessCase(ctx, o))
}

// categories offers to narrow a request to one kind of data.
func (c *Console) categories(chosen string) []kind {
	cat := c.cfg.Catalogue()
	out := []kind{{"", "Everything", chosen == ""}}
	for i := range cat.Categories {
		x := &cat.Categories[i]
		out = append(out, kind{string(x.ID), x.Name, chosen == string(x.ID)})
	}
	return out
}

// channels are the ways of contact that an objection or a withdrawal may be about.
func channels() []string { return []string{"email", "sms", "phone", "post"} }
