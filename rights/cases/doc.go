// Package cases owns the life of a request and of the tasks that carry it out:
// what may follow what, the clocks of a case, the digest of a plan, which tasks a
// plan makes, the machine that a task goes through, and the form in which the
// bodies of these facts are sealed.
//
// A case is its facts in the order of their versions; Fold makes it and nothing
// sets a state. Check says whether an act may follow, and a Refusal is a stable
// code with a sentence. The same holds for tasks: Next is the only way from one
// state to another.
//
// It is pure: the day and the moment are arguments. It may never read a store, a
// clock or a name, never act, and never put text into an error. Text stands in
// sealed bodies only (I1).
//
// It upholds I8: verified is said only after a later look, and I9: a task is made
// from what was approved and is durable before it is claimed.
package cases
