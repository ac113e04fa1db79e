package rules

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
)

func subjectDuplicate(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutDefinition) {
		if len(s.SubjectTypes) > 1 {
			add(Error, said(s), "%s have one and the same definition, so a person cannot be told to be one of them", words(s.SubjectTypes))
		}
	}
	for i := range v.SubjectTypes {
		for j := range v.SubjectTypes[:i] {
			s, t := &v.SubjectTypes[i], &v.SubjectTypes[j]
			if s.Means != "" && strings.EqualFold(s.Means, t.Means) && !v.related(s.ID, t.ID) {
				add(Error, place{SubjectType: s.ID}.with(t.Lines, s.Lines), "%s and %s have one and the same definition", t.Name, s.Name)
			}
		}
	}
}

func rowSubjectSuspect(v *view, add adder) {
	for _, a := range v.rows {
		if a.Label != "" {
			add(Error, at(a), "%s: the row is labelled for other people than it speaks of: %s", a.Printed(), a.Label)
		}
	}
}

func categoryUndefined(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutTerm, "undefined") {
		for _, id := range s.Categories {
			add(Warn, said(s).category(id), "%q is used for data and is not defined", strings.Join(s.Names, ", "))
		}
	}
}

func termUndefined(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutTerm, "undefined") {
		if len(s.Categories) == 0 {
			add(Warn, said(s), "%q is used and not defined", strings.Join(s.Names, ", "))
		}
	}
}

func subjectUndeclared(v *view, add adder) {
	for i := range v.SubjectTypes {
		if s := &v.SubjectTypes[i]; no(s.Declared) {
			add(Warn, place{SubjectType: s.ID, Lines: s.Lines}, "the notice holds data of people it does not list: %s", s.Name)
		}
	}
}

// noRow is an error for data in no activity at all, and for special or criminal
// data outside the notice's own table.
func noRow(v *view, add adder) {
	for i := range v.Categories {
		c := &v.Categories[i]
		row, any := v.inRows(c.ID)
		p := place{Category: c.ID, Lines: c.Lines}
		switch {
		case no(c.Personal), c.NotKnowingly, row:
		case !any:
			add(Error, p, "%s: collected or used, and in no row, so without purpose, basis or period", c.Name)
		case sensitive(c):
			add(Error, p, "%s: special or criminal, and in no row of the notice's table", c.Name)
		default:
			add(Warn, p, "%s: in no row of the notice's table, only in its prose", c.Name)
		}
	}
}

// collectedFrom gathers the lists of what is collected from this kind of person
// and its ancestors. Without a list nothing can be told.
func (v *view) collectedFrom(kind code) (list []*catalogue.Statement) {
	for _, s := range v.StatementsAbout(catalogue.AboutCollected) {
		if v.covers(s.SubjectTypes, kind) {
			list = append(list, s)
		}
	}
	return list
}

// listed reports whether a category, and an item of it, is in one of the lists.
func listed(list []*catalogue.Statement, cat, item code) bool {
	return slices.ContainsFunc(list, func(s *catalogue.Statement) bool {
		return slices.Contains(s.Categories, cat) && (item == "" || len(s.Items) == 0 || slices.Contains(s.Items, item))
	})
}

func rowNotCollected(v *view, add adder) {
	printed := v.StatementsAbout(catalogue.AboutUsed)
	for _, a := range v.rows {
		for _, t := range a.SubjectTypes {
			list := v.collectedFrom(t)
			if len(list) == 0 {
				continue
			}
			for _, id := range a.Categories {
				if !listed(list, id, "") && !no(v.cat(id).Personal) {
					add(Warn, at(a).category(id).subjectType(t), "%s holds %s of people of the kind %s, and the list of what is collected from them has it not", a.Printed(), v.cat(id).Name, words([]code{t}))
					continue
				}
				for _, s := range printed {
					if slices.Contains(s.Activities, a.ID) && slices.Contains(s.Categories, id) {
						v.itemsNotCollected(a, id, t, s, list, add)
					}
				}
			}
		}
	}
}

func (v *view) itemsNotCollected(a *activity, id, kind code, s *catalogue.Statement, list []*catalogue.Statement, add adder) {
	var missing []code
	for _, item := range s.Items {
		if belongs(v.cat(id), item) && !listed(list, id, item) {
			missing = append(missing, item)
		}
	}
	if len(missing) > 0 {
		add(Warn, at(a).category(id).subjectType(kind).with(s.Lines), "%s prints %s; the list of what is collected from people of the kind %s does not", a.Printed(), words(missing), words([]code{kind}))
	}
}

func belongs(c *category, item code) bool {
	return slices.ContainsFunc(c.Items, func(e catalogue.Element) bool { return e.ID == item })
}

// collectedPartial needs the items that rows print; where no row of a category
// prints any, the row is taken to mean all of them.
func collectedPartial(v *view, add adder) {
	printed := v.StatementsAbout(catalogue.AboutUsed)
	for _, s := range v.StatementsAbout(catalogue.AboutCollected, "") {
		for _, id := range s.Categories {
			items := s.Items
			if len(items) == 0 {
				for _, e := range v.cat(id).Items {
					items = append(items, e.ID)
				}
			}
			v.itemsWithoutRow(s, id, items, printed, add)
		}
	}
}

