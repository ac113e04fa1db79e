// Package caseview says cases, their plans and their tasks in plain words, from
// one model, for the command line and for the console alike.
//
// Everything it says is in the answer of the desk. It decides nothing: an outcome,
// a code or a state that it has no words for is shown as it stands.
package caseview
