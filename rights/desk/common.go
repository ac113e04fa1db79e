package desk

import (
	"fmt"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
)

// permit refuses a caller whose roles do not name the permission.
func permit(who access.Caller, p access.Permission) error {
	if who.May(p) {
		return nil
	}
	return fmt.Errorf("%w: this needs the permission %s", ErrForbidden, p)
}

// today is the day it is now, where the organisation is.
func (d *Desk) today() events.Date { return events.DateOf(d.d.Now().In(d.d.Zone)) }

// graph joins people as the view and the catalogue say.
func (d *Desk) graph(view View, cat *catalogue.Catalogue) *identity.MapGraph {
	return &identity.MapGraph{Reader: view, SiblingsOf: d.d.Finder.Siblings, MayJoinSystems: cat.MayJoinSystems}
}
