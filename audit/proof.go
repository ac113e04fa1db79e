package audit

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint is the size and root of the log at one moment. Its text form is
// that of c2sp.org/tlog-checkpoint: origin, size and root in base64, a line
// each.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

func (c Checkpoint) String() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// parseCheckpoint reads the text form.
func parseCheckpoint(s string) (Checkpoint, error) {
	var c Checkpoint
	lines := strings.Split(s, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return c, errors.New("parse checkpoint: want three lines")
	}
	n, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || n < 0 {
		return c, errors.New("parse checkpoint: the second line is no size")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return c, errors.New("parse checkpoint: the third line is no root")
	}
	c.Origin, c.Size = lines[0], n
	copy(c.Root[:], root)
	if c.String() != s {
		return c, errors.New("parse checkpoint: not in canonical form")
	}
	return c, nil
}

// KeyName is the name of a public key, by which a signature says whose it is:
// its origin and eight digits of its hash.
func KeyName(vkey string) (string, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return "", fmt.Errorf("read the public key: %w", err)
	}
	return fmt.Sprintf("%s+%08x", v.Name(), v.KeyHash()), nil
}

// OpenCheckpoint checks the signature of a signed checkpoint under the public
// key and reads it. It needs no server.
func OpenCheckpoint(signed []byte, vkey string) (Checkpoint, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("read the public key: %w", err)
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("check the signature of a checkpoint: %w", err)
	}
	return parseCheckpoint(n.Text)
}

// A Proof shows that a record stands in the log of a checkpoint. Record is the
// record, or its public form: both prove the same.
type Proof struct {
	Index  int64            `json:"index"`
	Size   int64            `json:"size"`
	Record []byte           `json:"record"` // base64 in JSON
	Path   tlog.RecordProof `json:"path"`
}

// Public is the proof of the record's public form; of a record that belongs to
// no case it is an error.
func (p Proof) Public() (Proof, error) {
	shown, err := leaf(p.Record)
	if err == nil {
		_, err = ParsePublic(shown)
	}
	p.Record = shown
	return p, err
}

// Check reports whether the proof fits the checkpoint. It needs no server.
func (p Proof) Check(c Checkpoint) error {
	if p.Size != c.Size {
		return fmt.Errorf("check audit proof: it is for a log of %d records, the checkpoint is for %d", p.Size, c.Size)
	}
	if p.Index < 0 || p.Index >= p.Size {
		return fmt.Errorf("check audit proof: %w", ErrRange)
	}
	shown, err := leaf(p.Record)
	if err != nil {
		return fmt.Errorf("check audit proof: %w", err)
	}
	if err := tlog.CheckRecord(p.Path, c.Size, c.Root, p.Index, tlog.RecordHash(shown)); err != nil {
		return fmt.Errorf("check audit proof: %w", err)
	}
	return nil
}

// A Growth shows that a later log only adds to an earlier one.
type Growth struct {
	From int64          `json:"from"`
	To   int64          `json:"to"`
	Path tlog.TreeProof `json:"path"`
}

// Check reports whether the proof fits the two checkpoints.
func (g Growth) Check(from, to Checkpoint) error {
	if g.From != from.Size || g.To != to.Size || g.From < 1 || g.From > g.To {
		return fmt.Errorf("check audit growth: it does not speak of these two checkpoints")
	}
	if err := tlog.CheckTree(g.Path, to.Size, to.Root, from.Size, from.Root); err != nil {
		return fmt.Errorf("check audit growth: %w", err)
	}
	return nil
}

// PublicKey is what checks this log's checkpoints.
func (l *Log) PublicKey() string { return l.vkey }

// Root returns the present size and root.
func (l *Log) Root() (Checkpoint, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.rootAt(l.tree.size)
}

// rootAt needs mu held.
func (l *Log) rootAt(size int64) (Checkpoint, error) {
	if l.closed {
		return Checkpoint{}, ErrClosed
	}
	if size < 0 || size > l.tree.size {
		return Checkpoint{}, fmt.Errorf("audit root of %d: %w", size, ErrRange)
	}
	root, err := l.tree.root(size)
	return Checkpoint{l.origin, size, root}, err
}

// SignedCheckpoint returns the present checkpoint, signed.
func (l *Log) SignedCheckpoint() ([]byte, error) {
	c, err := l.Root()
	if err != nil {
		return nil, err
	}
	return l.sign(c)
}

// SignedCheckpointAt returns the checkpoint of the first size records, signed.
func (l *Log) SignedCheckpointAt(size int64) ([]byte, error) {
	l.mu.RLock()
	c, err := l.rootAt(size)
	l.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	return l.sign(c)
}

func (l *Log) sign(c Checkpoint) ([]byte, error) {
	b, err := note.Sign(&note.Note{Text: c.String()}, l.signer)
	if err != nil {
		return nil, fmt.Errorf("sign audit checkpoint: %w", err)
	}
	return b, nil
}

