package certificate

import (
	"fmt"
	"io"
	"strings"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/tagpdf"
)

// A document is what a certificate says, for eyes: the same for text and PDF.
type document interface {
	heading(level int, text string)
	paragraph(text string)
	list(items []string)
	// table writes rows under heads; without heads the first cell names the row.
	table(heads []string, rows [][]string)
}

// WriteText writes the certificate as plain text, for screens and letters.
func (c *Certificate) WriteText(w io.Writer) error {
	t := &textDocument{}
	c.write(t)
	_, err := io.WriteString(w, t.b.String())
	return err
}

// WritePDF writes the certificate as tagged PDF. The same certificate gives the
// same bytes. The PDF is for reading; the JSON file is the proof.
func (c *Certificate) WritePDF(w io.Writer) error {
	d := tagpdf.New(w, tagpdf.Meta{Title: "Certificate of case " + c.Body.Case, Lang: "en-GB", Subject: "What was decided and done, and the proof of it", Created: c.Body.Drawn.Time()})
	c.write(&pdfDocument{d})
	if err := d.Close(); err != nil {
		return fmt.Errorf("write the certificate as PDF: %w", err)
	}
	return nil
}

func (c *Certificate) write(d document) {
	b := &c.Body
	d.heading(1, "Certificate")
	if b.Simulated {
		d.paragraph("SIMULATED. A clock set by hand gave the dates of this certificate. It proves nothing about a real case.")
	}
	d.paragraph(opening(b))
	d.table(nil, facts(b))
	c.decisions(d)
	c.doneWhere(d)
	c.names(d)
	c.proof(d)
}

func opening(b *Body) string {
	if b.Standing == Complete {
		return "The case is complete: every system and recipient below is verified, or ended without proof and a person approved that. The word for done is used only of what was looked at again afterwards."
	}
	return "The case is not complete. This certificate says how far it is; another one follows."
}

func facts(b *Body) [][]string {
	rows := [][]string{{"Case", b.Case}, {"Rights", strings.Join(words(b.Rights), ", ")}}
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, []string{name, value})
		}
	}
	add("Received", day(b.Received))
	add("To be answered by", day(b.Due))
	add("Answered", day(b.Answered))
	add("Completed", day(b.Completed))
	add("Closed", day(b.Closed))
	if p := b.Plan; p != nil {
		add("Plan approved", fmt.Sprintf("%s, by somebody with the role %s", day(p.Approved), strings.Join(p.Roles, ", ")))
		add("Plan", p.Digest+", computed for "+day(p.On))
	}
	add("Catalogue", fmt.Sprintf("%s, version %d", b.Catalogue.ID, b.Catalogue.Version))
	add("Read at", fmt.Sprintf("journal position %s, as known at %s", b.Position.AsOf, b.Position.AsKnown))
	add("Drawn", fmt.Sprintf("%s, certificate %d of this case", moment(b.Drawn), b.Number))
	return rows
}

func (c *Certificate) decisions(d document) {
	b := &c.Body
	d.heading(2, "What was decided")
	if b.Holdings == 0 {
		d.paragraph("No holding was decided on.")
		return
	}
	d.paragraph(fmt.Sprintf("%d holdings were decided on. A holding is one kind of data about the person in one system, for one purpose; it counts once for each right.", b.Holdings))
	var rows [][]string
	for _, v := range b.Decisions {
		rows = append(rows, []string{fmt.Sprint(v.Holdings), word(v.Outcome), v.Code, v.Article, word(v.Right)})
	}
	d.table([]string{"Holdings", "Outcome", "Code", "Article", "Right"}, rows)
	if len(b.Retained) == 0 {
		return
	}
	d.heading(2, "What is kept, and until when")
	rows = nil
	for _, v := range b.Retained {
		until := day(v.Until)
		if until == "" {
			until = "until " + word(v.WaitsFor)
		}
		rows = append(rows, []string{fmt.Sprint(v.Holdings), until, v.Code, v.Article})
	}
	d.table([]string{"Holdings", "Until", "Code", "Article"}, rows)
}

