package events

// An Observation is one decoded and checked CloudEvent before the vault has
// seen it: the codes and dates are in Event, the personal data beside it. The
// gateway turns it into an Event by putting handles in the places of
// identifiers.
type Observation struct {
	// Event has every field that needs no vault. ID, Subject, Item, Within,
	// RecipientRef, the Person of parties and Retracts are still empty.
	Event Event

	ExternalID Plaintext    // id, as the source chose it
	Subject    []Identifier // in the order sent
	Item       Identifier
	Within     Identifier
	// RecipientRef is the name by which the recipient knows the person.
	RecipientRef       Identifier
	RecipientPerson    Identifier
	ObtainedFromPerson Identifier
	// Retracts is the id of the event that event.retracted takes back.
	Retracts Plaintext
}

// An IngestResult is the answer to one request of one or more events.
type IngestResult struct {
	Accepted  int         `json:"accepted"`
	Duplicate int         `json:"duplicate"`
	Rejected  []Rejection `json:"rejected"`
	// Position is that of the last event that became durable.
	Position string `json:"position,omitempty"`
}
