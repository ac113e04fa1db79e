package rules

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
)

type recipient = catalogue.Recipient

// bodies lists the recipients that are somebody: "nobody" and the public apart.
func (v *view) bodies() []*recipient {
	var list []*recipient
	for i := range v.Recipients {
		if r := &v.Recipients[i]; r.Kind != catalogue.KindNone && r.Kind != catalogue.KindPublic {
			list = append(list, r)
		}
	}
	return list
}

// carries reports whether a recipient keeps or carries the organisation's data:
// hosting or mail, by what it is said to be for.
func (v *view) carries(r *recipient) bool {
	text := strings.ToLower(r.WhatFor)
	for _, s := range v.StatementsAbout(catalogue.AboutTrade) {
		if slices.Contains(s.Recipients, r.ID) {
			text += " " + words(s.Terms)
		}
	}
	return strings.Contains(text, "host") || strings.Contains(text, "mail")
}

// recipientCountry weighs more where the notice promises that nothing leaves,
// and most for processors that keep or carry the data.
func recipientCountry(v *view, add adder) {
	promised := v.StatementsAbout(catalogue.AboutTransfer, "none_outside")
	for _, r := range v.bodies() {
		if r.Country != "" || r.Region != "" || r.Kind == catalogue.KindIndividual {
			continue
		}
		p := place{Recipient: r.ID, Lines: r.Lines}
		switch {
		case len(promised) > 0:
			add(Gap, p.with(promised[0].Lines), "%s: the country is not said, so the promise that nothing leaves cannot be checked", r.Name)
		case r.Kind == catalogue.KindProcessor && v.carries(r):
			add(Error, p, "%s: the country is not said, and it keeps or carries the data", r.Name)
		default:
			add(Warn, p, "%s: the country is not said", r.Name)
		}
	}
}

func recipientUnnamed(v *view, add adder) {
	for _, r := range v.bodies() {
		if r.Named || len(r.Instances) > 0 || r.Kind == catalogue.KindIndividual {
			continue
		}
		verdict := Warn
		if r.Kind == catalogue.KindProcessor {
			verdict = Gap
		}
		add(verdict, place{Recipient: r.ID, Lines: r.Lines}, "%s: a class only; no member of it is named", r.Name)
	}
}

func recipientCategory(v *view, add adder) {
	for i := range v.Recipients {
		r := &v.Recipients[i]
		// What a reader inferred the notice did not state.
		if r.Kind != catalogue.KindNone && (r.CategoriesStatus == catalogue.NotStated && !r.AnyCategory || r.CategoriesStatus == catalogue.Inferred) {
			add(Gap, place{Recipient: r.ID, Lines: r.Lines}, "%s: which data goes there is not said", r.Name)
		}
	}
}

// notInSharingList weighs less for a list of suppliers, which promises less than
// a list of everybody data is shared with.
func notInSharingList(v *view, add adder) {
	lists := v.StatementsAbout(catalogue.AboutSharing, "list", "supplier_list")
	verdict := Gap
	if len(lists) > 0 && !slices.ContainsFunc(lists, func(s *catalogue.Statement) bool { return s.Claim == "list" }) {
		verdict = Warn
	}
	for i := range v.Recipients {
		r := &v.Recipients[i]
		if r.Kind == catalogue.KindNone {
			continue
		}
		in := slices.ContainsFunc(lists, func(s *catalogue.Statement) bool { return slices.Contains(s.Recipients, r.ID) })
		mentioned := slices.IndexFunc(v.Statements, func(s catalogue.Statement) bool {
			return s.About == catalogue.AboutSharing && s.Claim == "mentioned" && slices.Contains(s.Recipients, r.ID)
		})
		switch {
		case in:
		case no(r.Declared):
			add(verdict, place{Recipient: r.ID, Lines: r.Lines}, "%s: receives data and is on no list of recipients", r.Name)
		case mentioned >= 0 && len(lists) > 0:
			add(verdict, place{Recipient: r.ID}.with(v.Statements[mentioned].Lines), "%s: receives data and is on no list of recipients", r.Name)
		}
	}
}

// impliedBySource: to ask somebody about a person is to tell them of the person.
func impliedBySource(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutSource, "asked") {
		for _, id := range s.Sources {
			if src, ok := v.Source(id); ok && !v.receives(src) {
				add(Gap, place{Source: id}.with(s.Lines, src.Lines), "%s: asking discloses that somebody is asked about, and no list of recipients has it", src.Name)
			}
		}
	}
}

func (v *view) receives(s *catalogue.Source) bool {
	return slices.ContainsFunc(v.Recipients, func(r recipient) bool { return !no(r.Declared) && (r.ID == s.ID || strings.EqualFold(r.Name, s.Name)) })
}

