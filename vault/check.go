package vault

import (
	"bytes"
	"context"
	"fmt"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
)

// A Problem is one thing that does not agree. It names slots, never people.
type Problem struct {
	Code string // stable, such as slot.missing
	Slot uint64
	Text string
}

// A Checked is the result of Check.
type Checked struct {
	Frames, Records, Entries, Notes, Suppressions, Forgotten, Rows uint64
	// Cut are notes that a crash left incomplete: nobody was told their id, and
	// the next sweep forgets them.
	Cut      uint64
	Problems []Problem
	More     uint64 // problems beyond those listed
}

const maxProblems = 1000

// Check compares log, index, key table and ledger with each other, entry by
// entry, and opens every entry. It reads one moment of the vault; look-ups and
// allocation go on, forgetting and rotation wait. Problems are for a person:
// those of the index go away with Rebuild, the others mean lost or altered data.
func (v *Vault) Check(ctx context.Context) (Checked, error) {
	v.keysMu.Lock()
	defer v.keysMu.Unlock()
	c := &checker{v: v, ctx: ctx, states: map[uint64]index.State{}}
	err := v.do(ctx, func() error {
		if err := v.catchUp(ctx); err != nil {
			return err
		}
		c.meta = v.meta
		c.x, c.release = v.ix.Snapshot()
		return nil
	})
	if err != nil {
		return Checked{}, fmt.Errorf("check the vault: %w", err)
	}
	err = v.view(func(*index.Reader) error { // keeps Close away
		defer c.release()
		return c.all()
	})
	if err != nil {
		return c.out, fmt.Errorf("check the vault: %w", err)
	}
	return c.out, nil
}

type checker struct {
	v       *Vault
	ctx     context.Context
	x       *index.Reader
	release func()
	meta    index.Meta
	out     Checked

	sealed, forgotten bitmap // slots that the log has
	states            map[uint64]index.State
}

func (c *checker) problem(code string, slot uint64, text string) {
	if len(c.out.Problems) == maxProblems {
		c.out.More++
		return
	}
	c.out.Problems = append(c.out.Problems, Problem{code, slot, text})
}

func (c *checker) all() error {
	for _, step := range []func() error{c.log, c.slots, c.rows, c.handles, c.ledger} {
		if err := step(); err != nil {
			return err
		}
	}
	n := c.meta.Counts
	for _, x := range []struct {
		what      string
		have, say uint64
	}{{"entries", c.out.Entries, n.Entries}, {"notes", c.out.Notes, n.Notes}, {"suppressions", c.out.Suppressions, n.Suppressions},
		{"forgotten slots", c.out.Forgotten, n.Forgotten}, {"rows", c.out.Rows, n.Rows}} {
		if x.have != x.say {
			c.problem("count.wrong", 0, fmt.Sprintf("the index holds %d %s and says %d", x.have, x.what, x.say))
		}
	}
	return nil
}

// log reads the whole log and compares each sealed record with the index.
func (c *checker) log() error {
	return c.v.log.Replay(c.ctx, Mark{}, func(seq uint64, _ events.Instant, records [][]byte) error {
		if seq > c.meta.Seq {
			return nil
		}
		c.out.Frames++
		for _, raw := range records {
			c.out.Records++
			r, err := decodeRecord(raw)
			if err != nil {
				c.problem("record.unreadable", 0, fmt.Sprintf("frame %d: %v", seq, err))
				continue
			}
			if err := c.record(r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *checker) record(r *record) error {
	switch r.kind {
	case recCreated:
		if r.vault != c.v.table.Vault {
			c.problem("log.other", 0, "the log begins with the name of another vault")
		}
	case recSealed:
		return c.sealedRecord(r)
	case recRetired:
		for _, s := range r.slots {
			c.states[s] = stateFor(r.reason)
		}
	case recRevived:
		for _, s := range r.slots {
			delete(c.states, s)
		}
	case recForgotten:
		for _, s := range r.slots {
			c.forgotten.set(s)
			delete(c.states, s)
			if !c.v.table.Entries.Punctured(s) {
				c.problem("key.remains", s, "the log says forgotten and the key table still has its key")
			}
		}
	}
	return nil
}

func (c *checker) sealedRecord(r *record) error {
	if r.part == 0 {
		if c.sealed.has(r.slot) {
			c.problem("slot.twice", r.slot, "the log gives the slot twice")
		}
		c.sealed.set(r.slot)
	}
	s, ok, err := c.x.Slot(r.slot)
	if err != nil {
		return err
	}
	if c.v.table.Entries.Punctured(r.slot) {
		if ok {
			c.problem("slot.remains", r.slot, "it is forgotten and still in the index")
		}
		return nil
	}
	have := []byte(nil)
	if ok {
		have = s.Sealed
	}
	if r.part > 0 {
		if have, ok, err = c.x.Part(r.slot, r.part); err != nil {
			return err
		}
	}
	switch {
	case !ok:
		c.problem("slot.missing", r.slot, "the log has it and the index has not")
	case !bytes.Equal(have, r.sealed):
		c.problem("slot.differs", r.slot, "log and index hold different bytes")
	}
	return nil
}

func (c *checker) ledger() error {
	return c.v.ledger.Each(0, func(_ events.Instant, body []byte) error {
		r, err := decodeRecord(body)
		if err != nil {
			c.problem("ledger.unreadable", 0, err.Error())
			return nil
		}
		for _, s := range r.slots {
			if r.kind == recForgotten && !c.v.table.Entries.Punctured(s) {
				c.problem("ledger.ahead", s, "the ledger says forgotten and it is not: restore")
			}
		}
		return c.ctx.Err()
	})
}

// bitmap is a set of slots; slots are given in order, so it stays dense.
type bitmap []uint64

func (b *bitmap) set(n uint64) {
	for uint64(len(*b)) <= n/64 {
		*b = append(*b, make([]uint64, max(1024, len(*b)/4))...)
	}
	(*b)[n/64] |= 1 << (n % 64)
}

func (b bitmap) has(n uint64) bool { return n/64 < uint64(len(b)) && b[n/64]&(1<<(n%64)) != 0 }
