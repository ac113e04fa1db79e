package casebook_test

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
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

var update = flag.Bool("update", false, "write the golden files")

func id(name string) events.EventID { return projectionstest.IDOf(name) }

var start = events.InstantOf(time.Date(2025, 3, 20, 9, 0, 0, 0, time.UTC))

const day = events.Instant(86_400_000_000)

// A script is the facts of a test, in journal order.
type script struct {
	t testing.TB
	m *projectionstest.Memory
	n int
}

func newScript(t testing.TB) *script { return &script{t: t, m: projectionstest.NewMemory()} }

// tell applies an event, a minute after the one before, and returns its id.
func (s *script) tell(e events.Event) events.EventID {
	s.t.Helper()
	s.n++
	e.ID, e.Source, e.Time = id(fmt.Sprint("fact", s.n)), "habeas", start+events.Instant(s.n)*60_000_000
	if err := s.m.Apply(e.Time, &e); err != nil {
		s.t.Fatal(err)
	}
	if s.m.Refused > 0 {
		s.t.Fatalf("fact %d was refused: %v", s.n, e.CheckCase())
	}
	return e.ID
}

// act tells one of a case, after which it has the status that is named after a
// slash, or stays open; due is in days after the start, 0 for none.
func (s *script) act(of string, version uint32, act string, due int, rights ...events.Code) events.EventID {
	s.t.Helper()
	act, status, ok := strings.Cut(act, "/")
	if !ok {
		status = "open"
	}
	e := events.Event{Kind: events.CaseRecorded, Of: id(of), Count: version, Why: events.Code(act), Condition: events.Code(status), Date: start.Day() + 1,
		Note: id("body"), Channels: rights}
	if version == 1 {
		e.From = start.Day()
	}
	if act == "answered" {
		e.To = e.Date
	}
	if due != 0 {
		e.Review = start.Day() + events.Date(due)
	}
	return s.tell(e)
}

// task tells one of a task of a case.
func (s *script) task(of, task string, version uint32, state, system events.Code, more ...func(*events.Event)) events.EventID {
	s.t.Helper()
	e := events.Event{Kind: events.TaskRecorded, Of: id(of), Digest: id(task), Count: version, Why: state, ScopeSystem: system, Condition: "erase", Note: id("receipt")}
	for _, f := range more {
		f(&e)
	}
	return s.tell(e)
}

func (s *script) head(of string) *casebook.Head {
	s.t.Helper()
	h, err := casebook.Case(s.m, id(of))
	if err != nil {
		s.t.Fatal(err)
	}
	return h
}

// whole reports what fsck says of the rows of cases.
func whole(m *projectionstest.Memory) (err error) {
	for k, v := range m.Rows {
		if k[0] == casebook.Family {
			err = errors.Join(err, casebook.CheckRow(m, []byte(k), v))
		}
	}
	return errors.Join(err, casebook.CheckTotals(m))
}

// story is a case with two tasks and a batch with one, as a script.
func story(t testing.TB) *script {
	s := newScript(t)
	s.act("case", 1, "opened", 33, "erasure", "access")
	s.act("case", 2, "identity_asked/waiting", 0)
	s.act("case", 3, "identity_received", 40)
	s.act("case", 4, "sung", 40)
	s.task("case", "one", 1, "planned", "crm", func(e *events.Event) {
		e.Date, e.Since, e.Recipient.Code = start.Day()+20, start+day, "bank"
	})
	s.task("case", "two", 1, "manual_waiting", "payroll.archive")
	s.task("case", "one", 2, "sent", "crm", func(e *events.Event) {
		e.Date, e.Through, e.Evidence, e.Flags = start.Day()+20, start+day*2, "looking", events.Simulated
	})
	s.task("batch", "three", 1, "impossible", "")
	s.act("case", 5, "answered/answered", 40)
	return s
}

// The rows are a released form: a change needs another Version. To write the
// golden anew: go test ./projections/casebook -update
func TestRowForms(t *testing.T) {
	s := story(t)
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(s.m.Rows)) {
		if k[0] == casebook.Family {
			fmt.Fprintf(&b, "%s %s\n", hex.EncodeToString([]byte(k)), hex.EncodeToString(s.m.Rows[k]))
		}
	}
	golden(t, "rows.hex", b.String())
	golden(t, "tables.txt", strings.Join(casebook.Tables(), "\n")+"\n")
	if err := whole(s.m); err != nil {
		t.Error(err)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(file, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s changed: %v\n%s", name, err, got)
	}
}

