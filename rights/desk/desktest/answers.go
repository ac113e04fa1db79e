package desktest

import (
	"context"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Names opens names for claims out of the world's own vault.
func (w *World) Names() taskNames { return taskNames{w.vault} }

type taskNames struct{ v *vault }

// RevealForTasks opens the names of a claim.
func (n taskNames) RevealForTasks(ctx context.Context, handles []events.Handle) (map[events.Handle]events.Identifier, error) {
	return n.v.Reveal(ctx, handles)
}

// EventID is the digest that the world's vault makes of a key of the desk's own.
func (w *World) EventID(key events.Plaintext) events.EventID {
	return w.vault.EventID(inventory.Operator, key)
}
