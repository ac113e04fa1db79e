// Package catalogue owns the declared side: what one organisation says about
// its systems, the kinds of data it holds, why it holds them, until when, and
// who receives them. A catalogue is read from YAML, checked as a whole, and
// never changes afterwards; adopting a new one is an event.
//
// It does no I/O beyond reading the file it is given, reads no clock, and knows
// no person: a catalogue holds codes, plain words and references to lines of
// the notice it was read from, never personal data (I1).
//
// Stated, pooled, conditional, inferred and not stated are different answers,
// and the package keeps them apart: silence in a notice is never filled in
// unseen (I6). An unknown key, word or reference refuses the whole catalogue,
// with every fault named at once.
package catalogue
