package runs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// What is on disk can be read by every later program of this version of the form.
func TestFormsAreAsReleased(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Config{Prefix: prefixLen})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		b := s.Begin()
		for k := range 20 {
			// Nothing that can be packed: how tightly that is done may change.
			v := sha256.Sum256([]byte{byte(i), byte(k)})
			b.Set(fmt.Appendf(nil, "%c%03d/%d", "ab"[k%2], k, i), v[:k])
		}
		b.Set([]byte("empty"), nil)
		b.Delete([]byte("gone"))
		if err := errors.Join(b.Commit(nil), s.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, name := range []string{manifestName, "run-000001", "run-000002"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s\n%s\n", name, hex.Dump(b))
	}
	golden := filepath.Join("testdata", "forms.txt")
	if os.Getenv("HABEAS_WRITE_GOLDEN") != "" {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(golden, []byte(got.String()), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("files are not written as released:\n%s", got.String())
	}
}

// A page that was written is read as it was; other bytes are damage, never a
// panic and never rows out of nowhere.
func FuzzPage(f *testing.F) {
	f.Add([]byte("a=1 ab=2 abc=3 b="), true)
	f.Add([]byte{pagePlain, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0}, false)
	f.Fuzz(func(t *testing.T, b []byte, rows bool) {
		if !rows {
			for _, page := range [][]byte{b, sealed(b)} {
				p, err := openPage(page)
				if err != nil {
					if !errors.Is(err, ErrDamaged) {
						t.Fatal(err)
					}
					continue
				}
				var c pageCursor
				n := 0
				for c.first(p); c.ok; c.step() {
					n++
				}
				c.seek(p, b)
				if n > len(p.rows) {
					t.Fatalf("%d rows in %d bytes", n, len(p.rows))
				}
			}
			return
		}
		want := map[string]string{}
		for _, row := range strings.Fields(string(b)) {
			k, v, _ := strings.Cut(row, "=")
			want[k] = v
		}
		var w pageWriter
		var keys []string
		sorted := sortedOf(want)
		for i := range sorted.rows {
			key, value := sorted.in.key(&sorted.rows[i]), sorted.in.value(&sorted.rows[i])
			w.add(key, value, len(value) == 0)
			keys = append(keys, string(key))
		}
		if len(keys) == 0 {
			return
		}
		p, err := openPage(w.finish(nil))
		if err != nil {
			t.Fatal(err)
		}
		var c pageCursor
		c.first(p)
		for _, k := range keys {
			if !c.ok || string(c.key) != k || string(c.value) != want[k] || c.gone != (want[k] == "") {
				t.Fatalf("%q is read as %q=%q", k, c.key, c.value)
			}
			c.step()
			var s pageCursor
			if s.seek(p, []byte(k)); !s.ok || string(s.key) != k {
				t.Fatalf("%q is not found", k)
			}
		}
		if c.ok {
			t.Fatal("there is a row too many")
		}
	})
}

// sealed gives bytes the checksum of a page, so that what is behind it is read.
func sealed(b []byte) []byte {
	out := append([]byte{pagePlain, 0, 0, 0, 0}, b...)
	c := sum(pagePlain, b)
	out[1], out[2], out[3], out[4] = byte(c), byte(c>>8), byte(c>>16), byte(c>>24)
	return out
}

func sortedOf(m map[string]string) *table {
	g := newGeneration()
	b := &Batch{s: new(Store), g: g}
	for k, v := range m {
		b.put([]byte(k), []byte(v), false)
	}
	return sortedTable(g.rows, g.in)
}

func FuzzManifest(f *testing.F) {
	f.Add((&manifest{next: 7, runs: []listed{{4, 16384}, {6, 4096}}}).append(nil))
	f.Add([]byte("habeas runs 1\nnext 1\nsum 00000000\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseManifest(b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		back, err := parseManifest(m.append(nil))
		if err != nil || !reflect.DeepEqual(m, back) {
			t.Fatalf("%+v is read as %+v, %v", m, back, err)
		}
	})
}

// FuzzRun reads what stands beside the pages of a run.
func FuzzRun(f *testing.F) {
	f.Add(make([]byte, footSize), int64(footSize))
	f.Add([]byte{1, 'a', 200, 1, 2, 'a', 'b', 9}, int64(1000))
	f.Fuzz(func(t *testing.T, b []byte, size int64) {
		if ft, err := readFoot(b, size); err == nil && (ft.index < 0 || ft.filter < 0 || ft.index+ft.filter > size) {
			t.Fatalf("%+v in %d bytes", ft, size)
		}
		r := new(run)
		if err := r.readIndex(b); err == nil && len(r.starts) != len(r.firsts)+1 {
			t.Fatal("an index of another length than its pages")
		}
		if x := readFilter(b); x != nil {
			x.has(hash(b))
		}
	})
}
