package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/retention"
)

// A View reads the map at one position. It must be closed.
type View interface {
	inventory.Reader
	Position() events.Position
	Close() error
}

// A Map says how far it has come.
type Map interface {
	// WaitFor returns once the map has applied the position, or with the
	// context's error.
	WaitFor(ctx context.Context, p events.Position) error
}

// A Finder knows which handles stand for an identifier. It never allocates, and
// it does not know what was retired or forgotten. An identifier that is not one
// of its kind is a *Fault with a text and no part.
type Finder interface {
	Find(ctx context.Context, id events.Identifier) ([]identity.Member, error)
	// Siblings lists the handles of h's identifier in every system, h included;
	// none if it is gone.
	Siblings(ctx context.Context, h events.Handle) ([]identity.Member, error)
}

// A Revealer opens what the vault seals.
type Revealer interface {
	// Reveal leaves out handles that are gone.
	Reveal(ctx context.Context, handles []events.Handle) (map[events.Handle]events.Identifier, error)
	OpenNote(ctx context.Context, id events.EventID) ([]byte, error)
}

// A Sealer seals notes in the vault.
type Sealer interface {
	Seal(ctx context.Context, body []byte) (events.EventID, error)
}

// An Allocator gives handles to identifiers that a person decides about.
type Allocator interface {
	// Allocate returns a handle per identifier in the system, and the vault
	// position an event that names them needs.
	Allocate(ctx context.Context, system events.Code, ids []events.Identifier) ([]events.Ref, uint64, error)
	EventID(source events.Code, id events.Plaintext) events.EventID
}

// An Appender makes one event durable.
type Appender interface {
	Append(ctx context.Context, e *events.Event, vault uint64) (events.Position, error)
}

// A Recorder keeps the record of looks and decisions.
type Recorder interface {
	// Append returns after the record is fsynced.
	Append(ctx context.Context, e audit.Entry) (int64, error)
}

// A Limiter holds callers to a rate.
type Limiter interface {
	Take(key string) (wait time.Duration, ok bool)
}

// Deps is what a Desk is made of. All but Limit, Last, Zone, Log and the
// sources of time and chance are required.
type Deps struct {
	Map       Map
	View      func() View
	Finder    Finder
	Revealer  Revealer
	Sealer    Sealer
	Allocator Allocator
	Appender  Appender
	Audit     Recorder
	Catalogue func() *catalogue.Catalogue
	// Earlier finds a version of the catalogue that was in force before, or nil.
	// Without it every holding is judged by the one in force.
	Earlier func(version uint32) *catalogue.Catalogue
	// InForce finds the version of the catalogue that was in force at a moment;
	// nil if there was none. Without it no changed rule stops a disposal.
	InForce func(at events.Instant) *catalogue.Catalogue
	// First finds the first version as it was in force, or nil: what a server that
	// is younger than the moment asked about began with.
	First func() *catalogue.Catalogue
	// DisposalMost is how many holdings a batch may have; zero is 100,000.
	DisposalMost int
	// DisposalShare is the part of everybody beyond which a disposal stops; zero
	// is a tenth.
	DisposalShare float64
	// Forgetter retires what was erased and keeps the lists of suppression; without
	// it no case is opened that binds at once, and none is run that erases.
	Forgetter Forgetter
	// Frozen reports whether the server was restored and nobody has confirmed yet
	// that what it destroys may go on; nil: it never was.
	Frozen func() bool
	// Requests finds what a person asked, by their handles; nil: nobody asks here.
	Requests func(ctx context.Context, view View, members []events.Handle) ([]retention.Request, error)
	// Calendars are the public holidays that clocks of cases count; nil: those
	// that come with habeas. Clocks are the organisation's own choices; zero: the
	// defaults.
	Calendars *clock.Set
	Clocks    clock.Settings
	// Facets is the index that serves; without it questions of impact are refused.
	Facets func() *facets.Index
	// FourEyes: a list of people needs a second person.
	FourEyes bool
	// SamePerson reports whether two tokens, by their ids, are one person's. Without
	// it every token is a person.
	SamePerson func(a, b events.Code) bool
	// Proofs and Keys are what certificates rest on; without them none is drawn.
	Proofs Prover
	Keys   func(ctx context.Context, handles []events.Handle) (KeyFacts, error)
	// Answers is what packages are made with; zero: none are made.
	Answers AnswerDeps
	// Limit bounds look-ups per token.
	Limit Limiter
	// Last is the journal's last position; without it the lag of the map is not
	// told.
	Last func() events.Position
	// Zone is where a day begins for the organisation; UTC if nil.
	Zone *time.Location
	// Tasks are what is needed to have tasks done; zero: none can be claimed.
	Tasks TaskDeps
	// Simulated marks answers made under a clock set by hand.
	Simulated bool
	Now       func() time.Time
	Rand      io.Reader
	Log       *slog.Logger
}

// Open checks the parts and returns a desk. It refuses to work without a
// record of looks.
func Open(_ context.Context, d Deps) (*Desk, error) {
	for what, missing := range map[string]bool{
		"a map": d.Map == nil || d.View == nil, "a finder": d.Finder == nil, "a revealer": d.Revealer == nil, "a sealer": d.Sealer == nil,
		"an allocator": d.Allocator == nil, "an appender": d.Appender == nil, "an audit log": d.Audit == nil, "a catalogue": d.Catalogue == nil,
		"a source of randomness": d.Rand == nil,
	} {
		if missing {
			return nil, fmt.Errorf("open desk: %w", errors.New("want "+what))
		}
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	if d.Clocks == (clock.Settings{}) {
		d.Clocks = clock.Defaults
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Desk{d: d}, nil
}

// A Desk answers questions. Between them it keeps who is one person, without
// names, and which lists wait for a second person. It is safe for concurrent
// use.
type Desk struct {
	d      Deps
	census census
	latest latestReports
	lists  requests
	cases  caseIndex
	agenda agenda // of what cases kept
	shreds agenda // of case files whose period ends
}
