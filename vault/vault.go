package vault

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/index"
	"github.com/habeas-data/habeas/vault/keys"
	"github.com/habeas-data/habeas/vault/ledger"
	"github.com/habeas-data/habeas/vault/normalise"
)

// A Vault is open until Close. Its methods are safe for concurrent use.
type Vault struct {
	cfg    Config
	log    Log
	dir    *keys.Dir
	table  *keys.Table
	ix     *index.Index
	ledger *ledger.Ledger
	rules  *normalise.Rules
	random *randomness

	lookup, suppress, eventID *mac
	pairs                     *knownPairs
	rows                      *rowCache
	handles                   *cache[identity] // by handle; what it says is checked against the rows

	// routesMu is held for reading while a key of a route is derived and the
	// index read with it, and for writing while both change together.
	routesMu  sync.RWMutex
	routes    [1 << keys.RouteBits]atomic.Pointer[routeKey] // derived from the table
	readersMu sync.Mutex
	readers   int        // guarded by readersMu
	noReaders *sync.Cond // readers became 0
	// keysMu serialises the callers that change the key table: Forget, Rotate and
	// their like. They may wait for the writer while they hold it.
	keysMu sync.Mutex
	// tableMu is held by the writer from a change of the key table until the
	// index has followed, and by a rotation: what it seals is complete.
	tableMu sync.Mutex

	jobs    chan *job
	closing chan struct{}
	done    chan struct{}
	cancel  context.CancelFunc // ends what the writer waits for
	once    sync.Once
	stopped atomic.Pointer[error] // set once; nothing is written afterwards
	last    atomic.Uint64         // last frame that is in the index

	// What follows belongs to the writer: Open until it has started, then run.
	meta    index.Meta
	due     bool   // the index may hold slots that others forgot
	later   []*job // waiting behind one that served allocations in between
	running bool
	plain   []byte // of what is being sealed; cleared after each
}

// An identity is what leads from a handle to its slot and to the rows of its
// identifier.
type identity struct {
	slot uint64
	kind events.Code
	rows []digest // newest rule first
}

// handleNodeBytes is what one takes in the cache, with one digest.
const handleNodeBytes = 72 + 16

// Open opens the vault, finishes what a crash left undone, and reads the log
// from where the index stands. Errors: see the lists of this package and of
// package keys; each says what to do.
func Open(ctx context.Context, cfg Config) (*Vault, error) {
	if err := cfg.defaults(); err != nil {
		return nil, err
	}
	rules, err := normalise.New(cfg.Region)
	if err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	v := &Vault{
		cfg: cfg, log: cfg.Log, rules: rules,
		random:  &randomness{from: cfg.Rand},
		rows:    newRowCache(cfg.CacheEntries),
		handles: newCache[identity](cfg.CacheEntries),
		jobs:    make(chan *job, 256), closing: make(chan struct{}), done: make(chan struct{}),
	}
	v.noReaders = sync.NewCond(&v.readersMu)
	if v.pairs, err = newKnownPairs(cfg.CacheEntries*pairsPerEntry, cfg.Rand); err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	if inside(cfg.KeyDir, filepath.Dir(filepath.Clean(cfg.Dir))) {
		cfg.Logger.Warn("the vault's keys lie inside the data directory: a backup of both is a backup that cannot forget", "keys", cfg.KeyDir)
	}
	if err := v.open(ctx); err != nil {
		return nil, errors.Join(err, v.release())
	}
	life, cancel := context.WithCancel(context.Background())
	v.cancel = cancel
	go v.run(life)
	return v, nil
}

// open opens the parts in the order in which they vouch for each other: keys,
// index, ledger, log.
func (v *Vault) open(ctx context.Context) error {
	created, err := v.openKeys(ctx)
	if err != nil {
		return err
	}
	v.table = v.dir.Table()
	v.lookup = newMAC(v.table.Sub("look-up"))
	v.suppress = newMAC(v.table.Sub("suppression"))
	v.eventID = newMAC(v.table.Sub("event id"))
	if err := v.openIndex(); err != nil {
		return err
	}
	if v.meta, err = v.ix.Meta(); err != nil {
		return err
	}
	if err := v.openLedger(created); err != nil {
		return err
	}
	return v.recover(ctx, created)
}

// openIndex opens the index. One that is damaged is removed: the log holds all
// of it, and a part of it that is missing would be given a second handle.
func (v *Vault) openIndex() (err error) {
	v.ix, err = index.Open(v.cfg.Dir, v.cfg.Logger)
	if !errors.Is(err, index.ErrDamaged) {
		return err
	}
	v.cfg.Logger.Error("the vault's index is damaged and is made anew from the log: look at the disk", "dir", v.cfg.Dir, "err", err)
	if err := index.Remove(v.cfg.Dir); err != nil {
		return err
	}
	v.ix, err = index.Open(v.cfg.Dir, v.cfg.Logger)
	return err
}

