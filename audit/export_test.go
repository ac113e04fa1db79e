package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
)

// casework appends n records, every third of them of one case.
func (w *world) casework(n int) events.EventID {
	id := events.EventID{7, 7}
	for i := range n {
		e := entry(i)
		if i%3 == 1 {
			e.Act, e.Case = "case.decided", id
			e.Content = audit.Salt{byte(i)}.Commit([]byte("a decision"))
		}
		if _, err := w.l.Append(ctx, e); err != nil {
			w.t.Fatal(err)
		}
	}
	return id
}

func (w *world) export(f audit.Filter) []byte {
	w.t.Helper()
	var b bytes.Buffer
	if err := w.l.Export(ctx, &b, f); err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

func check(b []byte, key string) (audit.ExportReport, int, error) {
	n := 0
	r, err := audit.CheckExport(bytes.NewReader(b), key, func(audit.Numbered) { n++ })
	return r, n, err
}

func TestExportHoldsOffline(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 7, 8, 9, 37} {
		w := newWorld(t)
		id := w.casework(size)
		whole, n, err := check(w.export(audit.Filter{}), w.l.PublicKey())
		if err != nil || n != size || whole.Records != int64(size) || !whole.Head.Whole {
			t.Fatalf("%d records: %+v, %d, %v", size, whole, n, err)
		}
		part, n, err := check(w.export(audit.Filter{Case: id}), w.l.PublicKey())
		if err != nil || n != (size+1)/3 || part.Head.Whole || part.Head.Case != id.String() {
			t.Fatalf("%d records, of the case: %+v, %d, %v", size, part, n, err)
		}
		if whole.Checkpoint != part.Checkpoint || whole.Checkpoint != w.root() {
			t.Fatal("two exports of one log name two roots")
		}
	}
}

// Whatever is left out, put in, moved or altered is seen.
func TestExportAlteredIsSeen(t *testing.T) {
	w := newWorld(t)
	id := w.casework(20)
	key := w.l.PublicKey()
	for name, f := range map[string]audit.Filter{"whole": {}, "of a case": {Case: id}} {
		good := w.export(f)
		lines := strings.SplitAfter(strings.TrimSuffix(string(good), "\n"), "\n")
		join := func(l ...string) []byte { return []byte(strings.Join(l, "")) }
		altered := map[string][]byte{
			"cut":      join(lines[:len(lines)-1]...),
			"swapped":  join(append([]string{lines[0], lines[2], lines[1]}, lines[3:]...)...),
			"twice":    join(append([]string{lines[0], lines[1]}, lines[1:]...)...),
			"appended": append(bytes.Clone(good), "\n{}\n"...),
			"missing":  join(append([]string{lines[0]}, lines[2:]...)...),
		}
		for what, b := range altered {
			if _, _, err := check(b, key); !errors.Is(err, audit.ErrExport) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		for i, line := range lines[1:] {
			for _, old := range []string{`"outcome":"found"`, `"act":"case.decided"`, `"name":"jo"`} {
				b := bytes.Clone(good)
				if !strings.Contains(line, old) {
					continue
				}
				b = []byte(strings.Replace(string(b), line, strings.Replace(line, old, old[:len(old)-2]+`x"`, 1), 1))
				if _, _, err := check(b, key); !errors.Is(err, audit.ErrExport) {
					t.Errorf("%s, line %d, %s: %v", name, i+2, old, err)
				}
			}
		}
	}
	other := newWorld(t)
	if _, _, err := check(w.export(audit.Filter{}), other.l.PublicKey()); !errors.Is(err, audit.ErrExport) {
		t.Errorf("under another key: %v", err)
	}
	for _, b := range []string{"", "{}", "not JSON", `{"v":2,"kind":"habeas.audit"}`} {
		if _, _, err := check([]byte(b), key); !errors.Is(err, audit.ErrNotExport) {
			t.Errorf("%q: %v", b, err)
		}
	}
}

func TestEachTakesWhatTheFilterTakes(t *testing.T) {
	w := newWorld(t)
	id := w.casework(10)
	start := w.at
	w.at = w.at.AddDate(0, 0, 1)
	w.casework(10)
	for name, c := range map[string]struct {
		f    audit.Filter
		want string
	}{
		"case":       {audit.Filter{Case: id}, "[1 4 7 11 14 17]"},
		"from":       {audit.Filter{Case: id, From: events.InstantOf(w.at)}, "[11 14 17]"},
		"to":         {audit.Filter{Case: id, To: events.InstantOf(w.at)}, "[1 4 7]"},
		"other case": {audit.Filter{Case: events.EventID{1}}, "[]"},
		"never":      {audit.Filter{To: events.InstantOf(start)}, "[]"},
	} {
		got := []int64{}
		if err := w.l.Each(ctx, c.f, func(n audit.Numbered) error { got = append(got, n.Index); return nil }); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

func TestPublicProofsNameNobody(t *testing.T) {
	w := newWorld(t)
	w.casework(9)
	c := w.root()
	p, err := w.l.Proof(4, c.Size)
	if err != nil {
		t.Fatal(err)
	}
	public, err := p.Public()
	if err != nil || public.Check(c) != nil {
		t.Fatalf("public proof: %v, %v", err, public.Check(c))
	}
	if v, err := audit.ParsePublic(public.Record); err != nil || v.Act != "case.decided" || bytes.Contains(public.Record, []byte("jo")) {
		t.Fatalf("public form %s, %v", public.Record, err)
	}
	public.Record = bytes.Replace(public.Record, []byte("decided"), []byte("opened"), 1)
	if public.Check(c) == nil {
		t.Error("an altered public form passes")
	}
	if p, err = w.l.Proof(3, c.Size); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Public(); err == nil {
		t.Error("a record of no case has a public form")
	}
	if _, err := w.l.SignedCheckpointAt(99); !errors.Is(err, audit.ErrRange) {
		t.Errorf("checkpoint beyond the end: %v", err)
	}
}

func FuzzCheckExport(f *testing.F) {
	f.Add([]byte(`{"v":1,"kind":"habeas.audit","key":"k","size":1,"whole":true}`+"\n"+`{"records":0,"checkpoint":"x"}`), "habeas-audit+00000000+AQID")
	f.Fuzz(func(_ *testing.T, b []byte, key string) {
		_, _, _ = check(b, key)
	})
}

// What the first line says is held against every record: nothing is signed of it.
func TestExportSaysWhatItIsOf(t *testing.T) {
	w := newWorld(t)
	id := w.casework(20)
	other := events.EventID{9, 9}.String()
	for name, b := range map[string][]byte{
		"of another case": bytes.Replace(w.export(audit.Filter{Case: id}), []byte(`"case":"`+id.String()+`"}`), []byte(`"case":"`+other+`"}`), 1),
		"of another act":  bytes.Replace(w.export(audit.Filter{Case: id}), []byte(`"case":"`+id.String()+`"}`), []byte(`"case":"`+id.String()+`","act":"case.approved"}`), 1),
		"whole of a case": bytes.Replace(w.export(audit.Filter{}), []byte(`"whole":true`), []byte(`"whole":true,"case":"`+id.String()+`"`), 1),
	} {
		if _, _, err := check(b, w.l.PublicKey()); !errors.Is(err, audit.ErrExport) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
