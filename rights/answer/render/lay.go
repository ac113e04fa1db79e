package render

import (
	"fmt"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/answer"
)

// A sheet takes an answer piece by piece: a page of HTML or a PDF.
type sheet interface {
	heading(level int, text string)
	paragraph(text, link string) // link may be empty
	list(items []string)
	pairs(rows [][2]string) // what and its value
	table(head []string, rows [][]string)
}

const title = "What we hold about you"

// lay writes a whole answer onto a sheet, layer by layer.
func lay(a *answer.Answer, s sheet) {
	s.heading(1, title)
	if a.Simulated {
		s.paragraph("This answer was made with an invented date. It is a trial and no answer.", "")
	}
	for _, p := range a.Letter {
		s.paragraph(p, "")
	}
	s.heading(2, "In short")
	var short [][]string
	for _, p := range a.Points {
		short = append(short, []string{p.ID, p.Title, p.Text, p.Law})
	}
	s.table([]string{"No.", "Question", "Answer", "Law"}, short)
	layPerson(a, s)
	layHoldings(a, s)
	layParties(a, s)
	layAutomated(a, s)
	layWithheld(a, s)
	laySearch(a, s)
	layCopies(a.Copies, s)
	s.heading(2, "Where you can turn")
	for _, r := range a.Remedies {
		s.paragraph(r.Says+" ("+r.Law+")", r.Link)
	}
	s.heading(2, "About this answer")
	s.pairs([][2]string{{"Case", a.Case}, {"You asked on", day(a.Received)}, {"Answered on", day(a.Made)}, {"Rests on", "position " + a.AsOf.Position + " of the record, " + moment(a.AsOf.Time)},
		{"Notice", a.AsOf.Catalogue}})
}

func layPerson(a *answer.Answer, s sheet) {
	s.heading(2, "How we know you")
	var rows [][]string
	for _, id := range a.Person.Identifiers {
		rows = append(rows, []string{kindWords(a, id.Kind), id.Value})
	}
	if len(rows) > 0 {
		s.table([]string{"Kind", "Value"}, rows)
	}
	if len(a.Person.Is) > 0 {
		s.paragraph("To us you are: "+strings.Join(a.Person.Is, ", ")+".", "")
	}
}

// kindWords names a kind of identifier; a system's own stands with its name.
func kindWords(a *answer.Answer, kind string) string {
	if w, ok := kindNames[kind]; ok {
		return w
	}
	system, own, local := strings.Cut(kind, ".")
	if !local {
		return strings.ReplaceAll(kind, "_", " ")
	}
	for _, x := range a.Searched {
		if x.System == system {
			system = x.Name
		}
	}
	return system + ": " + strings.ReplaceAll(own, "_", " ")
}

var kindNames = map[string]string{"email": "E-mail address", "phone": "Telephone number", "ip": "Internet address", "cookie": "Cookie", "device": "Device", "name": "Name",
	"postal_address": "Postal address", "date_of_birth": "Date of birth", "nhs_number": "NHS number", "ni_number": "National Insurance number", "passport": "Passport number"}

func layHoldings(a *answer.Answer, s sheet) {
	s.heading(2, "What each system holds")
	if len(a.Systems) == 0 {
		s.paragraph(a.Points[0].Text, "")
	}
	for _, sys := range a.Systems {
		s.heading(3, sys.Name)
		for i := range sys.Holdings {
			layHolding(&sys.Holdings[i], s)
		}
	}
}

func layHolding(h *answer.Holding, s sheet) {
	s.heading(4, h.What)
	rows := [][2]string{{"What for", h.Purpose}, {"Why the law lets us", basis(h)}}
	add := func(what, value string) {
		if value != "" {
			rows = append(rows, [2]string{what, value})
		}
	}
	add("Especially protected", h.Special)
	if h.Criminal {
		add("Especially protected", "about criminal convictions or offences")
	}
	add("Concerns", h.Item)
	add("Of the day", day(h.RecordDate))
	add("Where it came from", h.Source)
	add("Held since", moment(h.FirstSeen))
	add("Kept in", h.Country)
	add("Kept until", until(h.Until))
	if len(h.RestrictedBy) > 0 || h.State == "restricted" {
		add("Its use", "is restricted")
	}
	add("Who received it", strings.Join(h.Recipients, "; "))
	if len(h.Recipients) == 0 {
		add("Who received it", "nobody outside, as far as we know")
	}
	add("You can", rights(h.Rights, true))
	add("Does not apply to it", rights(h.Rights, false))
	s.pairs(rows)
}

func basis(h *answer.Holding) string {
	text := "We have not recorded a lawful basis."
	if len(h.Basis) > 0 {
		text = strings.Join(h.Basis, "; or ")
	}
	if len(h.Conditions) > 0 {
		text += "; because the data is especially protected, also: " + strings.Join(h.Conditions, "; ")
	}
	return text
}

func until(u answer.Until) string {
	if u.Day == "" {
		return u.Why
	}
	return day(u.Day) + ". " + u.Why
}

