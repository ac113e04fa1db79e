package vault_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/vaulttest"
)

// The forensic test for the vault alone: plant identifiers, back
// up, forget some, rotate; then search every byte of everything that was ever
// written, and try today's keys on every sealed thing of every copy.
func TestForensic(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	planted := plant()
	var handles []events.Handle
	for i, id := range planted {
		handles = append(handles, handle(t, v, fmt.Sprintf("system%d", i%3), id))
	}
	var others []string
	for i := range 10_000 {
		others = append(others, fmt.Sprintf("email=other%d@elsewhere.example", i))
	}
	resolve(t, v, "system1", others...)
	if _, err := v.Seal(ctx, []byte("Zaphodina wrote a letter")); err != nil {
		t.Fatal(err)
	}
	forgotten, kept := planted[:50], planted[50:]
	for _, id := range forgotten[:10] {
		if err := v.Suppress(ctx, vault.Suppression{Identifier: vaulttest.ID(id), Purpose: vault.Erasure, Scope: "system1", At: 7}); err != nil {
			t.Fatal(err)
		}
	}
	slots := map[uint64]string{}
	for i := range forgotten {
		slots[v.SlotOf(handles[i])] = forgotten[i]
	}
	oldKey, err := os.ReadFile(filepath.Join(place.Config().KeyDir, "epoch-0000000001.key"))
	if err != nil {
		t.Fatal(err)
	}
	oldKey = oldKey[len(oldKey)-4-32 : len(oldKey)-4]
	_ = v.Close()
	before := place.Backup(t)
	if err := os.RemoveAll(before.Config().KeyDir); err != nil { // keys are not in the backup of the data
		t.Fatal(err)
	}

	v = place.Open(t)
	for _, h := range handles[:50] {
		forget(t, v, h)
	}
	if err := v.Rotate(ctx, nil); err != nil {
		t.Fatal(err)
	}
	sound(t, v)

	copies := map[string][]byte{"stream": place.Stream.Bytes(), "stream of the backup": before.Stream.Bytes()}
	for name, root := range map[string]string{"now": place.Root, "backup": before.Root} {
		readAll(t, name, root, copies)
	}
	t.Logf("%d files searched", len(copies))

	t.Run("no plaintext in any form", func(t *testing.T) {
		want := patterns{}
		for _, id := range append(planted, "=Zaphodina wrote") {
			_, value, _ := strings.Cut(id, "=")
			for form, pattern := range disguises(value) {
				want.add(pattern, "plaintext as "+form)
			}
		}
		want.absent(t, copies)
	})
	t.Run("no trace of the old epoch key", func(t *testing.T) {
		want := patterns{}
		want.add(oldKey, "the old epoch key")
		want.absent(t, copies)
	})
	t.Run("no index value of a forgotten identifier", func(t *testing.T) {
		want, control := patterns{}, patterns{}
		for i, id := range forgotten {
			digests, rows := v.Values(vaulttest.ID(id))
			want.add(digests[0], "a digest")
			want.add(digests[1], "a digest for suppression")
			want.add(rows[0], "the name of a row")
			if i < 10 { // still on the list of erasures, and meant to be
				control.add(rows[1], fmt.Sprint("suppression ", i))
			} else {
				want.add(rows[1], "the name of a row of suppressions")
			}
		}
		want.absent(t, copies)
		// The search is able to find: what is kept is there.
		for i, id := range kept {
			_, rows := v.Values(vaulttest.ID(id))
			control.add(rows[0], fmt.Sprint("kept ", i))
		}
		if found := control.in(copies); len(found) != 160 {
			t.Errorf("the search finds only %d of 160 rows that are there", len(found))
		}
	})
	t.Run("today's keys open the others only, in every copy of the log", func(t *testing.T) {
		for name, s := range map[string]*vaulttest.Stream{"now": place.Stream, "backup": before.Stream} {
			open, shut := 0, 0
			s.Records(func(raw []byte) {
				slot, sealed, opens := v.OpenRecord(raw)
				switch {
				case !sealed:
				case opens && slots[slot] != "":
					t.Errorf("%s: slot %d was forgotten and opens", name, slot)
				case opens:
					open++
				case slots[slot] == "":
					t.Errorf("%s: slot %d was not forgotten and does not open", name, slot)
				default:
					shut++
				}
			})
			if want := 150 + 10_000 + 1 + 10; open != want || shut != 50 {
				t.Errorf("%s: %d open, want %d; %d shut, want 50", name, open, want, shut)
			}
		}
	})
	t.Run("today's keys learn nothing of them from the old index", func(t *testing.T) {
		x, err := index.Open(before.Config().Dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		if err := x.View(func(r *index.Reader) error {
			learnt, shut, err := v.OpenRows(r)
			for slot := range learnt {
				if slots[slot] != "" {
					t.Errorf("a row that opens names forgotten slot %d", slot)
				}
			}
			// Each hides among the rows that got fresh keys with it.
			if shut < 512 {
				t.Errorf("only %d rows are shut, want at least one bucket", shut)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("the vault knows the others", func(t *testing.T) {
		for i, id := range planted {
			p := find(t, v, id)
			if got := revealed(t, v, handles[i], vault.ForTasks()); (i < 50) != (got == "") || (i < 50) != (len(p) == 0) {
				t.Errorf("%d: found %d, revealed %v", i, len(p), got != "")
			}
		}
	})
}

// plant makes 200 identifiers of many kinds that occur nowhere else.
func plant() []string {
	var ids []string
	for i := range 200 {
		switch i % 5 {
		case 0:
			ids = append(ids, fmt.Sprintf("email=zaphodina.%d.beeblebrox@heartofgold.example", i))
		case 1:
			ids = append(ids, fmt.Sprintf("phone=+44 7700 900%03d", i))
		case 2:
			ids = append(ids, fmt.Sprintf("system2.contact=QXJ-%04d-PLANTED-%04d", i, i*7))
		case 3:
			ids = append(ids, fmt.Sprintf("name=Slartibartfast Planted%d Magrathea", i))
		case 4:
			ids = append(ids, fmt.Sprintf("passport=PLANT%08d", i))
		}
	}
	return ids
}

// disguises are the forms in which a value could lie somewhere.
func disguises(value string) map[string][]byte {
	m := map[string][]byte{}
	for name, s := range map[string]string{"sent": value, "lower case": strings.ToLower(value), "upper case": strings.ToUpper(value), "without blanks": strings.ReplaceAll(value, " ", "")} {
		m[name] = []byte(s)
		m[name+", hex"] = []byte(hex.EncodeToString([]byte(s)))
		m[name+", HEX"] = bytes.ToUpper(m[name+", hex"])
		var le, be []byte
		for _, u := range utf16.Encode([]rune(s)) {
			le, be = append(le, byte(u), byte(u>>8)), append(be, byte(u>>8), byte(u))
		}
		m[name+", UTF-16"], m[name+", UTF-16 big-endian"] = le, be
		for shift := range 3 {
			// What base64 makes of it at each alignment, without the edges that
			// depend on neighbours.
			b := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), s...))
			m[fmt.Sprintf("%s, base64 at %d", name, shift)] = []byte(b[4 : len(b)-2])
		}
	}
	return m
}

// patterns are byte strings to look for, each with a name, by their first eight
// bytes, so that one pass over the data looks for all of them.
type patterns map[[8]byte][]pattern

type pattern struct {
	bytes []byte
	name  string
}

func (p patterns) add(b []byte, name string) {
	k := [8]byte(b)
	p[k] = append(p[k], pattern{b, name})
}

// in returns where each pattern that is there was first found.
func (p patterns) in(copies map[string][]byte) map[string]string {
	found := map[string]string{}
	for name, b := range copies {
		for i := 0; i+8 <= len(b); i++ {
			for _, x := range p[[8]byte(b[i:])] {
				if bytes.HasPrefix(b[i:], x.bytes) && found[x.name] == "" {
					found[x.name] = name
				}
			}
		}
	}
	return found
}

func (p patterns) absent(t *testing.T, copies map[string][]byte) {
	t.Helper()
	for what, where := range p.in(copies) {
		t.Errorf("%s holds %s", where, what)
	}
}

func readAll(t *testing.T, name, root string, into map[string][]byte) {
	t.Helper()
	if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		into[name+" "+strings.TrimPrefix(path, root)] = bytes.TrimRight(b, "\x00")
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
