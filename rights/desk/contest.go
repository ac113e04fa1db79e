package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
)

// What a person may decide about a contested join.
const (
	decideMerge  = "merge"
	decideSplit  = "split"
	decideMark   = "mark"
	decideUnmark = "unmark"
)

// namesShown bounds how many people of one kind a sentence names.
const namesShown = 4

// others are the people on the other side of contested joins. Something of them
// is shown, so they are part of what is recorded of the look (I7).
func (l *look) others() []events.Handle {
	var out []events.Handle
	for i := range l.person.Contests {
		for _, m := range between(&l.person.Contests[i]) {
			out = append(out, m.Handle)
		}
	}
	return out
}

// between bounds the sides of a contest.
func between(c *identity.Contest) []identity.Member {
	return c.Between[:min(len(c.Between), identity.MaxCandidates)]
}

// contests says what conflicts, between whom, and what may be decided.
func (l *look) contests(ctx context.Context) ([]events.Contest, error) {
	if len(l.person.Contests) == 0 {
		return nil, nil
	}
	var shown []events.Handle
	if l.q.Caller.May(access.IdentityDecide) {
		shown = l.others() // everybody else tells them apart by kind and system only
	}
	for _, c := range l.person.Contests {
		shown = append(shown, c.On.Handle)
	}
	names, err := l.desk.d.Revealer.Reveal(ctx, shown)
	if err != nil {
		return nil, fmt.Errorf("reveal the sides of a contested join: %w", err)
	}
	a := &answer{cat: l.cat, names: names}
	var out []events.Contest
	for i := range l.person.Contests {
		c := &l.person.Contests[i]
		v := events.Contest{On: a.identifier(c.On), Code: string(c.Why), Decide: decisions(c),
			Decided: c.Why == identity.WhyMarked || c.Why == identity.WhySplit}
		for _, m := range between(c) {
			g, err := l.glimpse(ctx, m)
			if err != nil {
				return nil, err
			}
			v.Between = append(v.Between, events.ContestSide{Ref: m.Handle.String(), Value: a.identifier(m).Value, Glimpse: g})
		}
		v.Why = l.contestWords(c, v.Between)
		out = append(out, v)
	}
	return out, nil
}

// decisions names what settles a contest.
func decisions(c *identity.Contest) []string {
	var out []string
	switch c.Why {
	case identity.WhyMarked:
		return []string{decideUnmark}
	case identity.WhyCut:
		return []string{decideMerge}
	case identity.WhyLimit:
		return []string{decideSplit}
	}
	if events.StrengthOf(c.On.Kind) == events.Shareable {
		out = append(out, decideMark)
	}
	if len(c.Between) > 1 {
		out = append(out, decideMerge, decideSplit)
	}
	return out
}

// contestWords says what conflicts: who, known to which system as what.
func (l *look) contestWords(c *identity.Contest, sides []events.ContestSide) string {
	several, single := l.gather(sides)
	all, kind := list(append(slices.Clone(several), single...)), kindWord(c.On.Kind)
	switch {
	case c.Why == identity.WhyConflict && len(several) > 0:
		s := list(several) + " share this " + kind
		if len(single) > 0 {
			s += ", and " + list(single) + verb(len(single), " uses it too", " use it too")
		}
		return s + "; one person would have only one number in each system"
	case c.Why == identity.WhyConflict && all != "":
		return "this " + kind + " would make " + all + " one person, and each of them has an identifier of their own that nobody has two of"
	case c.Why == identity.WhyChain && all != "":
		return "together with other joins this " + kind + " would make " + all + " one person"
	case c.Why == identity.WhySplit && all != "":
		if len(sides) > 2 {
			all = "some of " + all
		}
		return "somebody here said that " + all + " are different people, so nothing is joined by this " + kind
	}
	return plainContests[c.Why]
}

// plainContests says why a join is suspended where no sides are known.
var plainContests = map[identity.Why]string{
	identity.WhyConflict: "joining by it would give one person two identifiers of which nobody has two",
	identity.WhyChain:    "together with other joins it would take two people for one",
	identity.WhyMarked:   "somebody here marked it as shared by several people, so nothing is joined by it",
	identity.WhyCrowded:  fmt.Sprintf("more than %d identifiers of one kind are used with it, too many to be one person's, so nothing is joined by it", identity.MaxNeighbours),
	identity.WhyCut:      "somebody here said that these records are of different people, and other evidence says they are not",
	identity.WhySplit:    "somebody here said that the records it would join are of different people, so nothing is joined by it",
	identity.WhyLimit:    "more records hang together than were looked at",
}

