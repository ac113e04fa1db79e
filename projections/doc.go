// Package projections keeps the map: each handle's own slice of the journal,
// in one store of sorted rows, at one position.
//
// It owns <data>/map and the one goroutine that follows the event log into it.
// A batch of events, the position it reaches and the log's checkpoint commit
// together (I3): seen at once, durable later, in order; the journal has them until
// then. Events that cannot be read or placed go into quarantine in that same batch
// and never stop the rest (I5). Nothing in
// the map depends on a clock, a cache or where batches were cut (I4): the same
// events give the same keys and values, live, restarted or rebuilt.
//
// Readers take a View: a snapshot of the last committed batch. They wait for
// nobody. What the rows mean is said in inventory,
// identity, retention, findings, facets and casebook; this package only keeps them.
package projections
