// Package test holds what checks the project as a whole: the house rules
// (this folder), the scripts that run the built command, the browser tests and
// the programs that measure and torment it (the folders below).
//
// It holds nothing that the product runs. The house tests read the source tree
// and never the network; a rule is a row of a table with its reason beside it,
// so that widening one is a visible change. I1..I10 are defined in
// docs/invariants.md, and the tests here keep that page and the code together.
package test
