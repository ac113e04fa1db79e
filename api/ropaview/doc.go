// Package ropaview writes a record of processing activities in the forms that
// others read: CSV and XLSX with the columns of the template that the
// Information Commissioner's Office publishes for controllers, and JSON-LD in
// the words of the Data Privacy Vocabulary.
//
// It decides nothing: every word it writes is in the record, and a column that
// habeas cannot know is left empty. It writes row by row, so a long record does
// not have to fit in memory twice.
package ropaview