func (v *view) itemsWithoutRow(s *catalogue.Statement, id code, items []code, printed []*catalogue.Statement, add adder) {
	var inRow []code
	lines := catalogue.Lines{}
	for _, a := range v.rows {
		if !a.HasCategory(id) || !v.meet(s.SubjectTypes, a.SubjectTypes) {
			continue
		}
		i := slices.IndexFunc(printed, func(u *catalogue.Statement) bool {
			return slices.Contains(u.Activities, a.ID) && slices.Contains(u.Categories, id)
		})
		if i < 0 || len(printed[i].Items) == 0 {
			return
		}
		inRow = append(inRow, printed[i].Items...)
		lines = append(lines, printed[i].Lines...)
	}
	if len(inRow) == 0 {
		return
	}
	var missing []code
	for _, item := range items {
		if belongs(v.cat(id), item) && !slices.Contains(inRow, item) {
			missing = append(missing, item)
		}
	}
	if len(missing) > 0 {
		add(Warn, said(s).category(id).with(lines), "%s: collected and in no row: %s", v.cat(id).Name, words(missing))
	}
}

func usedNotCollected(v *view, add adder) {
	for i := range v.Categories {
		if c := &v.Categories[i]; no(c.Declared) {
			add(Warn, place{Category: c.ID, Lines: c.Lines}, "%s: used, and not on the list of what is collected", c.Name)
		}
	}
	for _, s := range v.StatementsAbout(catalogue.AboutUsed) {
		if len(s.Activities) > 0 {
			continue
		}
		types := s.SubjectTypes
		if len(types) == 0 {
			types = []code{""}
		}
		for _, t := range types {
			list := v.collectedFrom(t)
			for _, id := range s.Categories {
				items := slices.DeleteFunc(slices.Clone(s.Items), func(e code) bool { return listed(list, id, e) })
				if len(list) > 0 && !no(v.cat(id).Declared) && (!listed(list, id, "") || len(items) > 0) {
					add(Warn, said(s).category(id).subjectType(t), "%s: used, and not on the list of what is collected from people of the kind %s", v.cat(id).Name, orAnybody(t))
				}
			}
		}
	}
}

func orAnybody(kind code) string {
	if kind == "" {
		return "any"
	}
	return words([]code{kind})
}

func categoryUnstated(v *view, add adder) {
	for _, a := range v.rows {
		// What a reader inferred the notice did not state.
		if a.CategoriesStatus == catalogue.NotStated || a.CategoriesStatus == catalogue.Inferred {
			add(Warn, at(a), "%s has a purpose and says nothing of the data it uses", a.Printed())
		}
	}
}

func refDangling(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutReference, "missing", "empty") {
		add(Warn, said(s), "the notice points to %s, which is %s", strings.Join(s.Names, ", "), map[code]string{"missing": "not there", "empty": "empty"}[s.Claim])
	}
}

func supplemented(v *view, add adder) {
	if list := v.StatementsAbout(catalogue.AboutReference, "read_with"); len(v.Notice.ReadWith) > 0 && len(list) == 0 {
		add(Info, place{}, "the notice is to be read with %s", words(v.Notice.ReadWith))
	}
	for _, s := range v.StatementsAbout(catalogue.AboutReference, "read_with") {
		add(Info, said(s), "the notice is to be read with %s", strings.Join(s.Names, ", "))
	}
}

// siteMismatch: two spellings that differ by one or two letters are one site.
func siteMismatch(v *view, add adder) {
	for _, s := range v.StatementsAbout(catalogue.AboutSites) {
		for i, a := range s.Names {
			for _, b := range s.Names[:i] {
				if d := distance(strings.ToLower(a), strings.ToLower(b)); d > 0 && d <= 2 {
					add(Warn, said(s), "%q and %q look like two spellings of one site", b, a)
				}
			}
		}
	}
}

// distance is the number of letters to change, add or leave out.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

func scopeMismatch(v *view, add adder) {
	for _, only := range v.StatementsAbout(catalogue.AboutScope, "only") {
		for _, s := range v.StatementsAbout(catalogue.AboutScope, "covers") {
			if len(only.Channels) > 0 && !within(s.Channels, only.Channels) {
				add(Warn, said(only).with(s.Lines), "the notice covers %s in one place and %s only in another", words(s.Channels), words(only.Channels))
			}
		}
	}
}

// textFault makes the rule for one fault of the text itself, which the reader of
// the notice has marked.
func textFault(claim code, verdict Verdict, sentence string) func(*view, adder) {
	return func(v *view, add adder) {
		for _, s := range v.StatementsAbout(catalogue.AboutText, claim) {
			text := sentence
			if s.Text != "" {
				text += ": " + s.Text
			}
			add(verdict, said(s), "%s", text)
		}
	}
}

func cellsBlank(v *view, add adder) {
	for _, a := range v.rows {
		if a.CellsBlank {
			add(Info, at(a).with(a.CondLines), "%s: the cells of the second condition are blank where others say none; they are read as none", a.Printed())
		}
	}
	textFault("blank_cells", Info, "cells are blank where others say none; they are read as none")(v, add)
}