func TestHead(t *testing.T) {
	s := story(t)
	h := s.head("case")
	if h.Number != 1 || h.Version != 5 || !slices.Equal(h.Rights, []events.Code{"erasure", "access"}) || h.Received != start.Day() ||
		h.Due != start.Day()+40 || h.Answered != start.Day()+1 || h.Closed != 0 || h.Opened != start+60_000_000 || h.Touched != start+9*60_000_000 ||
		h.Place.Seq != 9 || h.Last != "answered" || h.Others != 1 || h.Simulated || h.Status() != casebook.Answered {
		t.Errorf("%+v, %s", h, h.Status())
	}
	if got := h.Acts.List(); !slices.Equal(got, []events.Code{"opened", "identity_asked", "identity_received", "answered"}) || h.Acts.Has("sung") || h.Acts.Has("closed") {
		t.Errorf("acts %v", got)
	}
	if h.Tasks.Total() != 2 || h.Tasks.In("sent") != 1 || h.Tasks.In("manual_waiting") != 1 {
		t.Errorf("tasks %v", h.Tasks)
	}
	one, err := casebook.TaskOf(s.m, id("one"))
	if err != nil || one.Case != id("case") || one.Version != 2 || one.System != "crm" || one.Recipient != "bank" || one.Verb != "erase" || one.State != "sent" ||
		one.Detail != "looking" || one.ActBefore != start.Day()+20 || one.NotBefore != 0 || one.Lease != start+2*day || one.Attempts != 1 ||
		!one.Simulated || one.Body != id("receipt") || one.First.Seq != 5 || one.Place.Seq != 7 {
		t.Errorf("%+v, %v", one, err)
	}
	if n, err := casebook.CaseByNumber(s.m, 1); err != nil || n.ID != id("case") || n.Tasks != h.Tasks {
		t.Errorf("%+v, %v", n, err)
	}
	if _, err := casebook.CaseByNumber(s.m, 2); !errors.Is(err, casebook.ErrUnknown) {
		t.Error(err)
	}
	if _, err := casebook.Case(s.m, id("batch")); !errors.Is(err, casebook.ErrUnknown) {
		t.Error("a batch is no case:", err)
	}
	if tally, err := casebook.TallyOf(s.m, id("batch")); err != nil || tally.In("impossible") != 1 {
		t.Error(tally, err)
	}
}

