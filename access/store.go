package access

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/atomicfile"
)

// fileVersion is the version of tokens.json. A newer one is refused.
const fileVersion = 1

// Config says where tokens are kept and how time and chance come in.
type Config struct {
	// Dir is the folder of tokens.json and the operator's token file; it is
	// made, mode 0700, if absent.
	Dir string
	// Now and Rand default to time.Now and the system's random source.
	Now  func() time.Time
	Rand io.Reader
	// Strict counts a token as that of whoever made it: see SamePerson.
	Strict bool
}

// A Store keeps the tokens of one data directory. It is safe for concurrent
// use; one process owns the folder (the data directory's lock sees to that).
type Store struct {
	dir    string
	now    func() time.Time
	rand   io.Reader
	strict bool

	mu     sync.RWMutex
	tokens []Token // guarded by mu; in order of creation
	// bySystem leads from a system to its tokens, by their place in tokens;
	// guarded by mu.
	bySystem map[events.Code][]int
}

type tokenFile struct {
	Version int     `json:"version"`
	Tokens  []Token `json:"tokens"`
}

// Open reads the tokens in cfg.Dir. A file that is not understood, or that
// others on the machine can read, is an error: never start with the doors in
// an unknown state.
func Open(_ context.Context, cfg Config) (*Store, error) {
	s := &Store{dir: cfg.Dir, now: cfg.Now, rand: cfg.Rand, strict: cfg.Strict}
	if s.now == nil {
		s.now = time.Now
	}
	if s.rand == nil {
		s.rand = systemRandom
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("open tokens: %w", err)
	}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("open tokens at %s: %w", s.path(), err)
	}
	return s, nil
}

func (s *Store) path() string { return filepath.Join(s.dir, "tokens.json") }

func (s *Store) load() error {
	info, err := os.Stat(s.path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("mode is %o: others on this machine may read it; run chmod 600", info.Mode().Perm())
	}
	b, err := os.ReadFile(s.path())
	if err != nil {
		return err
	}
	f, err := decodeTokens(b)
	if err != nil {
		return err
	}
	s.adopt(f.Tokens)
	return nil
}

// adopt needs mu held for writing, or nobody else to know s yet.
func (s *Store) adopt(tokens []Token) {
	s.tokens, s.bySystem = tokens, map[events.Code][]int{}
	for i := range tokens {
		for _, r := range tokens[i].Roles {
			if id := r.System(); id != "" {
				s.bySystem[id] = append(s.bySystem[id], i)
			}
		}
	}
}

// Speaks reports whether a living token may speak for a system. It looks at the
// tokens of that system only.
func (s *Store) Speaks(system events.Code) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := s.now()
	return slices.ContainsFunc(s.bySystem[system], func(i int) bool { return s.tokens[i].live(now) })
}

func decodeTokens(b []byte) (tokenFile, error) {
	var f tokenFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, fmt.Errorf("decode: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return f, fmt.Errorf("decode: more follows the document")
	}
	if f.Version != fileVersion {
		return f, fmt.Errorf("version %d is not known here; want %d", f.Version, fileVersion)
	}
	for i := range f.Tokens {
		if err := f.Tokens[i].check(); err != nil {
			return f, fmt.Errorf("token %d: %w", i+1, err)
		}
	}
	return f, nil
}

func (t *Token) check() error {
	if c, err := events.ParseCode(string(t.ID)); err != nil || c != t.ID {
		return fmt.Errorf("id is not a code")
	}
	if c, err := events.ParseCode(string(t.Name)); err != nil || c != t.Name {
		return fmt.Errorf("name is not a code")
	}
	if len(t.Hash) != 64 || strings.Trim(t.Hash, "0123456789abcdef") != "" {
		return fmt.Errorf("hash is not SHA-256 in hexadecimal")
	}
	return checkRoles(t.Roles)
}

func encodeTokens(tokens []Token) ([]byte, error) {
	b, err := json.MarshalIndent(tokenFile{fileVersion, tokens}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode tokens: %w", err)
	}
	return append(b, '\n'), nil
}

// NewToken says what token to make.
type NewToken struct {
	Name    events.Code
	Roles   []Role
	By      events.Code // token id of who asks; empty for the server itself
	Expires time.Time   // zero: until revoked
}

