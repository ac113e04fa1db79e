package decide

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// Strength orders what several holdings of one data item want of its bytes. The
// strongest wins; each holding keeps its own answer.
type Strength int

const (
	BytesGo      Strength = iota // erase
	BytesNeeded                  // no ground for erasure
	BytesOpen                    // a person has not decided
	BytesFrozen                  // restricted for the person
	BytesShield                  // kept on another shield
	BytesLaw                     // kept for a law, a task, care
	BytesClaimed                 // a hold or a named claim
)

// StrengthOf is what an item under erasure wants of the bytes.
func StrengthOf(x *Item) Strength {
	law := []Code{KeepLegalObligation, KeepPublicTask, KeepPublicHealth, KeepAfterTrigger}
	switch {
	case x.Outcome == Erase:
		return BytesGo
	case x.held, x.Code == KeepLegalClaims:
		return BytesClaimed
	case slices.Contains(law, x.Code):
		return BytesLaw
	case x.Outcome == Retain && x.Code != KeepNoGround:
		return BytesShield
	case x.Outcome == Restrict:
		return BytesFrozen
	case x.Outcome == Review:
		return BytesOpen
	}
	return BytesNeeded
}

// shareBytes reports whether two holdings lie over the same bytes: the data item
// is a holding without its activity. A whole category contains its elements.
func shareBytes(a, b *Holding) bool {
	return a.Handle == b.Handle && a.System == b.System && a.Dataset == b.Dataset && a.Item == b.Item && a.Category.Code == b.Category.Code &&
		(a.Category.Element == b.Category.Element || a.Category.Element == "" || b.Category.Element == "")
}

// A place is where bytes can lie over each other.
type place struct {
	handle          events.Handle
	item            events.Ref
	system, dataset events.Code
	category        events.Code
}

func placeOf(h *Holding) place {
	return place{h.Handle, h.Item, h.System, h.Dataset, h.Category.Code}
}

// detach names, for each holding that goes, those for which the bytes stay. The
// purpose that ended may not read them any more, and the person is told which
// purposes ended and which remain (I10).
func detach(list []judged, items []Item) {
	stay := map[place][]int{}
	for i := range items {
		if h := list[i].h; !h.Removed && StrengthOf(&items[i]) != BytesGo {
			stay[placeOf(h)] = append(stay[placeOf(h)], i)
		}
	}
	for i := range items {
		x := &items[i]
		if x.Outcome != Erase {
			continue
		}
		for _, n := range stay[placeOf(list[i].h)] {
			if shareBytes(list[i].h, list[n].h) {
				x.Detached = append(x.Detached, list[n].h.ID)
			}
		}
		if len(x.Detached) > 0 {
			slices.Sort(x.Detached)
			x.Reason += " The data itself stays for another purpose, and is closed to this one."
		}
	}
}

// record decides a care record as one: while a part of it is kept, no part is
// torn out of it. A record that speaks of several people is decided for each of
// them apart.
func (e *Engine) record(list []judged, items []Item) {
	type key struct {
		system, role events.Code
		record       events.Handle
	}
	groups := map[key][]int{}
	for i := range list {
		h := list[i].h
		if h.Within.IsZero() || h.Removed || !list[i].c.asks(h) {
			continue
		}
		k := key{h.System, h.SubjectType, h.Within.Handle}
		groups[k] = append(groups[k], i)
	}
	for _, g := range groups {
		care := slices.ContainsFunc(g, func(i int) bool { return list[i].secrecy() || slices.Contains(list[i].conditions, "9.2.h") })
		best := -1
		for _, i := range g {
			if x := &items[i]; x.Outcome == Retain && (best < 0 || longer(x, &items[best])) {
				best = i
			}
		}
		if !care || best < 0 {
			continue
		}
		b := items[best]
		for _, i := range g {
			if items[i].Outcome != Erase {
				continue
			}
			x := list[i].item(Retain, b.Code, b.ProposedBy, "It is part of a care record that is decided as one. "+b.Reason)
			x.Article, x.Until, x.WaitsFor, x.Restricted = b.Article, b.Until, b.WaitsFor, b.Restricted
			x.Because = slices.Clone(b.Because)
			x.person("care record")
			items[i] = x
		}
	}
}

