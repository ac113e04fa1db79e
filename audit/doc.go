// Package audit owns the record of looks and decisions: who asked, when, by
// which right, about whom (as a salted commitment) and with what outcome.
//
// The records live in an append-only log of the journal. A Merkle tree over
// them (the transparency log of golang.org/x/mod/sumdb/tlog, as in RFC 6962)
// gives a root that is signed, proofs that a record is in it, and proofs that a
// later root only adds to an earlier one; all can be checked without the
// server. Append returns only after the log has fsynced the record: whoever
// shows a person's data calls it first (I7).
//
// A record holds ids, codes and a commitment, never an identifier, a handle or
// a word of free text (I1): those are sealed in the vault under the record's
// note, and when the note is shredded the commitment opens to nobody.
package audit
