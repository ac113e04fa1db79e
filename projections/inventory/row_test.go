package inventory

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
)

// C2: a row keeps the extremes of what it was told, however often and in
// whatever order of event time, and survives being written and read.
func TestRowKeepsExtremes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		start := events.InstantOf(time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC))
		month := monthOf(start)
		tables := NewTemplates()
		eras := []*era{nil, {generation: 1, catalogue: 3, recorded: start - 3_000_000_000}, {generation: 1, catalogue: 3, seq: 2, recorded: start}}
		for _, e := range eras[1:] {
			tables.eras.add(e)
		}
		var h header
		var all []Obs
		counted := rapid.Bool().Draw(rt, "counted")
		for i := range rapid.IntRange(1, 8).Draw(rt, "n") {
			o := Obs{
				Time:     start + events.Instant(rapid.IntRange(0, 5).Draw(rt, "time"))*rapid.SampledFrom([]events.Instant{86_400_000_123, 86_401_000_000}).Draw(rt, "step"),
				Position: events.Position{Generation: 1, Seq: uint64(i + 1)},
				ID:       Mark{byte(i)}, Catalogue: uint32(i),
			}
			o.Recorded = o.Time + events.Instant(rapid.IntRange(-1000, 1000).Draw(rt, "delay"))
			if x := rapid.SampledFrom(eras).Draw(rt, "era"); x != nil && o.Position.Seq >= x.seq {
				o.era, o.Catalogue = x, x.catalogue
				o.Recorded = x.recorded + events.Instant(rapid.IntRange(0, eraMs-1).Draw(rt, "since"))*microsPerMs
			}
			was := h
			changed := h.add(&o, counted)
			if equal := slices.Equal(headerObs(&was), headerObs(&h)) && was.more == h.more && was.days == h.days; changed == equal {
				rt.Fatalf("add says changed %v", changed)
			}
			all = append(all, o)
		}
		b := appendRow(nil, &h, month, []byte("rest"))
		var back header
		rest, err := parseRow(b, month, &back, tables)
		if err != nil || string(rest) != "rest" || !slices.EqualFunc(back.obs[:back.n], h.obs[:h.n], sameObs) || back.more != h.more || back.days != h.days {
			rt.Fatalf("read back %+v %v, wrote %+v", back, err, h)
		}
		want := []Obs{
			slices.MinFunc(all, func(a, b Obs) int { return order(&a, &b) }),
			slices.MaxFunc(all, func(a, b Obs) int { return order(&a, &b) }),
			all[0],
		}
		slices.SortFunc(want, func(a, b Obs) int { return order(&a, &b) })
		want = slices.CompactFunc(want, func(a, b Obs) bool { return a.ID == b.ID })
		got := h.obs[:h.n]
		var days uint32
		for i := range all {
			if counted {
				days |= dayBit(&all[i])
			}
		}
		if h.days != days && (h.more || h.days != 0) {
			rt.Fatalf("days %b, want %b or, with nothing dropped, none", h.days, days)
		}
		if !slices.EqualFunc(got, want, func(a, b Obs) bool { return a.ID == b.ID }) || h.more != (len(all) > len(want)) {
			rt.Fatalf("kept %v more %v, want %v of %v", got, h.more, want, all)
		}
	})
}

func sameObs(a, b Obs) bool {
	return a.Time == b.Time && a.Recorded == b.Recorded && a.Position == b.Position && a.Catalogue == b.Catalogue && a.ID == b.ID
}

func order(a, b *Obs) int {
	switch {
	case a.before(b):
		return -1
	case b.before(a):
		return 1
	}
	return 0
}

func headerObs(h *header) (out []Mark) {
	for i := range h.n {
		out = append(out, h.obs[i].ID)
	}
	return out
}

// C3: even where a row dropped observations, what was known at a moment is
// known to have existed: the first recorded is always kept.
func TestFirstRecordedIsKept(t *testing.T) {
	at := func(day int) events.Instant {
		return events.InstantOf(time.Date(2025, 3, day, 0, 0, 0, 0, time.UTC))
	}
	var h header
	for i, d := range []int{10, 20, 1} { // told in this order
		h.add(&Obs{Time: at(d), Position: events.Position{Generation: 1, Seq: uint64(i + 1)}, ID: Mark{byte(i)}}, false)
	}
	r := Row{Obs: h.obs[:h.n], More: h.more, Event: &events.Event{Kind: events.RecordStored}}
	f := Fold([]Row{r}, Query{Known: Known{Position: events.Position{Generation: 1, Seq: 1}}})
	if len(f.Holdings) != 1 || f.Holdings[0].First != at(10) {
		t.Errorf("as known after the first: %+v", f.Holdings)
	}
}

