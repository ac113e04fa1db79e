package textview

import (
	"bufio"
	"io"

	"github.com/habeas-data/habeas/events"
)

// Word says one code of a field in words.
func (n Names) Word(field, code string) string { return n.word(field, code) }

// Activity says why something is held, by the code of the activity.
func (n Names) Activity(code string) string { return n.activity(code) }

// Category says a kind of data.
func (n Names) Category(code string) string { return n.kind(code, false, false).What }

// Item says what something is about; empty where it is about nothing in
// particular.
func (n Names) Item(v *events.ItemView) string {
	if v == nil {
		return ""
	}
	return n.item(v)
}

// Moment says a time where the organisation is.
func (n Names) Moment(t events.Instant) string { return n.moment(t) }

// Date says a day; empty where it is not known.
func Date(d events.Date) string {
	if d.IsZero() {
		return ""
	}
	return plainDate(d)
}

// DayOf says a day that is written as text; empty where there is none.
func DayOf(text *string) string { return dayOf(text) }

// Plural is "1 task" or "3 tasks".
func Plural(n int, one, many string) string { return count(n, one, many) }

// Upper begins a sentence.
func Upper(s string) string { return upper(s) }

// A Printer writes wrapped text for a terminal.
type Printer struct{ p printer }

// NewPrinter writes to w once Flush is called.
func NewPrinter(w io.Writer) Printer { return Printer{printer{bufio.NewWriter(w)}} }

// Head writes a heading.
func (p Printer) Head(s string) { p.p.head(s) }

// Say writes a paragraph: the first line behind indent, the others behind hang.
func (p Printer) Say(indent, hang, s string) { p.p.say(indent, hang, s) }

// List writes a heading and lines beneath it, or nothing if there are none.
func (p Printer) List(head string, lines []string) { p.p.list(head, lines) }

// Gaps writes what an answer cannot speak for.
func (p Printer) Gaps(gaps []Gap) { p.p.unknown(gaps) }

// Flush ends the text, and says if it could not be written.
func (p Printer) Flush() error { return p.p.Flush() }
