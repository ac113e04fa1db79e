// Package desk is the one service that answers questions about a person: it
// finds who is meant, records the look, reads the map at a position, joins it
// with the catalogue, and says what it does not know.
//
// The order is fixed: permission, rate, identity, record, read, reveal. A look
// is recorded before anything of it leaves, also when nobody is found; if it
// cannot be recorded there is no answer (I7). Every answer names its position
// and every system it cannot speak for (I6). Where a match is weak or
// contested the desk shows candidates and nothing else. It never guesses a
// date, a basis or a person.
//
// Plaintext passes through here in live replies only: nothing of it is logged
// or kept, except reasons, which are sealed in the vault (I1). What a person
// decides by hand is appended to the journal as an event of system habeas.
//
// It carries cases from the request to the answer: appendCase is the one way in
// which something happens to a case, and appendTask to a task. Each is held
// against the rules of rights/cases, its body sealed, put on record, appended and
// read back: of two that come at once one counts.
package desk
