package textview

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// ImpactText is how many people something touches, ready to be said in words.
type ImpactText struct {
	System, Recipient, Activity string
	Categories                  []string
	Windowed                    bool
	First, Last                 events.Date // both included; absent is open
	People, Holdings, Forgotten uint64
	Special, Criminal           bool

	ByCategory, BySystem, ByRecipient, ByCountry []ImpactRow

	Unknown []events.Unknown
	AsOf    events.AsOf
	Words   events.Glossary
}

// ImpactRow counts by one code.
type ImpactRow struct {
	Code                          string
	People, Holdings              uint64
	Special, Criminal, Undeclared bool
	Country                       string // of a recipient, as declared
}

// Count writes a number with a comma after each three digits.
func Count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func counted(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Impact writes the answer for a person to read on a terminal.
func Impact(w io.Writer, t *ImpactText) error {
	p := printer{bufio.NewWriter(w)}
	n := NewNames(t.Words, t.AsOf.Zone)
	p.line("WHOM IT TOUCHES")
	p.say("", "", upper(t.question(n))+".")
	p.line("")
	p.say("", "", fmt.Sprintf("%s, %s. %s", counted(t.People, "person", "people"), counted(t.Holdings, "record", "records"), t.weight()))
	if t.Forgotten > 0 {
		p.say("", "", counted(t.Forgotten, "of them has", "of them have")+" been forgotten: they can be counted but not named or written to, and the same person may be counted twice.")
	}
	p.rows(n, "Categories", "category", t.ByCategory)
	by, head := "Held by", "Of the same kind, shared with"
	if t.Recipient != "" {
		by, head = "Shared by", "Shared with"
	}
	p.rows(n, by, "system", t.BySystem)
	p.rows(n, head, "recipient", t.ByRecipient)
	p.rows(n, "Countries", "country", t.ByCountry)
	p.unknown(n.Gaps(t.Unknown, false))
	p.line("")
	p.say("", "", "Position "+t.AsOf.Position+".")
	return p.Flush()
}

// question says what was asked.
func (t *ImpactText) question(n Names) string {
	s := "what is held"
	if t.Recipient != "" {
		s = "what was shared with " + n.word("recipient", t.Recipient)
	}
	if len(t.Categories) > 0 {
		words := make([]string, len(t.Categories))
		for i, c := range t.Categories {
			words[i] = n.word("category", c)
		}
		s += " of " + strings.Join(words, " or ")
	}
	if t.System != "" {
		s += " by " + n.word("system", t.System)
	}
	if t.Activity != "" {
		s += " for " + n.word("activity", t.Activity)
	}
	switch {
	case !t.Windowed && t.Recipient != "":
		return s + ", at any time"
	case !t.Windowed:
		return s + " now"
	case t.First == 0:
		return s + ", at any time until the end of " + plainDate(t.Last)
	case t.Last == 0:
		return s + ", at any time since " + plainDate(t.First)
	case t.First == t.Last:
		return s + ", at any time on " + plainDate(t.First) + " (UTC)"
	}
	return s + ", at any time from " + plainDate(t.First) + " to " + plainDate(t.Last) + " (UTC, both included)"
}

// weight says whether any of it needs more care than the rest.
func (t *ImpactText) weight() string {
	switch {
	case t.People == 0:
		return "Nobody is touched, as far as the systems below have reported."
	case t.Special && t.Criminal:
		return "Special categories (Article 9) and data about convictions or offences (Article 10) are among it."
	case t.Special:
		return "Special categories (Article 9) are among it."
	case t.Criminal:
		return "Data about convictions or offences (Article 10) is among it."
	}
	return "No category among it is declared as special."
}

func (p printer) rows(n Names, head, field string, rows []ImpactRow) {
	if len(rows) == 0 {
		return
	}
	p.head(head)
	for _, r := range rows {
		s := n.word(field, r.Code)
		switch {
		case r.Code == "":
			s = "category not named by the source"
		case field == "recipient" && r.Code == "person":
			s = "private people"
		case r.Special:
			s += " (special, Article 9)"
		case r.Criminal:
			s += " (convictions or offences, Article 10)"
		case r.Undeclared:
			s += " (not in the catalogue)"
		case r.Country != "":
			s += " (" + n.word("country", r.Country) + ")"
		}
		s += ": " + counted(r.People, "person", "people")
		if r.Holdings > 0 {
			s += ", " + counted(r.Holdings, "record", "records")
		}
		p.say("- ", "  ", s)
	}
}

// An ImpactListLine is one line of a list of people.
type ImpactListLine struct {
	Head, End            bool
	People               uint64 // of the first and the last line
	Ref                  string
	Identifiers          []string
	Contested, Forgotten bool
}

// ImpactLine writes one line of a list.
func ImpactLine(w io.Writer, l ImpactListLine) error {
	var err error
	switch {
	case l.Head:
		_, err = fmt.Fprintf(w, "# %s\n", counted(l.People, "person", "people"))
	case l.End:
		_, err = fmt.Fprintf(w, "# end of the list: %s\n", counted(l.People, "person", "people"))
	case l.Forgotten:
		_, err = fmt.Fprintf(w, "ref=%s\tforgotten: nobody knows any more who it was\n", l.Ref)
	default:
		s := "ref=" + l.Ref + "\t" + strings.Join(l.Identifiers, "\t")
		if l.Contested {
			s += "\tcontested: decide who it is before writing"
		}
		_, err = fmt.Fprintln(w, s)
	}
	return err
}

// Approved says what was let pass.
func Approved(w io.Writer, by, question string, people uint64) error {
	_, err := fmt.Fprintf(w, "approved: %s may list %s once within the hour (%s)\n", by, counted(people, "person", "people"), question)
	return err
}