// Proof proves record index in the log of the first size records.
func (l *Log) Proof(index, size int64) (Proof, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	c, err := l.rootAt(size)
	if err != nil {
		return Proof{}, err
	}
	if index < 0 || index >= size {
		return Proof{}, fmt.Errorf("prove audit record %d: %w", index, ErrRange)
	}
	p := Proof{Index: index, Size: size}
	if p.Record, err = l.tree.record(index); err != nil {
		return Proof{}, err
	}
	if p.Path, err = tlog.ProveRecord(size, index, l.tree); err != nil {
		return Proof{}, fmt.Errorf("prove audit record %d: %w", index, err)
	}
	// The files are a cache: hand out nothing that does not hold.
	if err := p.Check(c); err != nil {
		return Proof{}, errors.Join(ErrDamaged, err)
	}
	return p, nil
}

// Growth proves that the first to records begin with the first from, 1 <= from.
func (l *Log) Growth(from, to int64) (Growth, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	b, err := l.rootAt(to)
	if err != nil {
		return Growth{}, err
	}
	if from < 1 || from > to {
		return Growth{}, fmt.Errorf("prove audit growth from %d: %w", from, ErrRange)
	}
	a, err := l.rootAt(from)
	if err != nil {
		return Growth{}, err
	}
	g := Growth{From: from, To: to}
	if g.Path, err = tlog.ProveTree(to, from, l.tree); err != nil {
		return Growth{}, fmt.Errorf("prove audit growth from %d: %w", from, err)
	}
	if err := g.Check(a, b); err != nil {
		return Growth{}, errors.Join(ErrDamaged, err)
	}
	return g, nil
}

// Verify reads the log again from its beginning and compares it with the
// derived files, as far as they went when it was called. It returns how many
// records it compared. Appends go on meanwhile.
func (l *Log) Verify(ctx context.Context) (int64, error) {
	size, err := l.settled()
	if err != nil {
		return 0, err
	}
	n := int64(0)
	err = l.journal.Replay(ctx, nil, func(records [][]byte) error {
		for _, b := range records {
			if n == size {
				return errEnough
			}
			if _, err := decodeEntry(b); err != nil {
				return err
			}
			kept, err := l.tree.record(n)
			if err != nil || !bytes.Equal(kept, b) {
				return errors.Join(fmt.Errorf("audit record %d differs from the log: %w", n, ErrDamaged), err)
			}
			// The hashes this one rests on were compared before it.
			if err := l.compare(n, b); err != nil {
				return err
			}
			n++
		}
		return ctx.Err()
	})
	if err != nil && !errors.Is(err, errEnough) {
		return n, fmt.Errorf("verify the audit log: %w", err)
	}
	if n != size {
		return n, fmt.Errorf("verify the audit log: it holds %d records, the files %d: %w", n, size, ErrDamaged)
	}
	return n, nil
}

// errEnough ends a replay that has gone as far as it should.
var errEnough = errors.New("far enough")

// compare checks the hashes of a settled record.
func (l *Log) compare(n int64, record []byte) error {
	shown, err := leaf(record)
	if err != nil {
		return err
	}
	hashes, err := tlog.StoredHashes(n, shown, l.tree)
	if err != nil {
		return err
	}
	for i, h := range hashes {
		kept, err := l.tree.ReadHashes([]int64{hashCount(n) + int64(i)})
		if err != nil || kept[0] != h {
			return errors.Join(fmt.Errorf("a hash of audit record %d differs: %w", n, ErrDamaged), err)
		}
	}
	return nil
}

// openKey reads the signing key, or makes it when create is set.
func (l *Log) openKey(name string, create bool) error {
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && create {
		b, err = makeKey(name, l.origin)
	}
	if err != nil {
		return fmt.Errorf("read the key that signs audit checkpoints: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) != 2 {
		return fmt.Errorf("read the key that signs audit checkpoints: want two lines in %s", filepath.Base(name))
	}
	if l.signer, err = note.NewSigner(lines[0]); err != nil {
		return fmt.Errorf("read the key that signs audit checkpoints: %w", err)
	}
	if _, err := note.NewVerifier(lines[1]); err != nil {
		return fmt.Errorf("read the key that checks audit checkpoints: %w", err)
	}
	l.vkey, l.origin = lines[1], l.signer.Name()
	return nil
}

func makeKey(name, origin string) ([]byte, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	b := []byte(skey + "\n" + vkey + "\n")
	// A crash here leaves no key file or a whole one: it appears by its name
	// only after it is on disk.
	if err := writeSynced(name+".new", b); err != nil {
		return nil, err
	}
	return b, os.Rename(name+".new", name)
}

// PublicKeyOf reads the public key out of the file that holds the signing key,
// for whoever may read that file.
func PublicKeyOf(keyFile string) (string, error) {
	b, err := os.ReadFile(keyFile)
	if err != nil {
		return "", fmt.Errorf("read the key that checks audit checkpoints: %w", err)
	}
	_, vkey, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	if _, err := note.NewVerifier(vkey); err != nil {
		return "", fmt.Errorf("read the key that checks audit checkpoints: %w", err)
	}
	return vkey, nil
}
