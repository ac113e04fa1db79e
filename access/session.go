package access

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/habeas-data/habeas/events"
)

// ErrNoSession: the cookie is absent, unknown, idle for too long, or its token
// was revoked.
var ErrNoSession = errors.New("not signed in")

const (
	idleLife    = 30 * time.Minute
	sessionLife = 12 * time.Hour
	maxSessions = 4096
	maxKept     = 20
	cookiePlain = "habeas"
	// __Host- makes a browser refuse the cookie from another host or path, or
	// without TLS.
	cookieTLS = "__Host-habeas"
)

// Sessions are the signed-in browsers. They live in memory; a restart signs
// everybody out.
type Sessions struct {
	store *Store
	rand  io.Reader
	now   func() time.Time
	// Secure marks cookies Secure although requests arrive without TLS: a
	// proxy in front speaks it. Set before the first request.
	Secure bool
	// PerToken is how many sessions one token may have; 0: any number. Set before
	// the first request.
	PerToken int

	mu   sync.Mutex
	open map[[32]byte]*Session // guarded by mu, and so are their fields
}

// A Session is one signed-in browser, and the searches it made: a search is
// named in a URL by an opaque word that means nothing outside the session.
type Session struct {
	of    *Sessions
	token events.Code
	began time.Time
	seen  time.Time
	kept  []kept
}

type kept struct {
	word string
	what any
}

// NewSessions returns no sessions yet. Nil rand means the system's.
func NewSessions(store *Store, rand io.Reader) *Sessions {
	if rand == nil {
		rand = systemRandom
	}
	return &Sessions{store: store, rand: rand, now: store.now, open: map[[32]byte]*Session{}}
}

// Begin signs a token in and sets the cookie.
func (s *Sessions) Begin(w http.ResponseWriter, r *http.Request, token events.Code) error {
	word, err := s.word()
	if err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	s.makeRoom(token)
	now := s.now()
	s.open[sha256.Sum256([]byte(word))] = &Session{of: s, token: token, began: now, seen: now}
	http.SetCookie(w, s.cookie(r, word, int(sessionLife/time.Second)))
	return nil
}

// End signs the browser out.
func (s *Sessions) End(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, err := r.Cookie(s.cookieName(r)); err == nil {
		delete(s.open, sha256.Sum256([]byte(c.Value)))
	}
	http.SetCookie(w, s.cookie(r, "", -1))
}

// Of returns the session of a request and who holds it. Errors: ErrNoSession.
func (s *Sessions) Of(r *http.Request) (*Session, Caller, error) {
	c, err := r.Cookie(s.cookieName(r))
	if err != nil {
		return nil, Caller{}, ErrNoSession
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	v, ok := s.open[sha256.Sum256([]byte(c.Value))]
	if !ok {
		return nil, Caller{}, ErrNoSession
	}
	caller, err := s.store.Caller(v.token)
	if err != nil {
		delete(s.open, sha256.Sum256([]byte(c.Value)))
		return nil, Caller{}, ErrNoSession
	}
	v.seen = s.now()
	return v, caller, nil
}

// Keep remembers what was asked and returns the word that names it in a URL.
// The oldest of many is forgotten.
func (v *Session) Keep(what any) (string, error) {
	word, err := v.of.word()
	if err != nil {
		return "", fmt.Errorf("keep a search: %w", err)
	}
	v.of.mu.Lock()
	defer v.of.mu.Unlock()
	if len(v.kept) == maxKept {
		v.kept = v.kept[1:]
	}
	v.kept = append(v.kept, kept{word, what})
	return word, nil
}

// Kept returns what the word stands for in this session.
func (v *Session) Kept(word string) (any, bool) {
	v.of.mu.Lock()
	defer v.of.mu.Unlock()
	for _, k := range v.kept {
		if k.word == word {
			return k.what, true
		}
	}
	return nil, false
}

// sweep needs mu held. It also ends the longest idle one when there are too
// many, so that signing in again and again cannot fill the memory.
func (s *Sessions) sweep() {
	now := s.now()
	var idle [32]byte
	var since time.Time
	for k, v := range s.open {
		if now.Sub(v.seen) >= idleLife || now.Sub(v.began) >= sessionLife {
			delete(s.open, k)
			continue
		}
		if since.IsZero() || v.seen.Before(since) {
			idle, since = k, v.seen
		}
	}
	if len(s.open) >= maxSessions {
		delete(s.open, idle)
	}
}

// makeRoom needs mu held. It ends the longest idle session of a token that has
// as many as it may: one token must not sign out everybody else's.
func (s *Sessions) makeRoom(token events.Code) {
	if s.PerToken == 0 {
		return
	}
	var idle [32]byte
	var oldest *Session
	n := 0
	for k, v := range s.open {
		if v.token != token {
			continue
		}
		if n++; oldest == nil || v.seen.Before(oldest.seen) {
			idle, oldest = k, v
		}
	}
	if n >= s.PerToken {
		delete(s.open, idle)
	}
}

func (s *Sessions) word() (string, error) {
	var raw [16]byte
	if _, err := io.ReadFull(s.rand, raw[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(raw[:]), nil
}

func (s *Sessions) cookieName(r *http.Request) string {
	if s.Secure || r.TLS != nil {
		return cookieTLS
	}
	return cookiePlain
}

func (s *Sessions) cookie(r *http.Request, value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(r), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.Secure || r.TLS != nil,
	}
}