// floor keeps the elements that a system's kept holdings cannot be read without:
// a name and a number on a pay record. They are part of those holdings then, and
// used for nothing else.
func (e *Engine) floor(list []judged, items []Item) {
	lists := map[events.Code][]events.Category{}
	for i := range list {
		if s := list[i].h.System; lists[s] == nil {
			lists[s] = append([]events.Category{}, e.elements(floorKey(s))...)
		}
	}
	kept := keptLongest(list, items, lists)
	for i := range items {
		h := list[i].h
		if items[i].Outcome != Erase || items[i].Code == EraseUnlawful {
			continue
		}
		stay := slices.DeleteFunc(slices.Clone(lists[h.System]), func(c events.Category) bool {
			return c.Code != h.Category.Code || h.Category.Element != "" && h.Category.Element != c.Element
		})
		n := kept[h.System].beside(h.Category.Code)
		if len(stay) == 0 || n == nil {
			continue
		}
		list[i].rests(floorKey(h.System))
		if h.Category.Element == "" {
			items[i].Keep = &Keep{Elements: stay, Until: n.Until, WaitsFor: n.WaitsFor}
			items[i].Reason += " What other records of the system cannot be read without stays for them, and for nothing else."
			continue
		}
		x := list[i].item(Retain, n.Code, items[i].ProposedBy+", identity floor", "Other records of the system that are kept cannot be read without it. It is used for them only.")
		x.Article, x.Until, x.WaitsFor, x.Restricted, x.Because = n.Article, n.Until, n.WaitsFor, true, slices.Clone(items[i].Because)
		items[i] = x
	}
}

func floorKey(system events.Code) string { return string(catalogue.DecideFloor) + "." + string(system) }

// A needing is what a system keeps longest, by category. Items are copied: what
// stays for another holding needs nothing itself.
type needing map[events.Code]Item

// keptLongest finds, for each system with a floor, what it keeps.
func keptLongest(list []judged, items []Item, floors map[events.Code][]events.Category) map[events.Code]needing {
	out := map[events.Code]needing{}
	for n := range items {
		o, h := &items[n], list[n].h
		floor := floors[h.System]
		inFloor := h.Category.Element != "" && slices.Contains(floor, h.Category)
		kept := o.Outcome == Retain || o.Outcome == Restrict || o.Code == NotAsked && list[n].st.State == retention.Running
		if len(floor) == 0 || inFloor || !kept {
			continue
		}
		if out[h.System] == nil {
			out[h.System] = needing{}
		}
		x := *o
		if x.Code == NotAsked {
			x.Code, x.Article = KeepNoGround, meanings[KeepNoGround].Article
		}
		if best, ok := out[h.System][h.Category.Code]; !ok || longer(&x, &best) {
			out[h.System][h.Category.Code] = x
		}
	}
	return out
}

// beside is what is kept longest in other categories than one; nil if nothing is.
func (k needing) beside(category events.Code) (best *Item) {
	codes := make([]events.Code, 0, len(k))
	for c := range k {
		codes = append(codes, c)
	}
	slices.Sort(codes) // the order of a map decides nothing
	for _, c := range codes {
		if x := k[c]; c != category && (best == nil || longer(&x, best)) {
			best = &x
		}
	}
	return best
}

func (e *Engine) elements(key string) (out []events.Category) {
	d, ok := e.now.Decision(key)
	if !ok {
		return nil
	}
	for _, w := range d.Value.Words {
		for _, one := range strings.FieldsFunc(w, func(r rune) bool { return r == ',' || r == ' ' }) {
			code, element, _ := strings.Cut(one, "/")
			out = append(out, events.Category{Code: events.Code(code), Element: events.Code(element)})
		}
	}
	return out
}
