package rules

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
)

// eea are the countries of the European Economic Area; the first 27 are those of
// the European Union.
var eea = []code{"at", "be", "bg", "hr", "cy", "cz", "dk", "ee", "fi", "fr", "de", "gr", "hu", "ie", "it", "lv", "lt", "lu", "mt", "nl",
	"pl", "pt", "ro", "sk", "si", "es", "se", "is", "li", "no"}

// outside reports whether a recipient is surely outside an area. A notice of an
// organisation in the United Kingdom that speaks of the EU or EEA means the
// United Kingdom as inside.
func outside(area code, r *recipient, home code) bool {
	switch r.Region {
	case catalogue.OutsideEEA, catalogue.OutsideEU, catalogue.Worldwide:
		return r.Country == "" || r.Country != home
	case catalogue.OutsideUK:
		if area == "uk" {
			return true
		}
	}
	if r.Country == "" || r.Country == home {
		return false
	}
	switch area {
	case "eea":
		return !slices.Contains(eea, r.Country)
	case "eu":
		return !slices.Contains(eea[:27], r.Country)
	case "uk":
		return r.Country != "gb"
	}
	return r.Country != area
}

func transferContradiction(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutTransfer, "none_outside") {
		for i := range v.Recipients {
			r := &v.Recipients[i]
			// What is made public is everywhere by nature: another question.
			if r.Kind != catalogue.KindPublic && outside(s.Area, r, v.Organisation.Jurisdiction) {
				add(Error, place{Recipient: r.ID}.with(s.Lines, r.Lines), "%s is outside the %s, which nothing is said to leave", r.Name, area(s.Area))
			}
		}
		for _, t := range v.StatementsAbout(catalogue.AboutTransfer, "happens", "may") {
			if len(t.Recipients) == 0 {
				add(Error, said(t).with(s.Lines), "nothing is said to leave the %s in one place, and data to go abroad in another", area(s.Area))
			}
		}
	}
}

// abroad reports whether a recipient is, or may be, where a transfer needs a
// safeguard.
func (v *view) abroad(r *recipient) bool {
	return r.Region == catalogue.OutsideUK && r.Country == "" || outside("eea", r, v.Organisation.Jurisdiction)
}

func area(a code) string {
	return map[code]string{"eu": "European Union", "eea": "European Economic Area", "uk": "United Kingdom"}[a]
}

// transferSafeguard: Articles 44 to 49. The adequacy of a country is itself a
// ground, so members of the EEA need none (DPA 2018, Schedule 21).
func transferSafeguard(v *view, add adder) {
	stated := v.StatementsAbout(catalogue.AboutTransfer, "may", "happens")
	for i := range v.Recipients {
		r := &v.Recipients[i]
		if r.Safeguard != "" || r.Kind == catalogue.KindPublic || !v.abroad(r) {
			continue
		}
		covered := slices.ContainsFunc(stated, func(s *catalogue.Statement) bool { return len(s.Safeguards) > 0 && bound(s, r) })
		if !covered {
			add(Error, place{Recipient: r.ID, Lines: r.Lines}, "%s: abroad, or perhaps abroad, and no safeguard is named", r.Name)
		}
	}
	for _, s := range stated {
		if len(s.Safeguards) > 0 {
			continue
		}
		if onlyPublic(v, s) {
			continue
		}
		named := slices.ContainsFunc(s.Recipients, func(id code) bool {
			r, ok := v.Recipient(id)
			return ok && v.abroad(r)
		})
		if !named {
			add(Error, said(s), "data may go abroad%s, and no safeguard is named", toWhom(s.Recipients))
		}
	}
}

func toWhom(recipients []code) string {
	if len(recipients) == 0 {
		return ""
	}
	return " to " + words(recipients)
}

// onlyPublic reports whether a statement is about what is published, which is
// read everywhere.
func onlyPublic(v *view, s *catalogue.Statement) bool {
	return len(s.Recipients) > 0 && !slices.ContainsFunc(s.Recipients, func(id code) bool {
		r, ok := v.Recipient(id)
		return ok && r.Kind != catalogue.KindPublic
	})
}

func transferSilent(v *view, add adder) {
	if len(v.StatementsAbout(catalogue.AboutTransfer)) > 0 {
		return
	}
	p, n := place{}, 0
	for _, r := range v.bodies() {
		if r.Country == "" && r.Region == "" && (r.Named || r.Group || r.Kind == catalogue.KindProcessor) {
			n++
			p = p.with(r.Lines)
		}
	}
	if n > 0 {
		add(Warn, p, "%s abroad, and the notice says nothing of transfers", counted(n, "recipient may be", "recipients may be"))
	}
}

func transferClauses(v *view, add adder) {
	list := v.StatementsAbout(catalogue.AboutTransfer, "may")
	for i, s := range list {
		for _, t := range list[:i] {
			differ := len(s.Safeguards) > 0 && len(t.Safeguards) > 0 && !overlap(s.Safeguards, t.Safeguards)
			if share(s.Recipients, t.Recipients) && (differ || s.Area != "" && t.Area != "" && s.Area != t.Area) {
				add(Warn, said(t).with(s.Lines), "two sentences on transfers disagree: %s outside the %s, %s outside the %s", words(t.Safeguards), area(t.Area), words(s.Safeguards), area(s.Area))
			}
		}
	}
}

func storageLocation(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutLocation, "own_only") {
		p, abroad := said(s), false
		for _, t := range v.StatementsAbout(catalogue.AboutTransfer, "may", "happens") {
			p, abroad = p.with(t.Lines), true
		}
		n := 0
		for i := range v.Recipients {
			if r := &v.Recipients[i]; r.Kind == catalogue.KindProcessor {
				n++
				p = p.with(r.Lines)
			}
		}
		if abroad || n > 0 {
			add(Error, p, "all data is said to be on the organisation's own servers, and %s some%s", counted(n, "processor holds", "processors hold"), map[bool]string{true: ", perhaps abroad"}[abroad])
		}
	}
}
