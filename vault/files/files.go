package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"filippo.io/age"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/atomicfile"
	"github.com/habeas-data/habeas/internal/failpoint"
)

var (
	// ErrGone: there is no such file, or it was shredded. The two cannot be told
	// apart.
	ErrGone = errors.New("no such file, or it was shredded")
	// ErrMissing: the key of a file is there and the file is not.
	ErrMissing = errors.New("the file is missing")
	// ErrDamaged: the file is not what was written, or was cut off.
	ErrDamaged = errors.New("the file is damaged")
)

// Notes keeps the keys: the sealed notes of the vault.
type Notes interface {
	// SealAs is durable on return. A note that is there stays as it is.
	SealAs(ctx context.Context, id events.EventID, body []byte) error
	// OpenNote fails with the error that Config.Unknown names where there is no
	// such note, or none any more.
	OpenNote(ctx context.Context, id events.EventID) ([]byte, error)
	// Shred destroys a note. One that is not there counts as shredded.
	Shred(ctx context.Context, id events.EventID) error
}

// Config says where the files are. All of it is needed.
type Config struct {
	Dir   string
	Notes Notes
	// Unknown is the error by which Notes says that a note is not there.
	Unknown error
	Rand    io.Reader
	// Keep leaves what a crash left, for a look at what is damaged.
	Keep bool
}

// A Store keeps sealed files. It is safe for concurrent use.
type Store struct {
	c Config
	// mu is held while a file and its key are made or destroyed, so that whoever
	// looks sees both or neither. Writing and reading need no lock.
	mu sync.Mutex
}

// Open makes the folder if need be and removes what a crash left in it: files
// that were not finished, and files whose key is not there.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Dir == "" || c.Notes == nil || c.Unknown == nil || c.Rand == nil {
		return nil, errors.New("open sealed files: want Dir, Notes, Unknown and Rand")
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open sealed files: %w", err)
	}
	s := &Store{c: c}
	if c.Keep {
		return s, nil
	}
	if err := s.tidy(ctx); err != nil {
		return nil, fmt.Errorf("open sealed files: %w", err)
	}
	return s, nil
}

func (s *Store) tidy(ctx context.Context) error {
	names, err := os.ReadDir(s.c.Dir)
	if err != nil {
		return err
	}
	removed := 0
	for _, e := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		leftover := atomicfile.Leftover(e.Name())
		if id, err := events.ParseEventID(e.Name()); err == nil {
			_, err := s.note(ctx, id)
			if err != nil && !errors.Is(err, ErrGone) {
				return err
			}
			leftover = err != nil
		}
		if !leftover {
			continue // a file of somebody else is left alone
		}
		if err := os.Remove(filepath.Join(s.c.Dir, e.Name())); err != nil {
			return err
		}
		removed++
	}
	if removed == 0 {
		return nil
	}
	return atomicfile.SyncDir(s.c.Dir)
}

func (s *Store) path(id events.EventID) string { return filepath.Join(s.c.Dir, id.String()) }

// A Put says what was kept.
type Put struct {
	ID     events.EventID
	Size   int64
	SHA256 [sha256.Size]byte // of the plaintext
}

// Put keeps what r gives under a new id, durable on return. It holds a chunk in
// memory and no more. If r fails nothing is kept. The label is sealed with the
// key.
func (s *Store) Put(ctx context.Context, label string, r io.Reader) (Put, error) {
	return s.PutFrom(ctx, label, func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	})
}

// PutFrom is Put for what is written rather than read.
func (s *Store) PutFrom(ctx context.Context, label string, fill func(io.Writer) error) (Put, error) {
	var id events.EventID
	if _, err := io.ReadFull(s.c.Rand, id[:]); err != nil {
		return Put{}, fmt.Errorf("draw the id of a file: %w", err)
	}
	return s.PutAs(ctx, id, label, fill)
}

// PutAs is PutFrom under an id that the caller chose, 128 bits that say nothing of
// the file. A file that was there is shredded once the new one is whole; a crash
// then may leave neither, and the caller has not been told that there is one.
func (s *Store) PutAs(ctx context.Context, id events.EventID, label string, fill func(io.Writer) error) (Put, error) {
	p := Put{ID: id}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return p, fmt.Errorf("draw the key of a file: %w", err)
	}
	f, err := s.write(ctx, &p, key.Recipient(), fill)
	if err != nil {
		return Put{}, fmt.Errorf("keep a file: %w", err)
	}
	defer f.Abort()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.shred(ctx, id); err != nil {
		return Put{}, err
	}
	if err := f.Commit(); err != nil {
		return Put{}, fmt.Errorf("keep a file: %w", err)
	}
	// A crash here leaves a file that nobody can read; Open removes it.
	failpoint.Hit("files.written")
	body := encodeNote(note{Key: key.String(), Size: p.Size, SHA256: hex.EncodeToString(p.SHA256[:]), Label: label})
	if err := s.c.Notes.SealAs(ctx, p.ID, body); err != nil {
		// Whether the note was saved may be open; without the file it opens nothing.
		return Put{}, errors.Join(fmt.Errorf("seal the key of a file: %w", err), os.Remove(s.path(p.ID)))
	}
	failpoint.Hit("files.sealed")
	return p, nil
}

// write encrypts into a file beside its place.
func (s *Store) write(ctx context.Context, p *Put, to age.Recipient, fill func(io.Writer) error) (*atomicfile.File, error) {
	f, err := atomicfile.Create(s.path(p.ID))
	if err != nil {
		return nil, err
	}
	sealed, err := age.Encrypt(f, to)
	if err == nil {
		m := &meter{ctx: ctx, to: sealed, sum: sha256.New()}
		if err = fill(m); err == nil {
			err = errors.Join(ctx.Err(), sealed.Close())
		}
		p.Size = m.n
		m.sum.Sum(p.SHA256[:0])
	}
	if err != nil {
		f.Abort()
		return nil, err
	}
	return f, nil
}