// A row whose kept observations were all retracted, but which dropped others,
// still stands, with bounds in place of times.
func TestRetractedBounds(t *testing.T) {
	gone := []Retraction{{Position: events.Position{Generation: 1, Seq: 9}}}
	r := Row{More: true, Event: &events.Event{Kind: events.RecordStored}, Obs: []Obs{
		{Time: 10, Position: events.Position{Generation: 1, Seq: 1}, Gone: gone},
		{Time: 30, Position: events.Position{Generation: 1, Seq: 3}, Gone: gone},
	}}
	f := Fold([]Row{r}, Query{})
	if len(f.Holdings) != 1 || !f.Holdings[0].Coarse {
		t.Errorf("with others: %+v", f.Holdings)
	}
	r.More = false
	if f = Fold([]Row{r}, Query{}); len(f.Holdings) != 0 {
		t.Errorf("without others: %+v", f.Holdings)
	}
}

// The disk forms that earlier versions wrote stay readable, byte for byte, or
// Version is raised.
func TestGoldenRows(t *testing.T) {
	p := events.Position{Generation: 1, Seq: 300, Index: 7}
	start := monthStart(monthOf(1_741_000_000_000_000))
	row := header{n: 2, more: true, days: 1<<2 | 1<<30}
	row.obs[0] = Obs{Time: start + 5_000_000, Recorded: start + 6_000_001, Position: p, Catalogue: 3, ID: Mark{1, 2, 3, 4, 5, 6, 7, 8}}
	row.obs[1] = Obs{Time: start + 5_000_001, Recorded: start, Position: events.Position{Generation: 2, Seq: 1}, ID: Mark{8, 7, 6, 5, 4, 3, 2, 1}}
	stretch := &era{number: 0x010203, generation: 1, catalogue: 3, recorded: start + 6_000_000, seq: 290}
	near := header{n: 1}
	near.obs[0] = Obs{Time: start + 5_000_000, Recorded: start + 6_001_000, Position: p, Catalogue: 3, ID: Mark{1, 2, 3, 4, 5, 6, 7, 8}, era: stretch}
	h := events.Handle{0: 0xaa, 15: 0xbb}
	sys := System{
		Code: "crm", Events: 5, Pending: 1, First: 1, Last: 2_000_000, Recorded: 3, Position: p, Began: 2, Start: events.Position{Generation: 1, Seq: 2},
		Kinds:  []KindCount{{events.RecordStored, 4}, {events.SourceSynced, 1}},
		Synced: []Synced{{"", 9, 8, 7, p}, {"files", 6, 0, 5, p}},
	}
	note := Note{ID: events.EventID{9}, System: "crm", Why: "kind.unknown", Time: 1, Recorded: 2, Position: p, Subject: []events.Ref{{Handle: h, Kind: "email"}}}
	for name, b := range map[string][]byte{
		"row":       appendRow(nil, &row, monthOf(1_741_000_000_000_000), []byte{1, 2, 3}),
		"row_near":  appendRow(nil, &near, monthOf(1_741_000_000_000_000), nil),
		"era":       append(stretch.key(), stretch.append(nil)...),
		"row_key":   eventKey(nil, h, shape{0x010203, 0x1234}, []byte{1, 2, 3, 4}, []byte{5}, 0x0708),
		"row_plain": eventKey(nil, h, shape{0x0102, 0x34}, nil, nil, midMonth-1),
		"row_whole": eventKey(nil, h, shape{}, []byte{1, 2, 3, 4}, []byte{5}, 0x0708),
		"system":    append(systemKey("crm"), appendSystem(nil, &sys)...),
		"recipient": append(recipientKey("harbour"), appendRegistration(nil, &Registration{Note: note.ID, Time: 1, Recorded: 2,
			Position: events.Position{Generation: 1, Seq: 7, Index: 1}})...),
		"note": append(noteKey(note.ID), appendNote(nil, &note)...),
	} {
		golden(t, name, b)
	}
	if s, err := parseSystem(systemKey("crm"), appendSystem(nil, &sys)); err != nil || !bytes.Equal(appendSystem(nil, s), appendSystem(nil, &sys)) {
		t.Errorf("system read back: %+v %v", s, err)
	}
	if n, err := parseNote(noteKey(note.ID), appendNote(nil, &note)); err != nil || !bytes.Equal(appendNote(nil, &n), appendNote(nil, &note)) {
		t.Errorf("note read back: %+v %v", n, err)
	}
}

// golden compares with testdata/<name>.hex; HABEAS_WRITE_GOLDEN=1 writes it.
func golden(t *testing.T, name string, b []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".hex")
	got := hex.EncodeToString(b) + "\n"
	if os.Getenv("HABEAS_WRITE_GOLDEN") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: %swant %s", name, got, want)
	}
}

