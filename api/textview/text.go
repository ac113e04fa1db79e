package textview

import (
	"bufio"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/habeas-data/habeas/events"
)

// width is how wide the text for terminals is, in characters.
const width = 96

// printer writes wrapped lines. Errors are kept by the writer beneath.
type printer struct{ *bufio.Writer }

// say writes s wrapped, the first line behind indent, the others behind hang.
func (p printer) say(indent, hang, s string) {
	line := indent
	empty := true
	for _, word := range strings.Fields(s) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			p.line(line)
			line, empty = hang, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	p.line(line)
}

func (p printer) line(s string) { _, _ = p.WriteString(strings.TrimRight(s, " ") + "\n") }

func (p printer) head(s string) {
	p.line("")
	p.line(strings.ToUpper(s))
	p.line(strings.Repeat("-", utf8.RuneCountInString(s)))
}

func (p printer) list(head string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.head(head)
	for _, l := range lines {
		p.say("- ", "  ", l)
	}
}

// Footprint writes a footprint for a person to read on a terminal.
func Footprint(w io.Writer, f *events.Footprint) error {
	p := printer{bufio.NewWriter(w)}
	v := NewNames(f.Words, f.AsOf.Zone).Footprint(f)
	p.opening(v)
	for _, g := range v.Groups {
		p.head(g.System)
		for i := range g.Lines {
			p.holding(&g.Lines[i])
		}
	}
	if len(v.Groups) == 0 {
		p.line("")
		p.say("", "", "Nothing is recorded as held. That is not the same as nothing being held: see below.")
	}
	p.list(looseHead, v.Loose)
	p.list("Consents and objections", v.Consents)
	p.list("What else is known", v.Facts)
	if len(v.Findings) > 0 {
		p.head("What does not fit together")
		for _, x := range v.Findings {
			if len(x.Where) < 2 {
				p.say("- ", "  ", x.Weight+": "+x.Text+bracket(x.Where)+".")
				continue
			}
			p.say("- ", "  ", x.Weight+": "+x.Text+":")
			for _, where := range x.Where {
				p.say("    - ", "      ", where)
			}
		}
	}
	p.unknown(v.Unknown)
	p.list("Why these records are taken to be one person's", v.Joins)
	p.line("")
	p.say("", "", "Reference for further questions: "+v.Ref+". Position "+v.Position+". Read with the catalogue "+v.Catalogue+".")
	return p.Flush()
}

const firstHead = "Before anything else"

const looseHead = "Sent to others although no system reported holding it"

func (p printer) opening(v Page) {
	p.line("WHAT IS HELD ABOUT THIS PERSON")
	p.say("", "", v.AsOf+".")
	if v.Simulated {
		p.say("", "", "SIMULATED: the clock was set by hand.")
	}
	p.list(firstHead, v.First)
	p.line("")
	p.identifiers(v.Identifiers)
	if v.Roles != "" {
		p.say("Known as: ", "  ", v.Roles)
	}
	p.line("")
	p.say("", "", v.Summary)
	p.contests(waitingHead, v.Contested)
	p.contests(decidedHead, v.Decided)
}

func (p printer) identifiers(list []Identifier) {
	for _, id := range list {
		p.say(id.Kind+": ", "  ", id.Value+" ("+id.Systems+")")
	}
}

func (p printer) holding(l *Line) {
	what := make([]string, len(l.Kinds))
	for i, k := range l.Kinds {
		what[i] = k.What + marks(k.Marks)
	}
	p.say("* ", "  ", strings.Join(what, "; "))
	row := func(name, s string) {
		if s != "" {
			p.say("    "+name+": ", "      ", s)
		}
	}
	row("About", l.Item)
	row("Why", l.Purpose)
	row("Lawful basis", l.Basis)
	row("Held", l.Seen)
	row("Where from", l.Origin)
	row("State", l.State)
	row("How long", l.Until)
	for _, r := range l.Recipients {
		row("Sent to", r)
	}
	if len(l.Recipients) == 0 {
		row("Sent to", "nobody, as far as reported")
	}
	row("Found", l.Joined)
}

// marks sets what makes data special apart from the text.
func marks(list []string) string {
	s := ""
	for _, m := range list {
		s += " [" + strings.ToUpper(m) + "]"
	}
	return s
}

func (p printer) unknown(gaps []Gap) {
	p.head("What we cannot see")
	if len(gaps) == 0 {
		p.line("Every system of the catalogue reports as it should.")
	}
	for _, g := range gaps {
		p.line(g.Head + ":")
		for _, l := range g.Lines {
			p.say("- ", "  ", l)
		}
	}
}

