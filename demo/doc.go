// Package demo owns invented people and what happens to them: months of
// plausible events of each shipped notice, and the load that measurements use.
// Every person, address and number in it is made up: e-mail addresses end in
// example.org, example.net or .example, telephone numbers are from the ranges
// kept for drama.
//
// A story is a cast with scripted days and a crowd that lives by routines, rows
// of the notice with how often they come. The crowd keeps to the notice; what
// goes wrong is said in the table of the story's findings, with who shows it.
// The story of instant-connect alone is told in Go: its people meet.
//
// It does no I/O and reads no clock; the same Config gives the same events, byte
// for byte. Only `habeas demo`, `habeas bench` and tests use it: nothing that
// serves real data may import it. It upholds I1: no name in it is anybody's.
package demo