func (v *Vault) openKeys(ctx context.Context) (created bool, err error) {
	kc := keys.Config{Dir: v.cfg.KeyDir, Copies: v.cfg.KeyCopies, KEK: v.cfg.KEK, Rand: v.cfg.Rand, Now: v.cfg.Now, Logger: v.cfg.Logger, Step: v.cfg.Step}
	v.dir, err = keys.Open(ctx, kc)
	if !errors.Is(err, keys.ErrMissing) {
		return false, err
	}
	switch {
	case v.log.Last().Seq > 0:
		return false, fmt.Errorf("open vault: its log holds %d frames: %w", v.log.Last().Seq, err)
	case !v.cfg.Create:
		return false, fmt.Errorf("open vault: %w at %s, and no keys at %s: create one, or correct the paths", ErrNoVault, v.cfg.Dir, v.cfg.KeyDir)
	}
	v.dir, err = keys.Create(ctx, kc)
	return true, err
}

func (v *Vault) openLedger(created bool) (err error) {
	id, key := v.table.Vault, v.table.Sub("ledger")
	v.ledger, err = ledger.Open(v.cfg.LedgerDir, id, key)
	if !errors.Is(err, ledger.ErrMissing) {
		return err
	}
	fresh := created || v.cfg.Create && v.log.Last().Seq == 0
	if !fresh && !v.cfg.AcceptNoLedger {
		return fmt.Errorf("open vault: %s: %w: bring it back from where it is kept, or accept to begin an empty one (a backup restored later may then bring back what was forgotten)", v.cfg.LedgerDir, ErrNoLedger)
	}
	if !fresh {
		v.cfg.Logger.Warn("the restore ledger is missing and begins anew: a backup restored later may bring back what was forgotten", "dir", v.cfg.LedgerDir)
	}
	v.ledger, err = ledger.Create(v.cfg.LedgerDir, id, key, events.InstantOf(v.cfg.Now()))
	return err
}

// release closes whatever is open.
func (v *Vault) release() error {
	var errs []error
	if v.ix != nil {
		errs = append(errs, v.ix.Close())
	}
	if v.ledger != nil {
		errs = append(errs, v.ledger.Close())
	}
	if v.dir != nil {
		errs = append(errs, v.dir.Close())
	}
	return errors.Join(errs...)
}

// closeWithin is how long Close lets the writer finish what it is doing.
const closeWithin = 10 * time.Second

// Close ends the writer and closes everything. Closing twice is fine.
func (v *Vault) Close() error {
	var err error
	v.once.Do(func() {
		close(v.closing)
		select {
		case <-v.done:
		case <-time.After(closeWithin):
			v.cancel() // the log does not answer; Open reads what it saved
			<-v.done
		}
		v.cancel()
		v.keysMu.Lock() // a Forget or Rotate under way ends with ErrClosed first
		defer v.keysMu.Unlock()
		v.readersMu.Lock()
		defer v.readersMu.Unlock()
		v.fail(ErrClosed) // no new reader enters
		for v.readers > 0 {
			v.noReaders.Wait()
		}
		err = v.release()
	})
	return err
}

// fail stops the vault: its first cause is what everyone gets.
func (v *Vault) fail(cause error) error {
	if !errors.Is(cause, ErrClosed) {
		cause = fmt.Errorf("%w: open it again: %w", ErrStopped, cause)
		v.cfg.Logger.Error("the vault has stopped", "err", cause)
	}
	v.stopped.CompareAndSwap(nil, &cause)
	return *v.stopped.Load()
}

// usable returns why the vault cannot be used, if it cannot.
func (v *Vault) usable() error {
	if p := v.stopped.Load(); p != nil {
		return *p
	}
	return nil
}

// view reads one snapshot of the index; Close waits for it. fn may call back
// into the vault.
func (v *Vault) view(fn func(*index.Reader) error) error {
	if err := v.enter(); err != nil {
		return err
	}
	defer v.leave()
	return v.ix.View(fn)
}

// enter keeps keys and index open until leave.
func (v *Vault) enter() error {
	v.readersMu.Lock()
	defer v.readersMu.Unlock()
	if err := v.usable(); err != nil {
		return err
	}
	v.readers++
	return nil
}

func (v *Vault) leave() {
	v.readersMu.Lock()
	defer v.readersMu.Unlock()
	if v.readers--; v.readers == 0 {
		v.noReaders.Broadcast()
	}
}

// Last is the last frame of the vault's log that this vault has applied: what a
// journal frame that uses its handles needs.
func (v *Vault) Last() uint64 { return v.last.Load() }

// RequireAtLeast refuses a vault that is older than a journal frame needs: its
// handles would resolve to nobody.
func (v *Vault) RequireAtLeast(seq uint64) error {
	if have := v.Last(); have < seq {
		return fmt.Errorf("the journal needs the vault at frame %d and it ends at frame %d: %w: restore a vault at least as new as the journal (order: journal, vault, ledger), or see fsck for the handles that are lost", seq, have, ErrOlder)
	}
	return nil
}

func (v *Vault) now() events.Instant { return events.InstantOf(v.cfg.Now()) }
