package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// tabled tells a story of tables: the named people first, then the crowd.
func (s *script) tabled() {
	for i := range s.story.cast {
		part := &s.story.cast[i]
		p := s.newPerson(i, part.role)
		p.email, p.phone = part.email, part.phone
		for n := range part.scenes {
			s.perform(p, part.scenes[n], n)
		}
	}
	var kinds []*walk
	for i := range s.story.walks {
		for range s.story.walks[i].weight {
			kinds = append(kinds, &s.story.walks[i])
		}
	}
	for i := range s.cfg.People - len(s.story.cast) {
		w := kinds[i%len(kinds)]
		p := s.newPerson(len(s.story.cast)+i, w.as)
		if w.plain {
			p.email, p.phone = "", ""
		}
		s.lead(p, w)
	}
}

// lead tells the life of one of the crowd.
func (s *script) lead(p *person, w *walk) {
	l := &life{s: s, p: p, came: s.at(p.joined), until: s.until}
	if p.r.Float64() < w.leaves {
		p.ends = p.joined + 0.15 + 0.3*p.r.Float64()
		l.until = s.at(p.ends)
	}
	for i := range s.story.routines {
		l.follow(&s.story.routines[i])
	}
	for i := range s.story.campaigns {
		l.promote(&s.story.campaigns[i])
	}
	if p.ends < never {
		if len(w.exits) > 0 && p.r.Float64() < w.dies {
			s.say(w.exits[0].at, events.PersonState, l.until, s.known(p, w.exits[0].at)...).
				set(func(e *events.Event) { e.State, e.Date = events.StateDeceased, events.DateOf(l.until) })
		}
		for _, x := range w.exits {
			s.milestone(x.at, x.milestone, l.until, s.known(p, x.at)...)
		}
	}
}

// life is one of the crowd while their story is told.
type life struct {
	s           *script
	p           *person
	came, until time.Time
}

// in so many days from their coming, within office hours.
func (l *life) in(days float64) time.Time {
	return office(l.came.Add(time.Duration(days * float64(day))))
}

func among(of string, as events.Code) bool { return slices.Contains(strings.Fields(of), string(as)) }

// follow tells a routine: reports come as by chance, so many days apart on the
// average.
func (l *life) follow(r *routine) {
	if !among(r.of, l.p.role) || (r.odds > 0 && l.p.r.Float64() >= r.odds) {
		return
	}
	what := l.draw(r)
	days := r.after
	for n := 0; ; n++ {
		at := l.in(days)
		if !at.Before(l.until) {
			return
		}
		l.report(r, what, at, n)
		if r.every == 0 {
			return
		}
		days += 1 + r.every*l.p.r.ExpFloat64()
	}
}

// draw chooses what a routine stores of this person.
func (l *life) draw(r *routine) []string {
	if r.what != "" {
		return strings.Fields(r.what)
	}
	if r.pool != "" {
		return l.upToThree(strings.Fields(r.pool))
	}
	act, ok := l.s.cat.Activity(activityOf(r.row).Code)
	if !ok {
		return nil
	}
	var out []string
	for _, c := range act.Categories {
		if cat, ok := l.s.cat.Category(c); ok {
			out = append(out, l.some(cat)...)
		}
	}
	return out
}

// some chooses up to three elements of a category.
func (l *life) some(c *catalogue.Category) []string {
	var items []string
	for i := range c.Items {
		if !c.Items[i].NeverOutput {
			items = append(items, string(c.ID)+"/"+string(c.Items[i].ID))
		}
	}
	if len(items) == 0 {
		return []string{string(c.ID)}
	}
	return l.upToThree(items)
}

// upToThree chooses some of a list, in its order.
func (l *life) upToThree(list []string) []string {
	pick := l.p.r.Perm(len(list))[:min(len(list), 1+l.p.r.IntN(3))]
	slices.Sort(pick)
	out := make([]string, len(pick))
	for i, k := range pick {
		out[i] = list[k]
	}
	return out
}

// report tells one turn of a routine, and to whom the data then went.
func (l *life) report(r *routine, what []string, at time.Time, n int) {
	who, as := l.s.known(l.p, r.at), r.as
	if r.anon {
		who = append(who[:1:1], l.browser()...)
	}
	if as == "" {
		as = l.p.role
	}
	item := fmt.Sprintf("%s%d-%d", strings.ToUpper(string(r.item[:min(1, len(r.item))])), l.p.n, n+1)
	dress := func(st *step) *step {
		st.as(as, r.row).set(func(e *events.Event) {
			if r.dated {
				e.RecordDate = events.DateOf(at)
			}
			if r.more != nil {
				r.more(e)
			}
		})
		if r.item != "" {
			st.item(r.at+"."+r.item, item)
		}
		return st
	}
	how := r.how
	if how == 0 {
		how = events.Provided
	}
	if r.agree && n == 0 {
		l.s.say(r.at, events.ConsentGiven, at.Add(-time.Minute), who...).set(func(e *events.Event) {
			e.Activity, e.Method, e.GivenBy, e.Wording = activityOf(r.row), events.MethodForm, events.GivenBySelf, "consent-form"
		})
	}
	st := dress(l.s.stored(r.at, at, who...).how(how)).in(r.in, what...).set(l.s.story.placed)
	if r.from != "" {
		st.from(r.from)
	}
	for _, h := range r.to {
		l.hand(r, &h, what, at, dress, who)
	}
	if r.used != "" {
		dress(l.s.used(r.at, at.Add(30*time.Minute), who...)).in(r.in, what...).set(func(e *events.Event) { e.Action, e.Channel = events.ActionSent, r.used })
	}
	if r.reach != "" {
		l.s.milestone(r.at, r.reach, at.Add(time.Minute), who...)
	}
	if r.ends.milestone != "" {
		l.close(r, what, item, at, dress, who)
	}
}

