package desk

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

// itemView is an item as people read it.
func (p *casePlan) itemView(x *decide.Item) CaseItem {
	h := x.Holding
	v := CaseItem{Right: string(x.Right), Holding: h.ID, System: string(h.System), Dataset: string(h.Dataset), Activity: h.Activity.String(),
		Category: h.Category.String(), Item: p.person.answer.item(h.Item), Outcome: string(x.Outcome), Code: string(x.Code), Article: x.Article,
		Until: dateOrNull(x.Until), WaitsFor: wordOrNull(x.WaitsFor), Reason: x.Reason, ProposedBy: x.ProposedBy, NeedsPerson: x.NeedsPerson,
		Because: listed(x.Because), Proposal: x.Proposal, Also: texts(x.Also), Channels: texts(x.Channels), BlockedBy: listed(x.BlockedBy),
		Findings: listed(x.Findings), Assumed: []CaseAssumed{}, RestsOn: codeOrNull(x.RestsOn), Restricted: x.Restricted, Binding: x.Binding,
		Silent: x.Silent, DecideBy: dateOrNull(x.DecideBy), Detached: x.Detached, AlsoAbout: x.AlsoAbout, Rerun: listed(x.Rerun),
		Recipients: []CaseItemRecipient{}}
	if n := len(h.RecordDates); n > 0 {
		v.RecordDate = dateOrNull(h.RecordDates[n-1])
	}
	for _, d := range x.Assumed {
		v.Assumed = append(v.Assumed, CaseAssumed{d.Key, d.Value.String(), d.By})
	}
	if x.Keep != nil {
		v.Keep = &CaseKeep{[]string{}, dateOrNull(x.Keep.Until), wordOrNull(x.Keep.WaitsFor)}
		for _, c := range x.Keep.Elements {
			v.Keep.Elements = append(v.Keep.Elements, c.String())
		}
	}
	for _, r := range x.Recipients {
		v.Recipients = append(v.Recipients, CaseItemRecipient{p.recipient(&r), string(r.ActingAs), string(r.Action), wordOrNull(string(r.Verb)), r.Why, r.Impossible, r.Silent})
	}
	if w := p.ruling(x); w != nil {
		by := personName(w.By)
		v.DecidedBy, v.DecidedWhy, v.DecidedOn, v.Second = &by, string(w.Why), dateOrNull(w.On), personName(w.Second)
	}
	return v
}

// recipient names one: by its code, or a person by their reference.
func (p *casePlan) recipient(r *decide.Recipient) string {
	if r.Recipient != "" {
		return string(r.Recipient)
	}
	return r.Person.Handle.String()
}

// personName is how people know who acted.
func personName(p cases.Person) string {
	if p.Name != "" {
		return string(p.Name)
	}
	return string(p.Token)
}

func wordOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func listed(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

func texts[T ~string](l []T) []string {
	out := make([]string, len(l))
	for i, x := range l {
		out[i] = string(x)
	}
	return out
}

// counts are the items by outcome, in all and for each right.
func (p *casePlan) counts() (all map[string]int, byRight map[string]map[string]int) {
	all, byRight = map[string]int{}, map[string]map[string]int{}
	for i := range p.judged.Items {
		x := &p.judged.Items[i]
		r := string(x.Right)
		if byRight[r] == nil {
			byRight[r] = map[string]int{}
		}
		all[string(x.Outcome)]++
		byRight[r][string(x.Outcome)]++
	}
	return all, byRight
}

// recipients sums what each recipient is told.
func (p *casePlan) recipients() []CaseRecipientTotal {
	out := []CaseRecipientTotal{}
	at := map[CaseRecipientTotal]int{}
	for i := range p.judged.Items {
		for n := range p.judged.Items[i].Recipients {
			r := &p.judged.Items[i].Recipients[n]
			k := CaseRecipientTotal{Recipient: p.recipient(r), ActingAs: string(r.ActingAs), Action: string(r.Action), Verb: string(r.Verb)}
			j, ok := at[k]
			if !ok {
				j = len(out)
				at[k] = j
				out = append(out, k)
			}
			out[j].Items++
		}
	}
	slices.SortStableFunc(out, func(a, b CaseRecipientTotal) int {
		return slices.Compare([]string{a.Recipient, a.ActingAs, a.Action, a.Verb}, []string{b.Recipient, b.ActingAs, b.Action, b.Verb})
	})
	return out
}

// What each verb leaves. People take "erased" for more than it is.
var leaves = map[string][]string{
	"erase": {
		"backups, until they are overwritten; what they hold is not used, and the erasure is repeated if one is restored",
		"what recipients hold who decide for themselves: they are told, and answer for their own copies",
		"this case, as evidence of what was asked and done, for its own period",
	},
	"restrict":  {"everything: the data stays stored, and its use is limited"},
	"suppress":  {"the data that another purpose needs", "what is kept so that the person is not contacted again"},
	"rectify":   {"a note of what was corrected and when"},
	"notify":    {"the copy of whoever is told: they decide about it"},
	"cancel":    {"the record of what was paid or done before"},
	"take_down": {"copies that others made, and what was printed"},
	"export":    {"everything: a copy is given, and the data stays"},
}

// notDeleted says what each verb of the plan leaves.
func (p *casePlan) notDeleted() []CaseLeft {
	verbs := map[string]bool{}
	verbOf := map[decide.Outcome]string{decide.Erase: "erase", decide.Restrict: "restrict", decide.Stop: "suppress", decide.Rectify: "rectify", decide.Disclose: "export"}
	keeps := false
	for i := range p.judged.Items {
		x := &p.judged.Items[i]
		if v := verbOf[x.Outcome]; v != "" {
			verbs[v] = true
		}
		keeps = keeps || x.Keep != nil || len(x.Detached) > 0
		for _, r := range x.Recipients {
			if r.Action == decide.Notify {
				verbs["notify"] = true
			} else if r.Verb == decide.VerbCancel || r.Verb == decide.VerbTakeDown {
				verbs[string(r.Verb)] = true
			}
		}
	}
	out := []CaseLeft{}
	for _, v := range []string{"erase", "restrict", "suppress", "rectify", "notify", "cancel", "take_down", "export"} {
		if !verbs[v] {
			continue
		}
		left := slices.Clone(leaves[v])
		if v == "erase" && keeps {
			left = append(left, "what another purpose or record of the same system still needs: each item names it")
		}
		out = append(out, CaseLeft{v, left})
	}
	return out
}

// planWords says the codes of a plan in words.
func (p *casePlan) planWords(cat *catalogue.Catalogue, v *CasePlan) events.Glossary {
	w := newWords(cat)
	for i := range v.Items {
		x := &v.Items[i]
		w.system(x.System)
		w.activity(x.Activity)
		w.category(x.Category)
		for _, r := range x.Recipients {
			w.put("recipient", r.Recipient, cat.RecipientName(events.Code(r.Recipient)))
		}
	}
	w.unknown(v.Unknown)
	for _, m := range v.Members {
		w.system(m.System)
	}
	return w.m
}