func rights(list []answer.RightOfHolding, exist bool) string {
	var out []string
	for _, r := range list {
		if r.Exists != exist {
			continue
		}
		says := r.Says
		if !exist {
			says = "the right to " + says
		} else if r.Test != "" {
			says += ", " + testWords(r.Test)
		}
		out = append(out, fmt.Sprintf("%s (Article %s)", says, r.Article))
	}
	return strings.Join(out, "; ")
}

// testWords says for what a right exists, without the numbers of the law.
func testWords(test string) string {
	switch test {
	case "a ground of 17(1), and none of 17(3)":
		return "where there is a ground for it and no law or claim needs it"
	case "a ground of 18(1)":
		return "for example while we check what you say is wrong"
	case "given by the person, and processed by automated means":
		return "as far as you gave it and machines process it"
	case "a decision by a machine alone, of legal or similar effect":
		return "if it was made by a machine alone and affects you seriously"
	}
	return strings.TrimPrefix(test, "and ")
}

func layParties(a *answer.Answer, s sheet) {
	if len(a.Recipients) > 0 {
		s.heading(2, "Who received it, and who may")
		var rows [][]string
		for _, r := range a.Recipients {
			when := "not seen yet: our notice names them"
			if !r.Planned {
				when = catalogue.PlainDate(r.First.Day()) + " to " + catalogue.PlainMonth(r.Last)
			}
			where := r.Country
			if r.ThirdCountry {
				where += ", a third country; safeguard: " + r.Safeguard
			}
			rows = append(rows, []string{r.Name, r.As, strings.Join(r.What, "; "), where, when})
		}
		s.table([]string{"Who", "As", "What", "Country", "When"}, rows)
	}
	if len(a.Transfers) > 0 {
		s.heading(2, "Transfers to other countries")
		var rows [][]string
		for _, t := range a.Transfers {
			rows = append(rows, []string{t.Name, t.Country, t.Safeguard, t.Copy})
		}
		s.table([]string{"Who", "Country", "Safeguard", "A copy of it"}, rows)
	}
	if len(a.Sources) > 0 {
		s.heading(2, "Where it came from, other than from you")
		var rows [][]string
		for _, x := range a.Sources {
			rows = append(rows, []string{x.Name, strings.ReplaceAll(x.How, "_", " "), strings.Join(x.What, "; ")})
		}
		s.table([]string{"Source", "Kind", "What"}, rows)
	}
}

func layAutomated(a *answer.Answer, s sheet) {
	if len(a.Automated) == 0 {
		return
	}
	s.heading(2, "Decisions by machines")
	for _, d := range a.Automated {
		s.heading(3, d.Activity+", "+day(d.On))
		alone := "A person took part."
		if d.Alone {
			alone = "No person took a meaningful part."
		}
		s.pairs([][2]string{{"How", alone}, {"Logic", d.Logic}, {"What it means for you", d.Meaning}, {"What you can do", d.YouCan}, {"Article", d.Article}})
	}
}

func layWithheld(a *answer.Answer, s sheet) {
	if len(a.Withheld) == 0 {
		return
	}
	s.heading(2, "What we have not given, and why")
	var rows [][]string
	for _, w := range a.Withheld {
		rows = append(rows, []string{w.What, w.System, w.Activity, w.Reason, w.Law})
	}
	s.table([]string{"What", "System", "What for", "Why not", "Law"}, rows)
}

func laySearch(a *answer.Answer, s sheet) {
	s.heading(2, "Where we looked")
	var rows [][]string
	for _, x := range a.Searched {
		rows = append(rows, []string{x.Name, x.How})
	}
	s.table([]string{"System", "How"}, rows)
	s.heading(2, "What we cannot speak for")
	var items, quiet []string
	for _, u := range a.Unknown {
		if u.Why == "recipient_silent" {
			quiet = append(quiet, u.Name)
			continue
		}
		text := u.Name + " " + u.Says
		if u.Since != nil {
			day := catalogue.PlainDate(u.Since.Day())
			switch text = strings.TrimSuffix(text, " this time"); u.Why {
			case "behind", "before":
				text += " " + day
			default:
				text += " (since " + day + ")"
			}
		}
		items = append(items, text+".")
	}
	if len(quiet) > 0 {
		items = append(items, "These received data from us, and have not told us what they hold now: "+strings.Join(quiet, "; ")+". You can ask them.")
	}
	if len(items) == 0 {
		s.paragraph("Every system reports to us as it should.", "")
		return
	}
	s.list(items)
}

func layCopies(list []answer.Copy, s sheet) {
	if len(list) == 0 {
		return
	}
	s.heading(2, "The files")
	var rows [][]string
	for _, c := range list {
		rows = append(rows, []string{c.Name, c.System, fmt.Sprint(c.Bytes), c.SHA256})
	}
	s.table([]string{"File", "System", "Bytes", "SHA-256"}, rows)
}

func day(s string) string {
	d, err := events.ParseDate(s)
	if err != nil {
		return s
	}
	return catalogue.PlainDate(d)
}

func moment(i events.Instant) string { return catalogue.PlainDate(i.Day()) }
