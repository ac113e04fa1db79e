// Package play replays a worked scenario: the events that source systems send,
// told day by day to the built program, and what a person reads from it on the
// days of the story.
//
// It owns the form of the files in test/scenarios and the comparison of what is
// expected with what is answered. It speaks to the program as a person or a
// script does, through its commands, and imports nothing of the product: what
// cannot be seen from outside cannot be tested here. It upholds no invariant; it
// notices a due date, a state or a finding that is not the one worked out by hand.
package play
