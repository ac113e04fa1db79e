// Package postgres does with PostgreSQL what habeas does, as well as a good
// engineer would: an append-only table of events, a table of holdings with the
// unique key and the indexes people ask by, and a table of identifiers that
// leads from an e-mail address to a person's holdings. It owns a cluster of its
// own in a temporary directory, on a socket only, and removes it.
//
// It may never be weaker than it need be: every choice that costs PostgreSQL
// something is one that habeas also pays for (fsync before the acknowledgement,
// repeats recognised by the source's id), and where the two differ the easier
// side is PostgreSQL's. docs/performance.md names each of them.
package postgres
