// Package fanout hands tasks to the systems and recipients that must act on them
// and takes their reports.
//
// It owns the doorbell: a work queue on JetStream with a subject for each system.
// A message there holds the id of a task and its verb, no more (I1). It says
// that something waits, not what is so: the book of cases is what is so, and the
// queue is filled from it at start and again and again, so a lost message loses no
// task and one that is rung twice does nothing twice. Whoever claims is checked,
// the claim is made durable and recorded by the desk, and only then is it said
// whom the task is about (I7); that is asked of the desk through an interface and
// passes through here in a live reply only.
//
// Each target has its own queue, its own rate and its own number of tasks at
// once: one that is dead, slow or lying takes nothing from the others. This
// package may never decide what becomes of a task, and never reads the map or
// the vault by itself.
package fanout