// recipientAsymmetry: what one group is told about a recipient, the others with
// the same data are not told.
func recipientAsymmetry(v *view, add adder) {
	lists := v.StatementsAbout(catalogue.AboutSharing, "list")
	for _, r := range v.bodies() {
		var told []*catalogue.Statement
		for _, s := range lists {
			if len(s.SubjectTypes) == 0 && slices.Contains(s.Recipients, r.ID) {
				told = nil
				break
			}
			if slices.Contains(s.Recipients, r.ID) {
				told = append(told, s)
			}
		}
		if len(told) != 1 || r.AnySubject {
			continue
		}
		var untold []code
		p := place{Recipient: r.ID}.with(told[0].Lines)
		for _, s := range lists {
			if s != told[0] && len(s.SubjectTypes) > 0 && !v.meet(s.SubjectTypes, told[0].SubjectTypes) && v.sameKindOfData(r, told[0].SubjectTypes, s.SubjectTypes) {
				untold = append(untold, s.SubjectTypes...)
				p = p.with(s.Lines)
			}
		}
		if len(untold) > 0 {
			add(Warn, p, "%s is listed for %s and not for %s, whose data is of the same kind", r.Name, words(told[0].SubjectTypes), words(untold))
		}
	}
}

// sameKindOfData reports whether these people have data like that of the people
// who are told of the recipient. A processor that keeps or carries data does so
// for everybody. Another recipient gets a category made for those who are told,
// all of whose items stand in a category of these people too.
func (v *view) sameKindOfData(r *recipient, told, types []code) bool {
	if r.Kind == catalogue.KindProcessor {
		return v.carries(r)
	}
	for _, id := range r.Categories {
		mine := v.cat(id)
		if len(mine.SubjectTypes) == 0 || slices.ContainsFunc(mine.SubjectTypes, func(t code) bool { return !v.covers(told, t) }) {
			continue
		}
		for i := range v.Categories {
			c := &v.Categories[i]
			all := len(mine.Items) > 0 && !slices.ContainsFunc(mine.Items, func(e catalogue.Element) bool { return !belongs(c, e.ID) })
			if c.ID != id && all && len(c.SubjectTypes) > 0 && v.meet(c.SubjectTypes, types) {
				return true
			}
		}
	}
	return false
}

// noSharing lists what tells people that nobody receives their data.
func (v *view) noSharing() (list []place) {
	for _, s := range v.StatementsAbout(catalogue.AboutSharing, "none") {
		for _, t := range s.SubjectTypes {
			list = append(list, place{SubjectType: t, Lines: s.Lines})
		}
		if len(s.SubjectTypes) == 0 {
			list = append(list, place{Lines: s.Lines})
		}
	}
	for i := range v.Recipients {
		if r := &v.Recipients[i]; r.Kind == catalogue.KindNone {
			for _, t := range r.SubjectTypes {
				list = append(list, place{SubjectType: t, Lines: r.Lines})
			}
		}
	}
	return list
}

func noSharingOverridden(v *view, add adder) {
	for _, p := range v.noSharing() {
		var names []string
		for i := range v.Recipients {
			r := &v.Recipients[i]
			everybody := r.AnySubject || slices.ContainsFunc(v.StatementsAbout(catalogue.AboutSharing, "list", "mentioned"), func(s *catalogue.Statement) bool {
				return len(s.SubjectTypes) == 0 && slices.Contains(s.Recipients, r.ID)
			})
			named := p.SubjectType != "" && len(r.SubjectTypes) > 0 && v.covers(r.SubjectTypes, p.SubjectType)
			if r.Kind != catalogue.KindNone && (everybody || named) {
				names = append(names, r.Name)
				p = p.with(r.Lines)
			}
		}
		if len(names) > 0 {
			add(Conflict, p, "%s are told that nobody receives their data, and elsewhere that %s may", orAll(p.SubjectType), strings.Join(names, ", "))
		}
	}
}

func orAll(kind code) string {
	if kind == "" {
		return "people"
	}
	return "people of the kind " + words([]code{kind})
}

func noSharingVsMarketing(v *view, add adder) {
	for _, p := range v.noSharing() {
		for _, s := range v.StatementsAbout(catalogue.AboutPurpose) {
			if p.SubjectType == "" || !v.covers(s.SubjectTypes, p.SubjectType) {
				continue
			}
			for _, a := range v.rowsOf(s) {
				if len(s.Activities) > 0 && a.DirectMarketing {
					add(Warn, place{SubjectType: p.SubjectType, Activity: a.ID}.with(p.Lines, s.Lines), "%s are told that nobody receives their data, and may enter %s, whose material is published or sent", orAll(p.SubjectType), a.Printed())
				}
			}
		}
	}
}

