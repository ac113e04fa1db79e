package access

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

var systemRandom io.Reader = rand.Reader

// writeAtomic replaces path with b, mode 0600, and returns once the new
// contents and the new name are on disk.
func writeAtomic(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(b); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	// A crash here leaves a .new file that nothing reads; the old one stands.
	if err = f.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", filepath.Base(path), err)
	}
	if err = f.Close(); err != nil {
		return fmt.Errorf("close %s: %w", filepath.Base(path), err)
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("rename %s: %w", filepath.Base(path), err)
	}
	// A crash here may show the old file again after a power cut: the caller
	// has not been told yet that the new one stands.
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("sync folder of %s: %w", filepath.Base(path), err)
	}
	defer d.Close()
	if err = d.Sync(); err != nil {
		return fmt.Errorf("sync folder of %s: %w", filepath.Base(path), err)
	}
	return nil
}

// operatorName is the name of the token in the operator's file.
const operatorName events.Code = "operator"

// OperatorFile is where the commands of this machine find their token.
func OperatorFile(dir string) string { return filepath.Join(dir, "operator.token") }

// EnsureOperator writes the operator's token file, mode 0600, unless a living
// token already stands there. A token whose file was lost is revoked and a new
// one made.
func (s *Store) EnsureOperator(ctx context.Context) error {
	text, err := ReadOperator(s.dir)
	if err == nil {
		if _, err := s.Authenticate(text); err == nil {
			return nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, t := range s.List(ctx) {
		if t.Name == operatorName && slices.Contains(t.Roles, Operator) && t.Revoked.IsZero() {
			if err := s.Revoke(ctx, t.ID); err != nil {
				return err
			}
		}
	}
	// A crash after Create leaves a token nobody has; the next start revokes it.
	_, secret, err := s.Create(ctx, NewToken{Name: operatorName, Roles: []Role{Operator}})
	if err != nil {
		return err
	}
	if err := writeAtomic(OperatorFile(s.dir), []byte(secret.Expose()+"\n")); err != nil {
		return fmt.Errorf("write the operator's token: %w", err)
	}
	return nil
}

// ReadOperator reads the operator's token file in an access folder. The error
// wraps fs.ErrNotExist when there is none.
func ReadOperator(dir string) (events.Plaintext, error) {
	b, err := os.ReadFile(OperatorFile(dir))
	if err != nil {
		return events.Plaintext{}, fmt.Errorf("read the operator's token: %w", err)
	}
	return events.NewPlaintext(strings.TrimSpace(string(b))), nil
}
