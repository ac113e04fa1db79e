package journal

import (
	"context"
	"errors"
)

// A store is the stream under a log. Its methods are safe for concurrent use;
// publish is called by one goroutine at a time.
type store interface {
	// publish stores b at sequence last+1 if the stream ends at last, and
	// returns once it is durable. Errors: errRefused when nothing was stored and
	// trying again may help; errWrongLast when the stream, durably, does not end
	// at last; any other error leaves open whether b was stored. It keeps no
	// reference to b.
	publish(ctx context.Context, id string, last uint64, b []byte) error
	// get reads one message from the leader; errNone if it is not there.
	get(ctx context.Context, seq uint64) ([]byte, error)
	// state asks the leader how far the stream reaches.
	state(ctx context.Context) (streamState, error)
	// batch calls fn with the messages from seq on, in order, until about max
	// bytes have passed or the stream ends. It may miss the newest messages.
	// The bytes belong to fn.
	batch(ctx context.Context, seq uint64, max int, fn func(seq uint64, b []byte) error) error
	// ring tells readers in other processes that the log reaches seq.
	ring(seq uint64)
	// health returns why the store cannot write any more, nil if it can or if
	// that cannot be known from here.
	health() error
}

type streamState struct {
	first, last, count uint64
}

var (
	errRefused   = errors.New("not stored")
	errWrongLast = errors.New("stream does not end where stated")
	errNone      = errors.New("no such message")
)
