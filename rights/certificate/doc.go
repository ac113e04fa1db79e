// Package certificate owns the certificate of a case: what was decided and done,
// by system and recipient, what was not proven and who approved that, and the
// proof that all of it stands in the audit log under a signed checkpoint.
//
// It makes a certificate out of counts, codes, dates and commitments, writes it
// as JSON, as plain text and as PDF, reads it back strictly, and checks it with
// nothing but the public key. A certificate holds no identifier, no handle and no
// name of a member of staff, and a test plants some to see to it (I1). "Erased"
// is said only of what a later look did not find (I8).
//
// The package is pure: it may not read a clock, draw a number, open a file or ask
// a server, so that whoever is given a certificate can judge it alone.
package certificate
