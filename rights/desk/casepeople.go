package desk

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// alsoAboutMost bounds the count of others whom one item is about.
const alsoAboutMost = 1000

// A casePerson is whom a case is about, as the map says it on a day: who they
// are, and what the law reads of what is held.
type casePerson struct {
	who     *identity.Person
	answer  *answer
	rows    []inventory.Row
	held    []decide.Holding
	about   decide.Person
	members []events.Handle
	joined  map[events.Handle]string
	byID    map[string]*inventory.Holding // made when first asked for
}

// joinedOf finds who the starts lead to: each on its own, since what a person
// gave may lead to records that nothing joins yet. What leads to one person gives
// members; what may mean several gives candidates.
func (d *Desk) joinedOf(ctx context.Context, view View, cat *catalogue.Catalogue, subject []events.Ref, known inventory.Known) (*identity.Person, error) {
	out := new(identity.Person)
	for _, s := range subject {
		// Two members of one person lead to the same members. Where nothing is
		// contested there is no more to learn from the second.
		if len(out.Contests) == 0 && slices.ContainsFunc(out.Members, func(m identity.Member) bool { return m.Handle == s.Handle }) {
			continue
		}
		start, exact := []events.Handle{s.Handle}, true
		list, err := d.d.Finder.Siblings(ctx, s.Handle)
		if err != nil {
			return nil, fmt.Errorf("find an identifier of a case: %w", err)
		}
		for _, m := range list {
			// Whoever asks gave an identifier; habeas' own handle says that nobody
			// chose among those who use it.
			if m.Handle == s.Handle && m.System == inventory.Operator {
				exact = false
			}
		}
		if !exact {
			start = start[:0]
			for _, m := range list {
				start = append(start, m.Handle)
			}
		}
		p, err := identity.Resolve(ctx, start, d.graph(view, cat), identity.Query{Known: known, Exact: exact})
		if err != nil {
			return nil, fmt.Errorf("resolve a person: %w", err)
		}
		merge(out, p)
	}
	return out, nil
}

// casePeople is joinedOf for a case. What was given and what was accepted is of the
// person whatever the vault still finds: handles that are about to be erased lead
// nowhere, and a hold on them stands all the same.
func (d *Desk) casePeople(ctx context.Context, view View, cat *catalogue.Catalogue, f *caseFile) (*identity.Person, error) {
	who, err := d.joinedOf(ctx, view, cat, f.starts(), inventory.Known{})
	if err != nil {
		return nil, err
	}
	for _, s := range f.opening().Subject {
		addMember(who, identity.Member{Handle: s.Handle, System: inventory.Operator, Kind: s.Kind})
	}
	for _, m := range f.c.Members() {
		addMember(who, identity.Member{Handle: m.Handle, System: m.System, Kind: m.Kind})
	}
	return who, nil
}

// addMember puts a handle among those of a person, once.
func addMember(who *identity.Person, m identity.Member) {
	if !slices.ContainsFunc(who.Members, func(x identity.Member) bool { return x.Handle == m.Handle }) {
		who.Members = append(who.Members, m)
	}
}

// merge adds what another start led to.
func merge(out, p *identity.Person) {
	for _, m := range p.Members {
		addMember(out, m)
	}
	for _, m := range p.Also {
		if !slices.Contains(out.Also, m) {
			out.Also = append(out.Also, m)
		}
	}
	for _, j := range p.Joins {
		if !slices.ContainsFunc(out.Joins, func(x identity.Join) bool { return x.To == j.To }) {
			out.Joins = append(out.Joins, j)
		}
	}
	for _, c := range p.Contests {
		if !slices.ContainsFunc(out.Contests, func(x identity.Contest) bool { return x.On == c.On && x.Why == c.Why }) {
			out.Contests = append(out.Contests, c)
		}
	}
	for _, c := range p.Candidates {
		if !slices.ContainsFunc(out.Candidates, func(x identity.Candidate) bool { return x.Primary == c.Primary }) {
			out.Candidates = append(out.Candidates, c)
		}
	}
}

// openContests are the joins that wait for a person. What a person's own word
// suspended waits for nobody.
func openContests(p *identity.Person) (out []identity.Contest) {
	for _, c := range p.Contests {
		if c.Why != identity.WhyMarked && c.Why != identity.WhySplit {
			out = append(out, c)
		}
	}
	return out
}

// endOf is the last moment of a day where the organisation is.
func (d *Desk) endOf(day events.Date) time.Time {
	y, m, n := day.Time().Date()
	return time.Date(y, m, n, 23, 59, 59, 999_999_000, d.d.Zone)
}

// casePerson reads what is known of the person of a case on a day. A day that is
// over is answered as things stood then; for a day that has not come, what is
// known now is taken to stay as it is.
// While nobody has looked at the joined handles, it takes all of them.
func (d *Desk) casePerson(ctx context.Context, view View, cat *catalogue.Catalogue, f *caseFile, on events.Date) (*casePerson, error) {
	who, err := d.casePeople(ctx, view, cat, f)
	if err != nil {
		return nil, err
	}
	p := &casePerson{who: who, joined: map[events.Handle]string{}}
	for _, m := range who.Members {
		if f.c.Joins == nil || m.System == inventory.Operator || f.took(m.Handle) {
			p.members = append(p.members, m.Handle)
		}
	}
	slices.SortFunc(p.members, func(a, b events.Handle) int { return bytes.Compare(a[:], b[:]) })
	for _, j := range who.Joins {
		p.joined[j.To.Handle] = string(j.By)
	}
	if p.rows, err = inventory.Rows(view, p.members...); err != nil {
		return nil, fmt.Errorf("read the rows of a person: %w", err)
	}
	q := inventory.Query{}
	if on < d.today() {
		q.AsOf = events.InstantOf(d.endOf(on))
	}
	p.answer = &answer{cat: cat, moment: d.endOf(on), joined: p.joined, folded: inventory.Fold(p.rows, q), said: sayings(p.rows, q), told: told(p.rows, q)}
	if err := d.standing(ctx, view, p.answer, who); err != nil {
		return nil, err
	}
	p.around()
	return p, p.read(view, f.opening().Received)
}

