package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

type (
	code     = events.Code
	activity = catalogue.Activity
	category = catalogue.Category
)

// view is a catalogue as the rules read it, with what several of them need.
type view struct {
	*catalogue.Catalogue
	rows    []*activity
	byTable bool // the notice prints a table, and some activities are its rows
}

func newView(c *catalogue.Catalogue) *view {
	v := &view{Catalogue: c}
	for i := range c.Activities {
		v.rows = append(v.rows, &c.Activities[i])
		v.byTable = v.byTable || c.Activities[i].Row > 0
	}
	return v
}

// at is the place of an activity.
func at(a *activity) place { return place{Activity: a.ID, Lines: a.Lines} }

func (p place) with(lines ...catalogue.Lines) place {
	for _, l := range lines {
		for _, r := range l {
			if !slices.Contains(p.Lines, r) {
				p.Lines = append(slices.Clone(p.Lines), r)
			}
		}
	}
	return p
}

func (p place) category(id code) place    { p.Category = id; return p }
func (p place) subjectType(id code) place { p.SubjectType = id; return p }

func said(s *catalogue.Statement) place {
	p := place{Lines: s.Lines}
	one := func(list []code) code {
		if len(list) == 1 {
			return list[0]
		}
		return ""
	}
	p.Activity, p.Category = one(s.Activities), one(s.Categories)
	p.Recipient, p.SubjectType, p.Source = one(s.Recipients), one(s.SubjectTypes), one(s.Sources)
	return p
}

// cat finds a category that a checked catalogue has.
func (v *view) cat(id code) *category {
	c, _ := v.Category(id)
	return c
}

func sensitive(c *category) bool { return c.Special || c.Criminal }

// surelySpecial leaves out what is special by inference or without a known kind.
func surelySpecial(c *category) bool {
	return c.Special && !strings.HasSuffix(string(c.Kind), "_inferred") && c.Kind != "unclear" &&
		c.SpecialStatus != catalogue.Inferred
}

// hasSensitive reports whether a row holds special or criminal data.
func (v *view) hasSensitive(a *activity) bool {
	return slices.ContainsFunc(a.Categories, func(id code) bool { return sensitive(v.cat(id)) })
}

// reveals reports whether a plain category may bring special or criminal data.
func (v *view) reveals(c *category) bool {
	return len(c.MayReveal) > 0 || slices.ContainsFunc(c.Items, func(e catalogue.Element) bool { return e.Reveals != "" })
}

// related reports whether two kinds of person are the same or one descends from
// the other.
func (v *view) related(a, b code) bool { return v.IsA(a, b) || v.IsA(b, a) }

// meet reports whether two lists of subject types speak of the same people;
// an empty list means everybody.
func (v *view) meet(a, b []code) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	return slices.ContainsFunc(a, func(x code) bool {
		return slices.ContainsFunc(b, func(y code) bool { return v.related(x, y) })
	})
}

// share reports whether two lists of codes have one in common; empty means all.
func share(a, b []code) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	return overlap(a, b)
}

// overlap reports whether two lists have a code in common; empty means none.
func overlap(a, b []code) bool {
	return slices.ContainsFunc(a, func(x code) bool { return slices.Contains(b, x) })
}

// within reports whether every code of a is in b.
func within(a, b []code) bool {
	return !slices.ContainsFunc(a, func(x code) bool { return !slices.Contains(b, x) })
}

// covers reports whether a list of kinds of person includes this kind; empty
// means everybody.
func (v *view) covers(list []code, kind code) bool {
	return len(list) == 0 || slices.ContainsFunc(list, func(p code) bool { return v.IsA(kind, p) })
}

// rowsOf lists the rows a statement is about: those it names, or those about
// the same people and data.
func (v *view) rowsOf(s *catalogue.Statement) []*activity {
	var list []*activity
	for _, a := range v.rows {
		if len(s.Activities) > 0 {
			if slices.Contains(s.Activities, a.ID) {
				list = append(list, a)
			}
		} else if v.meet(s.SubjectTypes, a.SubjectTypes) && share(s.Categories, a.Categories) {
			list = append(list, a)
		}
	}
	return list
}

// inRows reports whether a category stands in a row: of the notice's table if
// it has one, or else in any activity. Second: in any activity at all.
func (v *view) inRows(id code) (row, any bool) {
	for _, a := range v.rows {
		if a.HasCategory(id) {
			any = true
			row = row || !v.byTable || a.Row > 0
		}
	}
	return row, any
}

// only reports whether a row rests on this basis and no other.
func only(a *activity, basis code) bool {
	return len(a.LawfulBasis) == 1 && a.LawfulBasis[0] == basis
}

// rests reports whether the basis stands for this very row: not in a pool.
func rests(a *activity, basis code) bool {
	return a.BasisStatus != catalogue.BasisPooled && slices.Contains(a.LawfulBasis, basis)
}

const (
	consent     code = "6.1.a"
	contract    code = "6.1.b"
	legalDuty   code = "6.1.c"
	vital       code = "6.1.d"
	publicTask  code = "6.1.e"
	interest    code = "6.1.f"
	criminalArt code = "10"
)

// words writes codes for a sentence.
func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = strings.ReplaceAll(string(w), "_", " ")
	}
	return strings.Join(out, ", ")
}

// plainBases says lawful bases in words.
func plainBases(list []code) string {
	if len(list) == 0 {
		return "none"
	}
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = catalogue.PlainBasis(b)
	}
	return strings.Join(out, " or ")
}

func articles(list []catalogue.Condition) []code {
	var out []code
	for _, c := range list {
		out = append(out, c.Article)
	}
	return out
}

func schedules(list []catalogue.Condition) []code {
	var out []code
	for _, c := range list {
		out = append(out, c.Schedule...)
	}
	return out
}

func no(b *bool) bool  { return b != nil && !*b }
func yes(b *bool) bool { return b != nil && *b }

// counted writes a number with the words for one or for more.
func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n) + " " + more
}
