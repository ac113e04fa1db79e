// Package events owns the vocabulary: typed ids, the kinds of event, the
// CloudEvents form that source systems send, the frame form that the journal
// keeps, and the value types that answers are made of.
//
// It does no I/O, reads no clock and draws no random number but the seed of
// digests that never leave the process (Pack.Sum). An Event never holds personal
// data: identifiers are handles, everything else is a code, a date or a flag (I1). Plaintext exists only in an Observation, on its way from
// the edge to the vault.
//
// Two tables describe the two forms. The table of fields in codec.go is the
// record form inside frames, with writer.event beside it; the table of members in contract.go is the
// published CloudEvents form. Readers, writers, the JSON Schema and the goldens
// are made from them. What is released is never changed: tags and numbers are
// not reused, and a new version of the record form brings an upcaster.
//
// Unknown means error: an unknown kind, field or version stops the decoder
// with a sentence that says where (I5 is built on that).
package events
