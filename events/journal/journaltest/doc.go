// Package journaltest has a journal in memory for the tests of packages that
// append and follow, and the suite that it and the real one both pass.
//
// The fake keeps real frames and enforces the contract: it fails the test when
// a code is not a code (an address could hide there, I1), when an event breaks
// the limits, or when a reader changes a frame that others read too.
package journaltest
