package tagpdf

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Span is a part of a text: plain, bold, or a link.
type Span struct {
	Text string
	Bold bool
	Link string // an address; empty for none
}

// Plain is a text without any markup.
func Plain(s string) []Span { return []Span{{Text: s}} }

// clean makes a text of one line: composed characters, no control characters.
func clean(s string) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) && r != '\u00a0':
			return ' '
		case unicode.IsControl(r) || r == '\ufeff':
			return -1
		}
		return r
	}, s)
}

// A piece is a part of a line of one span.
type piece struct {
	span int
	text []rune
}

type line []piece

// wrap breaks spans into lines of a width, at spaces, and inside a word where
// it is longer than a line. Each line but the last ends with its space, so that
// words stay apart for whoever reads the text without the page.
func (d *Doc) wrap(spans []Span, width, size float64) []line {
	b := breaker{d: d, spans: spans, width: width, size: size}
	for i, s := range spans {
		for _, r := range clean(s.Text) {
			if r == ' ' {
				b.space(i)
			} else {
				b.word = b.word.add(i, r)
			}
		}
	}
	b.flush()
	if len(b.line) > 0 {
		b.lines = append(b.lines, b.line)
	}
	return b.lines
}

type breaker struct {
	d           *Doc
	spans       []Span
	width, size float64
	word, line  line
	used        float64
	lines       []line
}

func (l line) add(span int, r rune) line {
	if n := len(l); n > 0 && l[n-1].span == span {
		l[n-1].text = append(l[n-1].text, r)
		return l
	}
	return append(l, piece{span, []rune{r}})
}

func (b *breaker) of(span int) *face {
	if b.spans[span].Bold {
		return b.d.bold
	}
	return b.d.regular
}

func (b *breaker) space(span int) {
	b.flush()
	if len(b.line) > 0 {
		b.line = b.line.add(span, ' ')
		b.used += b.of(span).width([]rune{' '}, b.size)
	}
}

// flush puts the word on the line, or on the next where there is no room.
func (b *breaker) flush() {
	w := 0.0
	for _, p := range b.word {
		w += b.of(p.span).width(p.text, b.size)
	}
	if b.used+w > b.width && len(b.line) > 0 {
		b.next()
	}
	for _, p := range b.word {
		for _, r := range p.text {
			w := b.of(p.span).width([]rune{r}, b.size)
			if b.used+w > b.width && len(b.line) > 0 {
				b.next()
			}
			b.line = b.line.add(p.span, r)
			b.used += w
		}
	}
	b.word = nil
}

func (b *breaker) next() {
	b.lines = append(b.lines, b.line)
	b.line, b.used = nil, 0
}

// draw puts a line on the page as content of an element. Links become elements
// of their own below it, each one element over all of its lines.
func (d *Doc) draw(e *element, links map[int]*element, spans []Span, l line, x, y, size float64) {
	for i := 0; i < len(l); {
		s := l[i].span
		to, url := e, spans[s].Link
		if url != "" {
			if links[s] == nil {
				links[s] = d.child(e, "Link", "")
			}
			to = links[s]
		}
		d.begin(to)
		if url != "" {
			d.page.content.WriteString("0 0 0.55 rg\n")
		}
		from := x
		for ; i < len(l) && (spans[l[i].span].Link == "") == (url == "") && (url == "" || l[i].span == s); i++ {
			f := d.regular
			if spans[l[i].span].Bold {
				f = d.bold
			}
			d.show(f, l[i].text, x, y, size)
			x += f.width(l[i].text, size)
		}
		if url != "" {
			d.page.content.WriteString("0 g\n")
		}
		d.end()
		if url != "" {
			d.underline(from, x, y)
			d.link(to, url, from, y, x-from, size)
		}
	}
}

func (d *Doc) underline(from, to, y float64) {
	d.artifact("Layout", func() {
		fmt.Fprintf(&d.page.content, "q 0.5 w 0 0 0.55 RG %.2f %.2f m %.2f %.2f l S Q\n", from, y-1.5, to, y-1.5)
	})
}

// flow draws spans as lines from the left edge x, over pages where needed, and
// finishes the links.
func (d *Doc) flow(e *element, spans []Span, x, width, size, lead float64) {
	links := map[int]*element{}
	for _, l := range d.wrap(spans, width, size) {
		d.room(lead)
		d.page.y -= lead
		d.draw(e, links, spans, l, x, d.page.y+(lead-size)/2, size)
	}
	for i := range spans {
		if links[i] != nil {
			d.finish(links[i])
		}
	}
}
