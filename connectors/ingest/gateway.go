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
	// vault position that holds every handle of the answer durably.
	Resolve(ctx context.Context, l []Lookup) ([]Found, uint64, error)
	// EventID digests what the source calls its event.
	EventID(source events.Code, id events.Plaintext) events.EventID
	// Seal keeps a text that may hold personal data and names it.
	Seal(ctx context.Context, body []byte) (events.EventID, error)
}

// A Stored says where an event of the journal is.
type Stored struct {
	Position  events.Position
	Duplicate bool
}

// A Journal makes events durable.
type Journal interface {
	// Append returns once all events are fsynced. vault is the vault position
	// that the events need.
	Append(ctx context.Context, e []*events.Event, vault uint64, catalogue uint32) ([]Stored, error)
}

// A Catalogue knows the words of the declared side.
type Catalogue interface {
	Declared(field string, c events.Code) bool
	PrimaryKind(system events.Code) events.Code
	// Number is the version in force.
	Number() uint32
}

// Config is what a Gateway is made of. Every field but Log is required.
type Config struct {
	Vault     Vault
	Journal   Journal
	Catalogue func() Catalogue
	Now       func() time.Time
	Simulated bool
	// MaxInFlight is how many events may wait for durability at once.
	MaxInFlight int
	Log         *slog.Logger
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
	Counts   Counts
}

// New returns a Gateway.
func New(cfg Config) *Gateway {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Gateway{cfg: cfg, undecl: newUndeclared()}
}

// Self is the system under which habeas writes what people decide in it.
const Self events.Code = "habeas"

// A Caller is who sends: a system that may speak for itself only, or an
// operator who may replay what systems wrote.
type Caller struct {
	System events.Code // the one system it may speak for
	Any    bool        // may speak for every system
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
	b := batch{g: g, who: who, cat: g.cfg.Catalogue(), out: out, obs: obs}
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
