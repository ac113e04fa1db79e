package keys

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/ggm"
)

// Config says where the keys are.
type Config struct {
	Dir    string   // mode 0700
	Copies []string // further locations that hold a whole copy each
	KEK    KEK      // nil means PlainFile
	Rand   io.Reader
	Now    func() time.Time
	Logger *slog.Logger
	// Step, if set, is called before each durable step; its error stops there
	// and leaves what a crash would leave. For tests of crashes.
	Step func(step string) error
}

func (c *Config) defaults() {
	if c.KEK == nil {
		c.KEK = PlainFile{}
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Step == nil {
		c.Step = func(string) error { return nil }
	}
}

// An Applied is a change read back from the log at Open, with the nodes that
// each of its rekeys replaced: whoever keeps an index may still have to move
// what was indexed under them.
type Applied struct {
	*Change
	Former [][]ggm.Node
}

// A Dir is an open key directory. Its methods are safe for concurrent use;
// changes of the table are serialised by the vault.
type Dir struct {
	cfg    Config
	unlock func() error

	mu      sync.Mutex // guards all below
	table   *Table
	seals   seals
	head    []byte // header of the log of this epoch
	log     *os.File
	size    int64
	applied []Applied
	behind  map[string]error // copies that missed a change
	stopped error            // set when it is not known what the log holds
}

// Create makes a new key directory and its copies. The directory may exist and
// be empty. Losing all of them loses the vault.
func Create(ctx context.Context, cfg Config) (*Dir, error) {
	cfg.defaults()
	for _, dir := range cfg.locations() {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("create key directory: %w", err)
		}
		if _, err := os.Stat(filepath.Join(dir, currentFile)); err == nil {
			return nil, fmt.Errorf("create key directory %s: %w", dir, ErrExists)
		}
		if err := checkMode(dir); err != nil {
			return nil, fmt.Errorf("create key directory: %w", err)
		}
	}
	unlock, err := lock(cfg.Dir)
	if err != nil {
		return nil, err
	}
	t, err := newTable(cfg.Rand, events.InstantOf(cfg.Now()))
	if err == nil {
		err = writeEpoch(ctx, &cfg, t)
	}
	if err == nil {
		// A crash before this step leaves files without a current one: Create
		// runs again and writes over them.
		err = writeFile(cfg.Dir, currentFile, encodeCurrent(t.Vault, t.Epoch))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create key directory %s: %w", cfg.Dir, err), unlock())
	}
	cfg.Logger.Warn("vault keys created: whoever loses this directory and all its copies loses the vault, and nobody can bring it back; keep copies apart from the backups of the data",
		"dir", cfg.Dir, "copies", len(cfg.Copies), "kek", cfg.KEK.Name())
	d := &Dir{cfg: cfg, unlock: unlock, behind: map[string]error{}}
	if err := d.load(ctx); err != nil {
		return nil, errors.Join(err, unlock())
	}
	for _, dir := range cfg.Copies {
		if err := d.ship(dir); err != nil {
			return nil, errors.Join(fmt.Errorf("copy the new keys to %s: %w: %w", dir, ErrUnreachable, err), d.Close())
		}
	}
	return d, nil
}

// Open reads the key directory and changes nothing but a torn last record. Call
// Finish once it is known to belong to the rest of the vault. Errors: see the
// list of this package.
func Open(ctx context.Context, cfg Config) (*Dir, error) {
	cfg.defaults()
	if err := checkMode(cfg.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w: bring the key directory back from one of its copies; without it nothing in the vault can be read", cfg.Dir, ErrMissing)
	} else if err != nil {
		return nil, fmt.Errorf("open key directory: %w", err)
	}
	unlock, err := lock(cfg.Dir)
	if err != nil {
		return nil, err
	}
	d := &Dir{cfg: cfg, unlock: unlock, behind: map[string]error{}}
	if err := d.load(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open key directory: %w", err), unlock())
	}
	for _, dir := range cfg.locations() {
		if err := d.older(dir); err != nil {
			return nil, errors.Join(fmt.Errorf("open key directory: %w", err), d.Close())
		}
	}
	return d, nil
}

// Finish destroys what a crash during a rotation left of another epoch, and
// brings every location up to date that can be reached.
func (d *Dir) Finish() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := destroyOthers(d.cfg.Dir, d.table.Epoch); err != nil {
		return fmt.Errorf("finish a rotation of the keys: %w", err)
	}
	for _, dir := range d.cfg.Copies {
		if err := d.mend(dir); err != nil {
			d.behind[dir] = err
			d.cfg.Logger.Warn("a key location is not up to date; if the key directory is lost now, this copy lacks the latest changes", "location", dir, "err", err)
		}
	}
	return nil
}

// older refuses to go on with keys that are older than what a location holds:
// then an old copy was brought back, and going on would destroy the newest.
func (d *Dir) older(dir string) error {
	vault, epoch, err := readCurrent(dir)
	if err != nil || vault != d.table.Vault {
		return nil // away, empty or another vault's: Finish says so
	}
	newer := epoch > d.table.Epoch
	for _, e := range []uint32{d.table.Epoch, d.table.Epoch + 1} {
		// A rotation that was cut off leaves a log without records.
		most := int64(headerSize)
		if e == d.table.Epoch {
			most = d.size
		}
		if st, err := os.Stat(filepath.Join(dir, logFile(e))); err == nil && st.Size() > most {
			newer = true
		}
	}
	if newer {
		return fmt.Errorf("%s is newer than what is in force at %s: %w: bring back the newest copy", dir, d.cfg.Dir, ErrOlder)
	}
	return nil
}

func (c *Config) locations() []string { return append([]string{c.Dir}, c.Copies...) }

// Table is the key table. The trees in it are live.
func (d *Dir) Table() *Table { return d.table }

// Applied lists the changes of this epoch that Open found, oldest first.
func (d *Dir) Applied() []Applied { return d.applied }

// Append makes a change durable, gives it its number and punctures its slots.
// The routes are for the caller to replace, once what was indexed under their
// old keys has moved. An error that wraps ErrDamaged means that nothing may be
// appended any more before the directory is opened again.
func (d *Dir) Append(c *Change) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped != nil {
		return d.stopped
	}
	c.Seq = d.table.Seq + 1
	rec, err := sealChange(d.seals, d.head, c, d.cfg.Rand)
	if err != nil {
		return fmt.Errorf("seal a change of the key table: %w", err)
	}
	if err := d.cfg.Step("keys: append"); err != nil {
		return err
	}
	// A crash here leaves a torn record at the end, which load drops.
	_, err = d.log.WriteAt(rec, d.size)
	if err == nil {
		err = d.log.Sync()
	}
	if err != nil {
		d.stopped = fmt.Errorf("append to the key table: %w: whether it was saved is not known, open the vault again: %w", ErrDamaged, err)
		return d.stopped
	}
	d.size += int64(len(rec))
	d.table.count(c)
	d.table.Entries.Puncture(c.Punctured...)
	for _, dir := range d.cfg.Copies {
		d.shipChange(dir, rec)
	}
	return nil
}

// Close releases the directory and overwrites the keys in memory.
func (d *Dir) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.log == nil {
		return nil
	}
	err := errors.Join(d.log.Close(), d.unlock())
	d.log = nil
	d.stopped = fmt.Errorf("the key directory is closed: %w", fs.ErrClosed)
	d.table.Entries.Wipe()
	d.table.Routes.Wipe()
	clear(d.table.Master[:])
	return err
}
