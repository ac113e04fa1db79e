package vault

import (
	"context"
	"errors"

	"github.com/habeas-data/habeas/events"
)

// MaxFrameBytes is the most that the vault appends at once, all records
// together.
const MaxFrameBytes = 200 << 10

// ErrStale is what Log.Append returns when the log has grown past what the
// caller expected. Nothing was saved.
var ErrStale = errors.New("the vault's log has grown")

// A Mark says how far a reader has come. State belongs to the log (its identity
// and chain, so that a wrong or shorter log is recognised): Replay gets only
// marks that Last returned. The zero Mark is before the first frame.
type Mark struct {
	Seq   uint64
	State []byte
}

// A Log is the vault's own log. Append saves the records in one frame, durable
// on return, if the last frame of the log is expect; else it returns an error
// that wraps ErrStale. Any other error means that it is not known whether the
// frame was saved. Replay calls fn with every frame after from in order, up to
// the end of the log as of the call, the frames of other writers included; fn
// keeps nothing of records. Last is the end of the log as this process knows it.
type Log interface {
	Append(ctx context.Context, records [][]byte, expect uint64) (seq uint64, err error)
	Replay(ctx context.Context, from Mark, fn func(seq uint64, at events.Instant, records [][]byte) error) error
	Last() Mark
}
