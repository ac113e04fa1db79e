package vaulttest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault"
)

// A Place is where a vault of a test lives.
type Place struct {
	Root   string
	Stream *Stream
}

// NewPlace returns an empty place.
func NewPlace(t testing.TB) *Place {
	t.Helper()
	return &Place{Root: t.TempDir(), Stream: NewStream(t)}
}

// Config is a configuration for this place.
func (p *Place) Config() vault.Config {
	return vault.Config{
		Dir:       filepath.Join(p.Root, "data", "vault"),
		KeyDir:    filepath.Join(p.Root, "keys"),
		LedgerDir: filepath.Join(p.Root, "ledger"),
		Log:       p.Stream.Handle(),
		Create:    true,
	}
}

// Open opens the vault of this place; it is closed when the test ends.
func (p *Place) Open(t testing.TB, change ...func(*vault.Config)) *vault.Vault {
	t.Helper()
	v, err := p.TryOpen(change...)
	if err != nil {
		t.Fatalf("open vault: %v", err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Errorf("close vault: %v", err)
		}
	})
	return v
}

// TryOpen is Open for tests that expect an error.
func (p *Place) TryOpen(change ...func(*vault.Config)) (*vault.Vault, error) {
	cfg := p.Config()
	for _, c := range change {
		c(&cfg)
	}
	return vault.Open(context.Background(), cfg)
}

// Backup copies the place as it lies on disk, with its stream as it is now.
func (p *Place) Backup(t testing.TB) *Place {
	t.Helper()
	q := &Place{Root: filepath.Join(t.TempDir(), "backup"), Stream: p.Stream.Copy(p.Stream.Len())}
	if err := os.CopyFS(q.Root, os.DirFS(p.Root)); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(q.Root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return errors.Join(err, os.Chmod(path, 0o600))
	}); err != nil {
		t.Fatal(err)
	}
	return q
}

// New opens a fresh vault.
func New(t testing.TB) *vault.Vault {
	t.Helper()
	return NewPlace(t).Open(t)
}

// NothingLives is a guard under which everything may be forgotten.
func NothingLives() vault.ForgetGuard {
	return vault.ForgetGuard{
		Fence:  func(context.Context) error { return nil },
		Living: func(context.Context, events.Handle) (bool, error) { return false, nil },
	}
}
