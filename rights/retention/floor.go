package retention

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// floors finds the elements that must stay while another holding of the same
// system is kept and cannot be read without them: a name and a number on a pay
// record. Which elements these are is a decision for each system. What stays is
// part of those rows and is restricted to them.
func (e *Engine) floors(p *Person, list []Holding, out []Status, on events.Date) {
	lists := map[events.Code][]events.Category{}
	for i := range list {
		h, s := &list[i], &out[i]
		floor, ok := lists[h.System]
		key := "identity_floor." + string(h.System)
		if !ok {
			floor = elements(decided(e.cat, key))
			lists[h.System] = floor
		}
		stay := staying(floor, h)
		if h.Removed || len(stay) == 0 || s.Due.IsZero() {
			continue
		}
		until, needs := keptUntil(list, out, i, floor)
		if !needs || (!until.IsZero() && (until <= s.Due || (h.Category.Element == "" && until <= on))) {
			continue
		}
		s.Decisions = append(s.Decisions, key)
		if h.Category.Element != "" {
			e.extend(s, until, on)
			continue
		}
		s.Keep = &Floor{Elements: stay, Until: until}
		s.Why += "; " + names(e.cat, stay) + " " + stays(stay) + " for other records" + untilWords(until)
	}
}

// extend keeps an element itself as long as what needs it.
func (e *Engine) extend(s *Status, until events.Date, on events.Date) {
	s.Why += "; other records of the system need it" + untilWords(until)
	if until.IsZero() {
		if s.State != OnHold { // a hold keeps it whatever its last day
			s.Due, s.State = 0, WaitingForTrigger
		}
		return
	}
	s.Due = until
	if s.State == Due || s.State == Overdue || s.State == Paused {
		if until > on {
			s.State = Running
		} else if until == on && s.State != Paused {
			s.State = Due
		}
	}
}

func untilWords(until events.Date) string {
	if until.IsZero() {
		return " while those are kept"
	}
	return " until " + catalogue.PlainDate(until)
}

// keptUntil is the last day of what the system keeps longer than holding i, but
// for other elements of the floor; zero where the day is not known. Holdings with
// no rule at all need nothing: they wait for a decision of their own.
func keptUntil(list []Holding, out []Status, i int, floor []events.Category) (until events.Date, needs bool) {
	for j := range list {
		o := &list[j]
		if j == i || o.Removed || o.System != list[i].System || o.Category.Code == list[i].Category.Code || within(floor, o) {
			continue
		}
		switch s := &out[j]; {
		case !s.Due.IsZero() && s.Due > out[i].Due:
			if needs && until.IsZero() {
				continue
			}
			until, needs = max(until, s.Due), true
		case s.State == WaitingForTrigger, s.State == OnHold:
			return 0, true
		}
	}
	return until, needs
}

// within reports whether a holding is itself what stays: it needs nothing.
func within(floor []events.Category, h *Holding) bool {
	return h.Category.Element != "" && slices.Contains(floor, h.Category)
}

// staying lists the elements of the floor that the holding may contain.
func staying(floor []events.Category, h *Holding) (out []events.Category) {
	for _, c := range floor {
		if c.Code == h.Category.Code && (h.Category.Element == "" || h.Category.Element == c.Element) {
			out = append(out, c)
		}
	}
	return out
}

func elements(list []string) (out []events.Category) {
	for _, v := range list {
		for _, one := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
			code, element, _ := strings.Cut(one, "/")
			out = append(out, events.Category{Code: events.Code(code), Element: events.Code(element)})
		}
	}
	return out
}

func names(c *catalogue.Catalogue, list []events.Category) string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = strings.ToLower(c.CategoryName(x))
	}
	return strings.Join(out, " and ")
}

func stays(list []events.Category) string {
	if len(list) == 1 {
		return "stays"
	}
	return "stay"
}
