package server

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/atomicfile"
)

// A Shelf keeps every version of the catalogue that was ever in force, as it
// was read, under its number. The last is in force, together with the recipients
// that were registered by name since.
type Shelf struct {
	dir     string                              // "" keeps nothing
	base    *catalogue.Catalogue                // as it was read; set once
	current atomic.Pointer[catalogue.Catalogue] // base and the named recipients
	fresh   bool                                // the version in force has not been adopted by an event yet

	mu    sync.Mutex            // held over a whole registration
	named map[events.Code]Named // guarded by mu
}

// Current is the catalogue in force.
func (s *Shelf) Current() *catalogue.Catalogue { return s.current.Load() }

// NewShelf keeps one catalogue in memory as version 1.
func NewShelf(c *catalogue.Catalogue) *Shelf {
	s := &Shelf{fresh: true}
	s.put(c.WithVersion(1))
	return s
}

// put sets the version in force, before anything else uses the shelf.
func (s *Shelf) put(c *catalogue.Catalogue) {
	s.base = c
	s.current.Store(c)
}

// openShelf reads what is named (a file or a shipped catalogue) and, if it
// differs from the last version, makes it the next.
func openShelf(dir, name string) (*Shelf, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open catalogue: %w", err)
	}
	c, err := catalogue.Find(name)
	if err != nil {
		return nil, fmt.Errorf("open catalogue: %w; nothing was started", err)
	}
	number, digest, err := lastVersion(dir)
	if err != nil {
		return nil, err
	}
	s := &Shelf{dir: dir}
	if d := c.Digest(); number > 0 && digest == hex.EncodeToString(d[:]) {
		s.put(c.WithVersion(number))
		s.fresh = !exists(s.adopted(number))
		return s, nil
	}
	s.put(c.WithVersion(number + 1))
	s.fresh = true
	return s, s.keep(name)
}

// keep writes the version's text and digest. A crash between the two leaves a
// text without a digest, which the next start writes again.
func (s *Shelf) keep(name string) error {
	c := s.base
	text, err := catalogue.Text(name)
	if err != nil {
		return fmt.Errorf("keep the catalogue: %w", err)
	}
	base := filepath.Join(s.dir, fmt.Sprintf("%06d", c.Number()))
	if err := atomicfile.Write(base+".yaml", text); err != nil {
		return err
	}
	d := c.Digest()
	return atomicfile.Write(base+".digest", []byte(hex.EncodeToString(d[:])))
}

func (s *Shelf) adopted(number uint32) string {
	return filepath.Join(s.dir, fmt.Sprintf("%06d.adopted", number))
}

// adopt appends the fact that this version is in force. A crash before the
// mark is written appends the same fact again, which changes nothing.
func (s *Shelf) adopt(ctx context.Context, at events.Instant, write func(context.Context, *events.Event) error) error {
	if !s.fresh {
		return nil
	}
	c := s.base
	d := c.Digest()
	e := &events.Event{Kind: events.CatalogueAdopted, Source: "habeas", Time: at, NoticeVersion: events.Code("v" + strconv.Itoa(int(c.Number())%100000))}
	copy(e.ID[:], d[16:])
	copy(e.Note[:], d[:16])
	if err := write(ctx, e); err != nil {
		return fmt.Errorf("adopt catalogue version %d: %w", c.Number(), err)
	}
	s.fresh = false
	if s.dir == "" {
		return nil
	}
	return atomicfile.Write(s.adopted(c.Number()), nil)
}

func lastVersion(dir string) (uint32, string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.digest"))
	if err != nil || len(names) == 0 {
		return 0, "", err
	}
	sort.Strings(names)
	last := names[len(names)-1]
	n, err := strconv.ParseUint(strings.TrimSuffix(filepath.Base(last), ".digest"), 10, 32)
	if err != nil {
		return 0, "", fmt.Errorf("open catalogue: %s is not a version's file", last)
	}
	b, err := os.ReadFile(last)
	if err != nil {
		return 0, "", fmt.Errorf("open catalogue: %w", err)
	}
	return uint32(n), string(bytes.TrimSpace(b)), nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
