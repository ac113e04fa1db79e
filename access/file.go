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
	"github.com/habeas-data/habeas/internal/atomicfile"
)

var systemRandom io.Reader = rand.Reader

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
	if err := atomicfile.Write(OperatorFile(s.dir), []byte(secret.Expose()+"\n")); err != nil {
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
