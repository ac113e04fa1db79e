package tagpdf

import "fmt"

// A Column is one column of a table.
type Column struct {
	Title string
	Share float64 // of the width; zero counts as 1
	// Header makes the cells of the column the headers of their rows.
	Header bool
}

// A Table is being written row by row. Without titles it has no head row.
type Table struct {
	d      *Doc
	cols   []Column
	x      []float64 // left edge of each column, and the right edge of the last
	titled bool
	body   *element
	closed bool
}

// Table begins a table. Rows are written as they come and go over pages; the
// head row is drawn again on each, for the eye only.
func (d *Doc) Table(cols []Column) *Table {
	t := &Table{d: d, cols: cols, x: []float64{margin}}
	total := 0.0
	for _, c := range cols {
		total += share(c)
		t.titled = t.titled || c.Title != ""
	}
	at := margin
	for _, c := range cols {
		at += textWidth * share(c) / total
		t.x = append(t.x, at)
	}
	if d.err != nil {
		return t
	}
	d.open("Table", "")
	if t.titled {
		d.room(6 * cellLead)
		d.open("THead", "")
		row := d.open("TR", "")
		t.head(row)
		d.close()
		d.close()
	}
	t.body = d.open("TBody", "")
	return t
}

func share(c Column) float64 {
	if c.Share <= 0 {
		return 1
	}
	return c.Share
}

// head draws the titles; without a row as an artifact.
func (t *Table) head(row *element) {
	var cells [][]line
	var spans [][]Span
	height := 0
	for i, c := range t.cols {
		s := []Span{{Text: c.Title, Bold: true}}
		ls := t.d.wrap(s, t.width(i), cellSize)
		spans, cells, height = append(spans, s), append(cells, ls), max(height, len(ls))
	}
	d := t.d
	draw := func() { t.lines(spans, cells, nil, 0, height) }
	if row == nil {
		d.artifact("Pagination", draw)
	} else {
		var es []*element
		for range t.cols {
			es = append(es, d.child(row, "TH", " /A << /O /Table /Scope /Column >>"))
		}
		t.lines(spans, cells, es, 0, height)
		for _, e := range es {
			d.finish(e)
		}
	}
	d.page.y -= cellPad
	d.rule(d.page.y, 0.8, 0)
}

func (t *Table) width(i int) float64 { return t.x[i+1] - t.x[i] - 2*cellPad }

// lines draws lines [from, to) of all cells and moves down. Without elements
// they are drawn bare.
func (t *Table) lines(spans [][]Span, cells [][]line, es []*element, from, to int) {
	d := t.d
	top := d.page.y - cellPad
	for i, ls := range cells {
		for n := from; n < min(to, len(ls)); n++ {
			y := top - float64(n-from+1)*cellLead + (cellLead-cellSize)/2
			if es != nil {
				d.draw(es[i], nil, spans[i], ls[n], t.x[i]+cellPad, y, cellSize)
				continue
			}
			x := t.x[i] + cellPad
			for _, p := range ls[n] {
				d.show(d.bold, p.text, x, y, cellSize)
				x += d.bold.width(p.text, cellSize)
			}
		}
	}
	d.page.y = top - float64(to-from)*cellLead
}

// Row writes a row. Cells that are missing are empty; too many are an error of
// the caller, reported by Close.
func (t *Table) Row(texts ...string) {
	d := t.d
	if d.err == nil && len(texts) > len(t.cols) {
		d.err = fmt.Errorf("write a table of %d columns: a row of %d cells", len(t.cols), len(texts))
	}
	if d.err != nil {
		return
	}
	row := d.open("TR", "")
	spans, cells, es := make([][]Span, len(t.cols)), make([][]line, len(t.cols)), make([]*element, len(t.cols))
	height := 1
	for i, c := range t.cols {
		role, more := "TD", ""
		if c.Header {
			role, more = "TH", " /A << /O /Table /Scope /Row >>"
		}
		es[i] = d.child(row, role, more)
		if i < len(texts) {
			spans[i] = []Span{{Text: texts[i], Bold: c.Header}}
			cells[i] = d.wrap(spans[i], t.width(i), cellSize)
		}
		height = max(height, len(cells[i]))
	}
	t.place(spans, cells, es, height)
	for _, e := range es {
		d.finish(e)
	}
	d.close()
}

// place draws a row, whole where a page can hold it, else over several.
func (t *Table) place(spans [][]Span, cells [][]line, es []*element, height int) {
	d := t.d
	if d.page == nil || d.page.y-float64(height)*cellLead-2*cellPad < bottom && !d.fresh(t) {
		t.turn()
	}
	for from := 0; from < height; {
		fit := int((d.page.y - bottom - 2*cellPad) / cellLead)
		if fit < 1 {
			t.turn()
			continue
		}
		to := min(height, from+fit)
		t.lines(spans, cells, es, from, to)
		from = to
		if from < height {
			t.turn()
		}
	}
	d.page.y -= cellPad
	d.rule(d.page.y, 0.3, 0.6)
}

// fresh reports whether a new page would give a row no more room.
func (d *Doc) fresh(t *Table) bool {
	return d.page.y > pageHeight-margin-8*cellLead
}

// turn begins a page with the head row.
func (t *Table) turn() {
	if t.d.page != nil {
		t.d.endPage()
	}
	t.d.newPage()
	if t.titled {
		t.head(nil)
	}
}

// Close ends the table. Twice is fine.
func (t *Table) Close() {
	d := t.d
	if t.closed || d.err != nil {
		return
	}
	t.closed = true
	d.close() // TBody
	d.close() // Table
	if d.page != nil {
		d.page.y -= gap
	}
}