// A meter counts and hashes what goes through, and stops with its context.
type meter struct {
	ctx context.Context // of one Put
	to  io.Writer
	sum hash.Hash
	n   int64
}

func (m *meter) Write(b []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.to.Write(b)
	m.sum.Write(b[:n])
	m.n += int64(n)
	return n, err
}

// A File is an open file. Read gives plaintext that was authenticated; a file
// that was cut off or changed ends in ErrDamaged, never in io.EOF.
type File struct {
	Info
	f *os.File
	r io.Reader
}

// An Info is what is known of a file without reading it.
type Info struct {
	Size   int64
	SHA256 [sha256.Size]byte
	Label  string
}

func (f *File) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return n, err
}

// Close closes the file.
func (f *File) Close() error { return f.f.Close() }

// Open opens a file to read. Errors: ErrGone, ErrMissing, ErrDamaged.
func (s *Store) Open(ctx context.Context, id events.EventID) (*File, error) {
	n, err := s.note(ctx, id)
	if err != nil {
		return nil, err
	}
	key, err := age.ParseX25519Identity(n.Key)
	if err != nil {
		return nil, fmt.Errorf("open a file: %w", ErrDamaged) // the library's words could repeat the key
	}
	f, err := os.Open(s.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open file %s: %w", id, ErrMissing)
	}
	if err != nil {
		return nil, fmt.Errorf("open file %s: %w", id, err)
	}
	r, err := age.Decrypt(f, key)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open file %s: %w: %w", id, ErrDamaged, err), f.Close())
	}
	return &File{n.info(), f, r}, nil
}

// Stat says what is known of a file without opening it. Errors: ErrGone.
func (s *Store) Stat(ctx context.Context, id events.EventID) (Info, error) {
	n, err := s.note(ctx, id)
	if err != nil {
		return Info{}, err
	}
	return n.info(), nil
}

func (n *note) info() Info {
	i := Info{Size: n.Size, Label: n.Label}
	_, _ = hex.Decode(i.SHA256[:], []byte(n.SHA256)) // decodeNote has checked it
	return i
}

func (s *Store) note(ctx context.Context, id events.EventID) (note, error) {
	body, err := s.c.Notes.OpenNote(ctx, id)
	if errors.Is(err, s.c.Unknown) {
		return note{}, fmt.Errorf("open file %s: %w", id, ErrGone)
	}
	if err != nil {
		return note{}, fmt.Errorf("open the key of file %s: %w", id, err)
	}
	n, err := decodeNote(body)
	clear(body)
	if err != nil {
		return note{}, fmt.Errorf("open the key of file %s: %w", id, err)
	}
	return n, nil
}

// Shred destroys the key of a file and removes the file. After the next
// rotation of the vault's keys no copy of it can be read by anybody. One that is
// not there counts as shredded.
func (s *Store) Shred(ctx context.Context, id events.EventID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shred(ctx, id)
}

func (s *Store) shred(ctx context.Context, id events.EventID) error {
	// A note of another kind under that id is not ours to destroy.
	_, err := s.note(ctx, id)
	if err != nil && !errors.Is(err, ErrGone) {
		return err
	}
	if _, there := os.Stat(s.path(id)); err != nil && errors.Is(there, fs.ErrNotExist) {
		return nil
	}
	if err := s.c.Notes.Shred(ctx, id); err != nil {
		return fmt.Errorf("shred file %s: %w", id, err)
	}
	// A crash here leaves a file without a key; Open removes it.
	failpoint.Hit("files.shredded")
	if err := os.Remove(s.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove file %s: %w", id, err)
	}
	return atomicfile.SyncDir(s.c.Dir)
}

// List calls fn with the id of every file.
func (s *Store) List(ctx context.Context, fn func(events.EventID) error) error {
	names, err := os.ReadDir(s.c.Dir)
	if err != nil {
		return fmt.Errorf("list sealed files: %w", err)
	}
	for _, e := range names {
		id, err := events.ParseEventID(e.Name())
		if err != nil {
			continue
		}
		if err := errors.Join(ctx.Err(), fn(id)); err != nil {
			return err
		}
	}
	return nil
}

// Check reads every file to its end and compares it with what was kept. It
// returns how many there are and the first fault.
func (s *Store) Check(ctx context.Context) (n int, err error) {
	s.mu.Lock() // no file is without its key while this is held
	var ids []events.EventID
	err = s.List(ctx, func(id events.EventID) error { ids = append(ids, id); return nil })
	s.mu.Unlock()
	for _, id := range ids {
		if err != nil {
			break
		}
		n++
		err = s.check(ctx, id)
	}
	return n, err
}

func (s *Store) check(ctx context.Context, id events.EventID) error {
	f, err := s.Open(ctx, id)
	if errors.Is(err, ErrGone) {
		if _, there := os.Stat(s.path(id)); errors.Is(there, fs.ErrNotExist) {
			return nil // shredded meanwhile
		}
	}
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, &until{ctx, f})
	if err != nil {
		return fmt.Errorf("read file %s: %w", id, err)
	}
	if size != f.Size || [sha256.Size]byte(sum.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("read file %s: %w: it is not what was kept", id, ErrDamaged)
	}
	return nil
}

// until stops reading with its context.
type until struct {
	ctx context.Context // of one Check
	r   io.Reader
}

func (u *until) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(b)
}
