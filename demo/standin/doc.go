// Package standin owns the other side of tasks in the demo and in tests: systems
// and recipients that hold toy data, take their tasks over the published
// interface, act on what they hold, look again when they are asked to, and
// misbehave on request.
//
// What they hold is what the generator of events says was stored with them or
// shared with them, so that a later look is true: a stand-in that lies still has
// the data, and says so when it is asked to look. The same seed misbehaves in the
// same way. They know nothing of the server but its address and their own token,
// may never read a store of it, and serve no real data (I1: all of it is
// invented).
package standin
