package cases

import (
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
)

// A Judged is a plan with the decisions of the case put into it: what may be
// carried out, and what still waits for a person.
type Judged struct {
	On       events.Date
	Finals   []Final
	Open     []Open
	Items    []decide.Item // all of them, in the order of the plan, as decided
	Totals   map[decide.Outcome]int
	Deferred int // what would erase, and waits for a copy that is owed
	Digest   Digest
}

// An Open is an item that waits for a person.
type Open struct {
	ItemKey
	Code    events.Code // Undecided, or TwoPersons
	Because []string
	// Err says why a decision on record does not stand, where there is one.
	Err error
}

// Judge puts the decisions of the case into a plan. A decision that took a proposal
// which has changed since no longer speaks of it, and the item waits again.
func Judge(c *Case, plan *decide.Plan) *Judged {
	out := &Judged{On: plan.On, Totals: map[decide.Outcome]int{}}
	for i := range plan.Items {
		x := &plan.Items[i]
		key := ItemKey{x.Holding.ID, x.Right}
		f, err := settle(x, c.Decisions, key, plan.On)
		if err != nil {
			code := Undecided
			if errors.Is(err, decide.ErrTwoPersons) {
				code = TwoPersons
			}
			out.Open = append(out.Open, Open{ItemKey: key, Code: code, Because: x.Because, Err: err})
			out.Items = append(out.Items, *x)
			out.Totals[x.Outcome]++
			continue
		}
		item := f.Item()
		out.Items = append(out.Items, item)
		out.Totals[item.Outcome]++
		out.Finals = append(out.Finals, finalOf(&item, f.By()))
		if item.Outcome == decide.Rectify {
			out.Finals[len(out.Finals)-1].Value = c.Decisions[key].Value
		}
	}
	detach(out.Finals, plan)
	for i := range out.Finals {
		if f := &out.Finals[i]; f.erases() && len(f.BlockedBy) > 0 {
			out.Deferred++
		}
	}
	out.Digest = PlanDigest(out.Finals, out.Open, c.Members())
	return out
}

// errChanged is why a decision that took a proposal no longer stands.
var errChanged = errors.New("the proposal is no longer the one that was accepted; decide again")

func settle(x *decide.Item, words map[ItemKey]Ruling, key ItemKey, on events.Date) (decide.Final, error) {
	d, ok := words[key]
	if !ok {
		return x.Settle(on)
	}
	if d.Accept && (x.Outcome != d.Outcome || x.Code != d.Code) {
		if f, err := x.Settle(on); err == nil {
			return f, nil
		}
		return decide.Final{}, fmt.Errorf("%w (accepted: %s)", errChanged, d.Code)
	}
	return x.Decide(decide.Decision{By: nameOf(d.By), Second: nameOf(d.Second), Why: string(d.Why), On: d.On, Accept: d.Accept,
		Outcome: d.Outcome, Code: d.Code, Until: d.Until, WaitsFor: d.WaitsFor})
}

// nameOf is how a person stands in a plan: by the token, which names nobody.
func nameOf(p Person) string { return string(p.Token) }

// TryDecision says whether a person's word about an item may stand: the errors are
// those of decide.Item.Decide. A missing second person is none: that one decides
// the same later.
func TryDecision(x *decide.Item, d Decision, b *Body, on events.Date) error {
	_, err := x.Decide(decide.Decision{By: nameOf(b.By), Second: "another person", Why: string(b.Reason), On: on, Accept: d.Accept,
		Outcome: d.Outcome, Code: d.Code, Until: d.Until, WaitsFor: d.WaitsFor})
	return err
}

// finalOf keeps what an approval needs of a decided item.
func finalOf(x *decide.Item, by string) Final {
	h := x.Holding
	f := Final{Right: x.Right, Holding: h.ID, Handle: h.Handle, System: h.System, Dataset: h.Dataset, Activity: h.Activity.String(), Category: h.Category.String(),
		Outcome: x.Outcome, Code: x.Code, Until: x.Until, WaitsFor: x.WaitsFor, Also: slices.Clone(x.Also), Channels: x.Channels, BlockedBy: x.BlockedBy,
		Restricted: x.Restricted, Binding: x.Binding, Silent: x.Silent, DecideBy: x.DecideBy, By: events.Code(by)}
	if !h.Item.IsZero() {
		f.Item = &Ref{h.Item.Handle, h.Item.Kind}
	}
	if n := len(h.RecordDates); n > 0 {
		f.RecordDate = h.RecordDates[n-1]
	}
	if k := x.Keep; k != nil {
		f.Keep = &Keep{Until: k.Until, WaitsFor: k.WaitsFor}
		for _, e := range k.Elements {
			f.Keep.Elements = append(f.Keep.Elements, e.String())
		}
	}
	for _, r := range x.Recipients {
		t := Told{Recipient: r.Recipient, ActingAs: r.ActingAs, Action: r.Action, Verb: r.Verb, Impossible: r.Impossible, Silent: r.Silent}
		if !r.Person.IsZero() {
			t.Person = &Ref{r.Person.Handle, r.Person.Kind}
		}
		f.Recipients = append(f.Recipients, t)
	}
	return f
}

// FinalOf is what an approval keeps of an item that was made final.
func FinalOf(f *decide.Final) Final {
	x := f.Item()
	return finalOf(&x, f.By())
}

// detach marks what is erased in one purpose while another that lies over the same
// bytes keeps them: the purpose ends and the bytes stay (I10). It is done again
// after people decided, for a decision to keep one holding reaches the bytes of
// others.
func detach(finals []Final, plan *decide.Plan) {
	goes := map[string]bool{}
	for i := range finals {
		if finals[i].Outcome == decide.Erase {
			goes[finals[i].Holding] = true
		}
	}
	type place struct {
		handle, item              events.Handle
		system, dataset, category events.Code
	}
	stay := map[place][]events.Code{} // the elements that stay; empty: the whole category
	at := map[string]*decide.Holding{}
	for i := range plan.Items {
		h := plan.Items[i].Holding
		if at[h.ID] == nil && !h.Removed && !goes[h.ID] {
			p := place{h.Handle, h.Item.Handle, h.System, h.Dataset, h.Category.Code}
			stay[p] = append(stay[p], h.Category.Element)
		}
		at[h.ID] = h
	}
	for i := range finals {
		f := &finals[i]
		h := at[f.Holding]
		f.Detached = f.Outcome == decide.Erase && slices.ContainsFunc(stay[place{h.Handle, h.Item.Handle, h.System, h.Dataset, h.Category.Code}], func(e events.Code) bool {
			return e == "" || h.Category.Element == "" || e == h.Category.Element
		})
	}
}