// FuzzRow: whatever stands in a row, reading it never panics, and what is read
// is written back as it was.
func FuzzRow(f *testing.F) {
	f.Add([]byte{1, 2, 3})
	tables := NewTemplates()
	tables.eras.add(&era{generation: 1, catalogue: 2, recorded: monthStart(5000), seq: 7})
	row := header{n: 1}
	row.obs[0] = Obs{Time: monthStart(5000) + 5, Recorded: monthStart(5000), Position: events.Position{Generation: 1, Seq: 1}}
	f.Add(appendRow(nil, &row, 5000, []byte{1}))
	row.n, row.more, row.days = 2, true, 3
	row.obs[1] = Obs{Time: row.obs[0].Time + 1_000_000, Position: events.Position{Generation: 1, Seq: 2}}
	f.Add(appendRow(nil, &row, 5000, nil))
	row.n, row.obs[0] = 1, Obs{Time: monthStart(5000) + microsPerSec, Recorded: monthStart(5000) + 9000, Position: events.Position{Generation: 1, Seq: 9}, era: tables.eras.of(1)}
	f.Add(appendRow(nil, &row, 5000, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var h header
		rest, err := parseRow(b, 5000, &h, tables)
		if err == nil && !bytes.Equal(appendRow(nil, &h, 5000, rest), b) {
			t.Errorf("%x reads as %+v and is written as %x", b, h, appendRow(nil, &h, 5000, rest))
		}
	})
}

// FuzzKey: whatever stands in a key, reading it never panics, and what is read is
// written back as it was.
func FuzzKey(f *testing.F) {
	f.Add(eventKey(nil, events.Handle{1}, shape{300, 7}, []byte{1, 2, 3, 4}, nil, midMonth+3)[1:])
	f.Add(eventKey(nil, events.Handle{1}, shape{1 << 16, 1 << 17}, nil, []byte{1}, maxMonthIndex)[1:])
	f.Fuzz(func(t *testing.T, b []byte) {
		k := append([]byte{FamilyEvent}, b...)
		x, err := parseKey(k)
		if err != nil {
			return
		}
		back := eventKey(nil, x.handle, x.shape, x.others, nil, x.month)
		if n := len(k) - monthBytes(x.month); x.signed {
			back = slices.Insert(back, n-8, k[n-8:n]...)
		}
		if !bytes.Equal(back, k) {
			t.Errorf("%x reads as %+v and is written as %x", k, x, back)
		}
	})
}

// Months are those of the calendar.
func TestMonths(t *testing.T) {
	for at := time.Date(1599, 12, 1, 0, 0, 0, 0, time.UTC); at.Year() < 10_000; at = at.AddDate(0, 1, 0) {
		n := (at.Year()-firstYear)*12 + int(at.Month()) - 1
		want := uint16(max(0, min(n, maxMonthIndex)))
		for _, x := range []time.Time{at, at.AddDate(0, 1, 0).Add(-time.Microsecond)} {
			if got := monthOf(events.InstantOf(x)); got != want {
				t.Fatalf("%s is in month %d, want %d", x, got, want)
			}
		}
		if n == int(want) && monthStart(want) != events.InstantOf(at) {
			t.Fatalf("month %d begins at %s, want %s", n, monthStart(want), at)
		}
	}
}

// FuzzSmallRows: the same for rows of systems, notes and retractions.
func FuzzSmallRows(f *testing.F) {
	f.Add(appendSystem(nil, &System{Events: 1, Kinds: []KindCount{{1, 1}}, Synced: []Synced{{Through: 1}}}))
	f.Add(appendNote(nil, &Note{System: "crm", Subject: []events.Ref{{Kind: "email"}}}))
	f.Add(appendCode(appendInstant(appendPosition(nil, events.Position{Seq: 1}), 1), "mistake"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := parseSystem(systemKey("crm"), b); err == nil && !bytes.Equal(appendSystem(nil, s), b) {
			t.Errorf("system %x is written as %x", b, appendSystem(nil, s))
		}
		if n, err := parseNote(noteKey(events.EventID{1}), b); err == nil && !bytes.Equal(appendNote(nil, &n), b) {
			t.Errorf("note %x is written as %x", b, appendNote(nil, &n))
		}
		key := append([]byte{FamilyRetraction}, make([]byte, 32)...)
		if r, err := parseRetraction(key, b); err == nil {
			w := appendCode(appendInstant(appendPosition(nil, r.Position), r.Recorded), r.Why)
			if !bytes.Equal(w, b) {
				t.Errorf("retraction %x is written as %x", b, w)
			}
		}
	})
}