func onwardUnknown(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutSharing, "onward") {
		if slices.ContainsFunc(s.Recipients, func(id code) bool { r, ok := v.Recipient(id); return ok && len(r.Onward) > 0 }) {
			continue // said below, with the name
		}
		add(Gap, said(s), "%s may pass data on, and to whom is not said", words(s.Recipients))
	}
	for i := range v.Recipients {
		r := &v.Recipients[i]
		for _, id := range r.Onward {
			if next, ok := v.Recipient(id); ok && (!next.Named || next.Country == "" && next.Region == "") {
				add(Gap, place{Recipient: r.ID}.with(r.Lines, next.Lines), "%s may pass data on, and who or where the next is, is not said: %s", r.Name, next.Name)
			}
		}
	}
}

// denialVsSharing: commercial sharing denied is contradicted by a commercial
// recipient; a denial of sale needs a person's reading of what sharing is.
func denialVsSharing(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutSharing, "not_commercial", "no_sale") {
		verdict, denied := Error, "sharing for commercial ends"
		if s.Claim == "no_sale" {
			verdict, denied = Review, "sale and exchange"
		}
		for i := range v.Recipients {
			if r := &v.Recipients[i]; r.Commercial && bound(s, r) {
				add(verdict, place{Recipient: r.ID}.with(s.Lines, r.Lines), "%s receives data for gain, and the notice denies %s", r.Name, denied)
			}
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutMarketing, "never_third_party") {
		for _, a := range v.rows {
			if a.ThirdPartyAds {
				add(Error, at(a).with(s.Lines), "%s is marketing by third parties, which the notice denies", a.Printed())
			}
		}
	}
}

func internalVsDisclose(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutSharing, "internal_only") {
		if n := len(v.bodies()); n > 0 {
			add(Warn, said(s).with(v.bodies()[0].Lines), "data is for internal purposes only, and %s it", counted(n, "recipient receives", "recipients receive"))
		}
	}
}

func vendorPurpose(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutTrade) {
		for _, id := range s.Recipients {
			r, ok := v.Recipient(id)
			if !ok || r.WhatFor == "" {
				continue
			}
			text := strings.ToLower(r.WhatFor)
			if !slices.ContainsFunc(s.Terms, func(t code) bool { return strings.Contains(text, words([]code{t})) }) {
				add(Review, place{Recipient: id}.with(s.Lines, r.Lines), "%s is in %s, and is listed for %s", r.Name, words(s.Terms), r.WhatFor)
			}
		}
	}
}

func dealDirection(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutSharing, "on_purchase") {
		add(Review, said(s), "data is disclosed when the organisation buys a business; a disclosure belongs to a sale")
	}
}

func recipientRetention(v *view, add adder) {
	if len(v.StatementsAbout(catalogue.AboutReturn)) > 0 {
		return
	}
	p, n := place{}, 0
	for i := range v.Recipients {
		r := &v.Recipients[i]
		if r.Kind != catalogue.KindProcessor {
			continue
		}
		if r.AfterTask != "" {
			return
		}
		n++
		p = p.with(r.Lines)
	}
	if n > 0 {
		add(Warn, p, "what becomes of the data at the end of the work of %s is not said", counted(n, "processor", "processors"))
	}
}

// identifiers are items that single somebody out.
var identifiers = []code{"ip_address", "unique_device_id", "device_id", "application_id", "cookie_id", "cookie", "advertising_id", "email", "phone"}

// anonymousClaim is a contradiction where the data called anonymous has items
// that single people out; else a person has to look.
func anonymousClaim(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutAnonymous) {
		p := said(s)
		verdict, text := Review, "data is called anonymous, and nothing shows that nobody can be singled out"
		for _, id := range s.Categories {
			c := v.cat(id)
			if s.Claim == "" && !no(c.Personal) && slices.ContainsFunc(c.Items, func(e catalogue.Element) bool { return slices.Contains(identifiers, e.ID) }) {
				p.Category = id
				verdict, text = Conflict, "data is called anonymous, and "+c.Name+" has items that single people out"
			}
			for _, a := range v.rows {
				if verdict == Review && a.HasCategory(id) && slices.Contains(a.LawfulBasis, consent) {
					text = "data is called anonymous, and consent is asked for it in " + a.Printed()
				}
			}
		}
		add(verdict, p, "%s", text)
	}
	for i := range v.Categories {
		if c := &v.Categories[i]; c.Disputed && !slices.ContainsFunc(v.StatementsAbout(catalogue.AboutAnonymous), func(s *catalogue.Statement) bool { return slices.Contains(s.Categories, c.ID) }) {
			add(Review, place{Category: c.ID, Lines: c.Lines}, "%s is called anonymous in one place and treated as personal in another", c.Name)
		}
	}
}
