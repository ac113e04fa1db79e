// Package journal keeps the facts: append-only logs of frames in NATS
// JetStream, embedded in the process or in a cluster outside it.
//
// It owns the streams, the server that serves them, the lock of their
// directory, and the chain that ties each frame to the one before. It knows
// nothing of what an event means, never deletes, and never sees personal data:
// events arrive as handles and codes, the vault's records arrive sealed (I1).
//
// What it promises:
//
//   - I2: Append returns without error only after the frame that holds the
//     events has been fsynced (on a quorum, in a cluster). When it cannot learn
//     whether a frame was saved it stops for good and says so; the next start
//     reads what is there.
//   - One order: each log has one appender, which states the last sequence it
//     knows with every frame, so that two writers cannot interleave unseen.
//   - Nothing is lost unseen: JetStream drops damaged messages in silence, so
//     every reader here checks sequence, hash, previous hash and record number,
//     and refuses a gap, a broken chain or a log shorter than its own position.
//     Nothing is ever skipped.
//   - Recorded times never go backwards, whatever the clock does.
//
// Append groups the events of many callers into one frame: one frame is in
// flight while the next fills. An event alone in an idle log is written at
// once.
package journal
