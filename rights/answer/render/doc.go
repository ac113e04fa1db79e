// Package render turns an answer into what people and machines read: one page of
// HTML, a tagged PDF of the same, and CSV.
//
// It owns how an answer looks and nothing of what it says: page and PDF are laid
// from one sequence of headings, paragraphs and tables. Each is written to a
// stream as it is made; nothing is kept, read or fetched, and the page asks for
// nothing: no script, no picture, no address that is opened by itself.
package render