// close tells the end of an item, and that it was deleted when its time was up.
func (l *life) close(r *routine, what []string, item string, at time.Time, dress func(*step) *step, who []events.Identifier) {
	end := at.Add(2 * time.Minute)
	if r.ends.days > 0 {
		end = office(at.Add(time.Duration((r.ends.days + 30*l.p.r.Float64()) * float64(day))))
	}
	if !end.Before(l.until) {
		return
	}
	l.s.milestone(r.ends.at, r.ends.milestone, end, l.s.known(l.p, r.ends.at)...).item(r.at+"."+r.item, item)
	if gone := end.AddDate(0, r.ends.months, 0); r.ends.months > 0 && gone.Before(l.s.until) {
		dress(l.s.removed(r.at, gone, events.RemovalDeleted, who...)).in(r.in, what...)
	}
}

// hand tells that what a routine stored went to somebody, minutes later.
func (l *life) hand(r *routine, h *handing, what []string, at time.Time, dress func(*step) *step, who []events.Identifier) {
	if h.odds > 0 && l.p.r.Float64() >= h.odds {
		return
	}
	if h.what != "" {
		what = strings.Fields(h.what)
	}
	st := dress(l.s.shared(r.at, h.to, at.Add(time.Duration(1+l.p.r.IntN(20))*time.Minute), who...)).in(r.in, what...)
	st.set(func(e *events.Event) { e.Provenance, e.Place, e.Country = 0, "", "" })
	l.passed(st, h)
}

func (l *life) passed(st *step, h *handing) {
	if h.because != "" {
		st.because(h.because)
	}
	if h.ref != "" {
		st.knownAs(h.to+"."+h.ref, fmt.Sprintf("%s-%d", strings.ToUpper(string(h.ref[:2])), 4000+l.p.n))
	}
	if h.country != "" {
		st.abroad(h.country, "none")
	}
}

// browser is what is known of somebody who has not signed in.
func (l *life) browser() []events.Identifier {
	return []events.Identifier{id("cookie", fmt.Sprintf("_ga.%d", 4000+l.p.n)), id("ip", fmt.Sprintf("192.0.2.%d", l.p.n%250+1))}
}

// promote tells a campaign: nothing goes out after consent ended.
func (l *life) promote(c *campaign) {
	p, s := l.p, l.s
	if !among(c.of, p.role) || p.r.Float64() >= c.odds {
		return
	}
	who, what, start := s.known(p, c.at), strings.Fields(c.what), 4+4*p.r.Float64()
	if !l.in(start + 1).Before(l.until) {
		return
	}
	s.say(c.at, events.ConsentGiven, l.in(start), who...).set(func(e *events.Event) {
		e.Activity, e.Channels = activityOf(c.row), slices.Clone(c.channels)
		e.Method, e.GivenBy, e.Wording = events.MethodForm, events.GivenBySelf, "sign-up-form"
	})
	s.stored(c.at, l.in(start), who...).as(c.as, c.row).in(c.in, what...).set(s.story.placed)
	if c.to.to != "" {
		l.passed(s.shared(c.at, c.to.to, l.in(start+0.5), who...).as(c.as, c.row).in(c.in, what...), &c.to)
	}
	end := l.until
	switch roll := p.r.Float64(); {
	case roll < c.stops:
		end = earlier(end, l.in(start+60+60*p.r.Float64()))
		s.say(c.at, events.ConsentWithdrawn, end, who...).set(func(e *events.Event) {
			e.Activity, e.Method, e.GivenBy = activityOf(c.row), events.MethodForm, events.GivenBySelf
		})
		if gone := end.Add(3 * day); gone.Before(s.until) {
			s.removed(c.at, gone, events.RemovalDeleted, who...).as(c.as, c.row).in(c.in, what...)
		}
	case roll < c.stops+c.objects:
		end = earlier(end, l.in(start+60+60*p.r.Float64()))
		s.say(c.at, events.ObjectionMade, end, who...).set(func(e *events.Event) { e.Flags |= events.DirectMarketing })
	}
	for days := start + c.every; l.in(days).Before(end); days += c.every {
		s.used(c.at, l.in(days), who...).as(c.as, c.row).in(c.in, what...).
			set(func(e *events.Event) { e.Action, e.Channel = events.ActionSent, c.channels[0] })
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
