package tagpdf

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
)

// Sizes of the text and of its lines.
const (
	bodySize, bodyLead = 10.0, 14.5
	cellSize, cellLead = 8.5, 11.5
	cellPad            = 3.0
	gap                = 6.0 // below a paragraph
	indent             = 16.0
)

var headSizes = [...]float64{20, 15, 12, 10.5}

// A Meta says what a document is.
type Meta struct {
	Title string // shown as the title of the window
	Lang  string // BCP 47; empty: en-GB
	// Author and Subject may be empty.
	Author, Subject string
	// Created may be zero: then the file names no day.
	Created time.Time
}

// A Doc is a document that is being written. One goroutine owns it. Errors
// stick: Close returns the first.
type Doc struct {
	o             *objects
	meta          Meta
	regular, bold *face
	root          int // of the pages
	page          *page
	pages         []int
	tree          []*element
	marks         []bookmark
	nums          []num
	key           int
	structRoot    int
	err           error
}

// A num leads from a page or a link to its elements.
type num struct{ key, to int }

// New begins a document. Pages are written to w as they fill; nothing of a
// written page is kept but numbers.
func New(w io.Writer, m Meta) *Doc {
	if m.Lang == "" {
		m.Lang = "en-GB"
	}
	d := &Doc{o: newObjects(w), meta: m}
	d.root, d.structRoot = d.o.reserve(), d.o.reserve()
	var err error
	if d.regular, err = newFace(d.o, "DejaVuSans", dejavusans.TTF); err == nil {
		d.bold, err = newFace(d.o, "DejaVuSans-Bold", dejavusansbold.TTF)
	}
	d.err = err
	d.tree = []*element{{id: d.structRoot}}
	d.open("Document", "")
	return d
}

// Heading writes a heading of level 1 to 4 and a bookmark to it. It never
// stands alone at the foot of a page.
func (d *Doc) Heading(level int, s string) {
	if d.err != nil {
		return
	}
	level = max(1, min(level, len(headSizes)))
	size := headSizes[level-1]
	d.room(size*2.2 + 3*bodyLead)
	if !d.atTop() {
		d.page.y -= size * 0.7
	}
	d.marks = append(d.marks, bookmark{level: level, title: clean(s), page: d.page.id, y: d.page.y})
	e := d.open(fmt.Sprintf("H%d", level), "")
	d.flow(e, []Span{{Text: s, Bold: true}}, margin, textWidth, size, size*1.35)
	d.close()
	d.page.y -= gap
}

// Paragraph writes a paragraph. One without text writes nothing.
func (d *Doc) Paragraph(spans ...Span) {
	if d.err != nil || empty(spans) {
		return
	}
	e := d.open("P", "")
	d.flow(e, spans, margin, textWidth, bodySize, bodyLead)
	d.close()
	d.page.y -= gap
}

// List writes a list of items.
func (d *Doc) List(items ...[]Span) {
	if d.err != nil || len(items) == 0 {
		return
	}
	d.open("L", " /A << /O /List /ListNumbering /Disc >>")
	for _, it := range items {
		d.open("LI", "")
		d.room(bodyLead)
		lbl := d.open("Lbl", "")
		d.begin(lbl)
		d.show(d.regular, []rune{'•'}, margin+4, d.page.y-bodyLead+(bodyLead-bodySize)/2, bodySize)
		d.end()
		d.close()
		d.flow(d.open("LBody", ""), it, margin+indent, textWidth-indent, bodySize, bodyLead)
		d.close()
		d.close()
	}
	d.close()
	d.page.y -= gap
}

func empty(spans []Span) bool {
	for _, s := range spans {
		if strings.TrimSpace(s.Text) != "" {
			return false
		}
	}
	return true
}

// Close ends the document and returns the first error of all. The writer stays
// open.
func (d *Doc) Close() error {
	if d.err != nil {
		return d.err
	}
	d.room(0) // a document has a page
	d.endPage()
	document := d.tree[1]
	d.close()
	for _, f := range []*face{d.regular, d.bold} {
		f.mark(box) // a font without any sign is none
		if err := f.write(d.o); err != nil {
			return err
		}
	}
	d.o.put(d.root, fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", refs(d.pages), len(d.pages)))
	d.putStructure(document)
	return d.o.finish(d.putCatalog(), d.putInfo())
}

func (d *Doc) putStructure(document *element) {
	var nums strings.Builder
	byKey := make([]int, d.key)
	for _, n := range d.nums {
		byKey[n.key] = n.to
	}
	for k, to := range byKey {
		fmt.Fprintf(&nums, "%d %s ", k, ref(to))
	}
	parents := d.o.reserve()
	d.o.put(parents, "<< /Nums ["+nums.String()+"] >>")
	d.o.put(d.structRoot, fmt.Sprintf("<< /Type /StructTreeRoot /K [%s] /ParentTree %s /ParentTreeNextKey %d >>", ref(document.id), ref(parents), d.key))
}

func (d *Doc) putCatalog() int {
	id, xmp := d.o.reserve(), d.o.reserve()
	d.o.plain(xmp, "/Type /Metadata /Subtype /XML", []byte(d.xmp()))
	outline := ""
	if root := d.outline(); root != 0 {
		outline = " /Outlines " + ref(root) + " /PageMode /UseOutlines"
	}
	d.o.put(id, fmt.Sprintf("<< /Type /Catalog /Pages %s /Lang %s /MarkInfo << /Marked true >> /StructTreeRoot %s /ViewerPreferences << /DisplayDocTitle true >> /Metadata %s%s >>",
		ref(d.root), text(d.meta.Lang), ref(d.structRoot), ref(xmp), outline))
	return id
}

func (d *Doc) putInfo() int {
	id := d.o.reserve()
	body := "<< /Title " + text(d.meta.Title) + " /Producer (habeas)"
	for _, e := range [][2]string{{"Author", d.meta.Author}, {"Subject", d.meta.Subject}} {
		if e[1] != "" {
			body += " /" + e[0] + " " + text(e[1])
		}
	}
	if !d.meta.Created.IsZero() {
		body += " /CreationDate (" + d.meta.Created.UTC().Format("D:20060102150405Z") + ")"
	}
	d.o.put(id, body+" >>")
	return id
}

func (d *Doc) xmp() string {
	esc := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	return `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + esc.Replace(clean(d.meta.Title)) + `</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>` + esc.Replace(d.meta.Lang) + `</rdf:li></rdf:Bag></dc:language>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`
}