func (c *Certificate) doneWhere(d document) {
	b := &c.Body
	d.heading(2, "What was done, and where")
	if len(b.Targets) == 0 {
		d.paragraph("No system and no recipient was asked to do anything.")
		return
	}
	var rows, open [][]string
	for i := range b.Targets {
		t := &b.Targets[i]
		name := t.Code
		if t.Name != "" {
			name = t.Name + " (" + t.Code + ")"
		}
		rows = append(rows, []string{name, word(t.Verb), fmt.Sprint(t.Holdings), resultWords(t), day(t.Acted), day(t.Looked)})
		if t.State != "verified" {
			open = append(open, []string{name, word(t.Verb), word(t.State), approvalWords(t)})
		}
	}
	d.table([]string{"System or recipient", "Asked to", "Holdings", "Result", "Done on", "Looked at again on"}, rows)
	if len(open) > 0 {
		d.heading(2, "What is not proven")
		d.table([]string{"System or recipient", "Asked to", "How it stands", "Who approved that"}, open)
	}
}

func resultWords(t *Target) string {
	switch t.Result {
	case Open:
		return "still open"
	case NotProven:
		return "not proven"
	case Kept:
		return "kept under a law that it names"
	}
	return word(string(t.Result))
}

func approvalWords(t *Target) string {
	switch {
	case t.Unproven == nil:
		return "nobody yet"
	case t.Unproven.With == "plan":
		return fmt.Sprintf("with the plan, on %s (%s)", day(t.Unproven.On), strings.Join(t.Unproven.Roles, ", "))
	}
	return fmt.Sprintf("on %s (%s)", day(t.Unproven.On), strings.Join(t.Unproven.Roles, ", "))
}

// names says whether it can still be told whom the case was about.
func (c *Certificate) names(d document) {
	v := &c.Body.Keys
	d.heading(2, "Whom the case was about")
	d.paragraph(fmt.Sprintf("The case was about %d identifiers, counted once for each system that knows them; %d of them are no longer in the vault. %s", v.Identifiers, v.Forgotten, keyWords(v)))
	var rows [][]string
	for _, l := range v.Locations {
		state := "the present epoch only"
		if l.Behind {
			state = "BEHIND: it holds an old epoch, or could not be read"
		}
		if v.Forgotten > 0 && v.State != Gone {
			state += "; removed; readable until rotation at " + moment(v.ReadableUntil)
		}
		rows = append(rows, []string{fmt.Sprintf("Key location %d", l.Number), "epochs " + strings.Trim(fmt.Sprint(l.Epochs), "[]"), state})
	}
	d.table(nil, rows)
}

func keyWords(v *Keys) string {
	switch v.State {
	case Gone:
		return fmt.Sprintf("A rotation has destroyed the former keys since: with the keys of epoch %d nobody can read them in any copy.", v.Epoch)
	case Removed:
		return "They are removed. Until the next rotation, due " + moment(v.ReadableUntil) + ", whoever has an old copy of the vault and the present keys could still read them. A certificate drawn after that says so."
	case KeysPart:
		return "The others are needed for what is kept. What is removed is readable in an old copy until the next rotation, due " + moment(v.ReadableUntil) + "."
	}
	return "They are needed for what is kept or still open."
}

func (c *Certificate) proof(d document) {
	p := &c.Proof
	d.heading(2, "The proof")
	d.paragraph(fmt.Sprintf("Each decision, approval and receipt was written to an audit log before it took effect. %d records of that log, and this certificate as its record %d, stand under a checkpoint signed with the key %s:", len(p.Records), p.Own.Index, p.Key))
	d.paragraph(strings.ReplaceAll(strings.TrimSpace(p.Checkpoint), "\n", " "))
	d.paragraph("The proof is in the JSON file of this certificate. Whoever has that file and the public key checks it with habeas verify, without asking anybody.")
	d.heading(2, "What this does not prove")
	var items []string
	for _, s := range Limits() {
		items = append(items, string(s))
	}
	d.list(items)
}

// word is a code as words.
func word(code string) string { return strings.ReplaceAll(code, "_", " ") }

func words(codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = word(c)
	}
	return out
}

func day(d events.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.Time().Format("2 January 2006")
}

func moment(i events.Instant) string {
	if i.IsZero() {
		return "a time that nobody has set"
	}
	return i.Time().Format("2 January 2006 15:04 UTC")
}
