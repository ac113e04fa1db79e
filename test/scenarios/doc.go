// Package scenarios holds stories worked out by hand, one folder each: the events
// that systems send, and what must be seen on which day. README.md says how they
// are written and where a result differs from the paper it comes from.
//
// It owns the stories; how they are played is in play. It may hold no real person
// and no word of the product's packages.
package scenarios
