package retention

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// memory is rows and codes in maps. It is not safe for concurrent use.
type memory struct {
	rows  map[string][]byte
	codes []events.Code
}

func (m *memory) Get(k []byte) ([]byte, bool, error) { v, ok := m.rows[string(k)]; return v, ok, nil }
func (m *memory) Set(k, v []byte)                    { m.rows[string(k)] = v }
func (m *memory) Symbol(c events.Code) uint64 {
	for i, x := range m.codes {
		if x == c {
			return uint64(i + 1)
		}
	}
	m.codes = append(m.codes, c)
	return uint64(len(m.codes))
}
func (m *memory) Name(n uint64) (events.Code, error) {
	if n == 0 || n > uint64(len(m.codes)) {
		return "", errors.New("no such code")
	}
	return m.codes[n-1], nil
}

func hold() *events.Event {
	return &events.Event{ID: events.EventID{1}, Kind: events.HoldPlaced, Source: "habeas", Time: 1_741_000_000_000_000, Ground: "claims", ScopeSystem: "hr",
		Subject: []events.Ref{{Handle: events.Handle{0xaa}, Kind: "email"}}, Activity: events.Activity{Code: "emp-01"}, From: 150000, To: 150100, Review: 155000, Note: events.EventID{7}}
}

func recorded(e *events.Event) *events.Recorded {
	return &events.Recorded{Event: *e, Position: events.Position{Generation: 1, Seq: 300, Index: 7}, At: 1_741_000_000_123_456, Catalogue: 1}
}

// The disk forms that earlier versions wrote stay readable, byte for byte, or
// Version is raised.
func TestGoldenRows(t *testing.T) {
	for name, e := range map[string]*events.Event{
		"hold":     hold(),
		"lifted":   {ID: events.EventID{2}, Kind: events.HoldLifted, Source: "habeas", Time: 1_741_000_000_000_000, Of: events.EventID{1}, Note: events.EventID{8}},
		"proposed": {ID: events.EventID{3}, Kind: events.DisposalProposed, Source: "habeas", Time: 1_741_000_000_000_000, Date: 155000, Digest: events.EventID{9}, Count: 3, Evidence: "bcdfghjkmn"},
		"approved": {ID: events.EventID{4}, Kind: events.DisposalApproved, Source: "habeas", Time: 1_741_000_000_000_000, Of: events.EventID{3}, Digest: events.EventID{9}, Count: 3, Evidence: "zzzzzzzzzz"},
		"intended": {ID: events.EventID{5}, Kind: events.DisposalIntended, Source: "habeas", Time: 1_741_000_000_000_000, Of: events.EventID{3}, Digest: events.EventID{6},
			Subject: []events.Ref{{Handle: events.Handle{0xbb}, Kind: "hr.person"}}, ScopeSystem: "hr", Activity: events.Activity{Code: "emp-01"}, Dataset: "files", Date: 154000},
		"milestone": {Kind: events.MilestoneReached, Source: "hr", Time: 1_741_000_000_000_000, Milestone: "employment_end", Date: 153345, Subject: []events.Ref{{Handle: events.Handle{0xcc}, Kind: "hr.person"}}},
		"consent":   {Kind: events.ConsentWithdrawn, Source: "hr", Time: 1_741_000_000_000_000, Subject: []events.Ref{{Handle: events.Handle{0xcc}, Kind: "hr.person"}}},
		"dated":     {Kind: events.RecordStored, Source: "hr", Time: 1_741_000_000_000_000, RecordDate: 153345, Subject: []events.Ref{{Handle: events.Handle{0xcc}, Kind: "hr.person"}}},
	} {
		m := &memory{rows: map[string][]byte{}}
		if err := (Applier{}).Apply(m, recorded(e), true); err != nil || len(m.rows) != 1 {
			t.Fatalf("%s: %d rows, %v", name, len(m.rows), err)
		}
		for k, v := range m.rows {
			golden(t, name, append(append([]byte(k), '|'), v...))
			if err := CheckRow(reader{m}, []byte(k), v); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

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

// reader reads memory.
type reader struct{ *memory }

func (r reader) Scan(prefix, start []byte, fn func(k, v []byte) error) error {
	for k, v := range r.rows {
		if bytes.HasPrefix([]byte(k), prefix) && k >= string(start) {
			if err := fn([]byte(k), v); err != nil {
				return err
			}
		}
	}
	return nil
}
func (reader) Templates() *inventory.Templates                 { return nil }
func (reader) Retracted(inventory.Mark) []inventory.Retraction { return nil }

// A repeat says nothing new and writes nothing; an order that is given twice
// stands as it was given first.
func TestRepeats(t *testing.T) {
	m := &memory{rows: map[string][]byte{}}
	e := &events.Event{Kind: events.MilestoneReached, Milestone: "x", Date: 5, Subject: []events.Ref{{Handle: events.Handle{1}}}}
	if err := (Applier{}).Apply(m, recorded(e), false); err != nil || len(m.rows) != 0 {
		t.Errorf("%d rows, %v", len(m.rows), err)
	}
	first := &events.Event{ID: events.EventID{2}, Kind: events.HoldLifted, Source: "habeas", Time: 1, Of: events.EventID{1}}
	second := &events.Event{ID: events.EventID{3}, Kind: events.HoldLifted, Source: "habeas", Time: 2, Of: events.EventID{1}}
	for _, e := range []*events.Event{hold(), first, second} {
		if err := (Applier{}).Apply(m, recorded(e), true); err != nil {
			t.Fatal(err)
		}
	}
	list, err := Holds(reader{m})
	if err != nil || len(list) != 1 || list[0].Lifted == nil || list[0].Lifted.Event.Time != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if named, err := Named(reader{m}, events.Handle{0xaa}); named || err != nil {
		t.Errorf("a lifted hold names nobody: %v, %v", named, err)
	}
}

// FuzzRows: whatever stands in a row, reading it never panics, and an order that
// is read is written back as it was.
func FuzzRows(f *testing.F) {
	m := &memory{rows: map[string][]byte{}}
	if err := (Applier{}).Apply(m, recorded(hold()), true); err != nil {
		f.Fatal(err)
	}
	for k, v := range m.rows {
		f.Add([]byte(k), v)
	}
	f.Add(momentKey("closed", Moment{Day: 5, Handle: events.Handle{1}}), []byte{})
	f.Fuzz(func(t *testing.T, k, v []byte) {
		if code, at, err := parseMoment(k); err == nil && k[0] == FamilyMoment && !bytes.Equal(momentKey(code, at), k) {
			t.Fatalf("moment %x is written back as %x", k, momentKey(code, at))
		}
		o, err := parseOrder(m, k, v)
		if err != nil {
			return
		}
		again := &memory{rows: map[string][]byte{}, codes: m.codes}
		r := &events.Recorded{Event: o.Event, Position: o.Position, At: o.Recorded}
		if err := (Applier{}).Apply(again, r, true); err != nil || !bytes.Equal(again.rows[string(k)], v) {
			t.Fatalf("%x is written back as %x, %v", v, again.rows[string(k)], err)
		}
	})
}
