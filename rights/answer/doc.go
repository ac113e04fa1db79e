// Package answer makes what a person gets: the answer to a request for access,
// with all that Article 15 asks for, and the copy for portability of Article 20.
//
// It owns the checklist of eighteen points, the words in which each is said, and
// the published JSON of both. It is pure: what the map says, what was decided,
// which copies the systems sent and the law of the day come in; the day is an
// argument. It may never read a store, a clock or a name, and never decide:
// a holding that nobody decided about stops it.
//
// What was decided to be left out without a word leaves no trace: not in a list,
// a count, a name of a system, a recipient or an identifier. So everything here
// is built from what is shown, and nothing from the whole. It upholds I6: each
// answer names its position and every system it cannot speak for.
package answer
