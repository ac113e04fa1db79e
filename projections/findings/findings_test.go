package findings_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/findings"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

var update = flag.Bool("update", false, "write the golden files")

// store is the rows and codes in memory.
type store struct {
	rows  map[string][]byte
	names []events.Code
}

func newStore() *store { return &store{rows: map[string][]byte{}} }

func (s *store) Get(k []byte) ([]byte, bool, error) { v, ok := s.rows[string(k)]; return v, ok, nil }
func (s *store) Set(k, v []byte)                    { s.rows[string(k)] = v }
func (s *store) Symbol(c events.Code) uint64 {
	if i := slices.Index(s.names, c); i >= 0 {
		return uint64(i + 1)
	}
	s.names = append(s.names, c)
	return uint64(len(s.names))
}

func (s *store) Name(n uint64) (events.Code, error) {
	if n == 0 || n > uint64(len(s.names)) {
		return "", errors.New("no such code")
	}
	return s.names[n-1], nil
}

func (s *store) Scan(prefix, start []byte, fn func(k, v []byte) error) error {
	for _, k := range slices.Sorted(maps.Keys(s.rows)) {
		if !strings.HasPrefix(k, string(prefix)) || k < string(start) {
			continue
		}
		if err := fn([]byte(k), s.rows[k]); errors.Is(err, inventory.ErrStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (s *store) Templates() *inventory.Templates                 { return nil }
func (s *store) Retracted(inventory.Mark) []inventory.Retraction { return nil }

func applier(t interface{ Fatal(...any) }, s *store) *findings.Applier {
	a, err := findings.NewApplier(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func at(n uint64) events.Position { return events.Position{Generation: 1, Seq: n} }

func decided(n uint64, finding string, outcome events.Code) *events.Recorded {
	return &events.Recorded{Position: at(n), At: events.Instant(n) * 1000, Event: events.Event{ID: projectionstest.IDOf(fmt.Sprint(n)), Kind: events.FindingDecided,
		Source: "habeas", Time: events.Instant(n) * 1000, Digest: projectionstest.IDOf(finding), Why: outcome, Note: projectionstest.IDOf("note")}}
}

func said(n uint64, kind events.Kind, who string, flags events.Flags) *events.Recorded {
	return &events.Recorded{Position: at(n), At: events.Instant(n) * 1000, Event: events.Event{ID: projectionstest.IDOf(fmt.Sprint(n)), Kind: kind, Source: "crm", Flags: flags,
		Subject: []events.Ref{{Handle: projectionstest.HandleOf("crm", who), Kind: "crm.id"}}}}
}

// A body counts as seen again if it came after the last word that something is
// mended; before the first there is nothing to remember, and a row is written
// once for each body and word.
func TestSeenAgain(t *testing.T) {
	s := newStore()
	a := applier(t, s)
	apply := func(r *events.Recorded, body uint64) {
		t.Helper()
		noted := inventory.Noted{Changed: body > 0}
		if body > 0 {
			noted.Reported = []uint64{body}
		}
		if err := a.Apply(s, r, noted); err != nil {
			t.Fatal(err)
		}
	}
	seen := func() string {
		m, err := findings.SeenAgain(s)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, b := range slices.Sorted(maps.Keys(m)) {
			out = append(out, fmt.Sprint(b, "@", m[b].Seq))
		}
		return strings.Join(out, " ")
	}
	apply(said(1, events.RecordShared, "a", 0), 7)
	apply(decided(2, "f", events.FindingAccepted), 0)
	apply(said(3, events.RecordShared, "a", 0), 7)
	if got := seen(); got != "" {
		t.Errorf("nothing was called mended: %s", got)
	}
	apply(decided(4, "f", events.FindingResolved), 0)
	apply(said(5, events.RecordShared, "b", 0), 7)
	apply(said(6, events.RecordShared, "c", 0), 7)
	apply(said(6, events.RecordShared, "c", 0), 0) // a repeat that changes nothing
	if got := seen(); got != "7@5" {
		t.Errorf("seen first after the word: %s", got)
	}
	apply(decided(7, "g", events.FindingResolved), 0)
	apply(said(8, events.RecordShared, "a", 0), 8)
	a = applier(t, s) // restarted
	apply(said(9, events.RecordShared, "a", 0), 8)
	apply(said(10, events.RecordShared, "a", 0), 7)
	if got := seen(); got != "7@10 8@8" {
		t.Errorf("after a second word and a restart: %s", got)
	}
}

// Handles are watched for what forbids and ends, and for data of the erased;
// what happened to others is not read.
func TestWatched(t *testing.T) {
	s := newStore()
	a := applier(t, s)
	for i, r := range []*events.Recorded{
		said(1, events.RecordStored, "plain", 0), said(2, events.ObjectionMade, "one", 0), said(3, events.ConsentWithdrawn, "one", 0),
		said(4, events.RestrictionSet, "two", 0), said(5, events.RecordStored, "three", events.Resurrection), said(6, events.ObjectionLifted, "plain", 0),
	} {
		if err := a.Apply(s, r, inventory.Noted{Changed: true, Reported: []uint64{uint64(i + 1)}}); err != nil {
			t.Fatal(err)
		}
	}
	got := map[events.Handle]findings.Watch{}
	var order []events.Handle
	err := findings.Watched(s, events.Handle{}, func(h events.Handle, w findings.Watch) error {
		got[h] = w
		order = append(order, h)
		return nil
	})
	want := map[string]findings.Watch{"one": findings.Objected | findings.Withdrawn, "two": findings.RestrictedUse, "three": findings.Erased}
	if err != nil || len(got) != len(want) {
		t.Fatalf("%v, %v", got, err)
	}
	for who, w := range want {
		h := projectionstest.HandleOf("crm", who)
		if one, err := findings.WatchedHandle(s, h); got[h] != w || one != w || err != nil {
			t.Errorf("%s: %d, %d, want %d", who, got[h], one, w)
		}
	}
	var rest []events.Handle
	err = findings.Watched(s, order[0], func(h events.Handle, _ findings.Watch) error { rest = append(rest, h); return nil })
	if err != nil || !slices.Equal(rest, order[1:]) {
		t.Errorf("from the second on: %v, %v", rest, err)
	}
}

// What was decided is read back in journal order, as known at any moment.
func TestDecisions(t *testing.T) {
	s := newStore()
	a := applier(t, s)
	for _, r := range []*events.Recorded{decided(2, "f", events.FindingAccepted), decided(300, "f", events.FindingResolved), decided(4, "g", events.FindingAccepted)} {
		if err := a.Apply(s, r, inventory.Noted{}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := findings.Decisions(s, inventory.Known{})
	f := all[projectionstest.IDOf("f")]
	if err != nil || len(all) != 2 || len(f) != 2 || f[0].Event.Why != events.FindingAccepted || f[1].Position != at(300) || f[1].Event.Note.IsZero() {
		t.Fatalf("%+v, %v", all, err)
	}
	if then, err := findings.Decisions(s, inventory.Known{At: 3000}); err != nil || len(then) != 1 || len(then[projectionstest.IDOf("f")]) != 1 {
		t.Errorf("as known earlier: %+v, %v", then, err)
	}
}

// I4: the rows depend on the events alone, wherever restarts fall.
func TestEqualHoweverRestarted(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		told := projectionstest.DrawHistory(rt, 40)
		live, cut := newStore(), newStore()
		a, b := applier(rt, live), applier(rt, cut)
		for i, x := range told {
			r := &events.Recorded{Event: *x.Event, Position: x.Position, At: x.Recorded}
			noted := inventory.Noted{Changed: len(x.Subject) > 0, Reported: []uint64{uint64(1 + i%3)}}
			if rapid.Bool().Draw(rt, "restart") {
				b = applier(rt, cut)
			}
			if err := errors.Join(a.Apply(live, r, noted), b.Apply(cut, r, noted)); err != nil {
				rt.Fatal(err)
			}
		}
		if !maps.EqualFunc(live.rows, cut.rows, bytes.Equal) {
			rt.Fatal("a restart changed the rows")
		}
		for k, v := range live.rows {
			if err := findings.CheckRow(live, []byte(k), v); err != nil {
				rt.Fatal(err)
			}
		}
	})
}

// The rows are a released form.
func TestRowForms(t *testing.T) {
	s := newStore()
	a := applier(t, s)
	d := decided(2, "f", events.FindingResolved)
	d.Review, d.Ground, d.ScopeSystem = 20000, "recipient_undeclared", "crm"
	for _, r := range []*events.Recorded{d, said(3, events.ObjectionMade, "one", events.Late)} {
		if err := a.Apply(s, r, inventory.Noted{Changed: true, Reported: []uint64{0x0102030405060708}}); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(s.rows)) {
		fmt.Fprintf(&b, "%s %s\n", hex.EncodeToString([]byte(k)), hex.EncodeToString(s.rows[k]))
	}
	file := filepath.Join("testdata", "rows.hex")
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(file, []byte(b.String()), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != b.String() {
		t.Errorf("the rows changed their form: %v\n%s", err, b.String())
	}
}

// FuzzCheckRow: what is no row is refused, without a panic.
func FuzzCheckRow(f *testing.F) {
	s := newStore()
	a := applier(f, s)
	for _, r := range []*events.Recorded{decided(2, "f", events.FindingResolved), said(3, events.ObjectionMade, "one", 0)} {
		if err := a.Apply(s, r, inventory.Noted{Changed: true, Reported: []uint64{5}}); err != nil {
			f.Fatal(err)
		}
	}
	for k, v := range s.rows {
		f.Add([]byte(k), v)
	}
	f.Add([]byte{findings.Family}, []byte{})
	f.Fuzz(func(t *testing.T, k, v []byte) {
		if findings.CheckRow(s, k, v) == nil && (len(k) < 2 || len(v) == 0) {
			t.Fatal("a row that says nothing is taken for one")
		}
	})
}
