package cases_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
)

var update = flag.Bool("update", false, "write the goldens of forms that are not released")

func ptr[T any](v T) *T { return &v }

// everyBody has every field of a body set.
func everyBody() *cases.Body {
	return &cases.Body{
		By: cases.Person{Token: "clerk", Name: "Ada Clerk"}, Reason: "a reason", Code: "excessive", Ref: 2, Rights: []catalogue.RightKind{catalogue.RightAccess},
		Opening: &cases.Opening{Rights: []catalogue.RightKind{catalogue.RightErasure}, Received: day("2026-03-02"), Via: "email", Subject: []events.Ref{{Handle: hand(1), Kind: "email"}},
			Scope:    []cases.Scope{{System: "crm", Activity: "sales", Category: "identity", Element: "email", Items: []events.Handle{hand(2)}, From: day("2020-01-01"), To: day("2021-01-01")}},
			Channels: []events.Code{"post"}, States: []decide.Statement{decide.PersonalReasons}, Asker: decide.Asker{As: decide.Parent, Evidence: true, Nation: "scotland", Competent: ptr(false)},
			Agent: "Cem Third", Regime: clock.UK, Nation: clock.Scotland, Text: "please", Historic: true, Answered: day("2026-03-20"), Catalogue: 3, Simulated: true},
		Members:    []cases.Member{{Handle: hand(1), System: "crm", Kind: "crm.contact", Other: true}},
		Assessment: &decide.Assessment{Kind: decide.Claims, Holds: true, Code: "c", Ref: "file 7", Until: day("2030-01-01"), Review: day("2027-01-01"), By: "clerk", On: day("2026-03-03")},
		Decisions:  []cases.Decision{{Holding: "h", Right: catalogue.RightErasure, Accept: true, Outcome: decide.Retain, Code: decide.KeepPublicTask, Until: day("2030-01-01"), WaitsFor: "w", Value: "v"}},
		Approval: &cases.Approval{Digest: cases.Digest{1}, On: day("2026-03-04"), Position: events.Position{Generation: 1, Seq: 42, Index: 3}, Totals: map[decide.Outcome]int{decide.Erase: 1},
			Finals: []cases.Final{{Right: catalogue.RightErasure, Holding: "h", Handle: hand(1), System: "crm", Dataset: "d", Activity: "a", Category: "c", Item: &cases.Ref{Handle: hand(3), Kind: "k"},
				RecordDate: day("2025-01-01"), Outcome: decide.Erase, Code: decide.EraseUnlawful, Until: day("2030-01-01"), WaitsFor: "w", Also: []decide.Also{decide.Suppress}, Channels: []events.Code{"email"},
				Keep: &cases.Keep{Elements: []string{"c/e"}, Until: day("2030-01-01"), WaitsFor: "w"}, BlockedBy: []string{"access of 2026-01-01"}, Detached: true, Restricted: true, Binding: true, Silent: true,
				DecideBy: day("2026-05-01"), By: "clerk", Value: "v",
				Recipients: []cases.Told{{Recipient: "r", Person: &cases.Ref{Handle: hand(4)}, ActingAs: catalogue.KindController, Action: decide.Notify, Verb: decide.VerbErase, Impossible: true, Silent: true}}}}},
		Tasks: cases.IDsOf(events.EventID{5}), Letter: &cases.Letter{Kind: "answer", Text: "dear", Via: "post"},
		Package: &cases.Package{ID: "p", Kind: "access", SHA256: "00", Bytes: 7, Expires: day("2026-05-01"), Salt: "01", Sources: cases.IDsOf(events.EventID{6})},
		Settle:  &cases.Settle{Tasks: cases.IDsOf(events.EventID{5}), Choice: cases.ChooseAccept}, Of: cases.ID{9},
		Evidence: &cases.Evidence{Kind: "passport_seen", Ref: "file 9", Drop: day("2026-06-01")},
	}
}

