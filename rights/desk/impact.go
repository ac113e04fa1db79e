package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/inventory"
)

// An ImpactQuery asks how many people something touches.
type ImpactQuery struct {
	Caller access.Caller
	facets.Filter
	Reason events.Plaintext
	// Min is a position the answer must include; zero means whatever there is.
	Min events.Position
}

// An Impact is the answer: what a breach notice (Articles 33 and 34) or the end
// of a recipient has to reckon with.
type Impact struct {
	People   uint64 `json:"people"`
	Holdings uint64 `json:"holdings"`
	// Special: some of it is of a special category (Article 9); Criminal: about
	// convictions or offences (Article 10).
	Special    bool              `json:"special_category"`
	Criminal   bool              `json:"criminal_offence"`
	Categories []ImpactCategory  `json:"categories"`
	Systems    []ImpactSystem    `json:"systems"`
	Recipients []ImpactRecipient `json:"recipients"`
	Countries  []ImpactCountry   `json:"countries"`
	// Window is the days that were asked about; absent means what is held now, and
	// for a recipient whatever was ever shared.
	Window *ImpactWindow `json:"window,omitempty"`
	// Forgotten counts people who cannot be named any more. Each of their handles
	// counts as one person.
	Forgotten uint64           `json:"forgotten"`
	Unknown   []events.Unknown `json:"unknown"`
	AsOf      events.AsOf      `json:"as_of"`
	Catalogue string           `json:"catalogue"`
	Words     events.Glossary  `json:"words"`
}

// ImpactCategory counts by category. Special and Criminal are false for one
// that no catalogue knows: Undeclared says so.
type ImpactCategory struct {
	Category   string `json:"category"` // empty: the source named none
	People     uint64 `json:"people"`
	Holdings   uint64 `json:"holdings"`
	Special    bool   `json:"special_category"`
	Criminal   bool   `json:"criminal_offence"`
	Undeclared bool   `json:"undeclared,omitempty"`
}

// ImpactSystem counts by the system that reported it.
type ImpactSystem struct {
	System   string `json:"system"`
	People   uint64 `json:"people"`
	Holdings uint64 `json:"holdings"`
}

// ImpactRecipient counts by whom it was shared with; "person" is all people to
// whom it went.
type ImpactRecipient struct {
	Recipient string `json:"recipient"`
	People    uint64 `json:"people"`
	Holdings  uint64 `json:"holdings"`
	// Country is where the catalogue says that the recipient is; countries tells
	// where it was reported to have gone.
	Country string `json:"country,omitempty"`
	// Undeclared: the catalogue does not know it.
	Undeclared bool `json:"undeclared,omitempty"`
}

// ImpactCountry counts by where it is held or went.
type ImpactCountry struct {
	Country string `json:"country"`
	People  uint64 `json:"people"`
}

// ImpactWindow is a window of whole UTC days, both included.
type ImpactWindow struct {
	First events.Date `json:"first_day"` // absent: from the beginning
	Last  events.Date `json:"last_day"`  // absent: until now
}

// Impact counts. Errors: ErrForbidden, ErrNotRecorded, ErrBehind, ErrQuestion,
// *Limited.
func (d *Desk) Impact(ctx context.Context, q ImpactQuery) (*Impact, error) {
	a, err := d.impact(ctx, &q, access.ImpactRead)
	if err != nil {
		return nil, err
	}
	defer a.close(ctx)
	if err := d.recordOn(ctx, q.Caller, events.Code(access.ImpactRead), q.target(), nil, q.explained(), audit.Found, a.at); err != nil {
		return nil, err
	}
	return a.tell(ctx)
}

// An impactLook is one question on its way. It must be closed.
type impactLook struct {
	desk   *Desk
	q      *ImpactQuery
	view   View
	at     events.Position
	index  *facets.Index
	answer *facets.Answer
	// waiting counts events that were taken back and still count.
	waiting int
	count   *counting
}

