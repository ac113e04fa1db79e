package inventory_test

import (
	"errors"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

func apply(t *testing.T, mem *projectionstest.Memory, w *projectionstest.World, evs ...*events.Event) {
	t.Helper()
	for _, e := range evs {
		if err := mem.Apply(w.Now(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func fold(t *testing.T, mem *projectionstest.Memory, h events.Handle) *inventory.Folded {
	t.Helper()
	rows, err := inventory.Rows(mem, h)
	if err != nil {
		t.Fatal(err)
	}
	return inventory.Fold(rows, inventory.Query{})
}

// I5: what cannot be placed is refused before anything of it is written, and
// the reason holds nothing of the event.
func TestRefused(t *testing.T) {
	w := projectionstest.NewWorld()
	for name, spoil := range map[string]func(*events.Event){
		"record.stored without an id: event cannot be placed":                              func(e *events.Event) { e.ID = events.EventID{} },
		"record.stored without a source: event cannot be placed":                           func(e *events.Event) { e.Source = "" },
		"record.stored without a subject: event cannot be placed":                          func(e *events.Event) { e.Subject = nil },
		"record.stored with a time outside the years 1601 to 9999: event cannot be placed": func(e *events.Event) { e.Time = inventory.LatestTime + 1_000_000 },
		"event.retracted without the id it takes back: event cannot be placed":             func(e *events.Event) { e.Kind = events.EventRetracted },
		"recipient.registered without a code or a note: event cannot be placed":            func(e *events.Event) { e.Kind = events.RecipientRegistered },
		"event.quarantined without a note: event cannot be placed":                         func(e *events.Event) { e.Kind = events.EventQuarantined },
		"subject.linked with less than two identifiers: event cannot be placed":            func(e *events.Event) { e.Kind = events.SubjectLinked },
		"record.stored with more than 16 identifiers: event cannot be placed":              func(e *events.Event) { e.Subject = make([]events.Ref, 17) },
	} {
		e := w.Stored("crm", "c1", "sales", "identity")
		spoil(e)
		if err := inventory.Check(e); !errors.Is(err, inventory.ErrRefused) || err.Error() != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
	if err := inventory.Check(w.Stored("crm", "c1", "sales", "identity")); err != nil {
		t.Error(err)
	}
}

// C2: what was said before writes nothing.
func TestRepeatWritesNothing(t *testing.T) {
	mem, w := projectionstest.NewMemory(), projectionstest.NewWorld()
	first := w.Stored("crm", "c1", "sales", "identity")
	middle := w.Stored("crm", "c1", "sales", "identity")
	again := w.Stored("crm", "c1", "sales", "identity")
	last := w.Stored("crm", "c1", "sales", "identity")
	apply(t, mem, w, first, last, middle)
	was := eventRows(mem)
	apply(t, mem, w, again, first)
	if is := eventRows(mem); is != was {
		t.Errorf("rows changed:\n%x\n%x", is, was)
	}
}

func eventRows(mem *projectionstest.Memory) (s string) {
	_ = mem.Scan([]byte{inventory.FamilyEvent}, nil, func(k, v []byte) error {
		s += string(k) + string(v)
		return nil
	})
	return s
}

// A source takes back its own events; another source cannot; habeas can.
func TestWhoMayRetract(t *testing.T) {
	for source, want := range map[events.Code]int{"crm": 0, "hr": 1, inventory.Operator: 0} {
		mem, w := projectionstest.NewMemory(), projectionstest.NewWorld()
		e := w.Stored("crm", "c1", "sales", "identity")
		r := w.Event(events.EventRetracted, string(source))
		r.Retracts, r.RetractsSource = e.ID, "crm"
		apply(t, mem, w, e, r)
		if got := len(fold(t, mem, e.Subject[0].Handle).Holdings); got != want {
			t.Errorf("retracted by %s: %d holdings, want %d", source, got, want)
		}
	}
}

// What was taken back vanishes from the fold and stays, marked, in the history.
func TestHistory(t *testing.T) {
	mem, w := projectionstest.NewMemory(), projectionstest.NewWorld()
	a := w.Stored("crm", "c1", "sales", "identity")
	b := w.Stored("crm", "c1", "sales", "health")
	var more []*events.Event
	for range 4 {
		more = append(more, w.Stored("crm", "c1", "care", "identity"))
	}
	r := w.Event(events.EventRetracted, "crm")
	r.Retracts = a.ID
	apply(t, mem, w, b, a)
	apply(t, mem, w, more...)
	apply(t, mem, w, r)
	rows, err := inventory.Rows(mem, a.Subject[0].Handle)
	if err != nil {
		t.Fatal(err)
	}
	h := inventory.History(rows, inventory.Query{})
	if len(h) != 5 { // a, b, the first and the last of four that say the same, and that a was taken back
		t.Fatalf("%d entries", len(h))
	}
	for i, want := range []struct {
		category            events.Code
		retracted, repeated bool
	}{{"identity", true, false}, {"health", false, false}, {"identity", false, false}, {"identity", false, true}} {
		if e := h[i].Event(); e.Categories[0].Code != want.category || h[i].Retracted != want.retracted || h[i].Repeated != want.repeated {
			t.Errorf("entry %d: %s retracted %v repeated %v, want %+v", i, e.Categories[0], h[i].Retracted, h[i].Repeated, want)
		}
	}
	if h[4].Taking == nil || h[4].Of != a.Time || h[4].Undone || h[4].Retracted {
		t.Errorf("the retraction: %+v", h[4])
	}
	if h[0].Position.Seq != 2 || h[0].Time > h[1].Time {
		t.Errorf("not oldest first: %+v", h[0].Obs)
	}
}

// A5: a handle lives while it has holdings, recent disclosures or words, or is
// mentioned by a record that lives; a removal by all its handles ends it.
func TestLiving(t *testing.T) {
	w := projectionstest.NewWorld()
	stored := w.Stored("crm", "c1", "sales", "identity")
	stored.Item = events.Ref{Handle: projectionstest.HandleOf("crm", "photo"), Kind: "photo"}
	removed := w.Event(events.RecordRemoved, "crm", stored.Subject...)
	shared := w.Event(events.RecordShared, "crm", stored.Subject...)
	shared.Activity, shared.Recipient.Code = stored.Activity, "bank"
	consent := w.Event(events.ConsentGiven, "crm", stored.Subject...)
	waits := w.Event(events.EventQuarantined, "crm", stored.Subject...)
	waits.Note = events.EventID{7}
	ended := w.Event(events.QuarantineResolved, "crm", stored.Subject...)
	ended.Note = waits.Note
	end := w.Now()
	for _, c := range []struct {
		name  string
		told  []*events.Event
		since events.Instant
		item  bool // the photo, else the person
		want  bool
	}{
		{"nothing", nil, 0, false, false},
		{"stored", []*events.Event{stored}, end, false, true},
		{"its item", []*events.Event{stored}, end, true, true},
		{"removed", []*events.Event{stored, removed}, end, false, false},
		{"its item, removed", []*events.Event{stored, removed}, end, true, false},
		{"removed, shared lately", []*events.Event{stored, removed, shared}, shared.Time, false, true},
		{"removed, shared long ago", []*events.Event{stored, removed, shared}, end + 1, false, false},
		{"shared but never stored", []*events.Event{shared}, shared.Time, false, true},
		{"a consent, lately", []*events.Event{consent}, consent.Time, false, true},
		{"a consent, long ago", []*events.Event{consent}, end + 1, false, false},
		{"only an event that waits", []*events.Event{waits}, end, false, true},
		{"only an event that waited", []*events.Event{waits, ended}, 0, false, false},
		{"removed, and an event waits", []*events.Event{stored, removed, waits}, 0, false, false},
		{"stored, and an event waits", []*events.Event{stored, waits}, end, false, true},
	} {
		mem := projectionstest.NewMemory()
		apply(t, mem, w, c.told...)
		h := stored.Subject[0].Handle
		if c.item {
			h = stored.Item.Handle
		}
		if got, err := inventory.Living(mem, c.since, h); err != nil || got != c.want {
			t.Errorf("%s: living %v %v, want %v", c.name, got, err, c.want)
		}
	}
}

// Events in quarantine are counted by system until a person resolves them, in
// whatever order the two come.
func TestNotes(t *testing.T) {
	mem, w := projectionstest.NewMemory(), projectionstest.NewWorld()
	q := w.Event(events.EventQuarantined, "crm")
	q.Note, q.Why = projectionstest.IDOf("note 1"), "kind.unknown"
	early := w.Event(events.QuarantineResolved, "habeas")
	early.Note = projectionstest.IDOf("note 2")
	late := w.Event(events.EventQuarantined, "crm")
	late.Note = early.Note
	apply(t, mem, w, q, early, late)
	pending(t, mem, 1)
	done := w.Event(events.QuarantineResolved, "habeas")
	done.Note = q.Note
	apply(t, mem, w, done)
	pending(t, mem, 0)
	if all, err := inventory.Notes(mem, true); err != nil || len(all) != 2 {
		t.Errorf("all notes: %v %v", all, err)
	}
	if n, ok, err := inventory.FindNote(mem, q.Note); err != nil || !ok || !n.Resolved || n.System != "crm" || n.ID != q.Note {
		t.Errorf("one note: %+v %v %v", n, ok, err)
	}
	if _, ok, err := inventory.FindNote(mem, projectionstest.IDOf("note 3")); err != nil || ok {
		t.Errorf("a note that never was: %v %v", ok, err)
	}
}

func pending(t *testing.T, mem *projectionstest.Memory, want int) {
	t.Helper()
	notes, err := inventory.Notes(mem, false)
	if err != nil || len(notes) != want {
		t.Errorf("%d notes %v, want %d", len(notes), err, want)
	}
	s, ok, err := inventory.SystemOf(mem, "crm")
	if err != nil || !ok || s.Pending != uint64(want) {
		t.Errorf("crm: %+v %v %v, want %d pending", s, ok, err, want)
	}
}

// The statement of a system that is latest by event time counts, so that one
// who said too much can say less; counts are exact.
func TestSystems(t *testing.T) {
	mem, w := projectionstest.NewMemory(), projectionstest.NewWorld()
	far := w.Event(events.SourceSynced, "crm")
	far.Through, far.Since = far.Time+1000, 5
	near := w.Event(events.SourceSynced, "crm")
	near.Through = near.Time
	apply(t, mem, w, near, far, w.Stored("crm", "c1", "sales", "identity"))
	s, ok, err := inventory.SystemOf(mem, "crm")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if len(s.Synced) != 1 || s.Synced[0].Through != near.Through || s.Synced[0].Since != 5 || s.Events != 3 {
		t.Errorf("crm: %+v", s)
	}
	if s.Start.Seq != 1 || s.Start == s.Position || s.Began.IsZero() {
		t.Errorf("first recorded at %s, %s", s.Start, s.Began)
	}
	// So it may take back how far its word reaches.
	less := w.Event(events.SourceSynced, "crm")
	less.Through, less.Since = less.Time, 9
	apply(t, mem, w, less)
	if s, _, err = inventory.SystemOf(mem, "crm"); err != nil || s.Synced[0].Since != 9 {
		t.Errorf("said less: %+v, %v", s.Synced, err)
	}
}
