// Package events owns the vocabulary: typed ids, the kinds of event, the
// CloudEvents form that source systems send, the frame form that the journal
// keeps, and the value types that answers are made of.
//
// It does no I/O, reads no clock and draws no random number. An Event never
// holds personal data: identifiers are handles, everything else is a code, a
// date or a flag (I1). Plaintext exists only in an Observation, on its way from
// the edge to the vault.
//
// Unknown means error: an unknown kind, field or version stops the decoder
// with a sentence that says where (I5 is built on that).
package events
