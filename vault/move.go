package vault

import (
	"context"
	"github.com/habeas-data/habeas/vault/ggm"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
)

// moveFor moves the rows of every bucket of a change to their fresh keys, one
// transaction each. A bucket that was moved before a crash has no rows under
// its former keys any more, so doing it again does nothing.
func (v *Vault) moveFor(ctx context.Context, a keys.Applied) error {
	for i := range a.Rekeyed {
		if err := v.cfg.Step("vault: move"); err != nil {
			return err
		}
		if err := v.move(&a.Rekeyed[i], a.Former[i]); err != nil {
			return err
		}
		v.serve(ctx) // many buckets take long; nobody waits for all of them
	}
	return nil
}

// move gives the rows of one bucket their fresh keys and drops from them what
// has no key any more. Look-ups wait only while keys and rows change together.
func (v *Vault) move(r *keys.Rekey, former []ggm.Node) error {
	old, err := ggm.FromNodes(keys.RoutesLabel, keys.RouteBits, former)
	if err != nil {
		return err
	}
	defer old.Wipe()
	fresh, err := ggm.FromNodes(keys.RoutesLabel, keys.RouteBits, []ggm.Node{{Depth: r.Depth, Prefix: r.Prefix, Key: r.Key}})
	if err != nil {
		return err
	}
	defer fresh.Wipe()
	b := v.ix.Begin(v.meta)
	defer b.Discard()
	moved, err := v.moveRows(b, r, old, fresh)
	if err != nil {
		return err
	}
	v.routesMu.Lock()
	defer v.routesMu.Unlock()
	v.replaceRoutes(r)
	if err := v.commit(b); err != nil {
		return err
	}
	for _, d := range moved {
		v.dropRow(d)
	}
	return nil
}

// moveRows writes every row of the bucket anew. It returns the digests of rows
// that lost something.
func (v *Vault) moveRows(b *index.Batch, r *keys.Rekey, old, fresh *ggm.Tree) ([]digest, error) {
	width := uint64(1) << (keys.RouteBits - r.Depth)
	byTag := make(map[[8]byte]ggm.Key, width)
	tags := make([][8]byte, 0, width)
	for leaf := r.Prefix * width; leaf < (r.Prefix+1)*width; leaf++ {
		if k, ok := old.Derive(leaf); ok {
			tag := rowTag(k)
			byTag[tag] = k
			tags = append(tags, tag)
		}
	}
	defer clear(byTag)
	var changed []digest
	each := func(key index.RowKey, sealed []byte) error {
		leaf, ok := byTag[[8]byte(key[:])]
		if !ok {
			return nil
		}
		k := newRouteKey(leaf)
		row, err := k.open(key, sealed)
		if err != nil {
			return err
		}
		if v.dropGone(row) {
			changed = append(changed, row.digest)
		}
		b.DropRow(key)
		b.Meta.Counts.Rows--
		to := deriveRoute(fresh, routeOf(row.digest))
		return v.writeRow(b, &to, row, false)
	}
	// One search per route, or one walk over all rows where that is shorter.
	var err error
	if b.Meta.Counts.Rows < 8*width {
		err = b.EachRow(nil, each)
	} else {
		err = b.EachRowOf(tags, each)
	}
	return changed, err
}
