// Package demo owns invented people and what happens to them: months of
// plausible events of the shipped instant-connect notice, and the load that
// measurements use. Every person, address and number in it is made up: e-mail
// addresses end in example.org, example.net or .example, telephone numbers are
// from the ranges kept for drama.
//
// It does no I/O and reads no clock; the same Config gives the same events, byte
// for byte. Only `habeas demo`, `habeas bench` and tests use it: nothing that
// serves real data may import it.
package demo
