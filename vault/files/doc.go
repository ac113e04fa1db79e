// Package files keeps large files sealed at rest: copies that systems export for
// an answer, and the answer itself until it has been fetched.
//
// It owns the folder <data>/files. Each file is encrypted under a key of its own
// with the age format, in chunks that are each authenticated; the key is a note
// of the vault under the same id. So to shred the note is to shred the file, and
// every copy of it in every backup, once the next rotation has destroyed the old
// keys. The package may never write plaintext to disk, nor keep a whole file in
// memory, nor know what a file holds; names of files are random ids (I1).
//
// A file is durable when Put returns (I2). What a crash can leave is a file
// without a key, which nobody can read; Open removes it.
package files
