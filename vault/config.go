package vault

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/habeas-data/habeas/vault/keys"
)

// Config says where the vault is and how it behaves. Dir and Log are needed;
// everything else has a default.
type Config struct {
	// Dir holds the local index, such as <data>/vault.
	Dir string
	// KeyDir holds the keys; default <data>.keys beside the data directory. It
	// must not be in the same backup as the data.
	KeyDir string
	// KeyCopies are further places that hold a whole copy of the keys. A
	// rotation reaches all of them or does not happen.
	KeyCopies []string
	// LedgerDir holds the restore ledger; default <data>.ledger.
	LedgerDir string
	// KEK wraps the epoch key; default a plain file of mode 0600.
	KEK keys.KEK
	// Log is the vault's own log.
	Log Log
	// Create makes a new vault if there is nothing at all yet.
	Create bool
	// Restore accepts a key table, an index or a log that is older than the
	// rest, forgets again what the ledger says and makes the index anew.
	Restore bool
	// AcceptNoLedger begins an empty ledger where it is missing: an older backup
	// brought back afterwards may bring back what was forgotten.
	AcceptNoLedger bool
	// Region is where a phone number without a country prefix belongs; default GB.
	Region string
	// CacheEntries bounds what is kept at hand: for each there is room for one row,
	// for the way from one handle to its row and for 8 pairs of system and
	// identifier as sent. CacheBytes says what that takes; default 131072 entries,
	// 69 MB. An identifier that was never seen needs no place: a filter in memory
	// knows that it is not there.
	CacheEntries int
	// LedgerPeriod is how long the ledger remembers what was forgotten: at least
	// the age of the oldest backup that may be restored; default 400 days.
	LedgerPeriod time.Duration
	Now          func() time.Time
	Rand         io.Reader
	Logger       *slog.Logger
	// Step, if set, is called before each durable step; its error stops there
	// and leaves what a crash would leave. For tests of crashes.
	Step func(step string) error
}

// pairsPerEntry is how many pairs are kept at hand for each entry of the caches.
const pairsPerEntry = 8

// entryBytes is what one entry of the caches takes when all are full.
const entryBytes = rowNodeBytes + pairsPerRow*keptPairBytes + handleNodeBytes + pairsPerEntry*knownPairBytes

// CacheBytes is the most that what is kept at hand takes in memory.
func (c *Config) CacheBytes() int { return c.CacheEntries * entryBytes }

func (c *Config) defaults() error {
	if c.Dir == "" || c.Log == nil {
		return errors.New("open vault: want Dir and Log")
	}
	data := filepath.Dir(filepath.Clean(c.Dir))
	if c.KeyDir == "" {
		c.KeyDir = data + ".keys"
	}
	if c.LedgerDir == "" {
		c.LedgerDir = data + ".ledger"
	}
	for _, dir := range append([]string{c.KeyDir, c.LedgerDir}, c.KeyCopies...) {
		if inside(dir, c.Dir) {
			return fmt.Errorf("open vault: %s lies inside the vault's data %s: keys and ledger must live apart from what they protect", dir, c.Dir)
		}
	}
	if c.Region == "" {
		c.Region = "GB"
	}
	if c.CacheEntries == 0 {
		c.CacheEntries = 1 << 17
	}
	if c.LedgerPeriod == 0 {
		c.LedgerPeriod = 400 * 24 * time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Step == nil {
		c.Step = func(string) error { return nil }
	}
	return nil
}

func inside(path, dir string) bool {
	rel, err := filepath.Rel(filepath.Clean(dir), filepath.Clean(path))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
