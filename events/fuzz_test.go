package events_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
)

// What is read as an event is written again as the same bytes: an event has
// one form, so equal bytes mean equal events and the reverse.
func FuzzDecodeEvent(f *testing.F) {
	var s table
	f.Add(events.AppendEvent(nil, full(f), &s))
	for _, e := range some(f) {
		f.Add(events.AppendEvent(nil, e, &s))
	}
	f.Add(events.AppendEvent(nil, caseFact(f), &s))
	f.Add(events.AppendEvent(nil, taskFact(f), &s))
	f.Add([]byte{1, 1, 2, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		names := table{codes: s.codes}
		var e events.Event
		if events.DecodeEvent(b, &e, &names) != nil {
			return
		}
		if err := e.Check(); err != nil {
			t.Fatalf("read, but refused: %v", err)
		}
		if again := events.AppendEvent(nil, &e, &names); !bytes.Equal(again, b) {
			t.Fatalf("two forms of one event\n%x\n%x", b, again)
		}
	})
}

// frameHead is a header for a body of this many records and bytes.
func frameHead(t testing.TB, count uint32, size int) []byte {
	b, _ := new(events.FrameBuilder).Seal(header)
	b = b[:len(b)-sha256.Size-1]
	if len(b) != 78 {
		t.Fatalf("a header has %d bytes", len(b))
	}
	binary.BigEndian.PutUint32(b[70:], count)
	binary.BigEndian.PutUint32(b[74:], uint32(size))
	return b
}

// reseal gives a spoiled frame a hash that fits.
func reseal(b []byte) []byte {
	sum := sha256.Sum256(b)
	return append(bytes.Clone(b), sum[:]...)
}

// The hash keeps a fuzzer out, so it is mended: any body behind a right header.
// What is read is written again as the same bytes.
func FuzzDecodeFrame(f *testing.F) {
	b, _ := sealed(f, some(f)...)
	f.Add(uint32(4), b[78:len(b)-32], true)
	f.Add(uint32(1), []byte{1, 1, 'a', 2, 'x', 'y'}, true)
	f.Add(uint32(0), b, false)
	f.Fuzz(func(t *testing.T, count uint32, body []byte, mend bool) {
		b := body
		if mend {
			b = reseal(append(frameHead(t, count, len(body)), body...))
		}
		frame, err := events.DecodeFrame(b)
		if err != nil {
			return
		}
		var fb events.FrameBuilder
		for _, c := range frame.Dict() {
			fb.Symbol(c)
		}
		var e events.Event
		for i := range int(frame.Count) {
			fb.AddRaw(frame.Record(i))
			_ = frame.Event(i, &e) // no panic; whether it is an event is another question
		}
		if again, sum := fb.Seal(frame.FrameHeader); !bytes.Equal(again, b) || sum != frame.Hash {
			t.Fatalf("two forms of one frame\n%x\n%x", b, again)
		}
	})
}

// What is taken is JSON, is written again without loss, and makes an event that
// the journal takes.
func FuzzDecodeCloudEvent(f *testing.F) {
	for _, body := range samples(f) {
		f.Add(body)
	}
	f.Add([]byte(base))
	f.Fuzz(func(t *testing.T, body []byte) {
		o, r := events.DecodeCloudEvent(body, now)
		if (o == nil) == (r == nil) {
			t.Fatal("both or neither")
		}
		if r != nil {
			known(t, r)
			return
		}
		if !json.Valid(body) {
			t.Fatalf("taken, but not JSON: %s", body)
		}
		again, err := events.EncodeCloudEvent(o)
		if err != nil && len(body) < events.MaxEventBytes/8 { // escapes may grow what was nearly too large
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		back, r := events.DecodeCloudEvent(again, now)
		if r != nil || !reflect.DeepEqual(o, back) {
			t.Fatalf("changed on the way: %v\n%s\n%s", r, body, again)
		}
	})
}

// An element is taken in a batch exactly when it is taken alone, whatever
// stands before and behind it.
func FuzzDecodeBatch(f *testing.F) {
	f.Add([]byte("["+base+"]"), []byte(base))
	f.Add([]byte(`[{"a":[1,"]"]},`), []byte(`{}`))
	f.Add([]byte("[,]"), []byte(base))
	f.Fuzz(func(t *testing.T, any, element []byte) {
		for i, el := range events.DecodeBatch(any, now) {
			if (el.Observation == nil) == (el.Rejection == nil) || el.Rejection != nil && el.Rejection.Line != i+1 {
				t.Fatalf("element %d: %+v", i, el)
			}
		}
		if !json.Valid(element) {
			return
		}
		_, alone := events.DecodeCloudEvent(element, now)
		batch := append(append([]byte("["+base+","), element...), []byte(","+base+"]")...)
		n := 0
		for i, el := range events.DecodeBatch(batch, now) {
			if n++; i != 1 && el.Rejection != nil || i == 1 && (el.Rejection == nil) != (alone == nil) {
				t.Fatalf("element %d: %v", i, el.Rejection)
			}
		}
		if n != 3 {
			t.Fatalf("%d elements of 3: %s", n, batch)
		}
	})
}

// Lines are those between newlines, whatever they hold.
func FuzzDecodeLines(f *testing.F) {
	f.Add([]byte(base + "\n\n" + base))
	f.Add([]byte("\ufeff{}\r\n[\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := lineVerdicts(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for i, line := range bytes.Split(text, []byte("\n")) {
			if i == 0 {
				line = bytes.TrimPrefix(line, []byte("\ufeff"))
			}
			if len(bytes.Trim(line, " \t\r")) > 0 {
				want++
			}
		}
		if len(got) != want {
			t.Fatalf("%d lines of %d: %v", len(got), want, got)
		}
	})
}

// In binary mode the same event is taken as in structured mode.
func FuzzDecodeBinary(f *testing.F) {
	f.Add("e1", "crm", "habeas.record.stored.v1", "2025-03-14T09:26:53Z", []byte(base[strings.Index(base, `{"subject"`):len(base)-1]))
	f.Fuzz(func(t *testing.T, id, source, kind, at string, data []byte) {
		h := map[string]string{"ce-specversion": "1.0", "ce-id": id, "ce-source": source, "ce-type": kind, "ce-time": at}
		o, r := events.DecodeBinary(func(name string) string { return h[name] }, data, now)
		if (o == nil) == (r == nil) {
			t.Fatal("both or neither")
		}
		if r != nil {
			known(t, r)
			return
		}
		body, err := events.EncodeCloudEvent(o)
		if err != nil {
			return // only for its size, which FuzzDecodeCloudEvent looks at
		}
		if back, r := events.DecodeCloudEvent(body, now); r != nil || !reflect.DeepEqual(back, o) {
			t.Fatalf("changed on the way: %v", r)
		}
	})
}

// The reader of times takes nothing that the standard library refuses.
func FuzzParseInstant(f *testing.F) {
	f.Add("2025-03-14T09:26:53.5+01:00")
	f.Add("2025-03-14t09:26:53z")
	f.Add("0000-01-01T00:00:00+10:00")
	f.Add("9999-12-31T23:59:59-10:00")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := events.ParseInstant(s)
		if err != nil {
			return
		}
		if again, err := events.ParseInstant(got.String()); !got.IsZero() && (err != nil || again != got) {
			t.Fatalf("%q is written as %s, which is not read again: %v", s, got, err)
		}
		want, err := time.Parse(time.RFC3339Nano, string(bytes.ToUpper([]byte(s))))
		if err != nil || events.InstantOf(want) != got {
			t.Fatalf("%q is read as %s, not %s (%v)", s, got, want, err)
		}
	})
}
