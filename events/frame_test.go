package events_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/eventstest"
	"pgregory.net/rapid"
)

func fromHex(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var header = events.FrameHeader{Body: events.EventBody, Generation: 3, Previous: events.Hash{1, 2, 3}, First: 1 << 40, Recorded: 1741944413000000, Vault: 77, Catalogue: 5}

func sealed(t testing.TB, evs ...*events.Event) ([]byte, events.Hash) {
	var fb events.FrameBuilder
	for _, e := range evs {
		fb.Add(e)
	}
	if fb.Count() != len(evs) {
		t.Fatalf("count is %d", fb.Count())
	}
	b, h := fb.Seal(header)
	if len(b) > fb.Size() || len(b) < fb.Size()-10 {
		t.Fatalf("size said %d, the frame has %d bytes", fb.Size(), len(b))
	}
	return b, h
}

func some(t testing.TB) []*events.Event {
	h := eventstest.Handle("priya")
	return []*events.Event{
		first(t),
		eventstest.Stored(t, "crm", "crm.contact", h),
		eventstest.Shared(t, "crm", "crm.contact", h, "harbour"),
		eventstest.Synced(t, "crm", "2025-03-14"),
	}
}

func TestFrameRoundTrip(t *testing.T) {
	b, sum := sealed(t, some(t)...)
	f, err := events.DecodeFrame(b)
	if err != nil {
		t.Fatal(err)
	}
	want := header
	want.Count = 4
	if f.FrameHeader != want || f.Hash != sum {
		t.Errorf("got %+v", f.FrameHeader)
	}
	for i, e := range some(t) {
		var got events.Event
		if err := f.Event(i, &got); err != nil || !reflect.DeepEqual(&got, e) {
			t.Errorf("event %d: %v", i, err)
		}
	}
}

func TestFrameOfRandomEvents(t *testing.T) {
	var fb events.FrameBuilder // used again and again, as the journal does
	rapid.Check(t, func(t *rapid.T) {
		fb.Reset()
		evs := rapid.SliceOfN(eventstest.Events(), 0, 6).Draw(t, "events")
		for _, e := range evs {
			fb.Add(e)
		}
		b, sum := fb.Seal(header)
		f, err := events.DecodeFrame(b)
		if err != nil {
			t.Fatal(err)
		}
		var again events.FrameBuilder
		for i, want := range evs {
			var got events.Event
			if err := f.Event(i, &got); err != nil || !reflect.DeepEqual(&got, want) {
				t.Fatalf("event %d: %v", i, err)
			}
			again.Add(&got)
		}
		if b2, sum2 := again.Seal(f.FrameHeader); !bytes.Equal(b, b2) || sum != sum2 {
			t.Fatalf("two forms of one frame")
		}
	})
}

func TestFrameOfRawRecords(t *testing.T) {
	records := [][]byte{{}, []byte("one"), bytes.Repeat([]byte{7}, 300)}
	var fb events.FrameBuilder
	for _, r := range records {
		fb.AddRaw(r)
	}
	b, _ := fb.Seal(events.FrameHeader{Body: events.RawBody})
	f, err := events.DecodeFrame(b)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range records {
		if !bytes.Equal(f.Record(i), want) {
			t.Errorf("record %d: %x", i, f.Record(i))
		}
	}
	if err := f.Event(0, new(events.Event)); err == nil {
		t.Error("a raw record was read as an event")
	}
}

// The released form of a frame and of the events inside.
func TestFrameForm(t *testing.T) {
	b, _ := sealed(t, some(t)...)
	golden(t, "frame_v1.hex", []byte(hexLines(b)))
	f, err := events.DecodeFrame(fromHex(t, "frame_v1.hex"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for i := range int(f.Count) {
		var e events.Event
		if err := f.Event(i, &e); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "# event %d\n%s", i, dump(&e))
	}
	fmt.Fprintf(&out, "# codes\n%v\n", f.Dict())
	golden(t, "frame_v1.golden", []byte(out.String()))
}

// A8: a flipped bit anywhere, a cut anywhere and a byte too many are seen.
func TestDamagedFrames(t *testing.T) {
	b, _ := sealed(t, some(t)...)
	refused := func(what string, b []byte) {
		t.Helper()
		if _, err := events.DecodeFrame(b); !errors.Is(err, events.ErrFrame) {
			t.Fatalf("%s: %v", what, err)
		}
	}
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			refused(fmt.Sprintf("bit %d of byte %d", bit, i), b)
			b[i] ^= 1 << bit
		}
		refused(fmt.Sprintf("cut at %d", i), b[:i])
	}
	refused("a byte more", append(bytes.Clone(b), 0))
	if _, err := events.DecodeFrame(b); err != nil {
		t.Fatal(err)
	}
}

// A frame that is whole but wrong inside: a writer's fault, not bit rot.
func TestWrongFrames(t *testing.T) {
	body := func(b ...byte) []byte { return reseal(append(frameHead(t, 1, len(b)), b...)) }
	rows := map[string][]byte{
		"a dictionary without end":   body(9),
		"a long number":              body(0x80, 0x00),
		"a dictionary that ends":     body(2, 1, 'a', 5),
		"a word of no letters":       body(1, 0, 0),
		"a word twice":               body(2, 1, 'a', 1, 'a', 0),
		"no record":                  body(0),
		"a record that ends":         body(0, 2, 1),
		"bytes after the records":    body(0, 0, 0),
		"a newer version":            reseal(append([]byte("HBSF\x02"), frameHead(t, 0, 1)[5:]...)),
		"a body of an unknown kind":  reseal(append([]byte("HBSF\x01\x03"), append(frameHead(t, 0, 1)[6:], 0)...)),
		"another file":               reseal(append([]byte("PK\x03\x04"), append(frameHead(t, 0, 1)[4:], 0)...)),
		"a body longer than is said": reseal(append(frameHead(t, 0, 1), 0, 0)),
	}
	for name, b := range rows {
		if _, err := events.DecodeFrame(b); !errors.Is(err, events.ErrFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := events.DecodeFrame(body(0, 0)); err != nil {
		t.Errorf("the frame that the rows spoil: %v", err)
	}
}

func TestACodeThatCannotBeWritten(t *testing.T) {
	for _, c := range []events.Code{"", events.Code(strings.Repeat("a", 256))} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a code of %d bytes went into a frame", len(c))
				}
			}()
			new(events.FrameBuilder).Symbol(c)
		}()
	}
}
