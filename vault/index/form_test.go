package index

import (
	"bytes"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
)

var (
	aSlot = &Slot{Purpose: Note, State: Swept, Parts: 3, Allocated: 5, Changed: -6, ID: [16]byte{9, 8}, System: "crm", Kind: "crm.contact", Sealed: []byte("sealed")}
	aMeta = Meta{Vault: [16]byte{1}, Seq: 2, StateSeq: 1, State: []byte("mark"), Table: 3, Ledger: 4, NextSlot: 5, Counts: Counts{6, 7, 8, 9, 10, 11}}
)

func TestGolden(t *testing.T) {
	got := hex.EncodeToString(encodeSlot(aSlot)) + "\n" + hex.EncodeToString(encodeMeta(&aMeta)) + "\n" +
		hex.EncodeToString(slotKey(famSlot, 1<<40-2)) + "\n"
	want, err := os.ReadFile("testdata/rows.hex")
	if os.Getenv("HABEAS_WRITE_GOLDEN") != "" {
		want = []byte(got)
		err = errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile("testdata/rows.hex", want, 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("rows are not written as released:\n%s", got)
	}
	if s, err := decodeSlot(encodeSlot(aSlot)); err != nil || !reflect.DeepEqual(s, aSlot) {
		t.Errorf("%+v, %v", s, err)
	}
	if m, err := decodeMeta(encodeMeta(&aMeta)); err != nil || !reflect.DeepEqual(m, aMeta) {
		t.Errorf("%+v, %v", m, err)
	}
	if slotOf(slotKey(famSlot, 1<<40-2)[1:]) != 1<<40-2 {
		t.Error("slot key")
	}
}

func FuzzForms(f *testing.F) {
	f.Add(encodeSlot(aSlot))
	f.Add(encodeMeta(&aMeta))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := decodeSlot(b); err == nil && !bytes.Equal(encodeSlot(s), b) {
			t.Error("a slot reads and writes differently")
		}
		if m, err := decodeMeta(b); err == nil && !bytes.Equal(encodeMeta(&m), b) {
			t.Error("meta reads and writes differently")
		}
	})
}

func open(t testing.TB, dir string) *Index {
	t.Helper()
	x, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

func TestBatch(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir)
	if _, err := Open(dir, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	b := x.Begin(Meta{Seq: 1})
	h := events.Handle{7}
	b.SetSlot(3, &Slot{Purpose: Entry, Parts: 1, ID: h})
	b.SetRow(RowKey{1, 2}, []byte("row"))
	b.SetRow(RowKey{1, 3}, []byte("row3"))
	b.SetRow(RowKey{2}, []byte("row2"))
	b.Due(3)
	if s, ok, err := b.Handle(h); err != nil || !ok || s != 3 {
		t.Errorf("a batch must read its own writes: %d %v %v", s, ok, err)
	}
	if m, err := x.Meta(); err != nil || m.Seq != 0 {
		t.Errorf("seen before commit: %+v, %v", m, err)
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	b.Discard()
	_ = x.Close()
	_ = x.Close()
	x = open(t, dir)
	var seen []string
	if err := x.View(func(r *Reader) error {
		return errors.Join(
			r.EachRow([]byte{1, 0, 0, 0, 0, 0, 0, 0}, func(RowKey, []byte) error { return errors.New("no such tag") }),
			r.EachRowOf([][8]byte{{2}, {1, 2}, {1, 3}}, func(_ RowKey, v []byte) error { seen = append(seen, string(v)); return nil }),
			r.EachRow([]byte{1}, func(_ RowKey, v []byte) error { seen = append(seen, string(v)); return ErrStop }),
		)
	}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, " "); got != "row2 row row3 row" {
		t.Errorf("rows: %s", got)
	}
	m, err := x.Meta()
	if err != nil || m.Seq != 1 {
		t.Fatalf("meta %+v, %v", m, err)
	}
	b = x.Begin(m)
	if s, err := b.Forget(3); err != nil || s == nil {
		t.Fatalf("forget: %v, %v", s, err)
	}
	if s, err := b.Forget(4); err != nil || s != nil {
		t.Fatalf("forget what is not there: %v, %v", s, err)
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := x.View(func(r *Reader) error {
		_, slot, _ := r.Slot(3)
		_, handle, _ := r.Handle(h)
		gone, err := r.Forgotten(3)
		if slot || handle || !gone || err != nil {
			t.Errorf("after forgetting: %v %v %v %v", slot, handle, gone, err)
		}
		return r.EachDue(func(uint64) error { return errors.New("still due") })
	}); err != nil {
		t.Error(err)
	}
}
