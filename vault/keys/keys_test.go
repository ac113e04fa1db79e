package keys

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/vault/ggm"
)

var ctx = context.Background()

func config(t testing.TB) Config {
	t.Helper()
	dir := t.TempDir()
	return Config{Dir: dir + "/keys", Copies: []string{dir + "/copy1", dir + "/copy2"}, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
}

func create(t testing.TB, cfg Config) *Dir {
	t.Helper()
	d, err := Create(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func open(t testing.TB, cfg Config) *Dir {
	t.Helper()
	d, err := Open(ctx, cfg)
	if err == nil {
		err = d.Finish()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func change(slots ...uint64) *Change {
	c := &Change{NextSlot: 100, Punctured: slots, Rekeyed: []Rekey{{Depth: 3, Prefix: slots[0] % 8}}}
	rand.Read(c.Rekeyed[0].Key[:])
	return c
}

func apply(t testing.TB, d *Dir, c *Change) {
	t.Helper()
	if err := d.Append(c); err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Rekeyed {
		d.Table().Routes.Replace(r.Depth, r.Prefix, r.Key)
	}
}

// print is a fingerprint of every key of the table.
func print(d *Dir) string { return hex.EncodeToString(encodeTable(d.Table())) }

func TestTableSurvives(t *testing.T) {
	cfg := config(t)
	d := create(t, cfg)
	k7, _ := d.Table().Entries.Derive(7)
	first := change(5, 6)
	apply(t, d, first)
	apply(t, d, change(9))
	want, vault := print(d), d.Table().Vault
	_ = d.Close()
	d = open(t, cfg)
	if print(d) != want || d.Table().Vault != vault {
		t.Error("the table changed")
	}
	s := d.Stats()
	if s.Seq != 2 || s.Forgotten != 3 || s.Fresh != 3 || s.Epoch != 1 || d.Table().NextSlot != 100 {
		t.Errorf("%+v", s)
	}
	if a := d.Applied(); len(a) != 2 || len(a[0].Former) != 1 || a[0].Rekeyed[0] != first.Rekeyed[0] {
		t.Errorf("applied %+v", a)
	}
	if k, ok := d.Table().Entries.Derive(7); !ok || k != k7 {
		t.Error("a key changed")
	}
	if _, ok := d.Table().Entries.Derive(6); ok {
		t.Error("a punctured slot has a key")
	}
	// Every copy is a whole key directory.
	for _, dir := range cfg.Copies {
		_ = d.Close()
		c := open(t, Config{Dir: dir})
		if print(c) != want {
			t.Errorf("%s differs", dir)
		}
		_ = c.Close()
	}
	if _, err := Create(ctx, cfg); !errors.Is(err, ErrExists) {
		t.Errorf("created over existing keys: %v", err)
	}
}

func TestRotate(t *testing.T) {
	cfg := config(t)
	d := create(t, cfg)
	apply(t, d, change(5, 6))
	old := map[string][]byte{}
	for _, name := range []string{keyFile(1), baseFile(1), logFile(1)} {
		old[name], _ = os.ReadFile(filepath.Join(cfg.Dir, name))
	}
	var steps []string
	if err := d.Rotate(ctx, func(s string) { steps = append(steps, s) }); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(steps, " "); got != "seal verify ship ship switch destroy" {
		t.Errorf("steps: %s; want to destroy last and to switch only after shipping", got)
	}
	want := d.Stats()
	if want.Epoch != 2 || want.Fresh != 0 || want.Forgotten != 2 {
		t.Errorf("%+v", want)
	}
	for _, l := range d.Locations() {
		if len(l.Epochs) != 1 || l.Epochs[0] != 2 || l.Behind != nil {
			t.Errorf("%+v", l)
		}
		names, err := epochFiles(l.Path)
		if err != nil || len(names) != 3 {
			t.Errorf("%s holds %v, %v", l.Path, names, err)
		}
		for _, name := range names {
			b, _ := os.ReadFile(filepath.Join(l.Path, name))
			for n, o := range old {
				if bytes.Contains(b, o[headerSize:]) && len(o) > headerSize {
					t.Errorf("%s holds %s of the old epoch", name, n)
				}
			}
		}
	}
	apply(t, d, change(9))
	print1 := print(d)
	_ = d.Close()
	d = open(t, cfg)
	if print(d) != print1 || d.Stats().Seq != 2 {
		t.Error("the table changed")
	}
	_ = d.Close()
	// The old table, brought back, opens with no key of today.
	for name, b := range old {
		if name != keyFile(1) {
			if err := writeFile(cfg.Dir, name, b); err != nil {
				t.Fatal(err)
			}
		}
	}
	vault, _, _ := readCurrent(cfg.Dir)
	if err := writeFile(cfg.Dir, currentFile, encodeCurrent(vault, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, cfg); !errors.Is(err, ErrEpochGone) {
		t.Errorf("an old table without its key: %v", err)
	}
	today, err := readEpochKey(ctx, cfg.Dir, vault, 2, PlainFile{})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := newSeals(today)
	if _, err := openBase(s, vault, 1, old[baseFile(1)]); !errors.Is(err, ErrWrongKey) {
		t.Errorf("the old table under today's key: %v", err)
	}
}

// A location that cannot be reached stops a rotation before the switch; one
// that fails after it is named.
func TestUnreachableLocation(t *testing.T) {
	cfg := config(t)
	d := create(t, cfg)
	apply(t, d, change(1))
	away := cfg.Copies[1] + "-away"
	if err := os.Rename(cfg.Copies[1], away); err != nil {
		t.Fatal(err)
	}
	if err := d.Rotate(ctx, nil); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), cfg.Copies[1]) {
		t.Errorf("rotated without a location: %v", err)
	}
	if s := d.Stats(); s.Epoch != 1 || s.Fresh != 1 {
		t.Errorf("%+v", s)
	}
	if names, _ := epochFiles(cfg.Dir); len(names) != 3 {
		t.Errorf("left behind: %v", names)
	}
	apply(t, d, change(2)) // goes on, and the location is behind
	l := d.Locations()[2]
	if l.Behind == nil {
		t.Error("a location that is away is not reported")
	}
	if err := os.Rename(away, cfg.Copies[1]); err != nil {
		t.Fatal(err)
	}
	apply(t, d, change(3)) // mended when it is back
	if l := d.Locations()[2]; l.Behind != nil || len(l.Old(1)) != 0 {
		t.Errorf("%+v", l)
	}
	want := print(d)
	_ = d.Close()
	if c := open(t, Config{Dir: cfg.Copies[1]}); print(c) != want {
		t.Error("the mended copy differs")
	}
}

// An old copy of the keys that is brought back by mistake destroys nothing of
// the newest.
func TestOlderKeysAreRefused(t *testing.T) {
	for name, grow := range map[string]func(d *Dir){
		"a change later":   func(d *Dir) { apply(t, d, change(7)) },
		"a rotation later": func(d *Dir) { _ = d.Rotate(ctx, nil) },
		"both": func(d *Dir) {
			_ = d.Rotate(ctx, nil)
			apply(t, d, change(7))
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			d := create(t, cfg)
			apply(t, d, change(5))
			old := t.TempDir()
			if err := os.CopyFS(old+"/keys", os.DirFS(cfg.Dir)); err != nil {
				t.Fatal(err)
			}
			grow(d)
			want := print(d)
			_ = d.Close()
			stale := cfg
			stale.Dir = old + "/keys"
			for _, f := range []string{"", currentFile, keyFile(1), baseFile(1), logFile(1), "lock"} {
				if err := os.Chmod(filepath.Join(stale.Dir, f), map[bool]os.FileMode{true: 0o700, false: 0o600}[f == ""]); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Open(ctx, stale); !errors.Is(err, ErrOlder) {
				t.Errorf("older keys: %v", err)
			}
			for _, dir := range append(cfg.Copies, cfg.Dir) {
				if c := open(t, Config{Dir: dir}); print(c) != want {
					t.Errorf("%s was harmed", dir)
				} else {
					_ = c.Close()
				}
			}
		})
	}
}

type cut struct{}

func (cut) Error() string { return "cut" }
func (cut) Crash() bool   { return true }

// A crash at each step of a rotation leaves the old epoch or the new one in
// force, whole, here and in every copy after the next Open.
func TestRotateCrash(t *testing.T) {
	for _, step := range []string{"rotate: seal", "rotate: verify", "rotate: ship", "rotate: switch", "rotate: destroy"} {
		t.Run(step, func(t *testing.T) {
			cfg := config(t)
			cfg.Step = func(s string) error {
				if s == step {
					return cut{}
				}
				return nil
			}
			d := create(t, cfg)
			apply(t, d, change(5, 6))
			if err := d.Rotate(ctx, nil); !errors.Is(err, cut{}) {
				t.Fatalf("no crash: %v", err)
			}
			_ = d.Close()
			cfg.Step = nil
			d = open(t, cfg)
			s := d.Stats()
			if want := map[bool]uint32{true: 2, false: 1}[step == "rotate: destroy"]; s.Epoch != want || s.Forgotten != 2 {
				t.Errorf("%+v, want epoch %d", s, want)
			}
			for _, l := range d.Locations() {
				if len(l.Old(s.Epoch)) != 0 || len(l.Epochs) != 1 || l.Behind != nil {
					t.Errorf("%+v", l)
				}
			}
			if d.Table().Entries.Punctured(7) || !d.Table().Entries.Punctured(6) {
				t.Error("the table is wrong")
			}
			if err := d.Rotate(ctx, nil); err != nil {
				t.Errorf("again: %v", err)
			}
		})
	}
}

// Only a torn last record is dropped; all other damage is an error.
func TestLogDamage(t *testing.T) {
	cfg := config(t)
	cfg.Copies = nil
	d := create(t, cfg)
	var ends []int64
	var prints []string
	for s := range uint64(4) {
		ends = append(ends, d.size)
		prints = append(prints, print(d))
		apply(t, d, change(s*3))
	}
	ends = append(ends, d.size)
	prints = append(prints, print(d))
	_ = d.Close()
	path := filepath.Join(cfg.Dir, logFile(1))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(b []byte) (*Dir, error) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return Open(ctx, cfg)
	}
	last := ends[len(ends)-2]
	for n := headerSize; n <= len(whole); n++ {
		d, err := try(whole[:n])
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		records := 0
		for int64(n) >= ends[records+1] {
			if records++; records == len(ends)-1 {
				break
			}
		}
		if print(d) != prints[records] {
			t.Fatalf("cut at %d: not the table after %d records", n, records)
		}
		_ = d.Close()
		if st, _ := os.Stat(path); st.Size() != ends[records] {
			t.Fatalf("cut at %d: the torn part was left", n)
		}
	}
	for at := range whole {
		b := bytes.Clone(whole)
		b[at] ^= 0x40
		d, err := try(b)
		switch {
		case err != nil && int64(at) < last:
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrOtherVault) && !strings.Contains(err.Error(), "version") {
				t.Fatalf("flip at %d: %v", at, err)
			}
		case err == nil && int64(at) >= last:
			// It cannot be told from a torn record here; the vault compares the
			// number of changes with the index, which has seen the last one.
			if print(d) != prints[3] {
				t.Fatalf("flip at %d of the last record: a wrong table", at)
			}
		case err == nil:
			t.Fatalf("flip at %d was accepted", at)
		}
		if d != nil {
			_ = d.Close()
		}
	}
	d, err = try(append(bytes.Clone(whole), make([]byte, 4096)...)) // zeros a crash left behind
	if err != nil || print(d) != prints[4] {
		t.Fatalf("zeros at the end: %v", err)
	}
	_ = d.Close()
	swapped := append(bytes.Clone(whole[:ends[1]]), append(bytes.Clone(whole[ends[2]:ends[3]]), whole[ends[1]:ends[2]]...)...)
	if _, err := try(append(swapped, whole[ends[3]:]...)); !errors.Is(err, ErrDamaged) {
		t.Errorf("two records swapped: %v", err)
	}
}

func TestRefused(t *testing.T) {
	cfg := config(t)
	cfg.Copies = nil
	d := create(t, cfg)
	if _, err := Open(ctx, cfg); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	_ = d.Close()
	other := create(t, config(t))
	_ = other.Close()
	path := func(name string) string { return filepath.Join(cfg.Dir, name) }
	from := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(other.cfg.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	write := func(name string, b []byte) func() {
		return func() {
			if err := os.WriteFile(path(name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	mode := func(name string, m os.FileMode) func() {
		return func() {
			if err := os.Chmod(path(name), m); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		harm func()
		want error
	}{
		"directory readable by all":   {mode("", 0o755), ErrExposed},
		"epoch key readable by group": {mode(keyFile(1), 0o640), ErrExposed},
		"base readable by group":      {mode(baseFile(1), 0o644), ErrExposed},
		"log readable by group":       {mode(logFile(1), 0o604), ErrExposed},
		"epoch key gone":              {func() { os.Remove(path(keyFile(1))) }, ErrEpochGone},
		"epoch key overwritten":       {write(keyFile(1), make([]byte, 70)), ErrEpochGone},
		"epoch key cut":               {write(keyFile(1), from(keyFile(1))[:30]), ErrOtherVault},
		"epoch key of another":        {write(keyFile(1), from(keyFile(1))), ErrOtherVault},
		"base gone":                   {func() { os.Remove(path(baseFile(1))) }, ErrDamaged},
		"base of another":             {write(baseFile(1), from(baseFile(1))), ErrOtherVault},
		"log gone":                    {func() { os.Remove(path(logFile(1))) }, ErrDamaged},
		"log of another":              {write(logFile(1), from(logFile(1))), ErrOtherVault},
		"current gone":                {func() { os.Remove(path(currentFile)) }, ErrMissing},
		"current damaged":             {write(currentFile, []byte("epoch 7")), ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			kept := map[string][]byte{}
			for _, f := range []string{currentFile, keyFile(1), baseFile(1), logFile(1)} {
				kept[f], _ = os.ReadFile(path(f))
			}
			c.harm()
			if d, err := Open(ctx, cfg); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
				if d != nil {
					_ = d.Close()
				}
			}
			mode("", 0o700)()
			for f, b := range kept {
				os.Remove(path(f))
				write(f, b)()
			}
		})
	}
	base, _ := os.ReadFile(path(baseFile(1)))
	for at := headerSize; at < len(base); at += 7 {
		b := bytes.Clone(base)
		b[at] ^= 1
		write(baseFile(1), b)()
		if _, err := Open(ctx, cfg); !errors.Is(err, ErrWrongKey) && !errors.Is(err, ErrDamaged) {
			t.Errorf("base damaged at %d: %v", at, err)
		}
	}
	write(baseFile(1), base)()
	open(t, cfg)
}

func TestEnvKEK(t *testing.T) {
	const name = "HABEAS_TEST_VAULT_KEK"
	cfg := config(t)
	cfg.Copies = nil
	cfg.KEK = EnvKEK{name}
	if _, err := Create(ctx, cfg); err == nil || !strings.Contains(err.Error(), name) {
		t.Fatalf("created without the secret: %v", err)
	}
	t.Setenv(name, strings.Repeat("ab", 32))
	d := create(t, cfg)
	want := print(d)
	_ = d.Close()
	d = open(t, cfg)
	if print(d) != want {
		t.Error("the table changed")
	}
	if err := d.Rotate(ctx, nil); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	t.Setenv(name, strings.Repeat("cd", 32))
	if _, err := Open(ctx, cfg); !errors.Is(err, ErrWrongKey) {
		t.Errorf("wrong secret: %v", err)
	}
	cfg.KEK = nil
	if _, err := Open(ctx, cfg); !errors.Is(err, ErrWrongKey) {
		t.Errorf("another provider: %v", err)
	}
}

// A base of many chunks reads back; chunks cannot be left out or swapped.
func TestBigBase(t *testing.T) {
	s, err := newSeals(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	plain := make([]byte, 3*chunkSize+5)
	rand.Read(plain)
	sealed, err := sealBase(s, VaultID{1}, 2, plain, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	got, err := openBase(s, VaultID{1}, 2, sealed)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("reads back differently: %v", err)
	}
	one := 4 + nonceSize + chunkSize + gcmOverhead
	for name, b := range map[string][]byte{
		"last left out":  sealed[:headerSize+3*one],
		"first left out": append(bytes.Clone(sealed[:headerSize]), sealed[headerSize+one:]...),
		"swapped":        append(append(bytes.Clone(sealed[:headerSize]), sealed[headerSize+one:headerSize+2*one]...), append(bytes.Clone(sealed[headerSize:headerSize+one]), sealed[headerSize+2*one:]...)...),
	} {
		if _, err := openBase(s, VaultID{1}, 2, b); !errors.Is(err, ErrWrongKey) && !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// steady gives the same bytes each time, for goldens.
type steady struct{ n byte }

func (s *steady) Read(b []byte) (int, error) {
	for i := range b {
		s.n++
		b[i] = s.n
	}
	return len(b), nil
}

// The files of a directory made by the first release are read for ever.
func TestGoldenDirectory(t *testing.T) {
	cfg := Config{Dir: t.TempDir() + "/keys", Rand: &steady{}, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
	d := create(t, cfg)
	c := &Change{NextSlot: 9, Punctured: []uint64{2, 5, 1 << 20}, Rekeyed: []Rekey{{Depth: 4, Prefix: 11, Key: ggm.Key{1, 2, 3}}}}
	apply(t, d, c)
	want := print(d)
	_ = d.Close()
	golden := filepath.Join("testdata", "directory")
	for _, name := range []string{currentFile, keyFile(1), baseFile(1), logFile(1)} {
		got, err := os.ReadFile(filepath.Join(cfg.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(golden, name+".hex")
		b, err := os.ReadFile(file)
		if os.Getenv("HABEAS_WRITE_GOLDEN") != "" {
			b = []byte(hex.EncodeToString(got) + "\n")
			err = errors.Join(os.MkdirAll(golden, 0o755), os.WriteFile(file, b, 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
		released, err := hex.DecodeString(strings.TrimSpace(string(b)))
		if err != nil || !bytes.Equal(released, got) {
			t.Errorf("%s is not written as released", name)
		}
		if err := os.WriteFile(filepath.Join(cfg.Dir, name), released, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if print(open(t, cfg)) != want {
		t.Error("the released directory reads differently")
	}
}

func FuzzChange(f *testing.F) {
	f.Add(appendChange(nil, &Change{Seq: 1, NextSlot: 5, Punctured: []uint64{0, 1, 900}, Rekeyed: []Rekey{{Depth: 16, Prefix: 65535}}}))
	f.Add(appendChange(nil, &Change{Seq: 1 << 60}))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeChange(b)
		if err == nil && !bytes.Equal(appendChange(nil, c), b) {
			t.Errorf("reads and writes differently: %x", b)
		}
	})
}

func FuzzTable(f *testing.F) {
	t, err := newTable(&steady{}, 5)
	if err != nil {
		f.Fatal(err)
	}
	t.Entries.Puncture(3, 9)
	f.Add(encodeTable(t))
	f.Fuzz(func(t *testing.T, b []byte) {
		tab, err := decodeTable(b)
		if err == nil && len(encodeTable(tab)) != len(b) {
			t.Errorf("reads and writes differently: %x", b)
		}
	})
}

func FuzzFiles(f *testing.F) {
	s, err := newSeals(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	var v VaultID
	rec, err := sealChange(s, header(logMagic, v, 1), &Change{Seq: 1, Punctured: []uint64{4}}, &steady{})
	if err != nil {
		f.Fatal(err)
	}
	base, err := sealBase(s, v, 1, []byte("table"), &steady{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(header(logMagic, v, 1), rec...))
	f.Add(base)
	f.Add(encodeKeyFile(v, 1, "file", make([]byte, 32)))
	f.Add(encodeCurrent(v, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		if changes, good, _, err := readLog(s, v, 1, 0, b); err == nil && (good > len(b) || len(changes) > 0 && good == headerSize) {
			t.Errorf("log: %d of %d bytes are good", good, len(b))
		}
		_, _ = openBase(s, v, 1, b)
		if kek, wrapped, err := decodeKeyFile(b, v, 1); err == nil && !bytes.Equal(encodeKeyFile(v, 1, kek, wrapped), b) {
			t.Error("key file reads and writes differently")
		}
		if v, e, err := decodeCurrent(b); err == nil && !bytes.Equal(encodeCurrent(v, e), b) {
			t.Error("current reads and writes differently")
		}
	})
}
