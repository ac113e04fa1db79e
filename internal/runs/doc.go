// Package runs keeps rows, bytes under bytes in the order of their keys, for a
// store that can be made again from a log: the map, and the vault's index.
//
// It owns a directory of its own: files named run-N, which never change once
// they are written, a MANIFEST that lists those that count, and LOCK. It knows
// nothing of what the rows mean.
//
// There is no write-ahead log, for the store's source is one. A batch is seen
// by readers as soon as it is committed and lies in memory; from time to time
// what lies there is written as one sorted run, synced, and named in the
// manifest. What a crash leaves is therefore always the effect of the batches up
// to one of them, never more and never with a hole (I3): the owner keeps its
// position in a row like any other, finds it again after the crash, and asks its
// log for the rest. Runs are merged in the background, so that a reader has few to ask.
//
// One goroutine writes; readers hold snapshots, wait for nobody, and see the
// same rows for as long as they like. Every page has a checksum: damage is an
// error, never a row that seems not to be there.
package runs
