package events_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/eventstest"
	"pgregory.net/rapid"
)

func TestHandleAndEventIDRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h events.Handle
		copy(h[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes"))
		if got, err := events.ParseHandle(h.String()); err != nil || got != h {
			t.Fatalf("%s: %v", h, err)
		}
		id := events.EventID(h)
		if got, err := events.ParseEventID(id.String()); err != nil || got != id {
			t.Fatalf("%s: %v", id, err)
		}
		b, err := json.Marshal(map[events.Handle]events.Handle{h: h})
		var back map[events.Handle]events.Handle
		if err != nil || json.Unmarshal(b, &back) != nil || back[h] != h {
			t.Fatalf("%s: %v", b, err)
		}
	})
	for _, s := range []string{"", "0", strings.Repeat("0", 31), strings.Repeat("0", 33), strings.Repeat("g", 32), strings.Repeat("A", 32), strings.Repeat("0", 30) + "é"} {
		if _, err := events.ParseHandle(s); err == nil {
			t.Errorf("handle %q is taken", s)
		} else if s != "" && s != "0" && strings.Contains(err.Error(), s) {
			t.Errorf("the error repeats the text: %v", err)
		}
		if _, err := events.ParseEventID(s); err == nil {
			t.Errorf("event id %q is taken", s)
		}
	}
}

func TestPosition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) events.Position {
			return events.Position{Generation: rapid.Uint32Range(0, 3).Draw(t, name), Seq: rapid.Uint64().Draw(t, name), Index: rapid.Uint32().Draw(t, name)}
		}
		p, q := draw("p"), draw("q")
		if got, err := events.ParsePosition(p.String()); err != nil || got != p {
			t.Fatalf("%s: %v", p, err)
		}
		if p.Compare(q) != -q.Compare(p) || p.Compare(p) != 0 || (p.Compare(q) == 0) != (p == q) {
			t.Fatalf("%s and %s are out of order", p, q)
		}
	})
	ordered := []events.Position{{}, {0, 0, 1}, {0, 1, 0}, {1, 0, 0}, {1, 0, 7}, {1, 9, 0}, {2, 0, 0}}
	for i := 1; i < len(ordered); i++ {
		if ordered[i-1].Compare(ordered[i]) != -1 {
			t.Errorf("%s is not before %s", ordered[i-1], ordered[i])
		}
	}
	for _, s := range []string{"", "1", "1-2", "1-2-3-4", "-1-2-3", "1-2-x", "4294967296-1-1", "1-2-+3", "01-2-3", "1-02-3"} {
		if p, err := events.ParsePosition(s); err == nil {
			t.Errorf("%q is taken for %s", s, p)
		}
	}
}

func TestParseCode(t *testing.T) {
	good := map[string]events.Code{"a": "a", "IC-A03": "ic-a03", "6.1.b": "6.1.b", "x_y-z.9": "x_y-z.9", "v12345": "v12345", "12345-12345": "12345-12345", strings.Repeat("a", 64): events.Code(strings.Repeat("a", 64))}
	for s, want := range good {
		if got, err := events.ParseCode(s); err != nil || got != want {
			t.Errorf("%q is read as %q, %v", s, got, err)
		}
	}
	for _, s := range []string{"", " a", "a ", "a b", ".a", "_a", "-a", "é", "\u212a", "a/b", "a\n", "a@b", "v123456", "943476591900", strings.Repeat("a", 65)} {
		if got, err := events.ParseCode(s); err == nil {
			t.Errorf("%q is taken for %q", s, got)
		} else if len(s) > 2 && strings.Contains(err.Error(), s) {
			t.Errorf("the error repeats the text: %v", err)
		}
	}
	if got := events.Code("crm.contact").System(); got != "crm" {
		t.Errorf("system is %q", got)
	}
	if got := events.Code("email").System(); got != "" {
		t.Errorf("a global kind has no system, got %q", got)
	}
}

// The reader of times agrees with the standard library wherever that one is
// strict, and every time that is written is read again.
func TestInstantAgreesWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(-62_135_596_800_000_000, 253_402_300_799_999_999).Draw(t, "micros")).UTC()
		zone := time.FixedZone("", rapid.IntRange(-14*60, 14*60).Draw(t, "zone")*60)
		for _, s := range []string{at.Format(time.RFC3339Nano), at.In(zone).Format(time.RFC3339Nano)} {
			if at.In(zone).Year() < 1 || at.In(zone).Year() > 9999 {
				continue
			}
			got, err := events.ParseInstant(s)
			if err != nil || got != events.InstantOf(at) {
				t.Fatalf("%s: %v %v", s, got, err)
			}
		}
		i := events.InstantOf(at)
		if i == 0 {
			return
		}
		if got, err := events.ParseInstant(i.String()); err != nil || got != i || !i.Time().Equal(at) {
			t.Fatalf("%s: %v", i, err)
		}
		if want := int32((at.Year()-1970)*12 + int(at.Month()) - 1); i.Month() != want {
			t.Fatalf("month of %s is %d", i, i.Month())
		}
	})
	for _, s := range []string{"", "2025-03-14", "2025-03-14T09:26:53", "2025-03-14 09:26:53Z", "2025-03-14T9:26:53Z", "2025-03-14T24:00:00Z", "2025-03-14T09:60:00Z", "2025-03-14T09:26:60Z",
		"2025-03-14T09:26:53.Z", "2025-03-14T09:26:53,5Z", "2025-03-14T09:26:53+0100", "2025-03-14T09:26:53+24:00", "2025-03-14T09:26:53+01:60", "2025-13-14T09:26:53Z", "2025-00-14T09:26:53Z", "2023-02-29T09:26:53Z",
		"1900-02-29T09:26:53Z", "2025-03-14T09:26:53Zx", "2025-03-14T09:26:53.5", "20255-03-14T09:26:53Z", "-025-03-14T09:26:53Z"} {
		if got, err := events.ParseInstant(s); err == nil {
			t.Errorf("%q is taken for %s", s, got)
		}
	}
}

