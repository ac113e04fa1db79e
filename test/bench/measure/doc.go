// Package measure owns the measurements of `habeas bench` and of test/bench:
// the load, the phases that run habeas and the raw limits beneath it, the
// arithmetic of rounds, and the goals that results are held against.
//
// Each phase runs in a process of its own, so that its processor time, its
// peak memory and the state of its heap are its own. A phase pays for the same
// events as every other: the generator is seeded, and its own processor time
// is counted apart. It may never leave data behind, and it never reports a
// number that it did not measure in this run.
//
// It measures what I2 costs: every durable figure is one with fsync before the
// acknowledgement.
package measure
