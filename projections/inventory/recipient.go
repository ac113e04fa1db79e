package inventory

import (
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A Registration is the last time a named recipient was registered under its
// code. What it is called is sealed in the vault under the note's id.
type Registration struct {
	ID       events.Code
	Note     events.EventID
	Time     events.Instant
	Recorded events.Instant
	Position events.Position
}

func recipientKey(c events.Code) []byte {
	return append([]byte{FamilyRecipient, byte(len(c))}, c...)
}

// recipient keeps the last registration of a code; the journal's order decides.
func recipient(b Batch, r *events.Recorded) {
	x := RegistrationOf(r)
	b.Set(recipientKey(x.ID), appendRegistration(nil, &x))
}

// RegistrationOf reads a recipient.registered event.
func RegistrationOf(r *events.Recorded) Registration {
	return Registration{ID: r.Recipient.Code, Note: r.Note, Time: r.Time, Recorded: r.At, Position: r.Position}
}

func appendRegistration(b []byte, x *Registration) []byte {
	b = append(b, x.Note[:]...)
	return appendPosition(appendInstant(appendInstant(b, x.Time), x.Recorded), x.Position)
}

func parseRegistration(k, v []byte) (Registration, error) {
	c := cursor{b: v}
	var x Registration
	copy(x.Note[:], c.take(len(x.Note)))
	x.Time, x.Recorded, x.Position = c.instant(), c.instant(), c.position()
	if c.bad || len(c.b) > 0 || len(k) < 3 || int(k[1]) != len(k)-2 {
		return Registration{}, fmt.Errorf("read recipient row of %d bytes: its form is broken", len(v))
	}
	x.ID = events.Code(k[2:])
	return x, nil
}

// Recipients lists the registered recipients by the length of their codes, then
// by code.
func Recipients(r Scanner) ([]Registration, error) {
	var out []Registration
	err := r.Scan([]byte{FamilyRecipient}, nil, func(k, v []byte) error {
		x, err := parseRegistration(k, v)
		if err == nil {
			out = append(out, x)
		}
		return err
	})
	return out, err
}
