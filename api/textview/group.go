package textview

import (
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// itemsShown is how many things a line names before it counts the rest.
const itemsShown = 3

// A bundle is what one system holds for one purpose and treats alike, so that
// it is read once.
type bundle struct {
	system string
	like   string // what its holdings have in common, in words
	line   Line
	items  []string
	origin []string
	first  events.Instant
	spread bool // its holdings are not all of one day
	last   string
	used   string
	paper  bool
}

// groups gathers holdings by system, and within it by everything but the kind
// of data, the thing it is about, and when and whence it came.
func (n Names) groups(list []events.Holding) []Group {
	var bundles []*bundle
	for i := range list {
		h := &list[i]
		line := n.alike(h)
		like := strings.Join(append([]string{h.System, h.Activity, line.Purpose, line.Basis, line.State, line.Until, line.Joined, h.Medium}, line.Recipients...), "\x00")
		k := slices.IndexFunc(bundles, func(b *bundle) bool { return b.like == like })
		if k < 0 {
			k = len(bundles)
			bundles = append(bundles, &bundle{system: n.system(h.System), like: like, line: line, first: h.FirstSeen, paper: h.Medium == "paper"})
		}
		n.add(bundles[k], h)
	}
	var out []Group
	for _, b := range bundles {
		k := slices.IndexFunc(out, func(g Group) bool { return g.System == b.system })
		if k < 0 {
			k = len(out)
			out = append(out, Group{System: b.system})
		}
		out[k].Lines = append(out[k].Lines, n.close(b))
	}
	return out
}

// alike says what holdings of one bundle have in common.
func (n Names) alike(h *events.Holding) Line {
	l := Line{Purpose: n.purpose(h), Basis: n.basis(h), State: n.state(h), Until: until(&h.Retention),
		Overdue: h.Retention.Status == "overdue", Joined: joined[h.JoinedBy]}
	for i := range h.Disclosures {
		l.Recipients = append(l.Recipients, n.disclosure(&h.Disclosures[i]))
	}
	return l
}

func (n Names) add(b *bundle, h *events.Holding) {
	k := n.kind(h.Category, h.Special, h.Criminal)
	if !slices.ContainsFunc(b.line.Kinds, func(x Kind) bool { return x.What == k.What && slices.Equal(x.Marks, k.Marks) }) {
		b.line.Kinds = append(b.line.Kinds, k)
		b.line.Marked = b.line.Marked || len(k.Marks) > 0
	}
	if h.Item != nil {
		b.items = include(b.items, n.item(h.Item))
	}
	b.origin = include(b.origin, n.origin(h))
	b.spread = b.spread || n.day(h.FirstSeen) != n.day(b.first)
	b.first = min(b.first, h.FirstSeen)
	b.last, b.used = max(b.last, h.LastSeen), max(b.used, h.LastUsed)
}

func include(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func (n Names) close(b *bundle) Line {
	l := b.line
	l.Item = few(b.items)
	l.Origin = strings.Join(b.origin, "; ")
	l.Seen = "since " + n.day(b.first)
	if b.spread {
		l.Seen = "the first of it since " + n.day(b.first)
	}
	if b.last != "" && b.last != b.first.Time().Format("2006-01") {
		l.Seen += ", last reported in " + plainMonth(b.last)
	}
	if b.used != "" {
		l.Seen += ", last used in " + plainMonth(b.used)
	}
	if b.paper {
		l.Seen += ", on paper"
	}
	return l
}

// few names the first things of a list and counts the rest.
func few(list []string) string {
	if len(list) <= itemsShown {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:itemsShown], ", "), len(list)-itemsShown)
}

// kind says a kind of data and what makes it special.
func (n Names) kind(category string, special, criminal bool) Kind {
	code, _, _ := strings.Cut(category, "/")
	k := Kind{What: n.word("category", category)}
	switch {
	case code == "":
		k.What = "Data (the system did not say which)"
	case undeclared(code):
		k.What = "Data of a kind that the catalogue does not name"
	}
	if special {
		words := n.words["special/"+code]
		if words == "" {
			words = "special category"
		}
		k.Marks = append(k.Marks, words)
	}
	if criminal {
		k.Marks = append(k.Marks, "criminal record data")
	}
	return k
}

func undeclared(code string) bool { return strings.HasPrefix(code, string(events.Undeclared)) }

func (n Names) item(v *events.ItemView) string {
	if v.Value == "" {
		return lower(n.Kind(v.Kind)) + " (name no longer known)"
	}
	return lower(n.Kind(v.Kind)) + " " + v.Value
}

func (n Names) origin(h *events.Holding) string {
	switch {
	case h.ObtainedFrom == nil:
		return provenances[h.Provenance]
	case undeclared(*h.ObtainedFrom):
		return "obtained from a source that the catalogue does not name"
	}
	s := n.word("source", *h.ObtainedFrom)
	for _, a := range []string{"The ", "A ", "An "} {
		if strings.HasPrefix(s, a) {
			s = lower(s)
		}
	}
	return "obtained from " + s
}

// loose says a disclosure of data that no system reported holding.
func (n Names) loose(d *events.LooseDisclosure) string {
	k := n.kind(d.Category, d.Special, d.Criminal)
	s := n.system(d.System) + ": " + lower(k.What) + marks(k.Marks)
	if d.Item != nil {
		s += ", about " + n.item(d.Item)
	}
	if d.Activity != "" {
		s += ", for " + n.activity(d.Activity)
	}
	return s + ", to " + n.disclosure(&d.Disclosure)
}
