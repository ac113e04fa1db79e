package events

import "fmt"

// Check reports what makes an event impossible to write and read back: too many
// elements, a code out of form, a word out of its list, half a reference. What
// it passes, DecodeEvent reads back from AppendEvent exactly as it is. It does
// not judge which fields a kind should have: facts that habeas writes itself
// follow other rules than those of sources.
//
// Whoever appends to the journal asks first: what is in the journal stays. The
// journal itself packs its events, and Pack.Add asks the same.
func (e *Event) Check() error { return new(Pack).Add(e) }

func checked(e *Event, err error) error {
	if err != nil {
		return fmt.Errorf("check %s: %w", e.Kind, err)
	}
	return nil
}
