package ledger

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
)

var (
	vault = [16]byte{1, 2, 3}
	key   = []byte("a key of thirty-two bytes, or so")
)

func create(t testing.TB) (*Ledger, string) {
	t.Helper()
	dir := t.TempDir() + "/ledger"
	l, err := Create(dir, vault, key, 7)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l, dir
}

func bodies(t testing.TB, l *Ledger, after int64) []string {
	t.Helper()
	var out []string
	if err := l.Each(after, func(at events.Instant, b []byte) error {
		out = append(out, fmt.Sprintf("%d %s", at, b))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLedger(t *testing.T) {
	l, dir := create(t)
	mid, err := l.Append(10, []byte("one"), []byte("two"))
	if err != nil {
		t.Fatal(err)
	}
	end, err := l.Append(11, []byte("three"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(dir, vault, key, 7); !errors.Is(err, os.ErrExist) {
		t.Errorf("created twice: %v", err)
	}
	_ = l.Close()
	_ = l.Close()
	if _, err := l.Append(1, []byte("x")); err == nil {
		t.Error("appended to a closed ledger")
	}
	if l, err = Open(dir, vault, key); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(bodies(t, l, 0), "; "); got != "10 one; 10 two; 11 three" {
		t.Errorf("got %s", got)
	}
	if got := strings.Join(bodies(t, l, mid), "; "); got != "11 three" {
		t.Errorf("after the mark: %s", got)
	}
	if size, torn := l.Size(); size != end || torn != 0 {
		t.Errorf("size %d, torn %d", size, torn)
	}
	size, dropped, err := l.Compact(func(_ events.Instant, b []byte) bool { return string(b) != "two" })
	if err != nil || dropped != 1 || size >= end {
		t.Fatalf("compact: %d, %d, %v", size, dropped, err)
	}
	if _, err := l.Append(12, []byte("four")); err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if l, err = Open(dir, vault, key); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(bodies(t, l, 0), "; "); got != "10 one; 11 three; 12 four" {
		t.Errorf("after compacting: %s", got)
	}
	_ = l.Close()
	if _, err := Open(dir, [16]byte{9}, key); !errors.Is(err, ErrOther) {
		t.Errorf("another vault: %v", err)
	}
	if _, err := Open(dir, vault, []byte("another key")); !errors.Is(err, ErrDamaged) {
		t.Errorf("another key: %v", err)
	}
	if _, err := Open(dir+"/none", vault, key); !errors.Is(err, ErrMissing) {
		t.Errorf("missing: %v", err)
	}
	if err := os.Chmod(dir+"/"+name, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, vault, key); !errors.Is(err, ErrExposed) {
		t.Errorf("readable by others: %v", err)
	}
}

// Only a torn last record is dropped; all other damage is an error.
func TestDamage(t *testing.T) {
	l, dir := create(t)
	ends := []int64{headerSize}
	for i := range 4 {
		end, err := l.Append(events.Instant(i), []byte(fmt.Sprint("record ", i)))
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	_ = l.Close()
	path := dir + "/" + name
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(b []byte) (*Ledger, error) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return Open(dir, vault, key)
	}
	for n := headerSize; n <= len(whole); n++ {
		l, err := try(whole[:n])
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		want := 0
		for want < 4 && int64(n) >= ends[want+1] {
			want++
		}
		if got := len(bodies(t, l, 0)); got != want {
			t.Fatalf("cut at %d: %d records, want %d", n, got, want)
		}
		if _, err := l.Append(9, []byte("next")); err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
		if l, err = Open(dir, vault, key); err != nil || len(bodies(t, l, 0)) != want+1 {
			t.Fatalf("cut at %d, then appended: %v", n, err)
		}
		_ = l.Close()
	}
	for at := range whole {
		b := bytes.Clone(whole)
		b[at] ^= 0x10
		l, err := try(b)
		if err == nil {
			if int64(at) < ends[3] && at >= headerSize && len(bodies(t, l, 0)) == 4 {
				t.Fatalf("flip at %d was not seen", at)
			}
			_ = l.Close()
		} else if at >= 5 && at < 21 && !errors.Is(err, ErrOther) {
			t.Fatalf("flip at %d: %v", at, err)
		}
	}
}

func TestGolden(t *testing.T) {
	l, dir := create(t)
	if _, err := l.Append(1_700_000_000_000_000, []byte("forgotten"), nil); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(dir + "/" + name)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/ledger.hex")
	if os.Getenv("HABEAS_WRITE_GOLDEN") != "" {
		want = []byte(hex.EncodeToString(got) + "\n")
		err = errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile("testdata/ledger.hex", want, 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
	if hex.EncodeToString(got) != strings.TrimSpace(string(want)) {
		t.Errorf("the ledger is not written as released: %x", got)
	}
}

func FuzzScan(f *testing.F) {
	l := &Ledger{key: key}
	h := header(vault, 7)
	one, sum := l.record(nil, l.chain([macSize]byte{}, h), 5, []byte("one"))
	two, _ := l.record(nil, sum, 6, []byte("two"))
	f.Add(append(append(bytes.Clone(h), one...), two...))
	f.Add(h)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < headerSize {
			return
		}
		n := 0
		size, _, err := l.scan(b, func(int64, events.Instant, []byte) error { n++; return nil })
		if err == nil && (size > int64(len(b)) || n > 0 && size < headerSize+28) {
			t.Errorf("%d records in %d of %d bytes", n, size, len(b))
		}
	})
}
