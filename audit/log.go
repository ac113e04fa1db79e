package audit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/habeas-data/habeas/events"
)

// Sentinels callers branch on.
var (
	// ErrDamaged: a derived file was altered. Open with Rebuild set mends it.
	ErrDamaged = errors.New("the audit files are damaged: rebuild them from the log")
	// ErrRange: a record or size was asked for that the log does not have.
	ErrRange = errors.New("the audit log is not that long")
	// ErrClosed: the log was closed.
	ErrClosed = errors.New("the audit log is closed")
)

// A Mark is a place in the journal's log, opaque here. Empty is the start.
type Mark []byte

// A Journal is the durable log beneath, of which this package is the only
// writer.
type Journal interface {
	// Append returns after the records are fsynced, as one frame. An error may
	// mean either outcome.
	Append(ctx context.Context, records [][]byte) error
	// Last is the mark of the end.
	Last() Mark
	// Replay calls fn for each frame after from, to the end as of the call.
	Replay(ctx context.Context, from Mark, fn func(records [][]byte) error) error
}

// Config says where the derived files and the signing key are.
type Config struct {
	Dir     string // derived files
	Journal Journal
	// KeyFile holds the Ed25519 key that signs checkpoints, mode 0600, in the
	// key directory.
	KeyFile string
	// Origin names this log in its checkpoints; no space or plus sign.
	Origin string
	// Create makes the key if it is absent. Without it an absent key is an
	// error.
	Create bool
	// Rebuild derives the files anew from the log.
	Rebuild bool
	Now     func() time.Time
	Log     *slog.Logger
}

const (
	vouchEvery = 1024 // records between two states
	maxBatch   = 256  // records in one frame
	appendTime = 30 * time.Second
)

// A Log is the record of looks and decisions. It is safe for concurrent use.
type Log struct {
	journal Journal
	signer  note.Signer
	vkey    string
	origin  string
	now     func() time.Time
	log     *slog.Logger

	queue  sync.Mutex
	wait   []*pending // guarded by queue
	leader bool       // guarded by queue; somebody is writing

	// mu guards tree and what follows. Only the leader writes them.
	mu      sync.RWMutex
	tree    *tree
	mark    Mark // of the last frame that is in the tree
	vouched int64
	stale   bool // the log may hold records that the tree does not
	last    events.Instant
	closed  bool
}

type pending struct {
	entry Entry
	lead  chan struct{} // told: write the next batch, of which you are the first
	done  chan struct{}
	index int64
	err   error
}

