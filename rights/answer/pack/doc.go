// Package pack puts an answer and the copies that systems sent into one encrypted
// file, on its way out.
//
// It owns the form of the package: a zip archive inside the age format, with a
// manifest that names every file with its size and hash and is signed, so that
// the person and anybody they show it to can check it without us. It reads each
// copy once, as a stream, and writes to a stream: memory does not grow with the
// size of a package. It may never write a file: what would rest unencrypted on a
// disk never comes into being here.
package pack