// around is what happened around the holdings, as the law reads it.
func (p *casePerson) around() {
	a := p.answer
	p.about = decide.Person{Person: *a.around()}
	for i := range a.folded.Consents {
		c := &a.folded.Consents[i]
		if c.State != inventory.Objected {
			continue
		}
		o := decide.Objection{Activity: c.Activity, Marketing: c.DirectMarketing, On: a.day(c.At)}
		if c.Channel != "" {
			o.Channels = []events.Code{c.Channel}
		}
		p.about.Objections = append(p.about.Objections, o)
	}
	for _, f := range a.folded.Facts {
		switch f.State {
		case events.StateDeceased:
			p.about.Deceased = f.Date
		case events.StateMinor:
			p.about.Minor = true
		case events.StateLacksCapacity:
			p.about.LacksCapacity = true
		}
	}
	for _, x := range a.folded.Decisions {
		p.about.Automated = append(p.about.Automated, decide.AutomatedDecision{Activity: x.Activity.Code, Alone: x.Automated, Weighty: x.Significant, On: a.day(x.Last)})
	}
}

// read turns what is held into what the law reads.
func (p *casePerson) read(view View, received events.Date) error {
	others := map[events.Handle]int{}
	p.held = make([]decide.Holding, 0, len(p.answer.folded.Holdings))
	for _, h := range p.answer.folded.Holdings {
		n, err := p.alsoAbout(view, h.Item, others)
		if err != nil {
			return err
		}
		x := decide.Holding{Holding: p.answer.timed(h), ID: h.ID(), Controller: h.Controller, Medium: h.Medium, Provenance: h.Provenance,
			Marks: h.Marks, Basis: h.Basis, LegalDuty: h.LegalDuty, Within: h.Within, AlsoAbout: n}
		x.CopyOfHeld = x.Stored > received && p.copyOf(h, received)
		for _, o := range h.Disclosures {
			for _, by := range o.Media {
				x.Disclosures = append(x.Disclosures, disclosureOf(o, by))
			}
		}
		p.held = append(p.held, x)
	}
	return nil
}

// copyOf reports whether what was stored after receipt is a copy of what was held
// then: the same kind of data for the same purpose, which went elsewhere or went
// and came back.
func (p *casePerson) copyOf(h *inventory.Holding, received events.Date) bool {
	if h.Flags&events.Resurrection != 0 {
		return true
	}
	return slices.ContainsFunc(p.answer.folded.Holdings, func(o *inventory.Holding) bool {
		return o != h && o.State == inventory.Removed && p.answer.day(o.First) <= received && p.answer.day(o.Removal.At) >= received &&
			o.Activity.Code == h.Activity.Code && o.Category == h.Category && (o.Item.IsZero() || h.Item.IsZero() || o.Item == h.Item)
	})
}

// alsoAbout counts the others whose records carry the same item. A financial year
// is everybody's.
func (p *casePerson) alsoAbout(view View, item events.Ref, known map[events.Handle]int) (int, error) {
	if item.IsZero() || item.Kind == catalogue.ItemFinancialYear {
		return 0, nil
	}
	if n, ok := known[item.Handle]; ok {
		return n, nil
	}
	list, err := inventory.Mentions(view, item.Handle, inventory.RoleItem, alsoAboutMost)
	if err != nil {
		return 0, fmt.Errorf("read whom an item is about: %w", err)
	}
	n := 0
	for _, h := range list {
		if !slices.ContainsFunc(p.who.Members, func(m identity.Member) bool { return m.Handle == h }) && !slices.Contains(p.members, h) {
			n++
		}
	}
	known[item.Handle] = n
	return n, nil
}

// Conditions of a disclosure to an authority that change what it is told.
const (
	onInquiry events.Code = "inquiry" // one inquiry: no recipient (Article 4(9))
	onCrime   events.Code = "crime"   // telling would defeat the purpose
)

func disclosureOf(o *inventory.Disclosure, by events.Medium) decide.Disclosure {
	out := decide.Disclosure{Recipient: o.Recipient.Code, Person: o.Recipient.Person, Medium: by,
		InquiryOnly: o.Condition == onInquiry, Barred: o.Condition == onCrime}
	if w := o.ActingAs.String(); w != "" {
		out.ActingAs = events.Code(w)
	}
	if o.WithheldOn != "" {
		out.NotToBeTold = &decide.Silence{Ground: o.WithheldOn, Review: o.WithheldUntil}
	}
	return out
}

// scopesOf names the items of a scope as the rules of keeping know them.
func scopesOf(list []retention.Scope, a *answer) []retention.Scope {
	out := slices.Clone(list)
	for i := range out {
		items := slices.Clone(out[i].Items)
		for _, h := range out[i].Items {
			if same := a.sameItem(events.Ref{Handle: h}).Handle; !slices.Contains(items, same) {
				items = append(items, same)
			}
		}
		out[i].Items = items
	}
	return out
}
