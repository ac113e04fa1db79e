package measure

import (
	"context"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/vault"
)

// What joins the parts, as the server does it, but without the server: HTTP,
// schedulers and permissions are not measured here.

type frameFunc = func(seq uint64, f *events.Frame, next []byte) error

type source struct{ log *journal.EventLog }

func (s source) walk(ctx context.Context, from []byte, fn frameFunc, by func(context.Context, journal.Checkpoint, func(uint64, *events.Frame) error) error) error {
	at, err := checkpoint(from)
	if err != nil {
		return err
	}
	stream := s.log.Last().Stream
	return by(ctx, at, func(seq uint64, f *events.Frame) error {
		next := journal.Checkpoint{Stream: stream, Generation: f.Generation, Seq: seq, Hash: f.Hash, Next: f.First + uint64(f.Count)}
		return fn(seq, f, next.Marshal())
	})
}

func checkpoint(b []byte) (journal.Checkpoint, error) {
	if len(b) == 0 {
		return journal.Checkpoint{}, nil
	}
	return journal.ParseCheckpoint(b)
}

func (s source) Replay(ctx context.Context, from []byte, fn frameFunc) error {
	return s.walk(ctx, from, fn, s.log.Replay)
}

func (s source) Follow(ctx context.Context, from []byte, fn frameFunc) error {
	return s.walk(ctx, from, fn, s.log.Follow)
}

type eventJournal struct{ log *journal.EventLog }

func (j eventJournal) Append(ctx context.Context, e []*events.Event, vaultSeq uint64, catalogue uint32) ([]ingest.Stored, error) {
	return j.log.Append(ctx, e, vaultSeq, catalogue)
}

type vaultLog struct{ log *journal.RawLog }

func (l vaultLog) Append(ctx context.Context, records [][]byte, expect uint64) (uint64, error) {
	return l.log.Append(ctx, records, expect)
}

func (l vaultLog) Last() vault.Mark {
	c := l.log.Last()
	return vault.Mark{Seq: c.Seq, State: c.Marshal()}
}

func (l vaultLog) Replay(ctx context.Context, from vault.Mark, fn func(uint64, events.Instant, [][]byte) error) error {
	at, err := checkpoint(from.State)
	if err != nil {
		return err
	}
	return l.log.Replay(ctx, at, fn)
}

type auditLog struct{ log *journal.RawLog }

func (a auditLog) Append(ctx context.Context, records [][]byte) error {
	_, err := a.log.Append(ctx, records, a.log.Last().Seq)
	return err
}

func (a auditLog) Last() audit.Mark { return a.log.Last().Marshal() }

func (a auditLog) Replay(ctx context.Context, from audit.Mark, fn func([][]byte) error) error {
	at, err := checkpoint(from)
	if err != nil {
		return err
	}
	return a.log.Replay(ctx, at, func(_ uint64, _ events.Instant, records [][]byte) error { return fn(records) })
}
