package pack

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"filippo.io/age"
	"github.com/habeas-data/habeas/events"
)

// ErrLock is returned for a passphrase that is too short or a key that is none.
var ErrLock = errors.New("want a passphrase of at least 12 characters, or a public key of age (age1...), and one of them only")

// A Lock says who can open a package: whoever knows the passphrase, or has the
// key to a public key of age. Exactly one is set.
type Lock struct {
	Passphrase events.Plaintext
	Recipient  string
}

// work is the cost of trying one passphrase: 64 MiB of memory, a quarter of a
// second. A passphrase that we draw cannot be tried in any time.
const work = 16

const shortest = 12

// Check reports whether the lock can be used.
func (l Lock) Check() error {
	_, err := l.recipient()
	return err
}

func (l Lock) recipient() (age.Recipient, error) {
	switch {
	case l.Passphrase.IsZero() == (l.Recipient == ""):
		return nil, ErrLock
	case l.Recipient != "":
		list, err := age.ParseRecipients(strings.NewReader(l.Recipient))
		if err != nil || len(list) != 1 {
			return nil, ErrLock // the library's words could repeat what was typed
		}
		return list[0], nil
	case utf8.RuneCountInString(l.Passphrase.Expose()) < shortest:
		return nil, ErrLock
	}
	r, err := age.NewScryptRecipient(l.Passphrase.Expose())
	if err != nil {
		return nil, ErrLock
	}
	r.SetWorkFactor(work)
	return r, nil
}

func (l Lock) seal(w io.Writer) (io.WriteCloser, error) {
	r, err := l.recipient()
	if err != nil {
		return nil, fmt.Errorf("encrypt a package: %w", err)
	}
	s, err := age.Encrypt(w, r)
	if err != nil {
		return nil, fmt.Errorf("encrypt a package: %w", err)
	}
	return s, nil
}

// Draw makes a passphrase of 125 bits in five groups that can be read aloud.
func Draw() events.Plaintext {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	s := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
	groups := make([]string, 5)
	for i := range groups {
		groups[i] = s[5*i : 5*i+5]
	}
	return events.NewPlaintext(strings.Join(groups, "-"))
}
