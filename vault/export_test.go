package vault

import (
	"encoding/hex"
	"errors"
	"log/slog"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/ggm"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
	"github.com/habeas-data/habeas/vault/normalise"
)

// What a thief with today's keys could compute, for the forensic test.

// Values are the digests of an identifier and the names of its rows today.
func (v *Vault) Values(id events.Identifier) (digests, rows [][]byte) {
	forms, _, err := v.formsOf(id)
	if err != nil {
		panic(err)
	}
	for _, f := range forms {
		for _, d := range []digest{f.digest, f.suppressed} {
			key := v.route(d).row(d)
			digests = append(digests, d[:])
			rows = append(rows, key[8:])
		}
	}
	return digests, rows
}

// OpenRecord tries to open a record of the log with today's keys.
func (v *Vault) OpenRecord(raw []byte) (slot uint64, sealed, opens bool) {
	r, err := decodeRecord(raw)
	if err != nil || r.kind != recSealed {
		return 0, false, false
	}
	_, err = v.unseal(r.purpose, r.slot, r.part, r.parts, r.sealed)
	if err != nil && !errors.Is(err, errGone) {
		panic(err)
	}
	return r.slot, true, err == nil
}

// OpenRows tries to open every row of another copy of the index with today's
// keys. It returns the slots it learns, and how many rows stay shut.
func (v *Vault) OpenRows(r *index.Reader) (slots map[uint64]bool, shut int, err error) {
	byTag := map[[8]byte]ggm.Key{}
	for leaf := range uint64(1 << keys.RouteBits) {
		k, _ := v.table.Routes.Derive(leaf)
		byTag[rowTag(k)] = k
	}
	slots = map[uint64]bool{}
	err = r.EachRow(nil, func(key index.RowKey, sealed []byte) error {
		leaf, ok := byTag[[8]byte(key[:])]
		if !ok {
			shut++
			return nil
		}
		row, err := newRouteKey(leaf).open(key, sealed)
		if err != nil {
			return err
		}
		for _, p := range row.pairs {
			slots[p.slot] = true
		}
		return nil
	})
	return slots, shut, err
}

// SlotOf is the slot of a handle.
func (v *Vault) SlotOf(h events.Handle) uint64 {
	var slot uint64
	if err := v.view(func(x *index.Reader) (err error) {
		slot, _, err = x.Handle(h)
		return err
	}); err != nil {
		panic(err)
	}
	return slot
}

// ExtendRule adds a newer version of a rule, as a later release would.
func (v *Vault) ExtendRule(kind events.Code, rule normalise.Rule) {
	v.rules.Extend(kind, rule)
	v.forms.clear()
	v.handles.clear()
}

// DropCaches makes the next look-ups cold.
func (v *Vault) DropCaches() {
	v.forms.clear()
	v.rows.clear()
	v.handles.clear()
}

var (
	DecodeRecord = decodeRecord
	DecodeEntry  = decodeEntry
	DecodeRow    = decodeRow
)

func (r *record) Append(b []byte) []byte { return r.append(b) }
func (e *entry) Append(b []byte) []byte  { return e.append(b) }
func (r *row) Append(b []byte) []byte    { return r.append(b) }

// GoldenForms are one of each form that the vault writes.
func GoldenForms() []string {
	line := func(name string, b []byte) string { return name + " " + hex.EncodeToString(b) }
	var out []string
	for _, r := range []record{
		{kind: recCreated, vault: keys.VaultID{1, 2}},
		{kind: recSealed, purpose: index.Note, slot: 1 << 39, part: 1, parts: 300, sealed: []byte("sealed")},
		{kind: recRetired, reason: forSweep, at: 77, slots: []uint64{0, 1, 900}},
		{kind: recRevived, slots: []uint64{5}},
		{kind: recForgotten, slots: []uint64{5, 1 << 30}},
		{kind: recRotated, epoch: 3, at: 78},
	} {
		out = append(out, line("record", r.append(nil)))
	}
	e := entry{handle: events.Handle{4}, allocated: 5, erased: 6, rule: 1, kind: "email", system: "crm", form: "a@b", original: "A@b"}
	out = append(out, line("entry", e.append(nil)))
	pairs := row{digest: digest{1}, pairs: []pair{{slot: 3, state: index.Retired, changed: 4, erased: 5, handle: events.Handle{6}, system: "crm"}}}
	out = append(out, line("row", pairs.append(nil)))
	list := row{digest: digest{1}, suppressions: []suppression{{slot: 3, purpose: Marketing, at: 4, until: 5, scope: "email"}}}
	return append(out, line("row", list.append(nil)))
}

// LoseRow damages an index that is closed: the first slot disappears.
func LoseRow(dir string) error {
	x, err := index.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	m, err := x.Meta()
	if err != nil {
		return err
	}
	b := x.Begin(m)
	if _, err := b.Forget(0); err != nil {
		return err
	}
	return errors.Join(b.Commit(), x.Close())
}

// A Cache is the cache of the vault, of numbers.
type Cache struct{ c *cache[int] }

func NewCache(limit int) Cache                        { return Cache{newCache[int](limit)} }
func (c Cache) Get(k [16]byte) (int, bool)            { return c.c.get(k) }
func (c Cache) Put(k [16]byte, v int, version uint64) { c.c.put(k, v, version) }
func (c Cache) Version(k [16]byte) uint64             { return c.c.version(k) }
func (c Cache) Replace(k [16]byte, v int)             { c.c.replace(k, v) }
func (c Cache) Drop(k [16]byte)                       { c.c.drop(k) }
func (c Cache) Clear()                                { c.c.clear() }
