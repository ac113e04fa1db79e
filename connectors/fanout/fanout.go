package fanout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var (
	// ErrNotNow: the task cannot be claimed now. It was claimed by another, its
	// time has not come, a hold keeps what it is about, or it has ended.
	ErrNotNow = errors.New("the task cannot be claimed now")
	// ErrStream: the work queue of the tasks cannot be made or used.
	ErrStream = errors.New("the queue of tasks cannot be used")
)

// A Refusal is a no that whoever asked can understand and mend. It holds no value
// of the request.
type Refusal struct {
	Status int    // of HTTP
	Code   string // stable
	Detail string
	After  time.Duration // when to ask again; zero: not said
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Detail }

// A Desk decides about tasks.
type Desk interface {
	// Claim makes a claim durable, records it, and says what to do. It is
	// ErrNotNow where there is nothing to do now, and a *Refusal where the caller
	// asks for what is not theirs.
	Claim(ctx context.Context, who access.Caller, system events.Code, task events.EventID, lease time.Duration) (*events.Work, error)
	// Report makes a report durable. Reporting twice is fine.
	Report(ctx context.Context, who access.Caller, system events.Code, task string, r *events.WorkReport) (*events.WorkReported, error)
	// Copy takes one file of an export under way. It reads body to its end.
	Copy(ctx context.Context, who access.Caller, system events.Code, task, name, media string, body io.Reader) (*events.WorkCopy, error)
}

// A Waiting task is one that its system is not done with.
type Waiting struct {
	Task   events.EventID
	System events.Code
	Verb   events.Code
	// From is the first moment at which it may be claimed.
	From events.Instant
	// Lease is until when somebody has it in hand; zero: nobody.
	Lease events.Instant
	// Manual: no system claims it, a person reports.
	Manual bool
}

// A Book knows the tasks.
type Book interface {
	// Systems calls fn once for each system with open tasks.
	Systems(ctx context.Context, fn func(system events.Code) error) error
	// Open calls fn with the open tasks of a system until it returns false.
	Open(ctx context.Context, system events.Code, fn func(Waiting) bool) error
}

// A Rate bounds what one target is given.
type Rate struct {
	PerMinute int // tasks claimed in a minute
	AtOnce    int // tasks claimed and not yet reported on
}

// Usual is the rate of a target of which nothing else is said.
var Usual = Rate{PerMinute: 600, AtOnce: 32}

// Config is what a Fanout is made of. Rate, Every, Window, Log and Clock may be
// left out.
type Config struct {
	Desk Desk
	Book Book
	NATS *nats.Conn
	// Domain is that of JetStream, if it is reached through one.
	Domain string
	// Now is the clock of the facts: leases and first moments are told by it.
	Now func() time.Time
	// Clock is the clock by which rates are counted and waits are waited.
	Clock func() time.Time
	// Rate says how fast a target may be asked; nil: Usual.
	Rate func(system events.Code) Rate
	// Every is how often the book is read for what may be claimed now; default
	// two seconds. It takes longer where reading takes long.
	Every time.Duration
	// Again is how long at most nobody rings for a task that could not be claimed
	// when it came to it; at first it is Every, and doubled each time. Default 30
	// seconds.
	Again time.Duration
	// Window is how many bells of one target wait in the queue at most; default 256.
	Window int
	Log    *slog.Logger
}

// A Fanout is open until the connection closes. It is safe for concurrent use.
type Fanout struct {
	cfg    Config
	js     jetstream.JetStream
	stream jetstream.Stream
	poke   chan struct{} // buffered: at least one wish to read the book again
	news   atomic.Uint64 // how often somebody said that the book has something new
	Counts Counts

	mu      sync.Mutex
	targets map[events.Code]*target // guarded by mu; the targets guard themselves
}

const (
	streamName = "HABEAS_TASKS"
	subjects   = "habeas.tasks.*"
	// ackWait is how long a bell may be in the hands of a claim that gives no sign.
	ackWait = time.Minute
)

// Open makes the queue and empties it: what waits stands in the book.
func Open(ctx context.Context, cfg Config) (*Fanout, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Rate == nil {
		cfg.Rate = func(events.Code) Rate { return Usual }
	}
	if cfg.Every <= 0 {
		cfg.Every = 2 * time.Second
	}
	if cfg.Again <= 0 {
		cfg.Again = 30 * time.Second
	}
	if cfg.Window <= 0 {
		cfg.Window = 256
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	f := &Fanout{cfg: cfg, poke: make(chan struct{}, 1), targets: map[events.Code]*target{}}
	var err error
	if cfg.Domain == "" {
		f.js, err = jetstream.New(cfg.NATS)
	} else {
		f.js, err = jetstream.NewWithDomain(cfg.NATS, cfg.Domain)
	}
	if err != nil {
		return nil, fmt.Errorf("open the queue of tasks: %w", errors.Join(ErrStream, err))
	}
	return f, f.make(ctx)
}

// make makes the stream anew. It is in memory and of one server: nothing in it
// is needed to know what must be done.
func (f *Fanout) make(ctx context.Context) (err error) {
	if err := f.js.DeleteStream(ctx, streamName); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("empty the queue of tasks: %w", errors.Join(ErrStream, err))
	}
	f.stream, err = f.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: streamName, Subjects: []string{subjects}, Description: "habeas: doorbells of tasks; filled from the book",
		Retention: jetstream.WorkQueuePolicy, Storage: jetstream.MemoryStorage, Discard: jetstream.DiscardNew,
		MaxMsgs: -1, MaxBytes: -1, MaxMsgSize: 1 << 10, Replicas: 1,
	})
	if err != nil {
		return fmt.Errorf("make the queue of tasks: %w", errors.Join(ErrStream, err))
	}
	return nil
}

// token is a system's name as a part of a subject and as the name of a consumer,
// where a dot has a meaning of its own. No code holds an equals sign.
func token(system events.Code) string { return strings.ReplaceAll(string(system), ".", "=") }

func subjectOf(system events.Code) string { return "habeas.tasks." + token(system) }