func TestDateAgreesWithTime(t *testing.T) {
	first, last := eventstest.Day(t, "1601-01-01"), eventstest.Day(t, "9999-12-31")
	for d := first; d <= last; d += 97 {
		at := d.Time()
		if back, err := events.ParseDate(at.Format("2006-01-02")); err != nil || back != d || events.DateOf(at) != d || d.String() != at.Format("2006-01-02") {
			t.Fatalf("%s: %s %v", at, back, err)
		}
	}
	evening := time.Date(2025, 3, 14, 23, 30, 0, 0, time.FixedZone("", 3600))
	if got := events.DateOf(evening).String(); got != "2025-03-14" {
		t.Errorf("a day is that of its own zone, got %s", got)
	}
	if got := events.InstantOf(evening).Day().String(); got != "2025-03-14" {
		t.Errorf("the day of an instant is that of UTC, got %s", got)
	}
	for _, s := range []string{"", "2025-3-14", "14-03-2025", "2025-02-29", "1600-12-31", "10000-01-01", "2025-03-14T00:00:00Z", "2025/03/14", "2025-03-1x"} {
		if got, err := events.ParseDate(s); err == nil {
			t.Errorf("%q is taken for %s", s, got)
		}
	}
}

func TestTextForms(t *testing.T) {
	type all struct {
		I events.Instant
		D events.Date
		P events.Position
	}
	for _, v := range []all{{}, {eventstest.Time(t, "2025-03-14"), eventstest.Day(t, "2025-03-14"), events.Position{Generation: 1, Seq: 42, Index: 7}}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var back all
		if err := json.Unmarshal(b, &back); err != nil || back != v {
			t.Errorf("%s: %v", b, err)
		}
	}
	var v all
	for _, s := range []string{`{"I":"x"}`, `{"D":"x"}`, `{"P":"x"}`} {
		if json.Unmarshal([]byte(s), &v) == nil {
			t.Errorf("taken: %s", s)
		}
	}
}

func TestKindNames(t *testing.T) {
	for k := range events.Kind(255) {
		got, err := events.ParseKind(k.String())
		if k.Known() != (err == nil) || k.Known() && got != k {
			t.Errorf("%s: %v", k, err)
		}
		sent, err := events.ParseType(k.Type())
		if (k.Known() && !k.Internal()) != (err == nil) || err == nil && sent != k {
			t.Errorf("%s: %v", k.Type(), err)
		}
	}
	for _, s := range []string{"", "habeas.", "habeas..v1", "record.stored", "habeas.record.stored", "record.stored.v1", "habeas.record.stored.v1.v1"} {
		if k, err := events.ParseType(s); err == nil {
			t.Errorf("%q is taken for %s", s, k)
		}
	}
}

// The numbers of words are part of the frame form: nobody reorders them.
func TestWordNumbers(t *testing.T) {
	var b strings.Builder
	for _, list := range []string{"provenance", "action", "removal", "method", "given_by", "consideration", "acting_as", "state", "medium", "marks"} {
		for i, w := range events.Words()[list] {
			fmt.Fprintf(&b, "%s %d %s\n", list, i+1, w)
		}
	}
	for k := range events.Kind(255) {
		if k.Known() {
			fmt.Fprintf(&b, "kind %d %s\n", k, k)
		}
	}
	golden(t, "words.txt", []byte(b.String()))
	if events.ThirdParty.String() != "third_party" || events.ActionPrinted.String() != "printed" || events.RemovalReturned.String() != "returned" ||
		events.MethodImport.String() != "import" || events.GivenByEmployer.String() != "employer" || events.ConsiderationBenefit.String() != "benefit" ||
		events.ActingAsController.String() != "controller" || events.StateLacksCapacity.String() != "lacks_capacity" || events.MediumPaper.String() != "paper" ||
		strings.Join(events.MarkNeverOutput.Names(), "") != "never_output" {
		t.Error("a constant and its word differ")
	}
}
