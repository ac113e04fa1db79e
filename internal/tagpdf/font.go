package tagpdf

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// box stands for a character that the font does not have.
const box = '□'

// A face is one font of a document and which of its glyphs were used.
type face struct {
	id    int // of the font's object
	name  string
	raw   []byte
	sfnt  *sfnt.Font
	buf   sfnt.Buffer
	known map[rune]glyph
	used  map[uint16]use
}

type glyph struct {
	index uint16
	width int // in thousandths of the size
	there bool
}

type use struct {
	width int
	is    rune
}

func newFace(o *objects, name string, raw []byte) (*face, error) {
	f, err := sfnt.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", name, err)
	}
	return &face{id: o.reserve(), name: name, raw: raw, sfnt: f, known: map[rune]glyph{}, used: map[uint16]use{}}, nil
}

// glyph finds the sign for a character, or the empty box.
func (f *face) glyph(r rune) glyph {
	if g, ok := f.known[r]; ok {
		return g
	}
	i, err := f.sfnt.GlyphIndex(&f.buf, r)
	if err != nil || i == 0 {
		g := glyph{}
		if r != box {
			g = f.glyph(box)
		}
		g.there = false
		f.known[r] = g
		return g
	}
	g := glyph{index: uint16(i), there: true}
	if w, err := f.sfnt.GlyphAdvance(&f.buf, i, fixed.I(1000), font.HintingNone); err == nil {
		g.width = w.Round()
	}
	f.known[r] = g
	return g
}

// mark notes that a sign is drawn, so that it comes into the file.
func (f *face) mark(r rune) glyph {
	g := f.glyph(r)
	if _, ok := f.used[g.index]; !ok {
		if !g.there {
			r = box
		}
		f.used[g.index] = use{g.width, r}
	}
	return g
}

func (f *face) width(s []rune, size float64) (w float64) {
	for _, r := range s {
		w += float64(f.glyph(r).width)
	}
	return w * size / 1000
}

// write puts the font into the file with the glyphs that were used, their
// widths, and the way from each to its character.
func (f *face) write(o *objects) error {
	gids := slices.Sorted(maps.Keys(f.used))
	program, err := subset(f.raw, gids)
	if err != nil {
		return fmt.Errorf("embed font %s: %w", f.name, err)
	}
	file, desc, cid, uni := o.reserve(), o.reserve(), o.reserve(), o.reserve()
	name := subsetTag(gids) + "+" + f.name
	o.stream(file, fmt.Sprintf("/Length1 %d", len(program)), program)
	m, err := f.sfnt.Metrics(&f.buf, fixed.I(1000), font.HintingNone)
	if err != nil {
		return fmt.Errorf("measure font %s: %w", f.name, err)
	}
	bb, err := f.sfnt.Bounds(&f.buf, fixed.I(1000), font.HintingNone)
	if err != nil {
		return fmt.Errorf("measure font %s: %w", f.name, err)
	}
	o.put(desc, fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 32 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight %d /StemV 80 /FontFile2 %s >>",
		name, bb.Min.X.Round(), -bb.Max.Y.Round(), bb.Max.X.Round(), -bb.Min.Y.Round(), m.Ascent.Round(), -m.Descent.Round(), m.CapHeight.Round(), ref(file)))
	var w strings.Builder
	for _, g := range gids {
		fmt.Fprintf(&w, "%d [%d] ", g, f.used[g].width)
	}
	o.put(cid, fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /CIDToGIDMap /Identity /DW 600 /W [ %s] /FontDescriptor %s >>",
		name, w.String(), ref(desc)))
	o.stream(uni, "", []byte(f.unicode(gids)))
	o.put(f.id, fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%s] /ToUnicode %s >>", name, ref(cid), ref(uni)))
	return o.err
}

// unicode is the map from glyphs back to characters.
func (f *face) unicode(gids []uint16) string {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for part := range slices.Chunk(gids, 100) { // the most that one block may have
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for _, g := range part {
			fmt.Fprintf(&b, "<%04X> <", g)
			for _, u := range utf16.Encode([]rune{f.used[g].is}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.String()
}

// subsetTag names a choice of glyphs by six letters, as the format asks.
func subsetTag(gids []uint16) string {
	h := uint64(14695981039346656037)
	for _, g := range gids {
		h = (h ^ uint64(g)) * 1099511628211
	}
	var tag [6]byte
	for i := range tag {
		tag[i] = byte('A' + h%26)
		h /= 26
	}
	return string(tag[:])
}

func byTag(a, b table) int { return cmp.Compare(a.tag, b.tag) }
