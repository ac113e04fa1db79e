package events_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/eventstest"
	"pgregory.net/rapid"
)

// table numbers codes in order of first use.
type table struct {
	codes []events.Code
}

func (s *table) Symbol(c events.Code) uint64 {
	for i, have := range s.codes {
		if have == c {
			return uint64(i + 1)
		}
	}
	s.codes = append(s.codes, c)
	return uint64(len(s.codes))
}

func (s *table) Name(n uint64) (events.Code, error) {
	if n == 0 || n > uint64(len(s.codes)) {
		return "", fmt.Errorf("no code %d", n)
	}
	return s.codes[n-1], nil
}

// full has every field of the record form set, of no kind in particular.
func full(t testing.TB) *events.Event {
	ref := func(s string) events.Ref { return eventstest.Ref(events.Code("crm."+s), s) }
	day := func(s string) events.Date { return eventstest.Day(t, s) }
	return &events.Event{
		ID: eventstest.ID("full"), Kind: events.RecordShared, Source: "crm", Time: eventstest.Time(t, "1931-05-06T07:08:09.123456Z"),
		Flags: 0xff, Subject: []events.Ref{ref("contact"), eventstest.Ref("email", "e")}, SubjectType: "locum",
		Activity:   events.Activity{Code: "ic-a03", SubPurpose: "matching"},
		Categories: []events.Category{{Code: "identity"}, {Code: "health", Element: "allergies"}},
		Dataset:    "profiles", Item: ref("item"), Within: ref("within"), RecordDate: day("2025-03-14"), Medium: events.MediumPaper,
		Controller: "harbour", Marks: 31, Provenance: events.ThirdParty, ObtainedFrom: events.Party{Code: "nhs-jobs", Person: ref("from")},
		Basis: "6.1.b", LegalDuty: "right_to_work", Place: "dublin-1", Country: "ie", Action: events.ActionPrinted, Channel: "email",
		Recipient: events.Party{Code: "harbour", Person: ref("to")}, RecipientRef: ref("ref"), Condition: "contract",
		Consideration: events.ConsiderationBenefit, TransferTo: "us", Safeguard: "scc", ActingAs: events.ActingAsController, WithheldOn: "crime", WithheldUntil: day("9999-12-31"),
		Removal: events.RemovalReturned, Channels: []events.Code{"sms", "post"}, Method: events.MethodImport, GivenBy: events.GivenByEmployer, Wording: "w1", Ground: "accuracy",
		Milestone: "contract_end", Date: day("1601-01-01"), Automated: true, Significant: true, Logic: "score-1", NoticeVersion: "n1",
		State: events.StateLacksCapacity, Evidence: "same", Retracts: eventstest.ID("r"), RetractsSource: "hr", Why: "wrong",
		Through: eventstest.Time(t, "2025-03-14T00:00:00Z"), Since: -1, Covers: []events.Code{"profiles", "undeclared.0123456789abcdef0123456789abcdef"}, Note: eventstest.ID("n"),
		ScopeSystem: "hr", From: day("2015-02-02"), To: day("2019-08-31"), Review: day("2027-01-01"), Of: eventstest.ID("of"), Digest: eventstest.ID("d"), Count: 1<<32 - 1,
	}
}

// first is full with the fields of the first release alone: a journal written
// then is read as long as it exists.
func first(t testing.TB) *events.Event {
	e := full(t)
	e.ScopeSystem, e.From, e.To, e.Review, e.Of, e.Digest, e.Count = "", 0, 0, 0, events.EventID{}, events.EventID{}, 0
	return e
}

// Every field of Event is in the record form: one that is added and forgotten
// there would be lost without a sound.
func TestEveryFieldSurvives(t *testing.T) {
	e := full(t)
	v := reflect.ValueOf(*e)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the test does not set %s", v.Type().Field(i).Name)
		}
	}
	roundTrip(t, e)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		one := &events.Event{Kind: events.RecordStored}
		reflect.ValueOf(one).Elem().Field(i).Set(v.Field(i))
		roundTrip(t, one)
		if name == "Kind" {
			continue
		}
		var s table
		if len(events.AppendEvent(nil, one, &s)) <= 2 {
			t.Errorf("%s is not written", name)
		}
	}
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