// impact opens a look: permission, codes, position, then the sets.
func (d *Desk) impact(ctx context.Context, q *ImpactQuery, p access.Permission) (*impactLook, error) {
	if err := permit(q.Caller, p); err != nil {
		return nil, err
	}
	if d.d.Facets == nil {
		return nil, fmt.Errorf("%w: this server keeps no facets", ErrQuestion)
	}
	if q.From != 0 && q.To != 0 && q.From >= q.To {
		return nil, &Fault{Part: "to", Text: "a window that ends before it begins"}
	}
	if len(q.Categories) > mostAsked {
		// The index lets nothing in while it compares each cell with each of them.
		return nil, &Fault{Part: "categories", Text: fmt.Sprintf("want at most %d; leave them out to ask about all", mostAsked)}
	}
	if err := d.reach(ctx, q.Min); err != nil {
		return nil, err
	}
	x, view, _, err := d.facets(ctx)
	if err != nil {
		return nil, err
	}
	a := &impactLook{desk: d, q: q, view: view, index: x}
	x.Read(func(r *facets.Reading) {
		if err = a.codes(r); err == nil {
			a.answer = r.Ask(&q.Filter)
			a.at, a.waiting = a.answer.Position, r.Waiting()
		}
	})
	if err == nil && view.Position().Compare(a.at) < 0 {
		d.shut(ctx, view)
		if err = d.reach(ctx, a.at); err != nil {
			return nil, err
		}
		a.view = d.d.View()
	}
	if err == nil {
		a.count, err = d.count(ctx, x, a.view, a.at)
	}
	if err != nil {
		d.shut(ctx, a.view)
		return nil, err
	}
	return a, nil
}

// mostAsked bounds the categories of one question.
const mostAsked = 256

func (a *impactLook) close(ctx context.Context) {
	a.count.close()
	a.desk.shut(ctx, a.view)
}

// codes refuses a code that was neither declared nor ever seen: nobody would be
// touched by a misspelling.
func (a *impactLook) codes(r *facets.Reading) error {
	cat, q := a.desk.d.Catalogue(), a.q
	seen := func(f facets.Filter) bool { return len(r.Cells(&f)) > 0 }
	if _, ok := cat.System(q.System); !ok && q.System != "" && !seen(facets.Filter{System: q.System}) {
		return &Fault{Part: "system", Text: "no such system is declared or has reported anything"}
	}
	if _, ok := cat.Recipient(q.Recipient); !ok && q.Recipient != "" && !seen(facets.Filter{Recipient: q.Recipient}) {
		return &Fault{Part: "recipient", Text: "no such recipient is declared or has received anything"}
	}
	if _, ok := cat.Activity(q.Activity.Code); !ok && q.Activity.Code != "" && !seen(facets.Filter{Activity: q.Activity}) {
		return &Fault{Part: "activity", Text: "no such activity is declared or was ever named"}
	}
	for i, c := range q.Categories {
		if _, ok := cat.Category(c.Code); !ok && !seen(facets.Filter{Categories: []events.Category{c}}) {
			return &Fault{Part: fmt.Sprintf("categories/%d", i), Text: "no such category is declared or was ever named"}
		}
	}
	return nil
}

// target is what the record of the look names.
func (q *ImpactQuery) target() events.Code {
	if q.Recipient != "" {
		return q.Recipient
	}
	return q.System
}

// String writes the question in one form.
func (q *ImpactQuery) String() string {
	var parts []string
	put := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	put("system", string(q.System))
	put("recipient", string(q.Recipient))
	cats := make([]string, len(q.Categories))
	for i, c := range q.Categories {
		cats[i] = c.String()
	}
	slices.Sort(cats)
	put("category", strings.Join(slices.Compact(cats), " or "))
	put("activity", q.Activity.String())
	put("from", q.From.String())
	if q.To != 0 {
		put("to", (q.To - 1).String())
	}
	if len(parts) == 0 {
		return "everything that is held"
	}
	return strings.Join(parts, ", ")
}

// explained is the reason with the question before it: who reads the record
// must see what was asked.
func (q *ImpactQuery) explained() events.Plaintext {
	return events.NewPlaintext(strings.TrimSuffix("["+q.String()+"] "+q.Reason.Expose(), " "))
}

