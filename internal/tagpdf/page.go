package tagpdf

import (
	"bytes"
	"fmt"
	"strings"
)

// The page is A4; lengths are in points.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	margin     = 56.7 // 2 cm
	bottom     = 70.9 // the footer stands below it
	footer     = 40.0
	textWidth  = pageWidth - 2*margin
)

// A page is the one that is being filled.
type page struct {
	id      int
	key     int // in the tree that leads from content to structure
	content bytes.Buffer
	owners  []int // element of each piece of marked content
	links   []int // annotations
	y       float64
}

// room makes sure that height points are left, with a new page if need be.
func (d *Doc) room(height float64) {
	if d.page == nil {
		d.newPage()
	} else if d.page.y-height < bottom {
		d.endPage()
		d.newPage()
	}
}

func (d *Doc) newPage() {
	d.page = &page{id: d.o.reserve(), key: d.nextKey(), y: pageHeight - margin}
	d.pages = append(d.pages, d.page.id)
}

func (d *Doc) nextKey() int { d.key++; return d.key - 1 }

// atTop reports whether nothing stands on the page yet.
func (d *Doc) atTop() bool { return d.page != nil && d.page.y >= pageHeight-margin }

// endPage writes the page; from here on only its numbers are kept.
func (d *Doc) endPage() {
	p := d.page
	d.artifact("Pagination", func() {
		d.show(d.regular, []rune(fmt.Sprint(len(d.pages))), pageWidth-margin-20, footer, 8)
		d.show(d.regular, d.cut(d.regular, d.meta.Title, textWidth-40, 8), margin, footer, 8)
	})
	content, owners := d.o.reserve(), d.o.reserve()
	d.o.stream(content, "", p.content.Bytes())
	d.o.put(owners, "["+refs(p.owners)+"]")
	d.nums = append(d.nums, num{p.key, owners})
	annots := ""
	if len(p.links) > 0 {
		annots = " /Annots [" + refs(p.links) + "]"
	}
	d.o.put(p.id, fmt.Sprintf("<< /Type /Page /Parent %s /MediaBox [0 0 %.2f %.2f] /Resources << /Font << /F1 %s /F2 %s >> >> /Contents %s /StructParents %d /Tabs /S%s >>",
		ref(d.root), pageWidth, pageHeight, ref(d.regular.id), ref(d.bold.id), ref(content), p.key, annots))
	d.page = nil
}

// cut shortens a text to a width.
func (d *Doc) cut(f *face, s string, width, size float64) []rune {
	r := []rune(clean(s))
	for len(r) > 0 && f.width(r, size) > width {
		r = r[:len(r)-1]
	}
	return r
}

// show draws characters at a point. What the font does not have is drawn as a
// box with the real characters behind it.
func (d *Doc) show(f *face, s []rune, x, y, size float64) {
	c := &d.page.content
	name := "F1"
	if f == d.bold {
		name = "F2"
	}
	fmt.Fprintf(c, "BT /%s %.1f Tf %.2f %.2f Td\n", name, size, x, y)
	for len(s) > 0 {
		there := f.glyph(s[0]).there
		n := 1
		for n < len(s) && f.glyph(s[n]).there == there {
			n++
		}
		var hex strings.Builder
		for _, r := range s[:n] {
			fmt.Fprintf(&hex, "%04X", f.mark(r).index)
		}
		if there {
			fmt.Fprintf(c, "<%s> Tj\n", hex.String())
		} else {
			fmt.Fprintf(c, "/Span << /ActualText %s >> BDC\n<%s> Tj\nEMC\n", text(string(s[:n])), hex.String())
		}
		s = s[n:]
	}
	c.WriteString("ET\n")
}

// rule draws a line across the page.
func (d *Doc) rule(y, weight, grey float64) {
	d.artifact("Layout", func() {
		fmt.Fprintf(&d.page.content, "q %.2f w %.2f G %.2f %.2f m %.2f %.2f l S Q\n", weight, grey, margin, y, pageWidth-margin, y)
	})
}

// link lays an active area over what was drawn and joins it to its element.
func (d *Doc) link(e *element, url string, x, y, width, size float64) {
	id, key := d.o.reserve(), d.nextKey()
	d.o.put(id, fmt.Sprintf("<< /Type /Annot /Subtype /Link /Rect [%.2f %.2f %.2f %.2f] /Border [0 0 0] /F 4 /Contents %s /A << /S /URI /URI %s >> /StructParent %d >>",
		x, y-2, x+width, y+size, text(url), ascii(url), key))
	d.page.links = append(d.page.links, id)
	d.nums = append(d.nums, num{key, e.id})
	e.kids = append(e.kids, fmt.Sprintf("<< /Type /OBJR /Pg %s /Obj %s >>", ref(d.page.id), ref(id)))
}
