package render

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/habeas-data/habeas/rights/answer"
)

// style needs nothing from outside. Text stands on its ground with a contrast of
// at least 7 to 1, and the page can be read at any width and in the dark.
const style = `:root{color-scheme:light dark;--ink:#1a1a1a;--ground:#fff;--line:#767676;--link:#00418a}
@media (prefers-color-scheme:dark){:root{--ink:#f2f2f2;--ground:#161616;--line:#8c8c8c;--link:#9cc7ff}}
body{color:var(--ink);background:var(--ground);font:1rem/1.55 system-ui,sans-serif;max-width:62rem;margin:0 auto;padding:1rem}
a{color:var(--link)}h1,h2,h3,h4{line-height:1.25}h2{border-top:1px solid var(--line);padding-top:1rem;margin-top:2.5rem}
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:break-word}
.pairs th{width:13rem;font-weight:600}.pairs td{overflow-wrap:anywhere}.wide{overflow-x:auto}
@media print{h2,h3,h4{break-after:avoid}tr{break-inside:avoid}}`

// HTML writes the answer as one page.
func HTML(w io.Writer, a *answer.Answer) error {
	p := &page{w: bufio.NewWriter(w)}
	p.printf(`<!doctype html>
<html lang="%s">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>%s</title>
<style>
%s
</style>
</head>
<body>
<main>
`, html.EscapeString(a.Language), title, style)
	lay(a, p)
	p.printf("</main>\n</body>\n</html>\n")
	if err := p.w.Flush(); err != nil {
		return fmt.Errorf("write the page of an answer: %w", err)
	}
	return nil
}

// A page is a sheet of HTML. A failed write sticks in the buffer and comes out of
// its Flush.
type page struct{ w *bufio.Writer }

func (p *page) printf(format string, a ...any) { _, _ = fmt.Fprintf(p.w, format, a...) }

func (p *page) heading(level int, text string) {
	p.printf("<h%d>%s</h%d>\n", level, html.EscapeString(text), level)
}

func (p *page) paragraph(text, link string) {
	text = html.EscapeString(text)
	// Only an address of the web can be followed.
	if strings.HasPrefix(link, "https://") {
		text += fmt.Sprintf(` <a href="%s">%[1]s</a>`, html.EscapeString(link))
	}
	p.printf("<p>%s</p>\n", text)
}

func (p *page) list(items []string) {
	p.printf("<ul>\n")
	for _, it := range items {
		p.printf("<li>%s</li>\n", html.EscapeString(it))
	}
	p.printf("</ul>\n")
}

func (p *page) pairs(rows [][2]string) {
	p.printf("<table class=\"pairs\">\n<tbody>\n")
	for _, r := range rows {
		p.printf("<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", html.EscapeString(r[0]), html.EscapeString(r[1]))
	}
	p.printf("</tbody>\n</table>\n")
}

func (p *page) table(head []string, rows [][]string) {
	p.printf("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n<table>\n<thead>\n<tr>", html.EscapeString("Table: "+strings.Join(head, ", ")))
	for _, h := range head {
		p.printf("<th scope=\"col\">%s</th>", html.EscapeString(h))
	}
	p.printf("</tr>\n</thead>\n<tbody>\n")
	for _, r := range rows {
		p.printf("<tr>")
		for i, c := range r {
			if i == 0 {
				p.printf("<th scope=\"row\">%s</th>", html.EscapeString(c))
			} else {
				p.printf("<td>%s</td>", html.EscapeString(c))
			}
		}
		p.printf("</tr>\n")
	}
	p.printf("</tbody>\n</table>\n</div>\n")
}
