package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/habeas-data/habeas/events"
)

// Sentinels callers branch on.
var (
	// ErrUnknownToken: no such token, a wrong secret, expired or revoked. Which
	// of these is not told to whoever tried.
	ErrUnknownToken = errors.New("token is not valid")
	// ErrTaken: another living token has the name.
	ErrTaken = errors.New("name is taken")
	// ErrNoToken: there is no token with the id.
	ErrNoToken = errors.New("no such token")
)

// tokenPrefix marks a secret so that scanners of repositories and logs find it.
const tokenPrefix = "hbs"

// idLetters has no digit and no vowel: a token id is a valid code and no word.
const idLetters = "bcdfghjkmnpqrstvwxyz"

const (
	idSize     = 10
	secretSize = 32 // bytes: 256 random bits
)

// A Token is what is kept of one: everything but the secret.
type Token struct {
	ID        events.Code    `json:"id"`
	Name      events.Code    `json:"name"`
	Roles     []Role         `json:"roles"`
	Hash      string         `json:"hash,omitempty"` // SHA-256 of the secret; empty outside the file
	Created   events.Instant `json:"created"`
	CreatedBy events.Code    `json:"created_by,omitempty"`
	Expires   events.Instant `json:"expires,omitempty"`
	Revoked   events.Instant `json:"revoked,omitempty"`
}

// live reports whether the token still opens anything at t.
func (t *Token) live(at time.Time) bool {
	now := events.InstantOf(at)
	return t.Revoked.IsZero() && (t.Expires.IsZero() || now < t.Expires)
}

func (t *Token) caller() Caller {
	return Caller{Token: t.ID, Name: t.Name, Roles: slices.Clone(t.Roles)}
}

// draw makes a new id and secret. The secret text is "hbs_<id>_<hex>".
func draw(rand io.Reader) (id events.Code, secret events.Plaintext, hash string, err error) {
	var b [idSize + secretSize]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", secret, "", fmt.Errorf("draw a token: %w", err)
	}
	letters := make([]byte, idSize)
	for i := range letters {
		// 256 is no multiple of 20; an id is a name and no secret, so the small
		// bias costs nothing.
		letters[i] = idLetters[int(b[i])%len(idLetters)]
	}
	raw := b[idSize:]
	text := tokenPrefix + "_" + string(letters) + "_" + hex.EncodeToString(raw)
	return events.Code(letters), events.NewPlaintext(text), hashOf(raw), nil
}

func hashOf(secret []byte) string {
	sum := sha256.Sum256(secret)
	return hex.EncodeToString(sum[:])
}

// split reads the text of a token. It takes the same path for every wrong
// text.
func split(text string) (id events.Code, secret []byte, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), tokenPrefix+"_")
	if !ok || len(rest) != idSize+1+2*secretSize || rest[idSize] != '_' {
		return "", nil, false
	}
	secret, err := hex.DecodeString(rest[idSize+1:])
	if err != nil {
		return "", nil, false
	}
	return events.Code(rest[:idSize]), secret, true
}

// matches compares in constant time.
func (t *Token) matches(secret []byte) bool {
	return subtle.ConstantTimeCompare([]byte(t.Hash), []byte(hashOf(secret))) == 1
}
