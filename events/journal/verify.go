package journal

import (
	"context"

	"github.com/habeas-data/habeas/events"
)

// Verified is what Verify has found good so far: every frame up to and
// including At is there, unaltered, and continues the one before.
type Verified struct {
	Frames, Records, Bytes uint64
	At                     Checkpoint
	End                    uint64         // the last frame that the store knows of
	Recorded               events.Instant // of frame At
	Vault                  uint64         // last frame of the vault that the records need
}

// verify reads everything from the first frame. The error, if any, names the
// first frame that is not good; Verified then says how far all is well.
func (t *tape) verify(ctx context.Context, progress func(Verified)) (Verified, error) {
	var v Verified
	r := t.reader()
	st, err := r.begin(ctx, Checkpoint{})
	if err != nil {
		return v, err
	}
	v.End = st.last
	v.At = r.chain.at
	err = r.read(ctx, st.last, st.last, func(seq uint64, f *events.Frame) error {
		v.Frames++
		v.Records += uint64(f.Count)
		for i := range int(f.Count) {
			v.Bytes += uint64(len(f.Record(i)))
		}
		v.At.Seq, v.At.Hash, v.At.Next = seq, f.Hash, f.First+uint64(f.Count)
		v.Recorded, v.Vault = f.Recorded, f.Vault
		if progress != nil && seq%256 == 0 {
			progress(v)
		}
		return nil
	})
	if err == nil && progress != nil {
		progress(v)
	}
	if err == nil && t.marked.seq > st.last {
		err = t.lost(t.marked.seq, st.last)
	}
	return v, plain(err)
}
