// Package eventstest makes events for tests: short to write, whole enough to
// pass every check, and the same at every run. It owns no rule; what it makes
// is what a careful source system would send.
//
// Everything is drawn from names: Handle("priya@crm") is the same handle in
// every test, and an event's id is made from its content, so that two equal
// events are one event sent twice, as they would be from a source.
package eventstest
