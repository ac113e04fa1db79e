package vault

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"unsafe"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/ggm"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
	"github.com/habeas-data/habeas/vault/normalise"
)

// What a thief with today's keys could compute, for the forensic test.

// Values are the digests of an identifier and the names of its rows today.
func (v *Vault) Values(id events.Identifier) (digests, rows [][]byte) {
	forms, err := v.formsOf(id)
	if err != nil {
		panic(err)
	}
	for _, f := range forms {
		for _, d := range []digest{f.digest, v.listed(id.Kind, &f)} {
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
		k := newRouteKey(leaf)
		row, err := k.open(key, sealed)
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
	v.pairs.clear()
	v.handles.clear()
}

// Waiting is how many jobs wait for the writer.
func (v *Vault) Waiting() int { return len(v.jobs) }

// DropCaches makes the next look-ups cold.
func (v *Vault) DropCaches() {
	v.clearMemory()
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

// A Pairs is what the vault remembers of pairs.
type Pairs struct{ p *knownPairs }

func NewPairs(limit int, random io.Reader) (Pairs, error) {
	p, err := newKnownPairs(limit, random)
	return Pairs{p}, err
}

// Name is the name of a pair.
func (p Pairs) Name(system, kind events.Code, value string) [12]byte {
	n := namer{hash: p.p.hash}
	n.in = append(n.in, "what was there before"...)
	return n.name(system, kind, value)
}

// Find looks many names up.
func (p Pairs) Find(names ...[12]byte) []events.Handle {
	all, out := make([]pairName, len(names)), make([]Resolved, len(names))
	for i, n := range names {
		all[i] = n
	}
	p.p.find(all, out)
	handles := make([]events.Handle, len(names))
	for i := range out {
		handles[i] = out[i].Ref.Handle
	}
	return handles
}

func (p Pairs) Put(name [12]byte, h events.Handle, stamp uint32) {
	p.p.put([]knownPair{{name, stamp, h}})
}
func (p Pairs) Stamp(row [16]byte) uint32 { return p.p.stamp(row) }
func (p Pairs) Lose(row [16]byte)         { p.p.lose(row) }
func (p Pairs) Clear()                    { p.p.clear() }

// Bytes is what the pairs in memory take, and what one takes.
func (p Pairs) Bytes() (all, one int) {
	one = int(unsafe.Sizeof(knownPair{}))
	for i := range p.p.parts {
		all += len(p.p.parts[i].pairs) * one
	}
	return all, one
}

// Losses is how many losses a stamp tells apart.
const Losses = versionMask

// NewRandomness is how the vault hands out randomness.
func NewRandomness(from io.Reader) func([]byte) error {
	r := &randomness{from: from}
	return r.fill
}

// A Rows is what the vault remembers of rows; here each is one number, and as many
// pairs as that has as remainder of 5, and one more.
type Rows struct{ c *rowCache }

func NewRows(limit int) Rows { return Rows{newRowCache(limit)} }

func rowOfNumber(k [16]byte, n int) *row {
	r := &row{digest: k}
	for i := range n%5 + 1 {
		r.pairs = append(r.pairs, pair{slot: uint64(n + i), state: index.State(i % 3), changed: 1, erased: 2, handle: events.Handle{byte(n), byte(i)},
			system: events.Code(fmt.Sprint("system", (n+i)%7))})
	}
	return r
}

func (c Rows) Get(k [16]byte) (n int, ok bool) {
	r, ok := c.c.get(k)
	if !ok {
		return 0, false
	}
	n = int(r.pairs[0].slot)
	if want := rowOfNumber(k, n); !reflect.DeepEqual(r, want) {
		panic(fmt.Sprintf("got row %+v, want %+v", r, want))
	}
	for i := range r.pairs { // what one does with a copy nobody else sees
		r.pairs[i] = pair{}
	}
	return n, true
}
func (c Rows) Put(k [16]byte, n int, version uint64) { c.c.put(rowOfNumber(k, n), version) }
func (c Rows) Version(k [16]byte) uint64             { return c.c.version(k) }
func (c Rows) Replace(k [16]byte, n int)             { c.c.replace(rowOfNumber(k, n)) }
func (c Rows) Drop(k [16]byte)                       { c.c.drop(k) }
func (c Rows) Clear()                                { c.c.clear() }

// Bytes is what the rows in memory take, and what one row and one pair take.
func (c Rows) Bytes() (all, node, pair int) {
	node, pair = int(unsafe.Sizeof(cacheNode[rowSpan]{})), int(unsafe.Sizeof(keptPair{}))
	for i := range c.c.shards {
		all += len(c.c.shards[i].nodes)*node + len(c.c.shards[i].ring)*pair
	}
	return all, node, pair
}

// EntryBytes is what an entry of the caches takes, as declared and as it is.
func EntryBytes() (declared, is int) {
	is = int(unsafe.Sizeof(cacheNode[rowSpan]{}) + pairsPerRow*unsafe.Sizeof(keptPair{}) +
		unsafe.Sizeof(cacheNode[identity]{}) + unsafe.Sizeof(digest{}) + pairsPerEntry*unsafe.Sizeof(knownPair{}))
	return entryBytes, is
}

// InMemory is how many bytes the caches of rows and pairs take now.
func (v *Vault) InMemory() int {
	pairs, _ := Pairs{v.pairs}.Bytes()
	rows, _, _ := Rows{v.rows}.Bytes()
	return pairs + rows
}

// StrayRouteKeys counts the keys of routes that lie in memory beside those in
// use, where nobody wipes them.
func (v *Vault) StrayRouteKeys() (n int) {
	for leaf := range v.routes {
		k := v.routes[leaf].Load()
		if k == nil {
			continue
		}
		i := leaf % routesAtOnce
		all := unsafe.Slice((*routeKey)(unsafe.Add(unsafe.Pointer(k), -i*int(unsafe.Sizeof(*k)))), routesAtOnce)
		for j := range all {
			if all[j] != (routeKey{}) && v.routes[leaf-i+j].Load() != &all[j] {
				n++
			}
		}
	}
	return n
}

// RouteAgain gives one route another key and has it looked up.
func (v *Vault) RouteAgain(leaf uint16) {
	v.routesMu.Lock()
	defer v.routesMu.Unlock()
	v.replaceRoutes(&keys.Rekey{Depth: keys.RouteBits, Prefix: uint64(leaf), Key: ggm.Key{1, byte(leaf)}})
	v.route(digest{byte(leaf >> 8), byte(leaf)})
}
