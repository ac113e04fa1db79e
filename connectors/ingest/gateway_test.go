package ingest_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
)

// fakeVault allocates handles from the identifier itself and remembers what it
// was asked, so that a test can say what must not have been asked.
type fakeVault struct {
	mu     sync.Mutex
	seen   map[events.Handle]ingest.Lookup
	erased map[string]events.Instant // by value
	sealed [][]byte
	names  map[events.EventID]bool // of what is sealed
}

func newFakeVault() *fakeVault {
	return &fakeVault{seen: map[events.Handle]ingest.Lookup{}, erased: map[string]events.Instant{}, names: map[events.EventID]bool{}}
}

func (v *fakeVault) Resolve(_ context.Context, l []ingest.Lookup) ([]ingest.Found, uint64, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := make([]ingest.Found, len(l))
	for i, x := range l {
		if strings.Contains(x.ID.Value.Expose(), "bad") {
			out[i].Err = fmt.Errorf("want a well-formed %s", x.ID.Kind)
			continue
		}
		h := handle(x.System, x.ID)
		_, known := v.seen[h]
		out[i] = ingest.Found{Ref: events.Ref{Handle: h, Kind: x.ID.Kind}, Erased: v.erased[x.ID.Value.Expose()], Fresh: !known}
		v.seen[h] = x
	}
	return out, 7, nil
}

func handle(system events.Code, id events.Identifier) (h events.Handle) {
	s := sha256.Sum256([]byte(string(system) + "|" + string(id.Kind) + "|" + id.Value.Expose()))
	copy(h[:], s[:])
	return h
}

func (v *fakeVault) EventID(source events.Code, id events.Plaintext) (e events.EventID) {
	s := sha256.Sum256([]byte(string(source) + "|" + id.Expose()))
	copy(e[:], s[:])
	return e
}

func (v *fakeVault) SealAs(_ context.Context, id events.EventID, body []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.names[id] {
		return nil
	}
	v.names[id] = true
	v.sealed = append(v.sealed, body)
	return nil
}

// fakeJournal keeps events and refuses one that holds an identifier (I1).
type fakeJournal struct {
	mu     sync.Mutex
	list   []*events.Event
	ids    map[events.EventID]events.Event
	vault  uint64
	err    error
	wait   chan struct{} // when set, Append blocks until it is closed
	inside chan struct{} // when set, told once Append has begun
}

func (j *fakeJournal) Append(_ context.Context, list []*events.Event, vault uint64, _ uint32) ([]ingest.Stored, error) {
	if j.inside != nil {
		j.inside <- struct{}{}
	}
	if j.wait != nil {
		<-j.wait
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return nil, j.err
	}
	if j.ids == nil {
		j.ids = map[events.EventID]events.Event{}
	}
	j.vault = vault
	out := make([]ingest.Stored, len(list))
	for i, e := range list {
		was, known := j.ids[e.ID]
		out[i] = ingest.Stored{Position: events.Position{Generation: 1, Seq: uint64(len(j.list) + 1)}, Duplicate: known, Other: known && was.Time != e.Time}
		if !known {
			j.ids[e.ID] = *e
			j.list = append(j.list, e)
		}
	}
	return out, nil
}

type fakeCatalogue struct{}

func (fakeCatalogue) Declared(_ string, c events.Code) bool {
	return !strings.HasPrefix(string(c), "new-")
}
func (fakeCatalogue) PrimaryKind(s events.Code) events.Code { return s + ".contact" }
func (fakeCatalogue) Number() uint32                        { return 3 }

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func gateway(v *fakeVault, j *fakeJournal) *ingest.Gateway {
	return ingest.New(ingest.Config{Vault: v, Journal: j, Catalogue: func() ingest.Catalogue { return fakeCatalogue{} },
		Now: func() time.Time { return now }, MaxInFlight: 1000})
}

