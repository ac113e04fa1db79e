package events_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/eventstest"
	"pgregory.net/rapid"
)

var now = time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)

func samples(t testing.TB) map[string][]byte {
	paths, err := filepath.Glob("testdata/cloudevents/*.json")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(p), ".json")] = b
	}
	return out
}

// Every kind of the published contract, with every field it may carry, is read
// as it always was, and written again without loss.
func TestCloudEventGoldens(t *testing.T) {
	seen := map[events.Kind]bool{}
	for name, body := range samples(t) {
		t.Run(name, func(t *testing.T) {
			o, r := events.DecodeCloudEvent(body, now)
			if r != nil {
				t.Fatal(r)
			}
			seen[o.Event.Kind] = true
			golden(t, "cloudevents/"+name+".golden", []byte(dump(o)))
			again, err := events.EncodeCloudEvent(o)
			if err != nil {
				t.Fatal(err)
			}
			back, r := events.DecodeCloudEvent(again, now)
			if r != nil {
				t.Fatal(r)
			}
			if !reflect.DeepEqual(o, back) {
				t.Errorf("changed on the way\n%s\n%s", dump(o), dump(back))
			}
			if e := eventstest.Resolve(o); e.Check() != nil {
				t.Error(e.Check())
			}
		})
	}
	for _, k := range eventstest.Kinds() {
		if !seen[k] {
			t.Errorf("no sample of %s", k)
		}
	}
}

func TestDecodeIsInverseOfEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := eventstest.Observations().Draw(t, "observation")
		body, err := events.EncodeCloudEvent(o)
		if err != nil {
			t.Fatal(err)
		}
		got, r := events.DecodeCloudEvent(body, time.Time{})
		if r != nil {
			t.Fatalf("%v\n%s", r, body)
		}
		if !reflect.DeepEqual(got, o) {
			t.Fatalf("changed on the way\n got %s\nwant %s", dump(got), dump(o))
		}
	})
}

// The order of fields and the space between them mean nothing: here the data
// stand before the type that says how to read them.
func TestOrderDoesNotMatter(t *testing.T) {
	for name, body := range samples(t) {
		want, _ := events.DecodeCloudEvent(body, now)
		var any map[string]any
		if err := json.Unmarshal(body, &any); err != nil {
			t.Fatal(err)
		}
		sorted, err := json.MarshalIndent(any, "\t", " \r\n ")
		if err != nil {
			t.Fatal(err)
		}
		if got, r := events.DecodeCloudEvent(sorted, now); r != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v", name, r)
		}
	}
}

// The encoder loses nothing in silence.
func TestEncodeRefuses(t *testing.T) {
	text := events.NewPlaintext("x")
	rows := map[string]func(*events.Observation){
		"cannot send":             func(o *events.Observation) { o.Event.Kind = events.CatalogueAdopted },
		"kind(0)":                 func(o *events.Observation) { o.Event.Kind = 0 },
		"does not carry how":      func(o *events.Observation) { o.Event.Removal = events.RemovalDeleted },
		"does not carry channels": func(o *events.Observation) { o.Event.Channels = []events.Code{"sms"} },
		"must have provenance":    func(o *events.Observation) { o.Event.Provenance = 0 },
		"must have subject":       func(o *events.Observation) { o.Subject = nil },
		"not both": func(o *events.Observation) {
			o.Event.ObtainedFrom.Code, o.ObtainedFromPerson = "nhs", events.Identifier{Kind: "email", Value: text}
		},
		"UTF-8":             func(o *events.Observation) { o.Subject[0].Value = events.NewPlaintext("\xff") },
		"want id":           func(o *events.Observation) { o.ExternalID = events.Plaintext{} },
		"source and time":   func(o *events.Observation) { o.Event.Time = 0 },
		"at most 32768":     func(o *events.Observation) { o.ExternalID = events.NewPlaintext(strings.Repeat("x", 32<<10)) },
		"does not carry id": func(o *events.Observation) { o.Retracts = text },
	}
	for want, spoil := range rows {
		o, r := events.DecodeCloudEvent([]byte(base), now)
		if r != nil {
			t.Fatal(r)
		}
		spoil(o)
		if b, err := events.EncodeCloudEvent(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v %s", want, err, b)
		}
	}
}

// A code kept for long must not keep the person beside it in memory, so the
// observation shares nothing with the body.
func TestObservationSharesNothing(t *testing.T) {
	body := []byte(base)
	o, r := events.DecodeCloudEvent(body, now)
	if r != nil {
		t.Fatal(r)
	}
	before := dump(o)
	clear(body)
	if dump(o) != before {
		t.Error("the observation changed with the body")
	}
}

// What the contract says of each kind, written down apart from the table that
// the decoder is made from: a change of one must be a change of both.
func TestFieldsOfEveryKind(t *testing.T) {
	var b strings.Builder
	for _, k := range eventstest.Kinds() {
		b.WriteString(k.String() + ": " + strings.Join(events.MemberNames(k), " ") + "\n")
	}
	golden(t, "members.txt", []byte(b.String()))
}

// Every field is tried on every kind: it is read where the contract has it and
// refused with its pointer and the kinds that carry it where it has not.
func TestFieldsThatDoNotBelong(t *testing.T) {
	all := samples(t)
	for _, donor := range eventstest.Kinds() {
		for _, name := range events.MemberNames(donor) {
			name = strings.TrimSuffix(name, "!")
			value := member(t, all[donor.String()], name)
			for _, k := range eventstest.Kinds() {
				names := " " + strings.Join(events.MemberNames(k), " ") + " "
				if strings.Contains(names, " "+name+" ") || strings.Contains(names, " "+name+"! ") || value == "" {
					continue
				}
				body := strings.Replace(string(all[k.String()]), `"data": {`, `"data": {"`+name+`": `+value+",", 1)
				_, r := events.DecodeCloudEvent([]byte(body), now)
				if r == nil || r.Code != events.RejectNotOfKind || r.Pointer != "/data/"+name || !strings.Contains(r.Reason, donor.String()) {
					t.Errorf("%s in %s: %v", name, k, r)
				}
			}
		}
	}
}

// member cuts the value of a field out of a sample, or returns "".
func member(t *testing.T, body []byte, name string) string {
	_, rest, ok := strings.Cut(string(body), "\n  \""+name+"\": ")
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, "\n  \"")
	value, _, _ = strings.Cut(value, "\n }\n")
	return strings.TrimSuffix(strings.TrimSpace(value), ",")
}

func TestEveryNeededFieldIsMissed(t *testing.T) {
	all := samples(t)
	for _, k := range eventstest.Kinds() {
		for _, name := range events.MemberNames(k) {
			name, needed := strings.CutSuffix(name, "!")
			body := string(all[k.String()])
			value := member(t, []byte(body), name)
			if value == "" {
				continue
			}
			cut := strings.Replace(body, "\n  \""+name+"\": "+value, "", 1)
			cut = strings.NewReplacer("{,", "{", ",,", ",", ",\n }", "\n }").Replace(cut)
			_, r := events.DecodeCloudEvent([]byte(cut), now)
			missed := r != nil && r.Code == events.RejectMissing && r.Pointer == "/data/"+name
			// An objection needs its activity unless it is to direct marketing.
			if needed != missed && !(k == events.ObjectionMade && name == "activity") {
				t.Errorf("%s without %s: %v\n%s", k, name, r, cut)
			}
		}
	}
}
