package events_test

import (
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
)

// typical is a stored event as a customer database would send it.
const typical = `{"specversion":"1.0","id":"evt-000001","source":"crm","type":"habeas.record.stored.v1","time":"2025-03-14T09:26:53.123Z",
"data":{"subject":[{"kind":"crm.contact","value":"C-99812"},{"kind":"email","value":"priya@example.org"},{"kind":"phone","value":"+44 7700 900123"}],
"subject_type":"locum","activity":"ic-a03/matching","categories":["identity","contact","health/allergies"],"dataset":"profiles",
"record_date":"2025-03-14","provenance":"provided","location":{"place":"dublin-1","country":"IE"}}}`

func BenchmarkDecodeCloudEvent(b *testing.B) {
	now := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	body := []byte(typical)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, r := events.DecodeCloudEvent(body, now); r != nil {
			b.Fatal(r)
		}
	}
}

func BenchmarkDecodeEvent(b *testing.B) {
	o, r := events.DecodeCloudEvent([]byte(typical), time.Time{})
	if r != nil {
		b.Fatal(r)
	}
	e := o.Event
	e.ID[0] = 1
	for i, id := range o.Subject {
		e.Subject = append(e.Subject, events.Ref{Handle: events.Handle{byte(i + 1)}, Kind: id.Kind})
	}
	var fb events.FrameBuilder
	fb.Add(&e)
	raw, _ := fb.Seal(events.FrameHeader{Body: events.EventBody})
	f, err := events.DecodeFrame(raw)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var got events.Event
	for b.Loop() {
		if err := f.Event(0, &got); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeCloudEvent(b *testing.B) {
	o, r := events.DecodeCloudEvent([]byte(typical), time.Time{})
	if r != nil {
		b.Fatal(r)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := events.EncodeCloudEvent(o); err != nil {
			b.Fatal(err)
		}
	}
}
