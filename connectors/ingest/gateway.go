// Package ingest is the one way in: it turns observations of source systems
// into events of the journal. It decides who may speak for which system, has
// the vault put handles in the places of identifiers, replaces codes that the
// catalogue does not know, and answers only when the event is durable (I2).
//
// It never writes an identifier anywhere but into the vault (I1), never drops
// an event in silence, and never lets memory grow with a slow journal: what
// does not fit is answered "busy".
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/habeas-data/habeas/events"
)

// ErrBusy means that too many events wait for durability; nothing of the
// request was taken. The source should wait a second and send it again.
var ErrBusy = errors.New("too many events are waiting to become durable")

// A Lookup asks for the handle of one identifier in one system.
type Lookup struct {
	// Event is the index of the event it is for. The look-ups of one event
	// stand together, and one that is not well formed spoils its event only.
	Event  int
	System events.Code
	ID     events.Identifier
}

// A Found is the answer to a Lookup.
type Found struct {
	Ref events.Ref
	// Erased is when the identifier was last erased in that system.
	Erased events.Instant
	// Fresh is set when the handle was allocated by this lookup.
	Fresh bool
	// Err says that the identifier is not well formed; it holds no value.
	Err error
}

// A Vault turns identifiers into handles and seals what nobody may read.
type Vault interface {
	// Resolve answers every lookup, in order, allocating where needed, and the
	// vault position that holds every handle of the answer durably. It keeps
	// nothing of l.
	Resolve(ctx context.Context, l []Lookup) ([]Found, uint64, error)
	// EventID digests what the source calls its event.
	EventID(source events.Code, id events.Plaintext) events.EventID
	// SealAs keeps a text that may hold personal data under a name. What is there
	// already stays as it is.
	SealAs(ctx context.Context, id events.EventID, body []byte) error
}

// A Stored says where an event of the journal is.
type Stored = events.Stored

// A Journal makes events durable.
type Journal interface {
	// Append returns once all events are fsynced. vault is the vault position
	// that the events need. It keeps no reference to the slice e.
	Append(ctx context.Context, e []*events.Event, vault uint64, catalogue uint32) ([]Stored, error)
}

// A Catalogue knows the words of the declared side.
type Catalogue interface {
	Declared(field string, c events.Code) bool
	PrimaryKind(system events.Code) events.Code
	// Number is the version in force.
	Number() uint32
}

// Config is what a Gateway is made of. Every field but Heard, Seen, MaxUploads
// and Log is required.
type Config struct {
	Vault     Vault
	Journal   Journal
	Catalogue func() Catalogue
	Now       func() time.Time
	Simulated bool
	// MaxInFlight is how many events may wait for durability at once.
	MaxInFlight int
	// MaxUploads is how many requests of one token, or over NATS of one system,
	// are taken at once; 0: any number.
	MaxUploads int
	// Heard says what the map knows of a note: whether an event was ever kept
	// under it, and whether that still waits. It may lag behind the journal; far
	// behind it answers ErrNotYet.
	Heard func(note events.EventID) (known, waits bool, err error)
	// Seen says whether an event of the id is among those the journal remembers,
	// without reading; all is set when that is every event there is.
	Seen func(id events.EventID) (seen, all bool)
	Log  *slog.Logger
}

// A Gateway takes observations. It is safe for concurrent use.
type Gateway struct {
	cfg Config
	// fence is read-held from resolving handles until the events that use them
	// are durable, so that whoever holds it for writing knows that every frame
	// resolved earlier is in the journal (the vault forgets only then).
	fence    sync.RWMutex
	inFlight atomic.Int64
	undecl   undeclared
	scratch  sync.Pool // of *scratch
	uploads  uploads
	Counts   Counts
}

// New returns a Gateway.
func New(cfg Config) *Gateway {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Gateway{cfg: cfg, undecl: newUndeclared(), uploads: uploads{most: cfg.MaxUploads, by: map[events.Code]int{}}}
}

// Self is the system under which habeas writes what people decide in it.
const Self events.Code = "habeas"

// A Caller is who sends: a system that may speak for itself only, or an
// operator who may replay what systems wrote.
type Caller struct {
	System events.Code // the one system it may speak for
	Any    bool        // may speak for every system
	Token  events.Code // by which uploads are counted; empty: not counted
	// AcceptLate is set when a person has decided that an event older than an
	// erasure belongs in the map.
	AcceptLate bool
}

// Status says what became of one observation.
type Status uint8

const (
	Accepted Status = iota + 1
	Duplicate
	Rejected
)

func (s Status) String() string {
	switch s {
	case Accepted:
		return "accepted"
	case Duplicate:
		return "duplicate"
	case Rejected:
		return "rejected"
	}
	return fmt.Sprintf("status(%d)", uint8(s))
}

// An Outcome is the answer for one observation.
type Outcome struct {
	Status    Status
	Position  events.Position
	Rejection *events.Rejection // only when rejected
	// Kept is the note under which an event waits for a person; zero: none.
	Kept     events.EventID
	Warnings []Warning
}

// Submit takes a batch and answers for each observation once the accepted ones
// are durable. An error means that nothing is known to be stored, except where
// it says that the outcome is not known: sending the same events again is
// always safe.
func (g *Gateway) Submit(ctx context.Context, who Caller, obs []*events.Observation) ([]Outcome, error) {
	n := int64(len(obs))
	if g.inFlight.Add(n) > int64(g.cfg.MaxInFlight) && n < int64(g.cfg.MaxInFlight) {
		g.inFlight.Add(-n)
		g.Counts.busy.Add(1)
		return nil, ErrBusy
	}
	defer g.inFlight.Add(-n)

	out := make([]Outcome, len(obs))
	b := batch{g: g, who: who, cat: g.cfg.Catalogue(), out: out, obs: obs, scratch: g.takeScratch()}
	b.years, _ = b.cat.(financialYears)
	defer g.giveScratch(b.scratch)
	b.admit()

	g.fence.RLock()
	defer g.fence.RUnlock()
	if err := b.resolve(ctx); err != nil {
		return nil, fmt.Errorf("resolve identifiers of %d events: %w", len(obs), err)
	}
	if err := b.append(ctx); err != nil {
		return nil, fmt.Errorf("append %d events: %w", len(obs), err)
	}
	g.Counts.note(out, obs)
	return out, nil
}

// InFlight is the number of events that wait for durability now.
func (g *Gateway) InFlight() int { return int(g.inFlight.Load()) }

// Fence returns once every event whose handles were resolved before the call
// is in the journal.
func (g *Gateway) Fence(context.Context) error {
	g.fence.Lock()
	defer g.fence.Unlock()
	return nil
}

// Write makes events of habeas itself durable: hand merges, marks, quarantine.
// It takes handles as they are. Positions are in the order of e.
func (g *Gateway) Write(ctx context.Context, e []*events.Event, vault uint64) ([]events.Position, error) {
	g.fence.RLock()
	defer g.fence.RUnlock()
	return g.write(ctx, e, vault)
}

// write is Write for who holds the fence.
func (g *Gateway) write(ctx context.Context, e []*events.Event, vault uint64) ([]events.Position, error) {
	for _, x := range e {
		if g.cfg.Simulated {
			x.Flags |= events.Simulated
		}
	}
	st, err := g.cfg.Journal.Append(ctx, e, vault, g.cfg.Catalogue().Number())
	if err != nil {
		return nil, fmt.Errorf("append %d events of habeas: %w", len(e), err)
	}
	out := make([]events.Position, len(st))
	for i := range st {
		out[i] = st[i].Position
	}
	return out, nil
}
