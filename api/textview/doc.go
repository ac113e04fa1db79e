// Package textview says answers in plain words for people who are no engineers:
// grouped by system, kinds of data by name, special categories marked, dates as
// people write them. The command line prints it and the console shows it, from
// one model, so that both say the same.
//
// Everything it says is in the answer. It decides nothing and leaves nothing
// out: what an answer does not know is a part of its own, never a footnote.
package textview