// History writes a timeline for a person to read on a terminal.
func History(w io.Writer, h *events.History) error {
	p := printer{bufio.NewWriter(w)}
	n := NewNames(h.Words, h.AsOf.Zone)
	p.line("WHAT HAPPENED WITH THIS PERSON'S DATA")
	p.say("", "", n.UpTo(h.AsOf)+".")
	p.line("")
	p.identifiers(n.identifiers(h.Subject.Identifiers))
	for _, d := range n.Days(h.Entries) {
		p.line("")
		p.line(d.Day)
		for _, l := range d.Lines {
			p.say("  "+l.Time+"  ", "         ", l.Text+marks(l.Marks)+l.More())
		}
	}
	if len(h.Entries) == 0 {
		p.line("")
		p.line("Nothing is recorded.")
	}
	p.unknown(n.gaps(h.Unknown, true))
	p.line("")
	p.say("", "", "Reference for further questions: "+h.Subject.Ref+". Position "+h.AsOf.Position+".")
	return p.Flush()
}

// A Day is a day of a timeline.
type Day struct {
	Day   string
	Lines []Moment
}

// A Moment is one line of a timeline.
type Moment struct {
	Time, Text string
	Marks      []string // what makes the data special
	Late       string   // when it was recorded, if much later
	Lines      int      // how many lines from here on Late speaks of
	Retracted  bool
	Repeated   bool
	Position   string
}

// More says what else a reader of the line should know.
func (m Moment) More() string {
	s := ""
	if m.Retracted {
		s += " (taken back later)"
	}
	if m.Repeated {
		s += " (repeated that month)"
	}
	switch {
	case m.Late == "":
	case m.Lines > 1:
		s += " (this and the " + count(m.Lines-1, "line", "lines") + " after it: reported only on " + m.Late + ")"
	default:
		s += " (reported only on " + m.Late + ")"
	}
	return s
}

// late is how much later than it happened something must have been recorded for
// the timeline to say so: nightly batches are no news.
const late = events.Instant(7 * 24 * time.Hour / time.Microsecond)

// Days gathers a timeline by day, oldest first.
func (n Names) Days(list []events.HistoryEntry) []Day {
	var out []Day
	for i := range list {
		e := &list[i]
		day := n.day(e.At)
		if len(out) == 0 || out[len(out)-1].Day != day {
			out = append(out, Day{Day: day})
		}
		m := Moment{Time: e.At.Time().In(n.zone).Format("15:04"), Text: e.Text, Marks: n.marks(e), Retracted: e.Retracted, Repeated: e.Repeated, Position: e.Position}
		if on := n.late(e); on != "" && (i == 0 || n.late(&list[i-1]) != on) {
			m.Late = on
			for m.Lines = 1; i+m.Lines < len(list) && n.late(&list[i+m.Lines]) == on; {
				m.Lines++
			}
		}
		d := &out[len(out)-1]
		d.Lines = append(d.Lines, m)
	}
	return out
}

// late is the day on which something was recorded, if that was much later.
func (n Names) late(e *events.HistoryEntry) string {
	if e.Recorded-e.At > late {
		return n.day(e.Recorded)
	}
	return ""
}

// marks says what makes the data of a line special, each once.
func (n Names) marks(e *events.HistoryEntry) []string {
	var out []string
	for _, c := range e.Categories {
		code, _, _ := strings.Cut(c, "/")
		out = include(out, n.words["special/"+code])
	}
	if e.Special && out == nil {
		out = append(out, "special category")
	}
	if e.Criminal {
		out = append(out, "criminal record data")
	}
	return out
}

// NotFound writes that nobody was found, and what that does not mean.
func NotFound(w io.Writer, as events.AsOf, unknown []events.Unknown, words events.Glossary) error {
	p := printer{bufio.NewWriter(w)}
	n := NewNames(words, as.Zone)
	p.say("", "", "No system has reported this identifier. Nothing recorded is not the same as nothing held.")
	p.say("", "", "Position "+as.Position+".")
	p.unknown(n.gaps(unknown, false))
	return p.Flush()
}

// Gaps says what is not known, for pages. person says that somebody was found.
func (n Names) Gaps(list []events.Unknown, person bool) []Gap { return n.gaps(list, person) }

// Identifiers says a person's identifiers, for pages.
func (n Names) Identifiers(list []events.IdentifierView) []Identifier { return n.identifiers(list) }

// UpTo says how far a timeline goes.
func (n Names) UpTo(a events.AsOf) string {
	return "Up to " + strings.TrimPrefix(n.asOf(a), heldOn)
}