// Create makes a token and returns it with its secret, which is kept nowhere.
// Errors: ErrTaken when a living token has the name.
func (s *Store) Create(_ context.Context, n NewToken) (Token, events.Plaintext, error) {
	none := events.Plaintext{}
	name, err := events.ParseCode(string(n.Name))
	if err != nil {
		return Token{}, none, fmt.Errorf("create token: name: %w", err)
	}
	if err := checkRoles(n.Roles); err != nil {
		return Token{}, none, fmt.Errorf("create token: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for i := range s.tokens {
		if s.tokens[i].Name == name && s.tokens[i].live(now) {
			return Token{}, none, fmt.Errorf("create token %s: %w", name, ErrTaken)
		}
	}
	id, secret, hash, err := draw(s.rand)
	if err != nil {
		return Token{}, none, err
	}
	if s.find(id) != nil {
		return Token{}, none, fmt.Errorf("create token: the random source repeated itself")
	}
	t := Token{ID: id, Name: name, Roles: slices.Clone(n.Roles), Hash: hash, Created: events.InstantOf(now), CreatedBy: n.By}
	if !n.Expires.IsZero() {
		t.Expires = events.InstantOf(n.Expires)
	}
	if err := s.save(append(slices.Clone(s.tokens), t)); err != nil {
		return Token{}, none, fmt.Errorf("create token: %w", err)
	}
	t.Hash = ""
	return t, secret, nil
}

// Revoke ends a token at once. Revoking twice changes nothing. Errors:
// ErrNoToken.
func (s *Store) Revoke(_ context.Context, id events.Code) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.find(id)
	if t == nil {
		return fmt.Errorf("revoke token: %w", ErrNoToken)
	}
	if !t.Revoked.IsZero() {
		return nil
	}
	next := slices.Clone(s.tokens)
	for i := range next {
		if next[i].ID == id {
			next[i].Revoked = events.InstantOf(s.now())
		}
	}
	if err := s.save(next); err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return nil
}

// List returns the tokens in order of creation, without their hashes.
func (s *Store) List(_ context.Context) []Token {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := slices.Clone(s.tokens)
	for i := range out {
		out[i].Hash, out[i].Roles = "", slices.Clone(out[i].Roles)
	}
	return out
}

// People reports whether a living token of a person exists, the operator's
// file aside: while there is none, serve prints a set-up link.
func (s *Store) People() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := s.now()
	return slices.ContainsFunc(s.tokens, func(t Token) bool {
		return t.live(now) && slices.ContainsFunc(t.Roles, func(r Role) bool { return r != Operator && r.System() == "" })
	})
}

// Authenticate returns who holds the token. Every refusal is ErrUnknownToken
// and costs the same: an absent id is compared against a hash too.
func (s *Store) Authenticate(text events.Plaintext) (Caller, error) {
	id, secret, ok := split(text.Expose())
	s.mu.RLock()
	defer s.mu.RUnlock()
	none := Token{Hash: strings.Repeat("0", 64)}
	t := s.find(id)
	if t == nil || !ok {
		none.matches(secret)
		return Caller{}, ErrUnknownToken
	}
	if !t.matches(secret) || !t.live(s.now()) {
		return Caller{}, ErrUnknownToken
	}
	return t.caller(), nil
}

// Caller returns who holds the token with the id, while it lives.
func (s *Store) Caller(id events.Code) (Caller, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.find(id)
	if t == nil || !t.live(s.now()) {
		return Caller{}, ErrUnknownToken
	}
	return t.caller(), nil
}

// SamePerson reports whether two tokens are one person's: one and the same, or
// made under one name, as when a token is made anew in place of an ended one. A
// token that is not known is nobody else's for sure, so it is not told apart.
//
// A strict store also takes a token for its maker's, and its maker's maker's: who
// makes a token has seen its secret and could use it. Two tokens that one maker
// made for two people are two people's, because that is how people get theirs;
// that the maker handed them over, nobody can see from here.
func (s *Store) SamePerson(a, b events.Code) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	x, y := s.find(a), s.find(b)
	return a == b || x == nil || y == nil || x.Name == y.Name || s.strict && (s.made(x, y) || s.made(y, x))
}

// made reports whether the holder of x, under any token of that name, made y or
// what made y. It needs mu held. A maker is older than what it makes, so the way
// up ends.
func (s *Store) made(x, y *Token) bool {
	for range s.tokens {
		if y = s.find(y.CreatedBy); y == nil {
			return false
		}
		if y.Name == x.Name {
			return true
		}
	}
	return false
}

// find needs mu held.
func (s *Store) find(id events.Code) *Token {
	for i := range s.tokens {
		if s.tokens[i].ID == id {
			return &s.tokens[i]
		}
	}
	return nil
}

// save needs mu held for writing. It replaces the file whole and only then the
// tokens in memory.
func (s *Store) save(tokens []Token) error {
	b, err := encodeTokens(tokens)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(s.path(), b); err != nil {
		return err
	}
	s.adopt(tokens)
	return nil
}
