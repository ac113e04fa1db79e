package tagpdf

import (
	"encoding/binary"
	"errors"
	"slices"
)

var errFont = errors.New("the font is not a TrueType font of the usual form")

// A table is one table of a TrueType font.
type table struct {
	tag  string
	data []byte
}

// kept are the tables a reader needs that are taken over as they are.
var kept = []string{"cvt ", "fpgm", "prep"}

// subset returns the font with the outlines of some glyphs only. Numbers of
// glyphs stay as they are, so the text needs no renumbering.
func subset(raw []byte, gids []uint16) ([]byte, error) {
	in, err := tables(raw)
	if err != nil {
		return nil, err
	}
	head, hhea, maxp := slices.Clone(in["head"]), slices.Clone(in["hhea"]), slices.Clone(in["maxp"])
	if len(head) < 54 || len(hhea) < 36 || len(maxp) < 6 {
		return nil, errFont
	}
	o := outlines{loca: in["loca"], glyf: in["glyf"], long: binary.BigEndian.Uint16(head[50:]) == 1, count: int(binary.BigEndian.Uint16(maxp[4:]))}
	need, err := o.closure(gids)
	if err != nil {
		return nil, err
	}
	n := int(need[len(need)-1]) + 1
	loca, glyf, err := o.only(need, n)
	if err != nil {
		return nil, err
	}
	metrics := int(binary.BigEndian.Uint16(hhea[34:]))
	hmtx := in["hmtx"]
	if metrics > n {
		metrics = n
	}
	if end := metrics*4 + (n-metrics)*2; end <= len(hmtx) {
		hmtx = hmtx[:end]
	} else {
		return nil, errFont
	}
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(hhea[34:], uint16(metrics))
	binary.BigEndian.PutUint16(maxp[4:], uint16(n))
	out := []table{{"head", head}, {"hhea", hhea}, {"maxp", maxp}, {"hmtx", hmtx}, {"loca", loca}, {"glyf", glyf}}
	for _, tag := range kept {
		if d, ok := in[tag]; ok {
			out = append(out, table{tag, d})
		}
	}
	return assemble(out), nil
}

// tables reads the directory of a font.
func tables(raw []byte) (map[string][]byte, error) {
	if len(raw) < 12 {
		return nil, errFont
	}
	n := int(binary.BigEndian.Uint16(raw[4:]))
	out := make(map[string][]byte, n)
	for i := range n {
		if len(raw) < 12+16*(i+1) {
			return nil, errFont
		}
		e := raw[12+16*i:]
		at, size := uint64(binary.BigEndian.Uint32(e[8:])), uint64(binary.BigEndian.Uint32(e[12:]))
		if at+size > uint64(len(raw)) {
			return nil, errFont
		}
		out[string(e[:4])] = raw[at : at+size]
	}
	return out, nil
}

type outlines struct {
	loca, glyf []byte
	long       bool
	count      int
}

func (o *outlines) of(g uint16) ([]byte, error) {
	i := int(g)
	var from, to int
	switch {
	case i >= o.count:
		return nil, errFont
	case o.long && len(o.loca) >= 4*(i+2):
		from, to = int(binary.BigEndian.Uint32(o.loca[4*i:])), int(binary.BigEndian.Uint32(o.loca[4*i+4:]))
	case !o.long && len(o.loca) >= 2*(i+2):
		from, to = 2*int(binary.BigEndian.Uint16(o.loca[2*i:])), 2*int(binary.BigEndian.Uint16(o.loca[2*i+2:]))
	default:
		return nil, errFont
	}
	if from > to || to > len(o.glyf) {
		return nil, errFont
	}
	return o.glyf[from:to], nil
}

// closure adds the parts that composed glyphs are made of, and glyph 0.
func (o *outlines) closure(gids []uint16) ([]uint16, error) {
	seen := map[uint16]bool{0: true}
	todo := append([]uint16{0}, gids...)
	for len(todo) > 0 {
		g := todo[0]
		todo = todo[1:]
		seen[g] = true
		d, err := o.of(g)
		if err != nil {
			return nil, err
		}
		parts, err := components(d)
		if err != nil {
			return nil, err
		}
		for _, p := range parts {
			if !seen[p] {
				todo = append(todo, p)
			}
		}
	}
	out := make([]uint16, 0, len(seen))
	for g := range seen {
		out = append(out, g)
	}
	slices.Sort(out)
	return out, nil
}

// Flags of one part of a composed glyph.
const (
	argsAreWords = 1 << 0
	haveScale    = 1 << 3
	more         = 1 << 5
	haveXY       = 1 << 6
	have2x2      = 1 << 7
)

func components(d []byte) (parts []uint16, err error) {
	if len(d) < 10 || int16(binary.BigEndian.Uint16(d)) >= 0 {
		return nil, nil
	}
	for at := 10; ; {
		if len(d) < at+4 {
			return nil, errFont
		}
		flags := binary.BigEndian.Uint16(d[at:])
		parts = append(parts, binary.BigEndian.Uint16(d[at+2:]))
		at += 6
		if flags&argsAreWords != 0 {
			at += 2
		}
		switch {
		case flags&haveScale != 0:
			at += 2
		case flags&haveXY != 0:
			at += 4
		case flags&have2x2 != 0:
			at += 8
		}
		if flags&more == 0 {
			return parts, nil
		}
	}
}

// only builds the tables of outlines with those of the sorted gids.
func (o *outlines) only(gids []uint16, n int) (loca, glyf []byte, err error) {
	loca = make([]byte, 4*(n+1))
	next := 0
	for i := range n {
		binary.BigEndian.PutUint32(loca[4*i:], uint32(len(glyf)))
		if next < len(gids) && int(gids[next]) == i {
			d, err := o.of(gids[next])
			if err != nil {
				return nil, nil, err
			}
			glyf = append(glyf, d...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
			next++
		}
	}
	binary.BigEndian.PutUint32(loca[4*n:], uint32(len(glyf)))
	return loca, glyf, nil
}

// assemble writes a font file of tables.
func assemble(ts []table) []byte {
	slices.SortFunc(ts, byTag)
	n := len(ts)
	power := 1
	shift := 0
	for power*2 <= n {
		power, shift = power*2, shift+1
	}
	out := []byte{0, 1, 0, 0}
	for _, v := range []int{n, power * 16, shift, n*16 - power*16} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	at := 12 + 16*n
	for _, t := range ts {
		out = append(out, t.tag...)
		for _, v := range []uint32{sum(t.data), uint32(at), uint32(len(t.data))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		at += (len(t.data) + 3) &^ 3
	}
	var head int
	for _, t := range ts {
		if t.tag == "head" {
			head = len(out)
		}
		out = append(out, t.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-sum(out))
	return out
}

func sum(b []byte) (s uint32) {
	for len(b) >= 4 {
		s += binary.BigEndian.Uint32(b)
		b = b[4:]
	}
	if len(b) > 0 {
		var last [4]byte
		copy(last[:], b)
		s += binary.BigEndian.Uint32(last[:])
	}
	return s
}
