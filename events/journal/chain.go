package journal

import (
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A chain follows frames one by one and refuses the first that does not
// continue the one before. It is the only place that decides what follows what:
// readers, writers, Verify and restore all go through it.
type chain struct {
	at       Checkpoint
	body     events.Body
	recorded events.Instant // of the frame at; zero if not known
	vault    uint64         // of the frame at
}

// next checks the message at seq and moves on to it.
func (c *chain) next(seq uint64, b []byte) (*events.Frame, error) {
	if seq != c.at.Seq+1 {
		return nil, fmt.Errorf("%s: after frame %d comes %d: %w: "+
			"run fsck, restore the newest backup, or rebuild from what is left", c.at.Stream, c.at.Seq, seq, ErrGap)
	}
	f, err := events.DecodeFrame(b)
	if err != nil {
		return nil, c.broken(seq, err.Error())
	}
	switch {
	case f.Body != c.body:
		return nil, c.broken(seq, fmt.Sprintf("it holds records of form %d, want %d", f.Body, c.body))
	case f.Generation != c.at.Generation:
		return nil, c.broken(seq, fmt.Sprintf("it belongs to generation %d, want %d", f.Generation, c.at.Generation))
	case f.Previous != c.at.Hash:
		return nil, c.broken(seq, fmt.Sprintf("it continues %x, but frame %d is %x", f.Previous[:4], c.at.Seq, c.at.Hash[:4]))
	case f.First != c.at.Next:
		return nil, c.broken(seq, fmt.Sprintf("its first record is number %d, want %d", f.First, c.at.Next))
	case f.Recorded < c.recorded:
		return nil, c.broken(seq, "it was recorded before the one it follows")
	case f.Vault < c.vault:
		return nil, c.broken(seq, "it needs less of the vault than the one it follows")
	}
	c.stand(seq, f)
	return f, nil
}

// stand sets the chain on a frame without comparing.
func (c *chain) stand(seq uint64, f *events.Frame) {
	c.at.Seq, c.at.Hash, c.at.Next = seq, f.Hash, f.First+uint64(f.Count)
	c.recorded, c.vault = f.Recorded, f.Vault
}

func (c *chain) broken(seq uint64, why string) error {
	return fmt.Errorf("%s: frame %d: %s: %w: run fsck and restore the newest backup", c.at.Stream, seq, why, ErrChain)
}
