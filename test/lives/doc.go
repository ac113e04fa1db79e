// Package lives draws random lives of people and plays them against habeas and
// against a small model that was written from the documents and not from the code:
// events, holds, consents, objections, requests, milestones, targets that fail, lie
// or never come back, crashes at every durable step, and days that pass.
//
// It owns the generator (life.go), the model (model.go, calendar.go) and its own
// small notice (testdata). The model never calls a package of rights. TestLives
// plays on a desk in memory, thousands in a minute; TestWhole plays some on a real
// server that is killed at its durable steps, to the end: forgotten, rotated,
// searched for in every file, and brought back from an older backup.
//
//	go test ./test/lives -lives 20000 -seed 7
//
// What is checked: nothing is destroyed while a purpose, a hold or a request for a
// copy needs it; everything past its last day is listed; each target is told exactly
// what it has to be told; nothing is said to be gone that no look proved to be; no
// case is complete with an unproven target; nobody who decided approves; every clock.
// A life that fails is shortened and told with its seed.
//
// That the test can fail was tried by breaking one rule at a time:
//
//   - a claim does not look at holds (rights/desk/taskclaim.go): "erased too early"
//   - nor at what else needs the bytes (the same): "erased too early"
//   - a legal duty ends at once (rights/decide/grounds.go): "plan"
//   - new tasks leave a case complete (rights/cases/fold.go): "complete with an
//     unproven target"
//   - a task that a crash abandoned is not given back (rights/desk/afterdue.go): the
//     same
//
// Four eyes stands in two places (rights/cases, rights/desk): taking one away fails
// nothing.
package lives
