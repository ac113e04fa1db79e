// Package sdk is what a system or a recipient needs to do what habeas asks of it:
// take a task, act on it, look again, and report, over HTTP or over NATS.
//
// It owns the loop of claims: how many tasks are in hand, for how long, and what
// becomes of one whose handler fails, panics or takes too long. Every task may
// come more than once, under one key: whatever was done under Task.Key before
// must not be done again with harm. A report says what was done; habeas believes
// it when a later look, a task with the verb verify, has found nothing.
//
// A Task holds personal data. It prints as its id and its verb and nothing else;
// this package writes no value of it to a log or an error. It is a module of its
// own and imports nothing of the server.
package sdk