func everyTask() *cases.TaskBody {
	return &cases.TaskBody{System: "crm", Recipient: "r", Person: &cases.Ref{Handle: hand(4), Kind: "email"}, HostedBy: "cloud", ActingAs: catalogue.KindProcessor, Verb: cases.VerbNotify, Of: cases.VerbErase,
		ActBefore: day("2026-04-02"), Handles: []events.Handle{hand(1)}, Channels: []events.Code{"email"}, Look: true, Hand: true, Silent: true, Born: cases.TaskManual, Digest: cases.Digest{1},
		Scope: []cases.Part{{Holding: "h", Handle: hand(1), Dataset: "d", Activity: "a", Category: "c", Item: &cases.Ref{Handle: hand(3), Kind: "k"}, RecordDate: day("2025-01-01"), Keep: &cases.Keep{Elements: []string{"c/e"}}, Value: "v"}}}
}

func everyReceipt() *cases.Receipt {
	return &cases.Receipt{Task: cases.ID{5}, System: "crm", Recipient: "r", Verb: cases.VerbErase, At: noon, By: clerk, Attempt: 2, Look: true, Outcome: events.WorkKept, State: cases.TaskKept,
		Ground: "g", Until: day("2030-01-01"), Detail: "d", Found: ptr(uint32(3)), Removed: ptr(uint32(0)), Left: []string{"h"}, Copies: []string{"a.json"}, Text: "t", Ref: "r", Salt: "01", Digest: cases.Digest{2}}
}

// form is one kind of sealed body.
type form struct {
	name   string
	every  any
	encode func(any) ([]byte, error)
	decode func([]byte) (any, error)
}

func forms() []form {
	return []form{
		{"case", everyBody(), func(v any) ([]byte, error) { return cases.EncodeBody(v.(*cases.Body)) }, func(b []byte) (any, error) { return cases.DecodeBody(b) }},
		{"task", everyTask(), func(v any) ([]byte, error) { return cases.EncodeTask(v.(*cases.TaskBody)) }, func(b []byte) (any, error) { return cases.DecodeTask(b) }},
		{"receipt", everyReceipt(), func(v any) ([]byte, error) { return cases.EncodeReceipt(v.(*cases.Receipt)) }, func(b []byte) (any, error) { return cases.DecodeReceipt(b) }},
	}
}

// TestGoldenBodies: bodies are kept for years. What was written is read, and every
// field of it is written again.
func TestGoldenBodies(t *testing.T) {
	for _, f := range forms() {
		if empty := unset(reflect.ValueOf(f.every).Elem(), f.name); len(empty) > 0 {
			t.Errorf("the golden of a %s does not set %s", f.name, strings.Join(empty, ", "))
		}
		got, err := f.encode(f.every)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", f.name+"_v1.json")
		if *update {
			if err := os.WriteFile(path, append(got, '\n'), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(append(got, '\n'), want) {
			t.Errorf("%s: the form is another:\n%s", path, got)
		}
		back, err := f.decode(want)
		if err != nil || !reflect.DeepEqual(back, f.every) {
			t.Errorf("%s: read back as %+v, %v", path, back, err)
		}
	}
}

// unset names the fields that are zero, so that no golden leaves one out.
func unset(v reflect.Value, path string) (out []string) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return []string{path}
		}
		if k := v.Elem().Kind(); k != reflect.Struct && k != reflect.Slice {
			return nil
		}
		return unset(v.Elem(), path)
	case reflect.Slice:
		if v.Len() == 0 {
			return []string{path}
		}
		return unset(v.Index(0), path)
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if v.Type().Name() == "Assessment" && name == "Scope" || name == "WaitsFor" || v.Type().Name() == "Keep" || v.Type().Name() == "Ref" && name == "Kind" {
				continue
			}
			out = append(out, unset(v.Field(i), path+"."+name)...)
		}
		return out
	}
	if v.IsZero() {
		return []string{path}
	}
	return nil
}

