package server

import (
	"context"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
)

// eventSource shows the event log to the projections, which know a checkpoint
// only as bytes.
type eventSource struct{ log *journal.EventLog }

// frameFunc is what a projection does with one frame; next is the checkpoint
// after it.
type frameFunc = func(seq uint64, f *events.Frame, next []byte) error

func (s eventSource) walk(ctx context.Context, from []byte, fn frameFunc, by func(context.Context, journal.Checkpoint, func(uint64, *events.Frame) error) error) error {
	var at journal.Checkpoint
	if len(from) > 0 {
		var err error
		if at, err = journal.ParseCheckpoint(from); err != nil {
			return err
		}
	}
	stream := s.log.Last().Stream
	return by(ctx, at, func(seq uint64, f *events.Frame) error {
		next := journal.Checkpoint{Stream: stream, Generation: f.Generation, Seq: seq, Hash: f.Hash, Next: f.First + uint64(f.Count)}
		return fn(seq, f, next.Marshal())
	})
}

// Replay reads to the end of the log as of the call.
func (s eventSource) Replay(ctx context.Context, from []byte, fn func(uint64, *events.Frame, []byte) error) error {
	return s.walk(ctx, from, fn, s.log.Replay)
}

// Follow reads until ctx ends.
func (s eventSource) Follow(ctx context.Context, from []byte, fn func(uint64, *events.Frame, []byte) error) error {
	return s.walk(ctx, from, fn, s.log.Follow)
}

// auditJournal shows a raw log to the audit log, its only writer.
type auditJournal struct{ log *journal.RawLog }

func (a auditJournal) Append(ctx context.Context, records [][]byte) error {
	_, err := a.log.Append(ctx, records, a.log.Last().Seq)
	return err
}

func (a auditJournal) Last() audit.Mark { return a.log.Last().Marshal() }

func (a auditJournal) Replay(ctx context.Context, from audit.Mark, fn func([][]byte) error) error {
	var at journal.Checkpoint
	if len(from) > 0 {
		var err error
		if at, err = journal.ParseCheckpoint(from); err != nil {
			return err
		}
	}
	return a.log.Replay(ctx, at, func(_ uint64, _ events.Instant, records [][]byte) error { return fn(records) })
}

// gatewayJournal shows the event log to the gateway.
type gatewayJournal struct{ log *journal.EventLog }

func (g gatewayJournal) Append(ctx context.Context, e []*events.Event, vault uint64, catalogue uint32) ([]ingest.Stored, error) {
	return g.log.Append(ctx, e, vault, catalogue)
}
