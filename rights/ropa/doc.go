// Package ropa builds the record of processing activities that Article 30 of
// the UK GDPR and the GDPR asks for: paragraph 1 for what the organisation does
// as a controller, paragraph 2 for what it does for others.
//
// It joins two sides: what a catalogue declares and what systems reported. Every
// entry says on which side it stands, so that a purpose that is declared and
// never seen, or a recipient that is seen and was never declared, cannot hide in
// a tidy list. It is pure: no clock, no store, nothing but its arguments. It
// holds codes, names of bodies and counts, never anything of one person (I1).
package ropa
