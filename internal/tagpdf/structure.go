package tagpdf

import (
	"fmt"
	"strings"
)

// An element is a node of the tree of structure. It is written when it is
// closed; until then it gathers its children.
type element struct {
	id     int
	role   string
	parent int // object number
	kids   []string
	more   string // further entries
}

// open begins an element under the innermost open one.
func (d *Doc) open(role, more string) *element {
	up := d.tree[len(d.tree)-1]
	e := &element{id: d.o.reserve(), role: role, parent: up.id, more: more}
	up.kids = append(up.kids, ref(e.id))
	d.tree = append(d.tree, e)
	return e
}

// close ends the innermost open element.
func (d *Doc) close() {
	e := d.tree[len(d.tree)-1]
	d.tree = d.tree[:len(d.tree)-1]
	d.finish(e)
}

// child begins an element that takes content beside others: a cell of a row, a
// link of a paragraph. The caller finishes it.
func (d *Doc) child(of *element, role, more string) *element {
	e := &element{id: d.o.reserve(), role: role, parent: of.id, more: more}
	of.kids = append(of.kids, ref(e.id))
	return e
}

func (d *Doc) finish(e *element) {
	d.o.put(e.id, fmt.Sprintf("<< /Type /StructElem /S /%s /P %s /K [%s]%s >>", e.role, ref(e.parent), strings.Join(e.kids, " "), e.more))
}

// begin opens a piece of marked content of an element on the page.
func (d *Doc) begin(e *element) {
	p := d.page
	n := len(p.owners)
	p.owners = append(p.owners, e.id)
	e.kids = append(e.kids, fmt.Sprintf("<< /Type /MCR /Pg %s /MCID %d >>", ref(p.id), n))
	fmt.Fprintf(&p.content, "/%s << /MCID %d >> BDC\n", e.role, n)
}

func (d *Doc) end() { d.page.content.WriteString("EMC\n") }

// artifact draws what is no part of the text: rules, page numbers, repeated
// headers.
func (d *Doc) artifact(kind string, draw func()) {
	fmt.Fprintf(&d.page.content, "/Artifact << /Type /%s >> BDC\n", kind)
	draw()
	d.end()
}

// A bookmark is one line of the outline.
type bookmark struct {
	id, level int
	title     string
	page      int // object number
	y         float64
}

// outline writes the bookmarks as a tree by their levels and returns its root;
// 0 if there are none.
func (d *Doc) outline() int {
	if len(d.marks) == 0 {
		return 0
	}
	root := d.o.reserve()
	for i := range d.marks {
		d.marks[i].id = d.o.reserve()
	}
	first, last, count := d.branch(root, 0, len(d.marks))
	d.o.put(root, fmt.Sprintf("<< /Type /Outlines /First %s /Last %s /Count %d >>", ref(first), ref(last), count))
	return root
}

// branch writes the marks of [from, to) under a parent: those that no earlier
// one of the range covers are its children.
func (d *Doc) branch(parent, from, to int) (first, last, count int) {
	var heads []int
	for i := from; i < to; i++ {
		if len(heads) == 0 || d.marks[i].level <= d.marks[heads[len(heads)-1]].level {
			heads = append(heads, i)
		}
	}
	for n, i := range heads {
		end := to
		if n+1 < len(heads) {
			end = heads[n+1]
		}
		m := d.marks[i]
		body := fmt.Sprintf("<< /Title %s /Parent %s /Dest [%s /XYZ null %.1f null]", text(m.title), ref(parent), ref(m.page), m.y)
		if n > 0 {
			body += " /Prev " + ref(d.marks[heads[n-1]].id)
		}
		if n+1 < len(heads) {
			body += " /Next " + ref(d.marks[heads[n+1]].id)
		}
		if end > i+1 {
			f, l, c := d.branch(m.id, i+1, end)
			body += fmt.Sprintf(" /First %s /Last %s /Count %d", ref(f), ref(l), c)
			count += c
		}
		d.o.put(m.id, body+" >>")
	}
	return d.marks[heads[0]].id, d.marks[heads[len(heads)-1]].id, count + len(heads)
}