func roundTrip(t failer, e *events.Event) {
	t.Helper()
	if err := e.Check(); err != nil {
		t.Fatalf("%v", err)
	}
	var s table
	b := events.AppendEvent(nil, e, &s)
	got := events.Event{Why: "left over"}
	if err := events.DecodeEvent(b, &got, &s); err != nil {
		t.Fatalf("%v\n%s", err, dump(e))
	}
	if !reflect.DeepEqual(&got, e) {
		t.Fatalf("changed on the way\n got %s\nwant %s", dump(&got), dump(e))
	}
	if again := events.AppendEvent(nil, &got, &s); string(again) != string(b) {
		t.Fatalf("two forms of one event\n%x\n%x", b, again)
	}
}

func TestEventsSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { roundTrip(t, eventstest.Events().Draw(t, "event")) })
}

// The released forms. A change that breaks these breaks every journal.
func TestRecordForm(t *testing.T) {
	var b strings.Builder
	for _, f := range events.FieldNames() {
		fmt.Fprintf(&b, "%d %s\n", f.Tag, f.Name)
	}
	golden(t, "fields_v1.txt", []byte(b.String()))
	for name, want := range map[string]*events.Event{"event_v1.hex": first(t), "event_v1_holds.hex": full(t)} {
		var s table
		golden(t, name, []byte(hexLines(events.AppendEvent(nil, want, &s))))
		var got events.Event
		if err := events.DecodeEvent(fromHex(t, name), &got, &s); err != nil || !reflect.DeepEqual(&got, want) {
			t.Errorf("%s: the released record is read differently: %v", name, err)
		}
	}
}