// gather says the sides by what they are to which system: those of which there
// are several, and those of which there is one.
func (l *look) gather(sides []events.ContestSide) (several, single []string) {
	type group struct{ kind, system string }
	var order []group
	names := map[group][]string{}
	for _, s := range sides {
		g := group{s.Kind, s.System}
		if _, ok := names[g]; !ok {
			order = append(order, g)
		}
		names[g] = append(names[g], s.Value)
	}
	for _, g := range order {
		what := kindWord(events.Code(g.kind))
		in := " of " + l.cat.Name(catalogue.FieldSystem, events.Code(g.system))
		if n := len(names[g]); n > 1 {
			several = append(several, number(n)+" "+plural(what)+in+bracket(names[g]))
		} else {
			single = append(single, article(what)+" "+what+in+bracket(names[g]))
		}
	}
	return several, single
}

// bracket names people for readers who may see who they are.
func bracket(names []string) string {
	names = slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	if len(names) == 0 {
		return ""
	}
	if n := len(names) - namesShown; n > 0 {
		names = append(names[:namesShown:namesShown], fmt.Sprintf("%d more", n))
	}
	return " (" + list(names) + ")"
}

// list joins words as people do: "a, b and c".
func list(words []string) string {
	n := len(words) - 1
	if n < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n], ", ") + " and " + words[n]
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func number(n int) string {
	if small := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}; n < len(small) {
		return small[n]
	}
	return fmt.Sprint(n)
}

func article(noun string) string {
	if strings.ContainsAny(noun[:min(1, len(noun))], "aeiou") {
		return "an"
	}
	return "a"
}

func plural(noun string) string {
	switch {
	case strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ey"):
		return strings.TrimSuffix(noun, "y") + "ies"
	case strings.HasSuffix(noun, "s"):
		return noun + "es"
	}
	return noun + "s"
}

// glimpse says what tells a person apart from others: nothing of what is held.
func (l *look) glimpse(ctx context.Context, m identity.Member) (events.Glimpse, error) {
	if g, ok := l.glimpses[m.Handle]; ok {
		return g, nil
	}
	g := events.Glimpse{Kind: string(m.Kind), System: string(m.System)}
	p, err := l.of(ctx, m.Handle)
	if err != nil {
		return g, err
	}
	handles := make([]events.Handle, len(p.Members))
	for i := range p.Members {
		handles[i] = p.Members[i].Handle
	}
	rows, err := inventory.Rows(l.view, handles...)
	if err != nil {
		return g, fmt.Errorf("read the rows of a candidate: %w", err)
	}
	q := inventory.Query{AsOf: l.q.AsOf, Known: l.known}
	f := inventory.Fold(rows, q)
	for _, s := range f.Systems {
		if s != inventory.Operator {
			g.Systems = append(g.Systems, string(s))
		}
	}
	for _, t := range f.SubjectTypes {
		g.SubjectTypes = append(g.SubjectTypes, string(t))
	}
	for _, h := range f.Holdings {
		if h.State != inventory.Removed {
			g.Records++
		}
	}
	for i := range rows {
		for _, o := range stands(&rows[i], q) {
			if g.FirstSeen == nil || o.Time < *g.FirstSeen {
				g.FirstSeen = &o.Time
			}
			g.LastSeen = max(g.LastSeen, inventory.Month(o.Time))
		}
	}
	if l.glimpses == nil {
		l.glimpses = map[events.Handle]events.Glimpse{}
	}
	l.glimpses[m.Handle] = g
	return g, nil
}

// candidates lists whom else the question may mean, without their data.
func (l *look) candidates(ctx context.Context) ([]events.Candidate, error) {
	out := []events.Candidate{}
	for _, c := range l.person.Candidates {
		g, err := l.glimpse(ctx, c.Primary)
		if err != nil {
			return nil, err
		}
		v := events.Candidate{Ref: c.Primary.Handle.String(), MatchedOn: string(c.MatchedOn), Confidence: string(c.Confidence), Glimpse: g}
		what := kindWord(c.Primary.Kind)
		v.Why = article(what) + " " + what + " of " + l.cat.Name(catalogue.FieldSystem, c.Primary.System)
		if len(l.person.Contests) == 0 && c.Why != "" {
			v.Why += "; " + plainContests[c.Why] // else what conflicts is said once, above
		}
		out = append(out, v)
	}
	return out, nil
}

// ambiguous is the answer when the question may mean several people.
func (l *look) ambiguous(ctx context.Context, unknown []events.Unknown) error {
	list, err := l.candidates(ctx)
	if err != nil {
		return err
	}
	contested, err := l.contests(ctx)
	if err != nil {
		return err
	}
	if contested == nil {
		contested = []events.Contest{}
	}
	return &Ambiguous{AsOf: l.asOf(), Candidates: list, Contested: contested, Unknown: unknown, Words: l.aside(list, contested, unknown)}
}
