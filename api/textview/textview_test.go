package textview_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

var update = flag.Bool("update", false, "write the goldens anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	for _, l := range strings.Split(string(got), "\n") {
		if utf8.RuneCountInString(l) > 110 {
			t.Errorf("%s: a line of %d characters: %s", name, utf8.RuneCountInString(l), l)
		}
	}
	if *update {
		if err := os.WriteFile("testdata/"+name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed; got:\n%s", name, got)
	}
}

func setUp(t *testing.T) (*desktest.World, desk.Query) {
	w := desktest.New(t)
	w.Priya()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	w.Zone = london
	w.Open()
	return w, desk.Query{Caller: desktest.Caller(access.DPO), Identifier: desktest.ID("email=priya@example.org")}
}

func TestFootprintText(t *testing.T) {
	w, q := setUp(t)
	f, err := w.Desk.Footprint(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := textview.Footprint(&b, f); err != nil {
		t.Fatal(err)
	}
	golden(t, "footprint.txt", b.Bytes())
}

func TestHistoryText(t *testing.T) {
	w, q := setUp(t)
	h, err := w.Desk.History(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := textview.History(&b, h); err != nil {
		t.Fatal(err)
	}
	golden(t, "history.txt", b.Bytes())
}

func TestCandidatesAndNotFoundText(t *testing.T) {
	w, q := setUp(t)
	w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=IC-2", "name=Priya Nair"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	q.Identifier = desktest.ID("name=Priya Nair")
	_, err := w.Desk.Footprint(context.Background(), q)
	var many *desk.Ambiguous
	if !errors.As(err, &many) {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := textview.Candidates(&b, many.Candidates, many.Contested, many.Unknown, many.Words); err != nil {
		t.Fatal(err)
	}
	golden(t, "candidates.txt", b.Bytes())
	q.Identifier = desktest.ID("email=nobody@example.org")
	_, err = w.Desk.Footprint(context.Background(), q)
	var none *desk.NotFound
	if !errors.As(err, &none) {
		t.Fatal(err)
	}
	b.Reset()
	if err := textview.NotFound(&b, none.AsOf, none.Unknown, none.Words); err != nil {
		t.Fatal(err)
	}
	golden(t, "notfound.txt", b.Bytes())
}

// I6: whatever reason for not knowing stands in the answer stands in the text.
func TestNoGapIsLeftOut(t *testing.T) {
	w, _ := setUp(t)
	since := events.InstantOf(w.Now)
	var list []events.Unknown
	for _, why := range []string{"never_connected", "silent", "behind", "before", "unstructured", "paper", "quarantined", "person_unconfirmed", "recipient_silent", "something_new"} {
		list = append(list, events.Unknown{System: "gocardless", Why: why, Since: &since, Detail: "because of " + why})
	}
	var b bytes.Buffer
	if err := textview.NotFound(&b, events.AsOf{Position: "1-1-0"}, list, nil); err != nil {
		t.Fatal(err)
	}
	for _, u := range list {
		if !strings.Contains(b.String(), u.Detail) {
			t.Errorf("%s is left out", u.Why)
		}
	}
}