// tell counts people and names what was found.
func (a *impactLook) tell(ctx context.Context) (*Impact, error) {
	out := &Impact{Holdings: a.answer.Holdings, Categories: []ImpactCategory{}, Systems: []ImpactSystem{}, Recipients: []ImpactRecipient{}, Countries: []ImpactCountry{}}
	cat := a.desk.d.Catalogue()
	w := newWords(cat)
	people, err := a.count.people(ctx, a.answer.Handles)
	if err != nil {
		return nil, fmt.Errorf("count people: %w", err)
	}
	out.People = people.GetCardinality()
	out.Forgotten = a.answer.Handles.AndCardinality(a.count.lost)
	err = a.groups(ctx, a.answer.Categories, func(g *facets.Group, n uint64) {
		c := ImpactCategory{Category: string(g.Code), People: n, Holdings: g.Holdings}
		if x, ok := cat.Category(g.Code); ok {
			c.Special, c.Criminal = x.Special, x.Criminal
		} else {
			c.Undeclared = g.Code != ""
		}
		out.Special, out.Criminal = out.Special || c.Special, out.Criminal || c.Criminal
		out.Categories = append(out.Categories, c)
		w.category(c.Category)
	})
	if err == nil {
		err = a.groups(ctx, a.answer.Systems, func(g *facets.Group, n uint64) {
			out.Systems = append(out.Systems, ImpactSystem{string(g.Code), n, g.Holdings})
			w.system(string(g.Code))
		})
	}
	if err == nil {
		err = a.groups(ctx, a.answer.Recipients, func(g *facets.Group, n uint64) {
			x := ImpactRecipient{Recipient: string(g.Code), People: n, Holdings: g.Holdings}
			if declared, ok := cat.Recipient(g.Code); ok {
				x.Country = string(declared.Country)
				w.country(&x.Country)
			} else {
				x.Undeclared = g.Code != "person"
			}
			out.Recipients = append(out.Recipients, x)
			w.code(catalogue.FieldRecipient, string(g.Code))
		})
	}
	if err == nil {
		err = a.groups(ctx, a.answer.Countries, func(g *facets.Group, n uint64) {
			out.Countries = append(out.Countries, ImpactCountry{string(g.Code), n})
			code := string(g.Code)
			w.country(&code)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("count people: %w", err)
	}
	if a.q.From != 0 || a.q.To != 0 {
		out.Window = &ImpactWindow{First: a.q.From}
		if a.q.To != 0 {
			out.Window.Last = a.q.To - 1
		}
	}
	if err := a.rest(out); err != nil {
		return nil, err
	}
	for _, u := range out.Unknown {
		w.system(u.System)
	}
	w.system(string(a.q.System))
	w.activity(a.q.Activity.String())
	w.code(catalogue.FieldRecipient, string(a.q.Recipient))
	for _, c := range a.q.Categories {
		w.category(c.String())
	}
	out.Words = w.m
	return out, nil
}

func (a *impactLook) groups(ctx context.Context, list []facets.Group, put func(*facets.Group, uint64)) error {
	for i := range list {
		people, err := a.count.people(ctx, list[i].Handles)
		if err != nil {
			return err
		}
		put(&list[i], people.GetCardinality())
	}
	return nil
}

// rest names the position and what the answer cannot speak for (I6).
func (a *impactLook) rest(out *Impact) error {
	d := a.desk
	systems, err := d.systems(a.view)
	if err != nil {
		return err
	}
	now := d.d.Now().In(d.d.Zone)
	r := reportsOf(d.d.Catalogue(), now, systems)
	r.here = a.at
	if d.d.Last != nil {
		r.last = d.d.Last()
	}
	out.Unknown = slices.DeleteFunc(r.unknown(nil), func(u events.Unknown) bool {
		return a.q.System != "" && u.System != string(a.q.System) && u.System != string(inventory.Operator)
	})
	if a.waiting > 0 {
		out.Unknown = append(out.Unknown, events.Unknown{System: string(inventory.Operator), Why: behind,
			Detail: fmt.Sprintf("%d events that were taken back are still counted; ask again in a moment", a.waiting)})
	}
	out.AsOf = events.AsOf{Position: a.at.String(), Time: events.InstantOf(now), Zone: now.Location().String()}
	out.Catalogue = string(r.cat.ID) + " " + r.cat.Edition
	return nil
}
