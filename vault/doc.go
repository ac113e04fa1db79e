// Package vault owns the only link between people and the journal: which
// identifier stands behind which handle. It normalises identifiers, allocates
// handles, opens them for those who may, keeps sealed notes, retires and
// forgets, and remembers for a period what must not come back.
//
// How forgetting is made true: every entry has a slot, numbered in order and
// never reused, and the slot's key is a leaf of a puncturable key tree (package
// ggm). The log of the vault and every copy of it only ever hold entries sealed
// under their own keys. To forget is to puncture the leaf in the key table and
// to give fresh keys to the part of the index the entry stood in; once the next
// rotation has destroyed the former table, no copy of anything can be opened or
// searched for it, and all other entries of every copy still open.
//
// Plaintext lives here and in a live reply only (I1): no error, log line or
// index row of this package holds an identifier. A handle is durable in the
// vault's log before anything that names it (I2). What cannot be
// read stops the vault; nothing is guessed.
package vault
