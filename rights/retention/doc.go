// Package retention says until when a holding is kept: by which rule, counted
// from which moment, until which day, and what stands in the way of its end.
//
// It owns the arithmetic of storage limitation (UK GDPR Article 5(1)(e)). It is
// pure: what was declared and what happened come in, a Status comes out. The day
// is an argument, so the same question about another day needs no other data. It
// may never read a store, a clock or a name, it never guesses a date, and what
// the notice leaves open stays open and is said so.
//
// Nothing it computes is kept anywhere. A changed period, trigger or join takes
// effect with the next question (I10: nothing outlives its due date unseen).
package retention