func TestDecodeEventRefuses(t *testing.T) {
	var s table
	s.Symbol("crm") // number 1
	head := func(b ...byte) []byte { return append([]byte{1, 1}, b...) }
	rows := []struct {
		name string
		b    []byte
		want string
	}{
		{"nothing", nil, "want a version"},
		{"half a head", []byte{1}, "want a version"},
		{"version 0", []byte{0, 1}, "version 0"},
		{"a newer version", []byte{2, 1}, "version 2"},
		{"kind 0", []byte{1, 0}, "kind 0"},
		{"an unknown kind", []byte{1, 20}, "kind 20"},
		{"an unknown field", head(63), "field 63"},
		{"field 0", head(0), "field 0"},
		{"out of order", head(3, 2, 2, 1), "out of order"},
		{"twice", head(2, 1, 2, 1), "out of order"},
		{"a code that is not there", head(2, 2), "no code 2"},
		{"an empty code", head(2, 0), "empty"},
		{"a long number", head(2, 0x81, 0x00), "shortest"},
		{"an unending number", head(2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "shortest"},
		{"half a number", head(2, 0x81), "shortest"},
		{"a zero time", head(3, 0), "empty"},
		{"no flags", head(4, 0), "not known"},
		{"flags that end", head(4), "too early"},
		{"no subjects", head(5, 0), "list of 1 to 16"},
		{"too many subjects", head(append([]byte{5, 17}, make([]byte, 17*17)...)...), "list of 1 to 16"},
		{"a lying length", head(5, 16, 1, 2, 3), "list of 1 to 16"},
		{"an empty subject", head(append([]byte{5, 1}, make([]byte, 17)...)...), "empty"},
		{"an unknown medium", head(13, 3), "value 3"},
		{"an unknown mark", head(15, 32), "value 32"},
		{"an unknown provenance", head(16, 7), "value 7"},
		{"a day after the year 9999", head(12, 0xff, 0xff, 0xff, 0x7f), "year 9999"},
		{"an empty id", head(append([]byte{1}, make([]byte, 16)...)...), "empty"},
		{"half an id", head(1, 1, 2, 3), "want 16 bytes"},
		{"too many channels", head(append([]byte{36, 65}, make([]byte, 65)...)...), "list of 1 to 64"},
	}
	for _, row := range rows {
		var e events.Event
		if err := events.DecodeEvent(row.b, &e, &s); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// An older record is lifted step by step; a step that is missing, fails or
// lands elsewhere is an error. Version 0 was never released: the test plays it.
func TestUpcast(t *testing.T) {
	type steps = map[byte]func([]byte) ([]byte, error)
	var s table
	s.Symbol("crm")
	// The older record had kind and version swapped, and no tag before the source.
	old := []byte{0, 1, 1}
	lift := func(b []byte) ([]byte, error) { return []byte{1, b[1], 2, b[2]}, nil }
	b, err := events.Upcast(old, steps{0: lift})
	if err != nil {
		t.Fatal(err)
	}
	var e events.Event
	if err := events.DecodeEvent(b, &e, &s); err != nil || e.Source != "crm" || e.Kind != events.RecordStored {
		t.Errorf("got %s %v", dump(&e), err)
	}
	for name, table := range map[string]steps{
		"missing":    {},
		"failing":    {0: func([]byte) ([]byte, error) { return nil, errors.New("spoiled") }},
		"going back": {0: func(b []byte) ([]byte, error) { return b, nil }},
		"empty":      {0: func([]byte) ([]byte, error) { return nil, nil }},
	} {
		if _, err := events.Upcast(old, table); err == nil || !strings.Contains(err.Error(), "version 0") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := events.Upcast([]byte{9, 1}, steps{9: lift}); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a newer version is not lifted down: %v", err)
	}
}

// What Check refuses would be written and could not be read back as it was.
func TestCheck(t *testing.T) {
	one := eventstest.Ref("email", "x")
	many := make([]events.Ref, 17)
	for i := range many {
		many[i] = eventstest.Ref("email", fmt.Sprint(i))
	}
	rows := map[string]func(*events.Event){
		"kind":                 func(e *events.Event) { e.Kind = 20 },
		"subject":              func(e *events.Event) { e.Subject = many },
		"subject empty":        func(e *events.Event) { e.Subject = []events.Ref{{}} },
		"subject kind":         func(e *events.Event) { e.Subject = []events.Ref{{Handle: one.Handle}} },
		"item":                 func(e *events.Event) { e.Item.Kind = "photo" },
		"within":               func(e *events.Event) { e.Within.Handle = one.Handle },
		"source":               func(e *events.Event) { e.Source = "CRM" },
		"dataset":              func(e *events.Event) { e.Dataset = "943476591900" },
		"activity":             func(e *events.Event) { e.Activity = events.Activity{SubPurpose: "x"} },
		"activity code":        func(e *events.Event) { e.Activity.Code = "a b" },
		"categories":           func(e *events.Event) { e.Categories = []events.Category{{Element: "x"}} },
		"categories many":      func(e *events.Event) { e.Categories = make([]events.Category, 65) },
		"channels":             func(e *events.Event) { e.Channels = []events.Code{""} },
		"covers":               func(e *events.Event) { e.Covers = make([]events.Code, 65) },
		"provenance":           func(e *events.Event) { e.Provenance = 7 },
		"marks":                func(e *events.Event) { e.Marks = 32 },
		"record_date":          func(e *events.Event) { e.RecordDate = -1 },
		"date":                 func(e *events.Event) { e.Date = 1 << 30 },
		"recipient":            func(e *events.Event) { e.Recipient.Code = "é" },
		"obtained_from_person": func(e *events.Event) { e.ObtainedFrom.Person.Kind = "email" },
		"basis":                func(e *events.Event) { e.Basis = events.Code(strings.Repeat("a", 65)) },
		"condition":            func(e *events.Event) { e.Condition = "undeclared.0123456789ABCDEF0123456789abcdef" },
	}
	for name, spoil := range rows {
		e := eventstest.Stored(t, "crm", "crm.contact", eventstest.Handle("a"))
		spoil(e)
		field, _, _ := strings.Cut(name, " ")
		if err := e.Check(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func hexLines(b []byte) string {
	var out strings.Builder
	for len(b) > 32 {
		out.WriteString(hex.EncodeToString(b[:32]) + "\n")
		b = b[32:]
	}
	return out.String() + hex.EncodeToString(b) + "\n"
}
