package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
// was read, with the decisions that lay over it, under its number. The last is in
// force, together with the recipients that were registered by name since. Another
// set of decisions is another version: what rests on them is judged anew.
type Shelf struct {
	dir     string                              // "" keeps nothing
	base    atomic.Pointer[catalogue.Catalogue] // as it was read; changed under mu
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
	s.base.Store(c)
	s.current.Store(c)
}

// openShelf reads what is named (a file or a shipped catalogue) with the decisions
// that lie over it and, if the two differ from the last version, makes them the
// next. Whatever is wrong with either is told at once, and nothing is kept.
func openShelf(dir, name, decisions string) (*Shelf, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open catalogue: %w", err)
	}
	in, err := declared(name, decisions)
	if err != nil {
		return nil, fmt.Errorf("open catalogue: %w; nothing was started, and what was adopted before stays so", err)
	}
	number, digest, err := lastVersion(dir)
	if err != nil {
		return nil, err
	}
	s := &Shelf{dir: dir}
	if d := digestOf(in.cat); number > 0 && digest == hex.EncodeToString(d[:]) {
		s.put(in.cat.WithVersion(number))
		s.fresh = !exists(s.adopted(number))
		return s, nil
	}
	s.put(in.cat.WithVersion(number + 1))
	s.fresh = true
	return s, s.keep(in)
}

// openKept reads the last version as it was kept. An operation on the directory
// itself is about what is there: it adopts nothing, whatever it was told to use.
func openKept(dir string) (*Shelf, error) {
	number, _, err := lastVersion(dir)
	if err != nil || number == 0 {
		return nil, err
	}
	c, err := readKept(dir, number)
	if err != nil {
		return nil, err
	}
	if c, err = c.WithDecisions(keptDecisions(dir, number)); err != nil {
		return nil, fmt.Errorf("open catalogue: %w", err)
	}
	s := &Shelf{dir: dir}
	s.put(c.WithVersion(number))
	return s, nil
}

// readKept reads the text of a version, without decisions.
func readKept(dir string, number uint32) (*catalogue.Catalogue, error) {
	c, err := catalogue.LoadFile(filepath.Join(dir, fmt.Sprintf("%06d.yaml", number)))
	if err != nil {
		return nil, err
	}
	return c.WithVersion(number), nil
}

// keptDecisions reads the decisions of a version; nil where it has none, or none
// that can still be read.
func keptDecisions(dir string, number uint32) *catalogue.Decisions {
	d, err := catalogue.LoadDecisionsFile(filepath.Join(dir, fmt.Sprintf("%06d", number)+decisionsEnding))
	if err != nil {
		return nil
	}
	return d
}

// declarations are a catalogue, the decisions over it, and how both were written.
type declarations struct {
	cat             *catalogue.Catalogue
	text, decisions []byte // decisions: nil where there are none
}

// declared reads a catalogue and its decisions: those of the file, or else those
// shipped with it. It tells the faults of both.
func declared(name, file string) (in declarations, err error) {
	in.cat, err = catalogue.Find(name)
	if file == "" {
		if err == nil {
			in.text, err = catalogue.Text(name)
		}
		if err == nil && in.cat.Decisions() != nil {
			in.decisions, err = catalogue.ShippedDecisionsText(name)
		}
		return in, err
	}
	var wrong error
	if in.decisions, wrong = os.ReadFile(file); wrong == nil && err == nil {
		in.cat, wrong = in.cat.Decide(file, bytes.NewReader(in.decisions))
	} else if wrong == nil {
		_, wrong = catalogue.LoadDecisions(file, bytes.NewReader(in.decisions))
	}
	if err != nil || wrong != nil {
		return in, together(err, wrong)
	}
	in.text, err = catalogue.Text(name)
	return in, err
}

// together joins the faults of two files into one list.
func together(a, b error) error {
	var x, y catalogue.Errors
	if errors.As(a, &x) && errors.As(b, &y) {
		return slices.Concat(x, y)
	}
	return errors.Join(a, b)
}

// digestOf tells declarations apart: by what the notice says, and by what was
// decided where it is open.
func digestOf(c *catalogue.Catalogue) [sha256.Size]byte {
	said, decided := c.Digest(), c.Decisions().Digest()
	if decided == [sha256.Size]byte{} {
		return said
	}
	return sha256.Sum256(slices.Concat([]byte("catalogue and decisions\n"), said[:], decided[:]))
}

// keep writes the version's text, its decisions and its digest. A crash before
// the digest leaves texts without one, which the next start writes again.
func (s *Shelf) keep(in declarations) error {
	base := filepath.Join(s.dir, fmt.Sprintf("%06d", s.base.Load().Version()))
	// An adoption that broke off may have left a digest, which is not of this text.
	if err := os.Remove(base + ".digest"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove a digest that was left behind: %w", err)
	}
	if err := atomicfile.Write(base+".yaml", in.text); err != nil {
		return err
	}
	if in.decisions != nil {
		if err := atomicfile.Write(base+decisionsEnding, in.decisions); err != nil {
			return err
		}
	} else if err := os.Remove(base + decisionsEnding); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove decisions that a start left behind: %w", err)
	}
	d := digestOf(s.base.Load())
	return atomicfile.Write(base+".digest", []byte(hex.EncodeToString(d[:])))
}

// decisionsEnding is that of the files that hold the decisions of a version.
const decisionsEnding = ".decisions.yaml"

func (s *Shelf) adopted(number uint32) string {
	return filepath.Join(s.dir, fmt.Sprintf("%06d.adopted", number))
}

// adopt appends the fact that this version is in force. A crash before the
// mark is written appends the same fact again, which changes nothing.
func (s *Shelf) adopt(ctx context.Context, at events.Instant, write func(context.Context, *events.Event) error) error {
	if !s.fresh {
		return nil
	}
	c := s.base.Load()
	d := digestOf(c)
	e := &events.Event{Kind: events.CatalogueAdopted, Source: "habeas", Time: at, NoticeVersion: events.Code("v" + strconv.Itoa(int(c.Number())%100000))}
	id := sha256.Sum256(binary.BigEndian.AppendUint32(d[:], c.Number())) // what is adopted again later is another fact
	copy(e.ID[:], id[:])
	copy(e.Note[:], d[:16])
	if err := write(ctx, e); err != nil {
		return fmt.Errorf("adopt catalogue version %d: %w", c.Number(), err)
	}
	s.fresh = false
	if s.dir == "" {
		return nil
	}
	return atomicfile.Write(s.adopted(c.Number()), []byte(at.String()))
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
