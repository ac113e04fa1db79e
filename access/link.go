package access

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/habeas-data/habeas/events"
)

// ErrLink: the link is unknown, used or too old.
var ErrLink = errors.New("link is not valid any more")

const (
	linkLife = time.Hour
	maxLinks = 64
)

// A LinkFor says what a one-time link opens.
type LinkFor struct {
	// SetUp: the first people of a new data directory.
	SetUp bool
	// SignIn: a console session for the token with this id.
	SignIn events.Code
}

// Links are one-time codes that a person opens in a browser. They live in
// memory, for an hour or until used; only their hashes are kept.
type Links struct {
	now  func() time.Time
	rand io.Reader

	mu    sync.Mutex
	links map[[32]byte]link // guarded by mu
}

type link struct {
	does LinkFor
	ends time.Time
}

// NewLinks returns no links yet. Nil arguments mean time.Now and the system's
// random source.
func NewLinks(now func() time.Time, rand io.Reader) *Links {
	if now == nil {
		now = time.Now
	}
	if rand == nil {
		rand = systemRandom
	}
	return &Links{now: now, rand: rand, links: map[[32]byte]link{}}
}

// Issue makes a link code: 256 random bits in hexadecimal.
func (l *Links) Issue(does LinkFor) (events.Plaintext, error) {
	var raw [32]byte
	if _, err := io.ReadFull(l.rand, raw[:]); err != nil {
		return events.Plaintext{}, fmt.Errorf("issue a link: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep()
	if len(l.links) >= maxLinks {
		return events.Plaintext{}, fmt.Errorf("issue a link: %d are open already", maxLinks)
	}
	code := hex.EncodeToString(raw[:])
	l.links[sha256.Sum256([]byte(code))] = link{does, l.now().Add(linkLife)}
	return events.NewPlaintext(code), nil
}

// Peek reports what a code opens without using it up, so that a page may show
// a form first (mail scanners open links too). Errors: ErrLink.
func (l *Links) Peek(code events.Plaintext) (LinkFor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep()
	// Looked up by hash: the time of a look-up says nothing about the code.
	v, ok := l.links[sha256.Sum256([]byte(code.Expose()))]
	if !ok {
		return LinkFor{}, ErrLink
	}
	return v.does, nil
}

// Redeem uses a code up. Errors: ErrLink.
func (l *Links) Redeem(code events.Plaintext) (LinkFor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep()
	key := sha256.Sum256([]byte(code.Expose()))
	v, ok := l.links[key]
	if !ok {
		return LinkFor{}, ErrLink
	}
	delete(l.links, key)
	return v.does, nil
}

// sweep needs mu held.
func (l *Links) sweep() {
	now := l.now()
	for k, v := range l.links {
		if !now.Before(v.ends) {
			delete(l.links, k)
		}
	}
}
