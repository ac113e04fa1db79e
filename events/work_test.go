package events_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
)

const reportGolden = `{"attempt":2,"outcome":"kept_lawful","found":3,"removed":1,"ground":"tax.records","until":"2031-04-05",` +
	`"detail":"invoice","retry_after_seconds":60,"left":["a1"],"copies":["profile.json"],"text":"Priya's invoices","reference":"T-9"}`

func TestWorkReportForm(t *testing.T) {
	r, err := events.DecodeWorkReport([]byte(reportGolden))
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Encode()
	if err != nil || string(b) != reportGolden {
		t.Errorf("got %s (%v)\nwant %s", b, err, reportGolden)
	}
	if s := fmt.Sprintf("%+v", r); strings.Contains(s, "Priya") {
		t.Errorf("a report shows its text: %s", s)
	}
}

func TestWorkReportRefusals(t *testing.T) {
	for _, bad := range []string{
		``, `null`, `{}`, `{"attempt":1}`, `{"attempt":1,"outcome":"erased"}`, `{"attempt":0,"outcome":"done"}`,
		`{"attempt":1,"outcome":"done","secret-word":1}`, `{"attempt":1,"outcome":"done"}{}`, `{"attempt":1,"outcome":"done","found":1,"removed":2}`,
		`{"attempt":1,"outcome":"done","detail":"secret word"}`, `{"attempt":1,"outcome":"done","until":"secret-word"}`,
		`{"attempt":1,"outcome":"failed","retry_after_seconds":-1}`,
	} {
		if _, err := events.DecodeWorkReport([]byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the refusal repeats a value: %v", bad, err)
		}
	}
}

// FuzzWorkReport: no input makes the decoder panic, and what it takes keeps its
// form.
func FuzzWorkReport(f *testing.F) {
	f.Add([]byte(reportGolden))
	f.Add([]byte(`{"attempt":1,"outcome":"done"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := events.DecodeWorkReport(b)
		if err != nil {
			return
		}
		one, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := events.DecodeWorkReport(one)
		if err != nil {
			t.Fatalf("%s: %v", one, err)
		}
		if two, err := again.Encode(); err != nil || !bytes.Equal(one, two) {
			t.Errorf("%s became %s (%v)", one, two, err)
		}
	})
}

// TestWorkForm reads the example that the module for systems is tested with, so that
// the two cannot grow apart.
func TestWorkForm(t *testing.T) {
	b, err := os.ReadFile("../connectors/sdk/testdata/work.json")
	if err != nil {
		t.Fatal(err)
	}
	var w events.Work
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		t.Fatal(err)
	}
	// Every field of the example is one that the server writes.
	v := reflect.ValueOf(w)
	for i := range v.NumField() {
		if f := v.Type().Field(i); v.Field(i).IsZero() && f.Name != "Of" {
			t.Errorf("the example has no %s", f.Tag.Get("json"))
		}
	}
}