// Open derives what is missing from the journal and is ready to append.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	l := &Log{journal: cfg.Journal, origin: cfg.Origin, now: cfg.Now, log: cfg.Log}
	if l.now == nil {
		l.now = time.Now
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.origin == "" {
		l.origin = "habeas-audit"
	}
	if err := l.openKey(cfg.KeyFile, cfg.Create); err != nil {
		return nil, fmt.Errorf("open audit log: %w", err)
	}
	t, mark, reset, err := openTree(cfg.Dir)
	if err != nil {
		return nil, err
	}
	if reset == nil && cfg.Rebuild {
		reset, mark, err = errors.New("asked to"), nil, t.truncate(0, 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open audit log: %w", err), t.close())
	}
	if reset != nil {
		l.log.WarnContext(ctx, "audit files are derived anew from the log", slog.String("reason", reset.Error()))
	}
	l.tree, l.mark = t, mark
	if err := l.catchUp(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open audit log: %w", err), t.close())
	}
	return l, nil
}

// catchUp derives the records that are in the log and not in the tree.
func (l *Log) catchUp(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	size, bytes := l.tree.size, l.tree.bytes
	err := l.journal.Replay(ctx, l.mark, func(records [][]byte) error {
		for _, b := range records {
			e, err := decodeEntry(b)
			if err != nil {
				return err
			}
			if err := l.tree.add(b); err != nil {
				return err
			}
			l.last = max(l.last, e.At)
		}
		return nil
	})
	if err != nil {
		l.stale = true
		// The mark still names the older end, so the tree goes back to it.
		return errors.Join(fmt.Errorf("replay the audit log: %w", err), l.tree.truncate(size, bytes))
	}
	l.mark, l.stale = l.journal.Last(), false
	if l.last == 0 && l.tree.size > 0 {
		b, err := l.tree.record(l.tree.size - 1)
		if err != nil {
			return err
		}
		e, err := decodeEntry(b)
		if err != nil {
			return errors.Join(err, ErrDamaged)
		}
		l.last = e.At
	}
	return l.vouch()
}

// vouch needs mu held.
func (l *Log) vouch() error {
	if err := l.tree.vouch(l.mark); err != nil {
		return err
	}
	l.vouched = l.tree.size
	return nil
}

// Append records e and returns its number, after the log has fsynced it (I7
// rests on that). At is stamped here and never goes back. When it returns an
// error the record may or may not be there: the caller shows nothing.
func (l *Log) Append(ctx context.Context, e Entry) (int64, error) {
	p := &pending{entry: e, lead: make(chan struct{}, 1), done: make(chan struct{})}
	p.entry.At = events.InstantOf(l.now())
	if !e.Case.IsZero() {
		_, _ = rand.Read(p.entry.Salt[:]) // never fails
	}
	if _, err := p.entry.encode(); err != nil {
		return 0, fmt.Errorf("append audit record: %w", err)
	}
	l.queue.Lock()
	l.wait = append(l.wait, p)
	if !l.leader {
		l.leader = true
		p.lead <- struct{}{}
	}
	l.queue.Unlock()
	// Whoever waits may be told to lead, so nobody leaves before its record is
	// written; appendTime bounds the wait.
	select {
	case <-p.lead:
		l.lead(ctx)
	case <-p.done:
	}
	if p.err != nil {
		return 0, fmt.Errorf("append audit record: %w", p.err)
	}
	return p.index, nil
}

// lead writes one batch of what waits and hands over to the first that still
// waits. One caller leads at a time; the others' records share its frame and
// so its fsync.
func (l *Log) lead(ctx context.Context) {
	l.queue.Lock()
	batch := l.wait[:min(len(l.wait), maxBatch)]
	l.wait = slices.Clone(l.wait[len(batch):])
	l.queue.Unlock()
	err := l.write(ctx, batch)
	for _, p := range batch {
		p.err = err
		close(p.done)
	}
	l.queue.Lock()
	defer l.queue.Unlock()
	if l.leader = len(l.wait) > 0; l.leader {
		l.wait[0].lead <- struct{}{}
	}
}

func (l *Log) write(ctx context.Context, batch []*pending) error {
	// The leader may be cancelled while others wait for the same frame.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), appendTime)
	defer cancel()
	l.mu.RLock()
	stale, closed := l.stale, l.closed
	l.mu.RUnlock()
	if closed {
		return ErrClosed
	}
	if stale {
		if err := l.catchUp(ctx); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	records := make([][]byte, len(batch))
	for i, p := range batch {
		p.entry.At = max(p.entry.At, l.last)
		b, err := p.entry.encode()
		if err != nil {
			return err
		}
		records[i], l.last = b, p.entry.At
	}
	if err := l.journal.Append(ctx, records); err != nil {
		// Either outcome is possible: look before the next write.
		l.stale = true
		return err
	}
	// A crash here leaves records in the log only: the next open derives them.
	return l.derive(batch, records)
}

// derive needs mu held.
func (l *Log) derive(batch []*pending, records [][]byte) error {
	for i, b := range records {
		if err := l.tree.add(b); err != nil {
			l.stale = true
			return errors.Join(err, l.tree.truncate(l.tree.size-int64(i), l.startOf(l.tree.size-int64(i))))
		}
		batch[i].index = l.tree.size - 1
	}
	l.mark = l.journal.Last()
	if l.tree.size-l.vouched >= vouchEvery {
		if err := l.vouch(); err != nil {
			l.log.Warn("audit state was not written; the next start reads further back", slog.String("error", err.Error()))
		}
	}
	return nil
}

func (l *Log) startOf(n int64) int64 {
	at, err := l.tree.offset(n)
	if err != nil {
		return 0
	}
	return at
}

// Size is the number of records.
func (l *Log) Size() int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.tree.size
}

// Close vouches for the files and closes them. The journal is the caller's.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	var err error
	if !l.stale {
		err = l.vouch()
	}
	return errors.Join(err, l.tree.close())
}
