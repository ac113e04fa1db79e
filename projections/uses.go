package projections

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// Uses reports whether any event of the map holds the code. It may know more
// than the view sees.
func (r *reader) Uses(c events.Code) bool {
	return slices.Contains(*r.s.symbols.names.Load(), c)
}