// Of two facts of one version the first in the journal counts; the other, and
// whatever skips a version or comes before the case is opened, writes nothing.
func TestRaces(t *testing.T) {
	s := newScript(t)
	nothing := func(what string, tell func() events.EventID) {
		t.Helper()
		before := maps.Clone(s.m.Rows)
		tell()
		for k, v := range s.m.Rows {
			if k[0] == casebook.Family && !bytes.Equal(before[k], v) {
				t.Errorf("%s wrote row %q", what, k[:2])
			}
		}
		if err := whole(s.m); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	nothing("an act before the first", func() events.EventID { return s.act("case", 1, "identity_asked", 0) })
	nothing("a case opened as of its second version", func() events.EventID { return s.act("case", 2, "opened", 0) })
	s.act("case", 1, "opened", 30)
	nothing("a second opening", func() events.EventID { return s.act("case", 1, "opened", 10) })
	won := s.act("case", 2, "decided", 30)
	nothing("the second of two", func() events.EventID { return s.act("case", 2, "approved", 30) })
	nothing("a version too far", func() events.EventID { return s.act("case", 4, "closed", 0) })
	if f, err := casebook.FactOf(s.m, id("case"), 2); err != nil || f.Event.ID != won || f.Event.Why != "decided" || f.Recorded == 0 {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := casebook.FactOf(s.m, id("case"), 3); !errors.Is(err, casebook.ErrUnknown) {
		t.Error(err)
	}
	nothing("a task that begins late", func() events.EventID { return s.task("case", "one", 2, "sent", "crm") })
	s.task("case", "one", 1, "planned", "crm")
	first := s.task("case", "one", 2, "sent", "crm")
	nothing("the second claim", func() events.EventID { return s.task("case", "one", 2, "sent", "crm") })
	nothing("a task that changes its case", func() events.EventID { return s.task("another", "one", 3, "verified", "crm") })
	if f, err := casebook.TaskFactOf(s.m, id("one"), 2); err != nil || f.Event.ID != first {
		t.Errorf("%+v, %v", f, err)
	}
	if list, err := casebook.TaskFacts(s.m, id("one")); err != nil || len(list) != 2 || list[1].Event.ID != first {
		t.Error(len(list), err)
	}
	if list, err := casebook.Facts(s.m, id("case")); err != nil || len(list) != 2 || list[1].Event.ID != won {
		t.Error(len(list), err)
	}
}

// Where a case stands is what the last fact says, whatever came before; and of a
// word that nobody knows nothing gets lost.
func TestStatus(t *testing.T) {
	for status, want := range map[casebook.Status]casebook.Class{
		casebook.Waiting: casebook.ToAnswer, casebook.Open: casebook.ToAnswer, casebook.Approved: casebook.ToAnswer, casebook.Running: casebook.ToAnswer,
		casebook.Answered: casebook.ToEnd, casebook.Complete: casebook.ToEnd, casebook.Refused: casebook.ToEnd,
		casebook.Withdrawn: casebook.Done, casebook.Duplicate: casebook.Done, casebook.Closed: casebook.Done, casebook.Unnamed: casebook.ToAnswer,
	} {
		s := newScript(t)
		s.act("case", 1, "opened/closed", 0)
		s.act("case", 2, "letter/"+status.String(), 0)
		if h := s.head("case"); h.Status() != status || h.Class() != want || !slices.Contains(casebook.StatusesOf(want), status) {
			t.Errorf("%s: %s, class %d", status, h.Status(), h.Class())
		}
		if got, ok := casebook.ParseStatus(status.String()); !ok || got != status {
			t.Errorf("%s is read as %s", status, got)
		}
	}
	s := newScript(t)
	s.act("case", 1, "opened/sung", 0)
	if h := s.head("case"); h.Status() != casebook.Unnamed || h.Class() != casebook.ToAnswer {
		t.Errorf("%s", h.Status())
	}
	if _, ok := casebook.ParseStatus("sung"); ok || casebook.Status(99).String() != "unnamed" || len(casebook.Statuses()) != 11 {
		t.Error("there is no such status")
	}
}

// A case that was answered before it was opened is closed as of that day; one that
// runs again is not closed, and closes again.
func TestClosed(t *testing.T) {
	s := newScript(t)
	answered := start.Day() - 100
	s.tell(events.Event{Kind: events.CaseRecorded, Of: id("old"), Count: 1, Why: "opened", Condition: "closed", From: answered - 20, Date: answered - 20, To: answered})
	if h := s.head("old"); h.Closed != answered || h.Answered != answered || h.Received != answered-20 {
		t.Errorf("%+v", h)
	}
	s.tell(events.Event{Kind: events.CaseRecorded, Of: id("old"), Count: 2, Why: "rerun", Condition: "running", Date: start.Day(), To: answered})
	if h := s.head("old"); h.Closed != 0 || h.Answered != answered {
		t.Errorf("%+v", h)
	}
	s.tell(events.Event{Kind: events.CaseRecorded, Of: id("old"), Count: 3, Why: "closed", Condition: "closed", Date: start.Day() + 5, To: answered})
	s.tell(events.Event{Kind: events.CaseRecorded, Of: id("old"), Count: 4, Why: "downloaded", Condition: "closed", Date: start.Day() + 9, To: answered})
	if h := s.head("old"); h.Closed != start.Day()+5 {
		t.Errorf("%+v", h)
	}
}

// A case is found by the beginning of its id, if no other begins so.
func TestFind(t *testing.T) {
	s := newScript(t)
	open := func(hex string) events.EventID {
		of, err := events.ParseEventID(hex)
		if err != nil {
			t.Fatal(err)
		}
		s.tell(events.Event{Kind: events.CaseRecorded, Of: of, Count: 1, Why: "opened"})
		return of
	}
	a := open("abcdef10000000000000000000000000")
	b := open("abcdef1f000000000000000000000000")
	c := open("ffffff10000000000000000000000001")
	for prefix, want := range map[string]events.EventID{"abcdef10": a, "abcdef1f": b, "abcdef1f0": b, a.String(): a, "ffffff": c, "ffffff1": c} {
		if got, err := casebook.FindCase(s.m, prefix); err != nil || got != want {
			t.Errorf("%s: %s, %v", prefix, got, err)
		}
	}
	for prefix, want := range map[string]error{
		"abcdef1": casebook.ErrAmbiguous, "abcdef": casebook.ErrAmbiguous, "abcde": casebook.ErrUnknown, "": casebook.ErrUnknown,
		"ABCDEF10": casebook.ErrUnknown, "abcdef2": casebook.ErrUnknown, "zzzzzzz": casebook.ErrUnknown, "abcdef1g": casebook.ErrUnknown,
		"abcdefg": casebook.ErrUnknown, a.String() + "00": casebook.ErrUnknown,
	} {
		if got, err := casebook.FindCase(s.m, prefix); !errors.Is(err, want) || !got.IsZero() {
			t.Errorf("%q: %s, %v", prefix, got, err)
		}
	}
	if _, err := casebook.FindTask(s.m, "abcdef10"); !errors.Is(err, casebook.ErrUnknown) {
		t.Error("a case is no task:", err)
	}
}

// Every row that goes missing, and every one that is spoiled in a way that can be
// seen, is reported by fsck.
func TestFsck(t *testing.T) {
	s := story(t)
	for _, k := range slices.Sorted(maps.Keys(s.m.Rows)) {
		if k[0] != casebook.Family {
			continue
		}
		was := s.m.Rows[k]
		delete(s.m.Rows, k)
		if whole(s.m) == nil {
			t.Errorf("row %q is missing and nobody says so", k)
		}
		s.m.Rows[k] = append(bytes.Clone(was), 1)
		if whole(s.m) == nil {
			t.Errorf("row %q has a byte too many and nobody says so", k)
		}
		if len(was) > 0 {
			s.m.Rows[k] = was[:len(was)-1]
			if whole(s.m) == nil {
				t.Errorf("row %q has a byte too few and nobody says so", k)
			}
		}
		s.m.Rows[k] = was
		moved := k[:len(k)-1] + string(k[len(k)-1]^1)
		had, ok := s.m.Rows[moved]
		s.m.Rows[moved] = was
		if whole(s.m) == nil {
			t.Errorf("row %q stands a second time under %q and nobody says so", k, moved)
		}
		if delete(s.m.Rows, moved); ok {
			s.m.Rows[moved] = had
		}
	}
	if err := whole(s.m); err != nil {
		t.Fatal("the test itself spoiled the rows:", err)
	}
}

// FuzzRows: what is no row is refused without a panic, under whatever key; what
// is read is written again as it was, under its own key.
func FuzzRows(f *testing.F) {
	s := story(f)
	for k, v := range s.m.Rows {
		if k[0] == casebook.Family {
			f.Add([]byte(k), v)
		}
	}
	f.Add([]byte{}, []byte{})
	f.Add([]byte{casebook.Family}, []byte{})
	rows := maps.Clone(s.m.Rows)
	f.Fuzz(func(t *testing.T, k, v []byte) {
		_ = casebook.CheckRow(s.m, k, v)
		key, again, err := casebook.Again(s.m, k, v)
		if err == nil && (!bytes.Equal(key, k) || !bytes.Equal(again, v)) {
			t.Fatalf("two forms of one row\n%x %x\n%x %x", k, v, key, again)
		}
		if len(k) == 0 && (err == nil || casebook.CheckRow(s.m, k, v) == nil) {
			t.Fatal("a row without a key is taken for one")
		}
		if len(s.m.Rows) != len(rows) {
			t.Fatal("reading wrote something")
		}
	})
}

// FuzzReads: whatever stands under the keys that lists are read from, they end
// with an error and never panic.
func FuzzReads(f *testing.F) {
	for k, v := range story(f).m.Rows {
		if k[0] == casebook.Family {
			f.Add([]byte(k), v, "5064")
		}
	}
	f.Fuzz(func(t *testing.T, k, v []byte, from string) {
		s := story(t)
		s.m.Set(append([]byte{casebook.Family}, k...), v)
		for _, o := range []casebook.Order{casebook.Newest, casebook.ByDue} {
			_, _ = casebook.List(s.m, casebook.Filter{}, o, "", 10)
			_, _ = casebook.List(s.m, casebook.Filter{}, o, from, 10)
		}
		_, _ = casebook.Systems(s.m)
		_, _ = casebook.OpenTasks(s.m, "crm", events.EventID{}, 10)
		_, _ = casebook.TasksOf(s.m, id("case"))
		_, _ = casebook.Facts(s.m, id("case"))
		_, _ = casebook.FindCase(s.m, from)
		for m := casebook.LeaseEnds; m <= casebook.MustHaveRun; m++ {
			_, _ = casebook.TasksDue(s.m, m, 1<<62, nil, 10)
			_, _ = casebook.CountDue(s.m, m, 1<<62)
		}
		_, _ = casebook.CountOverdue(s.m, 1<<30)
	})
}