// TestTenThousandHoldings: a plan of that size fits a note, and comes back whole.
func TestTenThousandHoldings(t *testing.T) {
	b := &cases.Body{By: boss, Approval: &cases.Approval{Digest: cases.Digest{1}, Finals: manyFinals(10_000)}}
	raw, err := cases.EncodeBody(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > cases.MaxSealed/2 {
		t.Errorf("%d bytes", len(raw))
	}
	back, err := cases.DecodeBody(raw)
	if err != nil || !reflect.DeepEqual(back, b) {
		t.Fatal("it comes back as another one", err)
	}
	t.Logf("%d bytes", len(raw))
}

// TestBodiesRefused: what cannot be read is an error that repeats nothing of it (I1).
func TestBodiesRefused(t *testing.T) {
	packed := func(s string) []byte {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		_, _ = z.Write([]byte(s))
		_ = z.Close()
		return out.Bytes()
	}
	bomb := func() []byte {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		zeros := make([]byte, 1<<20)
		for range cases.MaxPlain>>20 + 2 {
			_, _ = z.Write(zeros)
		}
		_ = z.Close()
		return out.Bytes()
	}
	for name, raw := range map[string][]byte{
		"nothing":          nil,
		"not ours":         []byte("priya@example.org"),
		"another version":  []byte(`{"v":2,"kind":"case","is":{}}`),
		"another kind":     []byte(`{"v":1,"kind":"task","is":{}}`),
		"no body":          []byte(`{"v":1,"kind":"case"}`),
		"unknown field":    []byte(`{"v":1,"kind":"case","is":{"email":"priya@example.org"}}`),
		"something behind": []byte(`{"v":1,"kind":"case","is":{}} priya@example.org`),
		"wrong type":       []byte(`{"v":1,"kind":"case","is":{"ref":"priya@example.org"}}`),
		"bad id":           []byte(`{"v":1,"kind":"case","is":{"of":"priya@example.org"}}`),
		"torn pack":        packed(`{"v":1,"kind":"case","is":{}}`)[:20],
		"packed rubbish":   packed("priya@example.org"),
		"too long":         make([]byte, cases.MaxSealed+1),
		"a bomb":           bomb(),
	} {
		_, err := cases.DecodeBody(raw)
		if !errors.Is(err, cases.ErrBody) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "priya") {
			t.Errorf("%s: the error repeats what stands there: %v", name, err)
		}
	}
	if b, err := cases.DecodeBody(packed(`{"v":1,"kind":"case","is":{"ref":3}}`)); err != nil || b.Ref != 3 {
		t.Error("a packed body is one all the same:", err)
	}
}

// TestTextDoesNotPrint: what a person wrote is shown by no printer and no logger (I1).
func TestTextDoesNotPrint(t *testing.T) {
	b := cases.Body{By: cases.Person{Token: "clerk", Name: "priya@example.org"}, Reason: "priya@example.org", Letter: &cases.Letter{Text: "priya@example.org"}}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "reason", b.Reason, "letter", b.Letter, "by", b.By)
	for _, s := range []string{fmt.Sprint(b.Reason), fmt.Sprintf("%v %+v %#v %s %q %x", b.Reason, b.By, b.Reason, b.Reason, b.Reason, b.Reason), fmt.Sprintf("%+v %+v", b, *b.Letter), log.String()} {
		if strings.Contains(s, "priya") || strings.Contains(s, "7072697961") {
			t.Errorf("it prints: %s", s)
		}
	}
}

func fuzzForm(f *testing.F, of form) {
	raw, err := of.encode(of.every)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"v":1,"kind":"` + of.name + `","is":{}}`))
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := of.decode(raw)
		if err != nil {
			if !errors.Is(err, cases.ErrBody) {
				t.Fatal(err)
			}
			return
		}
		one, err := of.encode(v)
		if err != nil {
			t.Fatal(err)
		}
		w, err := of.decode(one)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if two, err := of.encode(w); err != nil || !bytes.Equal(one, two) {
			t.Fatalf("written as\n%q\nthen as\n%q, %v", one, two, err)
		}
	})
}

func FuzzBody(f *testing.F)    { fuzzForm(f, forms()[0]) }
func FuzzTask(f *testing.F)    { fuzzForm(f, forms()[1]) }
func FuzzReceipt(f *testing.F) { fuzzForm(f, forms()[2]) }
