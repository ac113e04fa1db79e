// Package server assembles habeas: it opens every part in the order in which
// they need each other, runs them, and closes them in the opposite order. It
// holds the glue between packages that do not know each other, the schedulers
// that bring time into the journal, and the operations that need all stores at
// once: fsck, backup, restore, rebuild.
//
// It decides nothing about people or data; it may never answer a question that
// the desk should answer.
package server
