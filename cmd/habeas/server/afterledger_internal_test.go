package server

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
)

const keptGolden = "kept_word_v1.json"

func keptExample() (*keptWord, *events.Event) {
	e := &events.Event{ID: events.EventID{1}, Kind: events.ObjectionMade, Source: "habeas", Time: 1_741_000_000_000_000, Flags: events.DirectMarketing,
		Subject: []events.Ref{{Handle: events.Handle{2}, Kind: "email"}}, Channels: []events.Code{"email"}}
	var f events.FrameBuilder
	f.Add(e)
	w := &keptWord{V: keptVersion, Names: []keptName{{Subject: 0, System: "habeas", Kind: "email", Value: "ann@example.org"}}}
	w.Frame, _ = f.Seal(events.FrameHeader{Body: events.EventBody, Count: 1})
	return w, e
}

// What stands in the restore ledger is read for as long as ledgers are kept.
func TestKeptWordForm(t *testing.T) {
	w, e := keptExample()
	got, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", keptGolden))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != strings.TrimSpace(string(want)) {
		t.Errorf("the form has changed:\n%s\nwant\n%s", got, want)
	}
	back, event, err := decodeKept(want)
	if err != nil || !reflect.DeepEqual(back, w) || !reflect.DeepEqual(event, e) {
		t.Errorf("read %+v %+v, %v", back, event, err)
	}
	for name, bad := range map[string]string{
		"another version": strings.Replace(string(want), `"v":1`, `"v":2`, 1), "a name of nobody": strings.Replace(string(want), `"subject":0`, `"subject":1`, 1),
		"an unknown field": strings.Replace(string(want), `"v":1`, `"v":1,"x":1`, 1), "no frame": `{"v":1,"frame":""}`,
	} {
		if _, _, err := decodeKept([]byte(bad)); err == nil || strings.Contains(err.Error(), "ann") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzKeptWord(f *testing.F) {
	w, _ := keptExample()
	b, err := json.Marshal(w)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"v":1,"frame":"AA==","names":[{"subject":-1,"system":"a","kind":"b","value":"c"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, e, err := decodeKept(b)
		if err != nil {
			return
		}
		again, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		w2, e2, err := decodeKept(again)
		if err != nil || !reflect.DeepEqual(w, w2) || !reflect.DeepEqual(e, e2) {
			t.Errorf("not the same when it was written and read again: %v", err)
		}
	})
}
