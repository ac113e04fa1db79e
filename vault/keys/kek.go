package keys

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
)

// A KEK wraps epoch keys, so that a stolen key directory alone opens nothing.
// Name is kept beside the wrapped key and must not change.
type KEK interface {
	Name() string
	Wrap(ctx context.Context, epoch uint32, key []byte) ([]byte, error)
	Unwrap(ctx context.Context, epoch uint32, wrapped []byte) ([]byte, error)
	// Destroy makes the wrapped keys of this epoch useless wherever copies of
	// them are, if the provider can do that. A provider that cannot returns nil.
	Destroy(ctx context.Context, epoch uint32) error
}

// PlainFile keeps the epoch key as it is in its file, mode 0600. Overwriting a
// file does not destroy it on flash storage or on a copying file system; where
// that matters, use a provider that can destroy keys.
type PlainFile struct{}

// Name is "file".
func (PlainFile) Name() string { return "file" }

// Wrap returns the key itself.
func (PlainFile) Wrap(_ context.Context, _ uint32, key []byte) ([]byte, error) { return key, nil }

// Unwrap returns what Wrap got.
func (PlainFile) Unwrap(_ context.Context, _ uint32, wrapped []byte) ([]byte, error) {
	return wrapped, nil
}

// Destroy does nothing: the file is overwritten by the key directory.
func (PlainFile) Destroy(context.Context, uint32) error { return nil }

// An EnvKEK wraps epoch keys with AES-256-GCM under a secret of 32 bytes that
// an environment variable holds as 64 hexadecimal digits.
type EnvKEK struct{ Variable string }

// Name is "env:" and the variable's name.
func (e EnvKEK) Name() string { return "env:" + e.Variable }

func (e EnvKEK) aead(epoch uint32) (cipher.AEAD, error) {
	secret, err := hex.DecodeString(os.Getenv(e.Variable))
	if err != nil || len(secret) != 32 {
		return nil, fmt.Errorf("read the key-encrypting key: want 64 hexadecimal digits in the environment variable %s", e.Variable)
	}
	salt := binary.BigEndian.AppendUint32(nil, epoch)
	key, err := hkdf.Key(sha256.New, secret, salt, "habeas kek", 32)
	clear(secret)
	if err != nil {
		return nil, fmt.Errorf("derive the key-encrypting key: %w", err)
	}
	return newGCM(key)
}

// Wrap seals the key.
func (e EnvKEK) Wrap(_ context.Context, epoch uint32, key []byte) ([]byte, error) {
	a, err := e.aead(epoch)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(key)+a.Overhead())
	rand.Read(nonce)
	return a.Seal(nonce, nonce, key, []byte(e.Name())), nil
}

// Unwrap opens what Wrap sealed.
func (e EnvKEK) Unwrap(_ context.Context, epoch uint32, wrapped []byte) ([]byte, error) {
	a, err := e.aead(epoch)
	if err != nil {
		return nil, err
	}
	if len(wrapped) < a.NonceSize() {
		return nil, fmt.Errorf("open the epoch key: %w", ErrWrongKey)
	}
	key, err := a.Open(nil, wrapped[:a.NonceSize()], wrapped[a.NonceSize():], []byte(e.Name()))
	if err != nil {
		return nil, fmt.Errorf("open the epoch key with the secret of %s: %w", e.Variable, ErrWrongKey)
	}
	return key, nil
}

// Destroy does nothing: one secret wraps the keys of all epochs.
func (e EnvKEK) Destroy(context.Context, uint32) error { return nil }

func newGCM(key []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}