func stored(id string, subject ...events.Identifier) *events.Observation {
	return &events.Observation{
		Event: events.Event{Kind: events.RecordStored, Source: "crm", Time: events.InstantOf(now.Add(-time.Hour)),
			SubjectType: "locum", Provenance: events.Generated, Activity: events.Activity{Code: "a1"}, Categories: []events.Category{{Code: "contact"}}},
		ExternalID: events.NewPlaintext(id), Subject: subject,
	}
}

func id(kind events.Code, value string) events.Identifier {
	return events.Identifier{Kind: kind, Value: events.NewPlaintext(value)}
}

func submit(t *testing.T, g *ingest.Gateway, who ingest.Caller, obs ...*events.Observation) []ingest.Outcome {
	t.Helper()
	out, err := g.Submit(context.Background(), who, obs)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The identifier the system knows best stands first and anchors the event;
// repeats go; an event without one is accepted and not anchored.
func TestPrimaryFirst(t *testing.T) {
	v, j := newFakeVault(), &fakeJournal{}
	g := gateway(v, j)
	submit(t, g, ingest.Caller{System: "crm"},
		stored("1", id("email", "a@x"), id("crm.contact", "42"), id("email", "a@x")),
		stored("2", id("email", "a@x"), id("name", "Ann")),
		stored("3", id("email", "a@x"), id("nhs_number", "1")),
		stored("4", id("email", "a@x"), id("shop.card", "9")))
	want := []struct {
		kinds    string
		anchored bool
	}{{"crm.contact email", true}, {"email name", false}, {"nhs_number email", true}, {"shop.card email", false}}
	for i, w := range want {
		e := j.list[i]
		var kinds []string
		for _, r := range e.Subject {
			kinds = append(kinds, string(r.Kind))
		}
		if got := strings.Join(kinds, " "); got != w.kinds || (e.Flags&events.Anchored != 0) != w.anchored {
			t.Errorf("event %d: got %q anchored %v, want %q %v", i+1, got, e.Flags&events.Anchored != 0, w.kinds, w.anchored)
		}
	}
	if j.vault != 7 {
		t.Errorf("the frame must name the vault position it needs: got %d", j.vault)
	}
}

// A token may speak for its own system only, and take back its own events only.
func TestOwnSystemOnly(t *testing.T) {
	v, j := newFakeVault(), &fakeJournal{}
	g := gateway(v, j)
	foreign := stored("1", id("hr.staff", "1"))
	foreign.Event.Source = "hr"
	retract := &events.Observation{Event: events.Event{Kind: events.EventRetracted, Source: "crm", Time: 1, RetractsSource: "hr"}, ExternalID: events.NewPlaintext("2"), Retracts: events.NewPlaintext("x")}
	internal := stored("3", id("crm.contact", "1"))
	internal.Event.Kind = events.IdentifierMarked
	out := submit(t, g, ingest.Caller{System: "crm"}, foreign, retract, internal, stored("4", id("crm.contact", "1")))
	for i, want := range []string{"event.source.forbidden", "event.source.forbidden", "event.type.unknown"} {
		if out[i].Status != ingest.Rejected || out[i].Rejection.Code != want {
			t.Errorf("event %d: got %v %v, want %s", i+1, out[i].Status, out[i].Rejection, want)
		}
	}
	if out[3].Status != ingest.Accepted || len(j.list) != 1 {
		t.Errorf("one bad event must not spoil the others: %v, %d stored", out[3].Status, len(j.list))
	}
	for _, l := range v.seen {
		if l.System != "crm" || l.ID.Kind != "crm.contact" {
			t.Errorf("a refused event must not reach the vault: asked for a %s of %s", l.ID.Kind, l.System)
		}
	}
}

// A malformed identifier rejects its event with a pointer and no value.
func TestIdentifierForm(t *testing.T) {
	j := &fakeJournal{}
	out := submit(t, gateway(newFakeVault(), j), ingest.Caller{System: "crm"}, stored("1", id("crm.contact", "1"), id("email", "bad")), stored("2", id("crm.contact", "1")))
	r := out[0].Rejection
	if out[0].Status != ingest.Rejected || r.Pointer != "/data/subject/1" || strings.Contains(r.Reason, "bad") {
		t.Errorf("got %v %v", out[0].Status, r)
	}
	if out[1].Status != ingest.Accepted || len(j.list) != 1 {
		t.Errorf("the other event was spoilt: %v", out[1].Status)
	}
}

// An unknown code never rejects an event: its text is sealed and the same text
// keeps the same name.
func TestUndeclaredCodes(t *testing.T) {
	j := &fakeJournal{}
	g := gateway(newFakeVault(), j)
	a, b, c := stored("1", id("crm.contact", "1")), stored("2", id("crm.contact", "1")), stored("3", id("crm.contact", "1"))
	a.Event.Activity.Code, b.Event.Activity.Code, c.Event.Activity.Code = "new-thing", "new-thing", "new-other"
	a.Event.Dataset, a.Event.Flags = "new-thing", events.DatasetDefaulted
	submit(t, g, ingest.Caller{System: "crm"}, a, b, c)
	got := j.list
	if !strings.HasPrefix(string(got[0].Activity.Code), "undeclared.") || strings.Contains(string(got[0].Activity.Code), "thing") {
		t.Errorf("got %q", got[0].Activity.Code)
	}
	if got[0].Activity != got[1].Activity || got[0].Activity == got[2].Activity {
		t.Errorf("the same text keeps its name and another has another: %q %q %q", got[0].Activity, got[1].Activity, got[2].Activity)
	}
	if got[0].Dataset != got[0].Activity.Code {
		t.Errorf("a defaulted dataset follows its activity: %q", got[0].Dataset)
	}
}

// A runaway source cannot fill the vault with words.
func TestUndeclaredCodesAreLimited(t *testing.T) {
	v, j := newFakeVault(), &fakeJournal{}
	g := gateway(v, j)
	for i := range 1500 {
		o := stored(fmt.Sprint(i), id("crm.contact", "1"))
		o.Event.Activity.Code = events.Code(fmt.Sprintf("new-%d", i))
		submit(t, g, ingest.Caller{System: "crm"}, o)
	}
	if n := len(v.seen); n != 1001 {
		t.Errorf("want 1000 words and one contact in the vault, got %d", n)
	}
	if last := j.list[1499].Activity.Code; last != events.Undeclared {
		t.Errorf("beyond the limit unknown codes are all alike: %q", last)
	}
}

// A3: an event of before the erasure is late and kept out of the map; one that
// the person provided later is a return; anything else is a resurrection.
func TestErasedPersonSpokenOfAgain(t *testing.T) {
	v, j := newFakeVault(), &fakeJournal{}
	v.erased["42"] = events.InstantOf(now.Add(-30 * time.Minute))
	g := gateway(v, j)
	late := stored("1", id("crm.contact", "42"))
	late.Event.SubjectType = "new-type"
	returned := stored("2", id("crm.contact", "42"))
	returned.Event.Time, returned.Event.Provenance = events.InstantOf(now), events.Provided
	again := stored("3", id("crm.contact", "42"))
	again.Event.Time, again.Event.Provenance = events.InstantOf(now), events.ThirdParty
	gone := stored("4", id("crm.contact", "42"))
	gone.Event.Kind, gone.Event.Provenance = events.RecordRemoved, 0
	submit(t, g, ingest.Caller{System: "crm"}, late, returned, again, gone)
	if e := j.list[3]; e.Kind != events.RecordRemoved || e.Flags&(events.Late|events.Resurrection) != 0 {
		t.Errorf("the system says that it erased: got %v %b", e.Kind, e.Flags)
	}
	if e := j.list[0]; e.Kind != events.EventQuarantined || e.Flags&events.Late == 0 || len(e.Subject) != 1 || len(v.sealed) != 1 {
		t.Errorf("late: got %v %b with %d subjects, %d sealed", e.Kind, e.Flags, len(e.Subject), len(v.sealed))
	}
	if !strings.Contains(string(v.sealed[0]), "new-type") {
		t.Error("a late event is kept as it came, so that it can be replayed")
	}
	if e := j.list[1]; e.Flags&events.Returned == 0 {
		t.Errorf("returned: got %b", e.Flags)
	}
	if e := j.list[2]; e.Flags&events.Resurrection == 0 {
		t.Errorf("resurrection: got %b", e.Flags)
	}
}

// Back-pressure: what does not fit is answered busy, and nothing of it is taken.
func TestBusy(t *testing.T) {
	j := &fakeJournal{wait: make(chan struct{}), inside: make(chan struct{}, 1)}
	g := gateway(newFakeVault(), j)
	var first []*events.Observation
	for i := range 900 {
		first = append(first, stored(fmt.Sprint("a", i), id("crm.contact", "1")))
	}
	done := make(chan error, 1)
	go func() {
		_, err := g.Submit(context.Background(), ingest.Caller{System: "crm"}, first)
		done <- err
	}()
	<-j.inside
	if _, err := g.Submit(context.Background(), ingest.Caller{System: "crm"}, first[:200]); !errors.Is(err, ingest.ErrBusy) {
		t.Errorf("want busy, got %v", err)
	}
	close(j.wait)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := g.InFlight(); n != 0 {
		t.Errorf("%d events still counted as waiting", n)
	}
}

// A3: the fence returns only when what was resolved before it is durable.
func TestFenceWaitsForWhatWasResolved(t *testing.T) {
	j := &fakeJournal{wait: make(chan struct{}), inside: make(chan struct{}, 1)}
	g := gateway(newFakeVault(), j)
	go func() {
		_, _ = g.Submit(context.Background(), ingest.Caller{System: "crm"}, []*events.Observation{stored("1", id("crm.contact", "1"))})
	}()
	<-j.inside
	passed := make(chan int, 1)
	go func() {
		_ = g.Fence(context.Background())
		j.mu.Lock()
		defer j.mu.Unlock()
		passed <- len(j.list)
	}()
	close(j.wait)
	if n := <-passed; n != 1 {
		t.Errorf("the fence passed with %d events in the journal, want 1", n)
	}
}

// An error of the journal is never an acknowledgement.
func TestJournalErrorIsNoAcknowledgement(t *testing.T) {
	j := &fakeJournal{err: errors.New("disk full")}
	out, err := gateway(newFakeVault(), j).Submit(context.Background(), ingest.Caller{System: "crm"}, []*events.Observation{stored("1", id("crm.contact", "1"))})
	if err == nil || out != nil {
		t.Errorf("got %v, %v", out, err)
	}
}

// A source cannot fill the map with words of its own, nor with kinds of
// identifier.
func TestWordsOfItsOwnAreLimited(t *testing.T) {
	j := &fakeJournal{}
	g := gateway(newFakeVault(), j)
	for i := range 2100 {
		o := stored(fmt.Sprint(i), id("crm.contact", "1"))
		o.Event.Dataset = events.Code(fmt.Sprintf("table-%d", i))
		submit(t, g, ingest.Caller{System: "crm"}, o)
	}
	seen := map[events.Code]bool{}
	for _, e := range j.list {
		seen[e.Dataset] = true
	}
	if n := len(seen); n > 2001 || !seen[events.Undeclared] {
		t.Errorf("%d datasets were taken", n)
	}
	refused := 0
	for i := range 300 {
		out := submit(t, gateway(newFakeVault(), &fakeJournal{}), ingest.Caller{System: "crm"}, stored("k", id(events.Code(fmt.Sprintf("crm.kind%d", i)), "1")))
		if out[0].Status == ingest.Rejected {
			refused++
		}
	}
	if refused != 0 {
		t.Errorf("%d first kinds were refused", refused)
	}
	g = gateway(newFakeVault(), &fakeJournal{})
	for i := range 300 {
		if out := submit(t, g, ingest.Caller{System: "crm"}, stored(fmt.Sprint(i), id(events.Code(fmt.Sprintf("crm.kind%d", i)), "1"))); out[0].Status == ingest.Rejected {
			refused++
		}
	}
	if refused != 100 {
		t.Errorf("want the 201st kind and all after it refused, got %d refusals", refused)
	}
}
