package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/ropa"
)

// A RopaQuery asks for the record of processing activities of Article 30.
type RopaQuery struct {
	Caller access.Caller
	// AsOf is the day at whose end the record stands; zero means now.
	AsOf events.Date
}

// Ropa makes the record from what was declared and what was seen by a day. It
// names nobody, so no look is recorded. Errors: ErrForbidden, ErrQuestion.
func (d *Desk) Ropa(ctx context.Context, q RopaQuery) (*ropa.Record, error) {
	if err := permit(q.Caller, access.RopaRead); err != nil {
		return nil, err
	}
	today := d.today()
	if q.AsOf > today {
		return nil, &Fault{Part: "as_of", Text: "a day that has not come yet: nothing is known of it"}
	}
	if q.AsOf == 0 {
		q.AsOf = today
	}
	cat, inForce := d.catalogueOn(q.AsOf, today)
	view := d.d.View()
	defer d.shut(ctx, view)
	all, err := inventory.AllObserved(view, inventory.Known{})
	if err != nil {
		return nil, fmt.Errorf("read what systems reported: %w", err)
	}
	seen := tuples(all)
	if err := d.countTuples(ctx, seen, q.AsOf, today); err != nil {
		return nil, err
	}
	rec := ropa.Build(cat, seen, q.AsOf)
	rec.BeforeAdoption = !inForce
	return rec, nil
}

// catalogueOn is the version in force at the end of a day or, for a day before
// any was adopted here, the first.
func (d *Desk) catalogueOn(day, today events.Date) (c *catalogue.Catalogue, inForce bool) {
	if day == today || d.d.InForce == nil {
		return d.d.Catalogue(), true
	}
	next := (day + 1).Time()
	end := time.Date(next.Year(), next.Month(), next.Day(), 0, 0, 0, 0, d.d.Zone)
	if c = d.d.InForce(events.InstantOf(end) - 1); c != nil {
		return c, true
	}
	if d.d.First != nil {
		c = d.d.First()
	}
	if c == nil {
		c = d.d.Catalogue()
	}
	return c, false
}

// tuples turns bodies of codes into what a record speaks of: data held by
// category, and data shared by category and recipient.
func tuples(all []inventory.Observed) (out []ropa.Seen) {
	for i := range all {
		o := &all[i]
		e := o.Event
		if e.Kind != events.RecordStored && e.Kind != events.RecordShared {
			continue
		}
		s := ropa.Seen{System: e.Source, Activity: e.Activity, SubjectType: e.SubjectType, Controller: e.Controller,
			First: o.First.Time, Last: max(o.First.Time, events.InstantOf(o.Last.Time()))}
		if e.Kind == events.RecordShared {
			s.Recipient, s.Country, s.Safeguard = e.Recipient.Code, e.TransferTo, e.Safeguard
			if s.Recipient == "" {
				s.Recipient = personRecipient
			}
		} else {
			s.Source = e.ObtainedFrom.Code
		}
		if len(o.Categories) == 0 {
			out = append(out, s)
		}
		for _, c := range o.Categories {
			s.Category = c
			out = append(out, s)
		}
	}
	return out
}

// personRecipient stands for every person to whom data went.
const personRecipient events.Code = "person"

// countTuples fills in of how many people each activity was reported, held on
// the day.
func (d *Desk) countTuples(ctx context.Context, seen []ropa.Seen, day, today events.Date) error {
	if d.d.Facets == nil {
		return nil
	}
	x, view, at, err := d.facets(ctx)
	if err != nil {
		return err
	}
	defer d.shut(ctx, view)
	c, err := d.count(ctx, x, view, at)
	if err != nil {
		return fmt.Errorf("count people: %w", err)
	}
	defer c.close()
	of := map[events.Code]int{}
	for i := range seen {
		a := seen[i].Activity.Code
		n, ok := of[a]
		if !ok && a != "" {
			f := facets.Filter{Activity: events.Activity{Code: a}}
			if day != today {
				f.From, f.To = day, day+1
			}
			var answer *facets.Answer
			x.Read(func(r *facets.Reading) { answer = r.Ask(&f) })
			people, err := c.people(ctx, answer.Handles)
			if err != nil {
				return fmt.Errorf("count people: %w", err)
			}
			n = int(people.GetCardinality())
			of[a] = n
		}
		seen[i].People = n
	}
	return nil
}
