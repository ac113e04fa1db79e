package clock_test

import (
	"encoding/json"
	"testing"

	"github.com/habeas-data/habeas/rights/clock"
)

// What a moment wrote it reads, and nothing else.
func TestMomentReadsWhatItWrote(t *testing.T) {
	for _, text := range []string{`null`, `"2026-04-24"`, `"2026-03-23T16:40:00Z"`} {
		var m clock.Moment
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(m)
		if err != nil || string(b) != text {
			t.Errorf("%s was read and written as %s (%v)", text, b, err)
		}
	}
	for _, text := range []string{`3`, `"soon"`, `"2026-02-30"`, `{}`} {
		var m clock.Moment
		if json.Unmarshal([]byte(text), &m) == nil {
			t.Errorf("%s was read as %v", text, m)
		}
	}
}

// FuzzMoment: no panic; decode, encode, decode gives the same.
func FuzzMoment(f *testing.F) {
	f.Add([]byte(`"2026-04-24"`))
	f.Add([]byte(`"2026-03-23T16:40:00+01:00"`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m, again clock.Moment
		if json.Unmarshal(b, &m) != nil {
			return
		}
		text, err := json.Marshal(m)
		if err != nil {
			return // a time beyond what RFC 3339 can say
		}
		if err := json.Unmarshal(text, &again); err != nil || again.String() != m.String() {
			t.Errorf("%s became %s (%v)", b, text, err)
		}
	})
}
