// Package tagpdf writes tagged PDF: documents that a screen reader can read as
// what they are, with headings, paragraphs, lists, links and tables whose header
// cells are marked as such, a language, a title and bookmarks.
//
// It owns the form of the file: the tree of structure, marked content, embedded
// fonts with their way back to Unicode, and the breaking of lines, rows and
// pages. It knows nothing of what a document says, and may never fetch, read or
// keep anything: text comes in, bytes go out to a writer, page by page. The same
// calls give the same bytes.
//
// What it does not do: shape Arabic or Indic scripts, or reorder text that runs
// from right to left. A character that the font does not have is drawn as an
// empty box; its real value stands behind it for readers and for copying. No
// claim of conformance to PDF/UA is written, for no validator has judged it.
//
// A whole typesetter would do more, but keeps the document in memory, which an
// answer of many thousand rows must not ask for.
package tagpdf
