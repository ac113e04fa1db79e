package desk

import (
	"context"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/cases"
)

// divided reports whether somebody said, since the records of a case were confirmed
// as one person's, that two of them are of different people (B3, B4). Whoever
// confirms them again has seen that.
func (d *Desk) divided(ctx context.Context, view View, f *caseFile) (bool, error) {
	var seen events.Position
	for i := range f.facts {
		if f.facts[i].Act == cases.Confirmed {
			seen = f.facts[i].Position
		}
	}
	if seen.IsZero() {
		return false, nil
	}
	// A person's word is about identifiers, so it stands under habeas' own handles.
	var own []events.Handle
	for _, m := range f.c.Members() {
		list, err := d.d.Finder.Siblings(ctx, m.Handle)
		if err != nil {
			return false, fmt.Errorf("find an identifier of a case: %w", err)
		}
		for _, s := range list {
			if s.System == inventory.Operator {
				own = addHandle(own, s.Handle)
			}
		}
	}
	g := d.graph(view, d.d.Catalogue())
	for _, h := range own {
		words, err := g.Words(ctx, h, inventory.Known{})
		if err != nil {
			return false, fmt.Errorf("read what was said of an identifier of a case: %w", err)
		}
		for _, w := range words {
			if w.ByHand && !w.Linked && w.Evidence.Position.Compare(seen) > 0 && slices.Contains(own, w.Other.Handle) {
				return true, nil
			}
		}
	}
	return false, nil
}

// notOwnSecond keeps one person from agreeing with themselves by another token of
// theirs, where two people have to decide the same (D9). The rules of a case know
// names; who made which token, only the desk.
func (d *Desk) notOwnSecond(f *caseFile, b *cases.Body) error {
	if f.c == nil {
		return nil
	}
	for _, x := range b.Decisions {
		e, ok := f.c.Decisions[cases.ItemKey{Holding: x.Holding, Right: x.Right}]
		if ok && e.Decision == x && !cases.SamePerson(e.By, b.By) && d.samePerson(e.By.Token, b.By.Token) {
			return &cases.Refusal{Code: cases.TwoPersons, Text: "the same was decided with another token of one person; somebody else has to decide the same"}
		}
	}
	return nil
}
